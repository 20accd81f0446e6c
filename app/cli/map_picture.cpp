// Feature maps as one 8-bit picture: the scale, and where each map goes.
#include "app/cli/map_picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "engine/io/npy.h"
#include "engine/io/picture.h"

namespace convlens::cli {
namespace {

// byte = 255 (offset + factor * value), rounded and clipped.
struct Scale {
  float offset = 0;
  float factor = 1;

  std::uint8_t byte(float value) const {
    const float light = std::isnan(value) ? offset : std::clamp(offset + factor * value, 0.0f, 1.0f);
    return static_cast<std::uint8_t>(std::lround(255 * light));
  }
};

Scale scale_of(const ConstView& maps) {
  float low = 0, high = 0;
  for (std::int64_t n = 0; n < maps.shape.n; ++n) {
    for (std::int64_t c = 0; c < maps.shape.c; ++c) {
      for (std::int64_t y = 0; y < maps.shape.h; ++y) {
        const float* row = maps.row(n, c, y);
        for (std::int64_t x = 0; x < maps.shape.w; ++x) {
          if (!std::isfinite(row[x])) continue;
          low = std::min(low, row[x]);
          high = std::max(high, row[x]);
        }
      }
    }
  }
  // Half a step of the 256 below zero is rounding, not a sign.
  const float tolerance = std::max(high, 1.0f) / 512;
  if (low < -tolerance || (low < 0 && high <= 0)) return {0.5f, 0.5f / std::max(-low, high)};
  return {0, high > 1 ? 1 / high : 1};
}

void paint(const ConstView& maps, std::int64_t n, std::int64_t c, const Scale& scale, std::uint8_t* out,
           std::int64_t row_step, std::int64_t pixel_step) {
  for (std::int64_t y = 0; y < maps.shape.h; ++y) {
    const float* row = maps.row(n, c, y);
    for (std::int64_t x = 0; x < maps.shape.w; ++x) out[y * row_step + x * pixel_step] = scale.byte(row[x]);
  }
}

}  // namespace

Result<MapPicture> to_picture(const ConstView& maps) {
  const Shape& shape = maps.shape;
  const Scale scale = scale_of(maps);
  const std::int64_t count = shape.n * shape.c;
  const bool colour = shape.n == 1 && shape.c == 3;
  std::int64_t columns = 1;
  if (!colour) {
    while (columns * columns < count) ++columns;
  }
  const std::int64_t rows = colour ? 1 : (count + columns - 1) / columns;
  const std::int64_t channels = colour ? 3 : 1;
  const std::int64_t width = columns * (shape.w + 1) - 1;
  const std::int64_t height = rows * (shape.h + 1) - 1;
  if (width > std::numeric_limits<int>::max() / 4 / height) {
    return Error{"a picture of " + std::to_string(width) + " x " + std::to_string(height) +
                 " pixels is too large for a PNG file; write .npy instead"};
  }

  MapPicture picture;
  picture.width = static_cast<int>(width);
  picture.height = static_cast<int>(height);
  picture.channels = static_cast<int>(channels);
  picture.pixels.resize(static_cast<std::size_t>(width * height * channels));
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t top = i / columns * (shape.h + 1);
    const std::int64_t left = i % columns * (shape.w + 1);
    std::uint8_t* out = picture.pixels.data() + (colour ? i : top * width + left);
    paint(maps, i / shape.c, i % shape.c, scale, out, width * channels, channels);
  }
  return picture;
}

Status write_maps(const std::filesystem::path& path, const Tensor& maps) {
  const Shape& shape = maps.shape();
  if (path.extension() == ".npy") {
    const std::array<std::int64_t, 4> sizes = {shape.n, shape.c, shape.h, shape.w};
    return io::write_npy(path, sizes, maps.values());
  }
  Result<MapPicture> picture = to_picture(maps.view());
  if (!picture) return Error{"cannot write " + path.string() + ": " + picture.error().message};
  return io::write_png(path, picture->pixels, picture->width, picture->height, picture->channels);
}

}  // namespace convlens::cli
