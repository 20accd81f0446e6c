// Chains of layers to test stacks with: random ones small enough for brute force, and what every layer of one makes.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/random.h"
#include "engine/explain/stack.h"
#include "tests/engine/nn_models.h"

namespace convlens::test {

// A stack and its levels: the picture, then what each layer makes of the level before.
struct StackRun {
  explain::Stack stack;
  std::vector<Tensor> levels;
  std::vector<const Tensor*> pointers() const {
    std::vector<const Tensor*> all;
    for (const Tensor& level : levels) all.push_back(&level);
    return all;
  }
};

inline Tensor random_picture(const nn::ModelSpec& model, std::uint64_t seed) {
  Random random(seed);
  Tensor picture = Tensor::uninitialized({1, model.channels, model.height, model.width});
  for (float& v : picture.values()) v = random.uniform(-1.0f, 1.0f);
  return picture;
}

inline StackRun run_stack(const nn::ModelSpec& model, const explain::StackParameters& parameters, Tensor picture) {
  auto stack = explain::make_stack(model, parameters);
  REQUIRE_MESSAGE(stack.ok(), (stack ? std::string() : stack.error().message));
  StackRun result{std::move(*stack), {}};
  conv::Workspace workspace;
  const Parallel parallel(1);
  result.levels.push_back(std::move(picture));
  for (const auto& layer : result.stack.layers) {
    auto next = explain::run_layer(*layer, result.levels.back().view(), workspace, parallel);
    REQUIRE(next);
    result.levels.push_back(std::move(*next));
  }
  return result;
}

// Chains of every kind of layer with random parameters, small enough for brute force.
class RandomChains {
 public:
  explicit RandomChains(std::uint64_t seed) : random_(seed) {}

  int between(int lo, int hi) { return lo + static_cast<int>(random_.below(static_cast<std::uint32_t>(hi - lo + 1))); }

  nn::ModelSpec next(int most_layers, bool may_be_flat) {
    for (;;) {
      nn::ModelSpec model{"random", between(1, 3), between(3, 12), between(3, 12), 10, {}};
      const int count = between(1, most_layers);
      bool is_flat = false;
      for (int i = 0; i < count; ++i) {
        nn::LayerSpec layer = is_flat ? flat_layer() : maps_layer();
        if (!is_flat && may_be_flat && between(0, 4) == 0) {
          layer = plain_layer(nn::LayerKind::kFlatten);
          is_flat = true;
        }
        model.layers.push_back(layer);
      }
      if (!nn::chain_shapes(model).error) return model;
    }
  }

 private:
  conv::Activation activation() { return static_cast<conv::Activation>(between(0, 8)); }

  nn::LayerSpec maps_layer() {
    switch (between(0, 7)) {
      case 0:
        return pool_layer(nn::LayerKind::kMaxPool, between(1, 3), between(1, 3), between(0, 3), between(0, 3));
      case 1:
        return pool_layer(nn::LayerKind::kAveragePool, between(1, 3), between(1, 3), between(0, 3), between(0, 3));
      case 2:
        return activation_layer(activation());
      case 3:
        return between(0, 1) ? plain_layer(nn::LayerKind::kBatchNorm) : dropout_layer(0.5f);
      default:
        return random_conv();
    }
  }
  nn::LayerSpec flat_layer() {
    return between(0, 2) ? dense_layer(between(1, 6), activation()) : activation_layer(activation());
  }
  nn::LayerSpec random_conv() {
    conv::Params params;
    params.stride_y = between(1, 3), params.stride_x = between(1, 3);
    params.dilation_y = between(1, 3), params.dilation_x = between(1, 3);
    params.padding = static_cast<conv::PaddingMode>(between(0, 4));
    params.custom = {between(0, 3), between(0, 3), between(0, 3), between(0, 3)};
    params.border = static_cast<conv::Border>(between(0, 3));
    params.groups = between(1, 2);
    params.flip = between(0, 1) == 1;
    params.activation = activation();
    nn::LayerSpec layer = conv_layer(between(1, 4), between(1, 4), between(1, 4), params);
    layer.bias = between(0, 1) == 1;
    return layer;
  }

  Random random_;
};

}  // namespace convlens::test
