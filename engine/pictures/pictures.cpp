// The table of built-in pictures and the way from a name to its maker.
#include "engine/pictures/pictures.h"

#include <algorithm>
#include <array>
#include <string>

#include "engine/pictures/charts.h"
#include "engine/pictures/scene.h"

namespace convlens::pictures {
namespace {

struct Entry {
  BuiltinPicture picture;
  Tensor (*make)();
};

constexpr std::array kEntries = {
    Entry{{"scene", "Scene", "A still life with edges in every direction, textures of several scales, strong colours"},
          make_scene},
    Entry{{"impulse", "Impulse",
           "One bright pixel: the output is the filter itself, turned by 180 degrees unless flipped"},
          make_impulse},
    Entry{{"step", "Step edge", "Dark beside bright: what a filter makes of a single edge"}, make_step},
    Entry{{"checkerboard", "Checkerboard", "Edges of both signs, and the corners where they meet"}, make_checkerboard},
    Entry{{"zone-plate", "Zone plate",
           "Every frequency in every direction: the output shows what the filter lets through"},
          make_zone_plate},
    Entry{{"gradient", "Gradient", "An even ramp: a first derivative answers with a constant, a second with zero"},
          make_gradient},
    Entry{{"chirp", "Chirp", "Stripes from coarse to fine, fading upwards: which widths a filter keeps"}, make_chirp},
    Entry{{"text", "Text", "Strokes in every direction, from large letters to the smallest"}, make_text},
    Entry{{"digit", "Digit", "A handwritten five of 28 x 28 pixels, the size that digit networks read"}, make_digit},
};

constexpr auto kPictures = [] {
  std::array<BuiltinPicture, kEntries.size()> table{};
  for (std::size_t i = 0; i < kEntries.size(); ++i) table[i] = kEntries[i].picture;
  return table;
}();

}  // namespace

std::span<const BuiltinPicture> builtin_pictures() { return kPictures; }

Result<Tensor> make_builtin_picture(std::string_view name) {
  const auto found =
      std::find_if(kEntries.begin(), kEntries.end(), [&](const Entry& entry) { return entry.picture.name == name; });
  if (found != kEntries.end()) return found->make();
  std::string names;
  for (const BuiltinPicture& picture : kPictures) names += (names.empty() ? "" : ", ") + std::string(picture.name);
  return Error{"there is no built-in picture called '" + std::string(name) + "'; the names are: " + names};
}

}  // namespace convlens::pictures
