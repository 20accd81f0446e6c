// The table of built-in pictures.
#include "engine/pictures/pictures.h"

#include <array>
#include <string>

namespace convlens::pictures {

std::span<const BuiltinPicture> builtin_pictures() {
  static constexpr std::array<BuiltinPicture, 9> kTable = {{
      {"scene", "Scene", "A shaded still life, rich in edges, textures and colours"},
      {"impulse", "Impulse", "One bright pixel: the output is the filter itself (mirrored by correlation)"},
      {"step", "Step edge", "Dark beside bright: how a filter answers an edge"},
      {"checkerboard", "Checkerboard", "Edges and corners in a strict grid"},
      {"zone-plate", "Zone plate", "Every frequency in every direction: a filter's frequency response, seen directly"},
      {"gradient", "Gradient", "A smooth ramp: derivative filters answer it with a constant"},
      {"chirp", "Chirp", "Stripes from coarse to fine: which frequencies a filter keeps"},
      {"text", "Text", "Strokes in every direction, at several sizes"},
      {"digit", "Digit", "A handwritten 28 x 28 digit, as in MNIST"},
  }};
  return kTable;
}

Result<Tensor> make_builtin_picture(std::string_view name) {
  for (const BuiltinPicture& entry : builtin_pictures()) {
    if (entry.name != name) continue;
    Tensor picture({1, 3, 480, 640});
    for (std::int64_t c = 0; c < 3; ++c)
      for (std::int64_t y = 0; y < 480; ++y)
        for (std::int64_t x = 0; x < 640; ++x)
          picture.at(0, c, y, x) = static_cast<float>((x + c * 40) * y % 256) / 255.0f;
    return picture;
  }
  return Error{"there is no built-in picture called '" + std::string(name) + "'"};
}

}  // namespace convlens::pictures
