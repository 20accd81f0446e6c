// The table of experiments and their seeded data.
#include "engine/experiments/experiments.h"

#include <stdexcept>
#include <string>
#include <vector>

#include "engine/core/random.h"

namespace convlens::experiments {
namespace {

conv::Params strided(int stride) {
  conv::Params params;
  params.stride_y = params.stride_x = stride;
  return params;
}

conv::Params dilated(int dilation) {
  conv::Params params;
  params.dilation_y = params.dilation_x = dilation;
  return params;
}

conv::Params grouped(int groups) {
  conv::Params params;
  params.groups = groups;
  return params;
}

conv::Params activated(conv::Activation activation) {
  conv::Params params;
  params.activation = activation;
  return params;
}

std::vector<Experiment> make_experiments() {
  const Shape photo{1, 3, 1080, 1920};
  const Shape plane{1, 1, 1080, 1920};
  return {
      {"live-3x8-k3", "what a drag recomputes: a photograph through eight filters", photo, {8, 3, 3, 3}, {}},
      {"live-3x8-k3-gelu",
       "the same with the dearest activation",
       photo,
       {8, 3, 3, 3},
       activated(conv::Activation::kGelu)},
      {"live-3x8-k5", "more arithmetic for the same memory", photo, {8, 3, 5, 5}, {}},
      {"live-3x8-k3-stride2", "every second column: loads without gathers", photo, {8, 3, 3, 3}, strided(2)},
      {"live-3x8-k3-dilation4", "taps far apart", photo, {8, 3, 3, 3}, dilated(4)},
      {"live-3x32-k3", "many maps: more to write than to read", photo, {32, 3, 3, 3}, {}},
      {"live-3x64-k3", "eight times live-3x8-k3, for how cost grows", photo, {64, 3, 3, 3}, {}},
      {"plane-k3", "one plane and few taps: memory decides", plane, {1, 1, 3, 3}, {}},
      {"plane-k5", "one plane: memory and arithmetic even", plane, {1, 1, 5, 5}, {}},
      {"plane-k7", "one plane: arithmetic decides", plane, {1, 1, 7, 7}, {}},
      {"plane-k15", "one plane, a large filter of full rank", plane, {1, 1, 15, 15}, {}},
      {"plane-k63", "one plane, a filter so large that Fourier wins", plane, {1, 1, 63, 63}, {}},
      {"plane-4k-k3", "four times plane-k3, past the caches", {1, 1, 2160, 3840}, {1, 1, 3, 3}, {}},
      {"separable-k7", "rank 1: two passes of 7", plane, {1, 1, 7, 7}, {}, Filters::kSeparable},
      {"separable-k15", "rank 1: two passes of 15", plane, {1, 1, 15, 15}, {}, Filters::kSeparable},
      {"live-3x8-k31", "large filters over channels", photo, {8, 3, 31, 31}, {}},
      {"depthwise-224-32-k3", "every filter sees one channel", {1, 32, 224, 224}, {32, 1, 3, 3}, grouped(32)},
      {"deep-224-32x64-k3", "a deep layer on large maps", {1, 32, 224, 224}, {64, 32, 3, 3}, {}},
      {"deep-112-64x64-k3", "a deep layer", {1, 64, 112, 112}, {64, 64, 3, 3}, {}},
      {"deep-56-128x128-k3", "a deep layer on small maps", {1, 128, 56, 56}, {128, 128, 3, 3}, {}},
      {"deep-7-512x512-k3", "maps narrower than a vector", {1, 512, 7, 7}, {512, 512, 3, 3}, {}},
      {"deep-112-64x128-k1", "1 x 1: a matrix product", {1, 64, 112, 112}, {128, 64, 1, 1}, {}},
      {"digits-b64-1x32-k3", "a batch of small pictures, one channel", {64, 1, 28, 28}, {32, 1, 3, 3}, {}},
  };
}

}  // namespace

std::span<const Experiment> experiments() {
  static const std::vector<Experiment> table = make_experiments();
  return table;
}

conv::Geometry geometry_of(const Experiment& experiment) {
  auto geometry = conv::resolve(experiment.params, experiment.input, experiment.weights);
  if (!geometry) throw std::logic_error(std::string(experiment.name) + ": " + geometry.error().message);
  return *geometry;
}

Tensor input_of(const Experiment& experiment) {
  Random random(7);
  Tensor input = Tensor::uninitialized(experiment.input);
  for (float& value : input.values()) value = random.uniform(-1, 1);
  return input;
}

Tensor weights_of(const Experiment& experiment) {
  Random random(8);
  Tensor weights = Tensor::uninitialized(experiment.weights);
  if (experiment.filters == Filters::kRandom) {
    for (float& value : weights.values()) value = random.uniform(-1, 1);
    return weights;
  }
  const Shape& shape = experiment.weights;
  std::vector<float> row(static_cast<std::size_t>(shape.w));
  for (std::int64_t k = 0; k < shape.n; ++k) {
    for (std::int64_t c = 0; c < shape.c; ++c) {
      for (float& value : row) value = random.uniform(-1, 1);
      for (std::int64_t r = 0; r < shape.h; ++r) {
        const float down = random.uniform(-1, 1);
        for (std::int64_t s = 0; s < shape.w; ++s) weights.at(k, c, r, s) = down * row[static_cast<std::size_t>(s)];
      }
    }
  }
  return weights;
}

}  // namespace convlens::experiments
