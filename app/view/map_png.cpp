// Colours one map on the CPU and writes it.
#include "app/view/map_png.h"

#include <cassert>
#include <vector>

#include "engine/io/picture.h"

namespace convlens::view {

Status write_map_png(const model::ConvResult& result, int map, const Colormap& colours, const ValueRange& range,
                     const std::filesystem::path& path) {
  assert(map >= 0 && map < result.geometry.k);
  if (!result.has(map)) return Error{"This map is still being computed; export it when it is there."};
  const std::int64_t rows = result.geometry.p;
  const std::int64_t cols = result.geometry.q;
  std::vector<std::uint8_t> pixels;
  pixels.reserve(static_cast<std::size_t>(rows * cols * 3));
  for (std::int64_t y = 0; y < rows; ++y) {
    const float* row = result.map(map).row(y);
    for (std::int64_t x = 0; x < cols; ++x) {
      const Rgb colour = colour_of(colours, range, row[x]);
      pixels.insert(pixels.end(), {colour.r, colour.g, colour.b});
    }
  }
  return io::write_png(path, pixels, static_cast<int>(cols), static_cast<int>(rows), 3);
}

}  // namespace convlens::view
