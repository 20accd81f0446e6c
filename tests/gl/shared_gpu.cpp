// Seeded noise as a convolution.
#include "tests/gl/shared_gpu.h"

#include "engine/core/random.h"

namespace convlens::test {

Layer make_layer(std::int64_t maps, std::int64_t rows, std::int64_t cols, std::uint64_t seed) {
  Layer layer;
  layer.input = Tensor(Shape{1, 3, rows, cols});
  layer.weights = Tensor(Shape{maps, 3, 3, 3});
  layer.bias.resize(static_cast<std::size_t>(maps));
  Random random(seed);
  for (float& value : layer.input.values()) value = random.uniform(-1, 1);
  for (float& value : layer.weights.values()) value = random.uniform(-1, 1);
  for (float& value : layer.bias) value = random.uniform(-1, 1);
  conv::Params params;
  params.padding = conv::PaddingMode::kSame;
  const auto geometry = conv::resolve(params, layer.input.shape(), layer.weights.shape());
  REQUIRE(geometry);
  layer.geometry = *geometry;
  return layer;
}

}  // namespace convlens::test
