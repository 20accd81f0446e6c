// Arrays of a result through the engine's .npy writer.
#include "app/model/export.h"

#include <array>
#include <cassert>
#include <span>
#include <vector>

#include "engine/io/npy.h"

namespace convlens::model {
namespace {

Error not_made() { return {"The maps are still being computed; export them when they are there."}; }

}  // namespace

Status export_map(const ConvResult& result, int map, const std::filesystem::path& path) {
  assert(map >= 0 && map < result.geometry.k);
  if (!result.has(map)) return not_made();
  const std::array sizes{result.geometry.p, result.geometry.q};
  return io::write_npy(path, sizes, result.map(map).values());
}

Status export_layer(const ConvResult& result, const std::filesystem::path& path) {
  if (!result.is_complete) return not_made();
  const conv::Geometry& geometry = result.geometry;
  const std::array sizes{geometry.k, geometry.p, geometry.q};
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(geometry.output_shape().size()));
  for (const FeatureMapPtr& map : result.maps) {
    const std::span<const float> plane = map->values();
    values.insert(values.end(), plane.begin(), plane.end());
  }
  return io::write_npy(path, sizes, values);
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
