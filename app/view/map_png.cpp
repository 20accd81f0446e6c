// Colours one map on the CPU and writes it.
#include "app/view/map_png.h"

#include <cassert>
#include <vector>

#include "engine/io/picture.h"

namespace convlens::view {

Status write_map_png(const model::ConvResult& result, int map, const Colormap& colours, const ValueRange& range,
                     const std::filesystem::path& path) {
  const Shape& shape = result.maps.shape();
  assert(map >= 0 && map < shape.c);
  std::vector<std::uint8_t> pixels;
  pixels.reserve(static_cast<std::size_t>(shape.h * shape.w * 3));
  for (std::int64_t y = 0; y < shape.h; ++y) {
    const float* row = result.maps.view().row(0, map, y);
    for (std::int64_t x = 0; x < shape.w; ++x) {
      const Rgb colour = colour_of(colours, range, row[x]);
      pixels.insert(pixels.end(), {colour.r, colour.g, colour.b});
    }
  }
  return io::write_png(path, pixels, static_cast<int>(shape.w), static_cast<int>(shape.h), 3);
}

}  // namespace convlens::view
