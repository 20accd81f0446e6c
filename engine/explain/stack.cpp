// One layer after the other, planar. Convolutions and dense layers run through the kernel table, the rest as plain
// loops.
#include "engine/explain/stack.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <numeric>
#include <utility>

#include "engine/conv/params.h"
#include "engine/core/text.h"

namespace convlens::explain {
namespace {

using nn::LayerKind;
using nn::ParameterRole;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

bool has_weights(LayerKind kind) { return kind == LayerKind::kConv || kind == LayerKind::kDense; }

Result<conv::Geometry> geometry_of(const nn::LayerSpec& spec, const Shape& input) {
  if (spec.kind == LayerKind::kConv) return nn::conv_geometry(spec, input);
  conv::Params params;
  params.padding = conv::PaddingMode::kValid;
  params.activation = spec.activation;
  return conv::resolve(params, input, {spec.outputs, input.c, 1, 1});
}

void fill(ReadyLayer& layer, ParameterRole role, const std::vector<float>& values) {
  switch (role) {
    case ParameterRole::kWeight:
      layer.weights = Tensor::uninitialized(layer.geometry->weights_shape());
      std::ranges::copy(values, layer.weights.data());
      return;
    case ParameterRole::kBias:
      layer.bias = values;
      return;
    case ParameterRole::kScale:
      layer.scale = values;
      return;
    case ParameterRole::kShift:
      layer.shift = values;
      return;
    case ParameterRole::kMean:
      layer.mean = values;
      return;
    case ParameterRole::kVariance:
      layer.variance = values;
      return;
  }
}

// Bit for bit, so that a NaN equals itself and the sign of a zero counts.
bool is_same(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
}

bool is_same(const ReadyLayer& a, const ReadyLayer& b) {
  return a.spec == b.spec && a.input == b.input && a.output == b.output && a.geometry == b.geometry &&
         is_same(a.weights.values(), b.weights.values()) && is_same(a.bias, b.bias) && is_same(a.scale, b.scale) &&
         is_same(a.shift, b.shift) && is_same(a.mean, b.mean) && is_same(a.variance, b.variance);
}

// Calls f(value in, value out, channel) for every value.
template <class F>
Tensor each_value(const ReadyLayer& layer, ConstView input, const Parallel& parallel, const F& f) {
  Tensor out = Tensor::uninitialized(layer.output);
  const std::int64_t plane = layer.input.h * layer.input.w;
  // Flat values are many channels of one: cut by values, not by channels.
  const std::int64_t all = layer.input.c * plane;
  constexpr std::int64_t kPart = 1 << 14;
  const float* from = input.data;
  parallel.for_each((all + kPart - 1) / kPart, [&](std::int64_t part) {
    const std::int64_t end = std::min(all, (part + 1) * kPart);
    for (std::int64_t i = part * kPart; i < end; ++i) out.data()[i] = f(from[i], i / plane);
  });
  return out;
}

Tensor normalised(const ReadyLayer& layer, ConstView input, const Parallel& parallel) {
  std::vector<double> factors;
  for (std::size_t c = 0; c < layer.variance.size(); ++c) {
    factors.push_back(static_cast<double>(layer.scale[c]) /
                      std::sqrt(static_cast<double>(layer.variance[c]) + static_cast<double>(layer.spec.epsilon)));
  }
  return each_value(layer, input, parallel, [&](float x, std::int64_t c) {
    return static_cast<float>((static_cast<double>(x) - static_cast<double>(layer.mean[at(c)])) * factors[at(c)] +
                              static_cast<double>(layer.shift[at(c)]));
  });
}

// "a × b + c = d"
std::string written(std::initializer_list<std::int64_t> factors, std::int64_t extra, std::int64_t total) {
  std::string text;
  for (const std::int64_t factor : factors) text += (text.empty() ? "" : " × ") + std::to_string(factor);
  if (extra > 0) text += " + " + std::to_string(extra);
  return text + " = " + grouped(total);
}

}  // namespace

Shape Stack::level_shape(std::size_t level) const {
  if (level == 0) return {1, model.channels, model.height, model.width};
  return layers[level - 1]->output;
}

Result<StackParameters> first_parameters(const nn::ModelSpec& model, std::uint64_t seed) {
  const nn::ChainShapes chain = nn::chain_shapes(model);
  if (chain.error) return *chain.error;
  StackParameters parameters;
  for (const nn::ParameterInfo& info : nn::list_parameters(model)) {
    auto values = nn::first_values(model, info, seed);
    if (!values) return values.error();
    parameters.push_back(std::move(*values));
  }
  return parameters;
}

Result<Stack> make_stack(const nn::ModelSpec& model, const StackParameters& parameters, const Stack* previous) {
  const nn::ChainShapes chain = nn::chain_shapes(model);
  if (chain.error) return *chain.error;
  const std::vector<nn::ParameterInfo> list = nn::list_parameters(model);
  if (list.size() != parameters.size()) {
    return Error{"the model has " + std::to_string(list.size()) + " parameter tensors but " +
                 std::to_string(parameters.size()) + " were given: give one for each"};
  }
  Stack stack{model, {}};
  std::vector<nn::LayerSpec> specs = nn::named_layers(model);
  Shape input = stack.level_shape(0);
  std::int64_t values = input.size();
  std::size_t next = 0;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    auto layer = std::make_shared<ReadyLayer>();
    layer->spec = std::move(specs[i]);
    layer->input = std::exchange(input, chain.shapes[i]);
    layer->output = input;
    values += input.size();
    if (values > kMaxStackValues) {
      return Error{nn::layer_in_words(model, i) + " makes " + to_string(input) +
                   ": with the layers before it more than a gibibyte of maps: use a smaller picture, fewer filters, or "
                   "pool earlier"};
    }
    if (has_weights(layer->spec.kind)) {
      const auto geometry = geometry_of(layer->spec, layer->input);
      if (!geometry) return Error{nn::layer_in_words(model, i) + " does not fit: " + geometry.error().message};
      layer->geometry = *geometry;
    }
    for (; next < list.size() && list[next].layer == i; ++next) {
      if (std::ssize(parameters[next]) != list[next].count()) {
        return Error{"'" + list[next].name + "' needs " + std::to_string(list[next].count()) + " values, not " +
                     std::to_string(parameters[next].size())};
      }
      fill(*layer, list[next].role, parameters[next]);
    }
    const bool has_twin = previous != nullptr && i < previous->layers.size();
    if (has_twin && is_same(*previous->layers[i], *layer)) {
      stack.layers.push_back(previous->layers[i]);
    } else {
      stack.layers.push_back(std::move(layer));
    }
  }
  return stack;
}

Result<Tensor> run_layer(const ReadyLayer& layer, ConstView input, conv::Workspace& workspace, const Parallel& parallel,
                         conv::Progress* progress) {
  assert(input.shape == layer.input);
  const auto is_dense = input.row_stride == input.shape.w && input.plane_stride == input.shape.h * input.shape.w;
  assert(is_dense);
  static_cast<void>(is_dense);
  switch (layer.spec.kind) {
    case LayerKind::kConv:
    case LayerKind::kDense: {
      Tensor maps = Tensor::uninitialized(layer.output);
      const auto report = conv::forward(*layer.geometry, input, layer.weights.view(), layer.bias, maps.view(), {},
                                        workspace, parallel, progress);
      if (!report) return report.error();
      return maps;
    }
    case LayerKind::kActivation:
      return each_value(layer, input, parallel, [&](float x, std::int64_t) {
        return static_cast<float>(conv::activate(static_cast<double>(x), layer.spec.activation));
      });
    case LayerKind::kMaxPool:
    case LayerKind::kAveragePool:
    case LayerKind::kGlobalAverage:
      return pool(pool_params(layer.spec, layer.input), input, parallel);
    case LayerKind::kBatchNorm:
      return normalised(layer, input, parallel);
    case LayerKind::kDropout:
    case LayerKind::kFlatten:
      return each_value(layer, input, parallel, [](float x, std::int64_t) { return x; });
  }
  return Error{"this kind of layer cannot be run"};
}

bool is_pool(LayerKind kind) {
  return kind == LayerKind::kMaxPool || kind == LayerKind::kAveragePool || kind == LayerKind::kGlobalAverage;
}

PoolWindow pool_window(const nn::LayerSpec& spec, const Shape& input) {
  if (spec.kind == LayerKind::kGlobalAverage) return {input.h, input.w, input.h, input.w};
  return {spec.rows, spec.cols, spec.stride_y > 0 ? spec.stride_y : spec.rows,
          spec.stride_x > 0 ? spec.stride_x : spec.cols};
}

PoolParams pool_params(const nn::LayerSpec& spec, const Shape& input) {
  const PoolWindow window = pool_window(spec, input);
  PoolParams params;
  params.kind = spec.kind == LayerKind::kMaxPool ? PoolKind::kMax : PoolKind::kAverage;
  params.size_y = static_cast<int>(window.rows), params.size_x = static_cast<int>(window.cols);
  params.stride_y = static_cast<int>(window.stride_y), params.stride_x = static_cast<int>(window.stride_x);
  return params;
}

Unit unit_of_flat(const Shape& maps, std::int64_t index) {
  return {index / (maps.h * maps.w), index / maps.w % maps.h, index % maps.w};
}

std::vector<double> softmax(std::span<const float> logits) {
  if (logits.empty()) return {};
  const auto top = static_cast<double>(*std::ranges::max_element(logits));
  std::vector<double> shares;
  for (const float z : logits) shares.push_back(std::exp(static_cast<double>(z) - top));
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= sum;
  return shares;
}

LayerCost layer_cost(const nn::LayerSpec& spec, const Shape& input, const Shape& output) {
  LayerCost cost;
  if (spec.kind == LayerKind::kConv) {
    const std::int64_t channels = input.c / std::max(1, spec.conv.groups);
    const std::int64_t biases = spec.bias ? output.c : 0;
    cost.parameters = output.c * channels * spec.rows * spec.cols + biases;
    cost.multiply_adds = output.size() * channels * spec.rows * spec.cols;
    cost.arithmetic = written({output.c, channels, spec.rows, spec.cols}, biases, cost.parameters) + "; " +
                      written({output.c, output.h, output.w, channels, spec.rows, spec.cols}, 0, cost.multiply_adds);
  } else if (spec.kind == LayerKind::kDense) {
    const std::int64_t biases = spec.bias ? output.c : 0;
    cost.parameters = output.c * input.c + biases;
    cost.multiply_adds = output.c * input.c;
    cost.arithmetic = written({output.c, input.c}, biases, cost.parameters) + "; " +
                      written({output.c, input.c}, 0, cost.multiply_adds);
  } else if (spec.kind == LayerKind::kBatchNorm) {
    cost.parameters = 2 * input.c;
    cost.arithmetic = written({2, input.c}, 0, cost.parameters);
  }
  return cost;
}

}  // namespace convlens::explain
