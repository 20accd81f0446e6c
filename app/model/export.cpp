// Arrays of a result through the engine's .npy writer.
#include "app/model/export.h"

#include <array>
#include <cassert>

#include "engine/io/npy.h"

namespace convlens::model {

Status export_map(const ConvResult& result, int map, const std::filesystem::path& path) {
  const Shape& shape = result.maps.shape();
  assert(map >= 0 && map < shape.c);
  const std::array sizes{shape.h, shape.w};
  const auto count = static_cast<std::size_t>(shape.h * shape.w);
  return io::write_npy(path, sizes, result.maps.values().subspan(static_cast<std::size_t>(map) * count, count));
}

Status export_layer(const ConvResult& result, const std::filesystem::path& path) {
  const Shape& shape = result.maps.shape();
  const std::array sizes{shape.c, shape.h, shape.w};
  return io::write_npy(path, sizes, result.maps.values());
}

Status export_weights(const ConvResult& result, const std::filesystem::path& path) {
  const Shape shape = result.geometry.weights_shape();
  const std::array sizes{shape.n, shape.c, shape.h, shape.w};
  return io::write_npy(path, sizes, result.weights);
}

Status export_biases(const ConvResult& result, const std::filesystem::path& path) {
  const std::array sizes{static_cast<std::int64_t>(result.biases.size())};
  return io::write_npy(path, sizes, result.biases);
}

}  // namespace convlens::model
