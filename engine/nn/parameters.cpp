// Parameter lists and initialisers.
#include "engine/nn/parameters.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/core/random.h"
#include "engine/core/seed.h"
#include "engine/filters/presets.h"

namespace convlens::nn {
namespace {

// Numbers that one output sums over, and outputs that one input reaches. (Glorot and Bengio, "Understanding the
// difficulty of training deep feedforward neural networks", 2010; He et al., "Delving deep into rectifiers", 2015;
// LeCun et al., "Efficient BackProp", 1998.)
struct Fans {
  double in = 1;
  double out = 1;
};

Fans fans_of(const ParameterInfo& parameter, int groups) {
  std::int64_t taps = 1;
  for (std::size_t i = 2; i < parameter.shape.size(); ++i) taps *= parameter.shape[i];
  return {static_cast<double>(parameter.shape[1] * taps), static_cast<double>(parameter.shape[0] * taps / groups)};
}

template <class Draw>
std::vector<float> drawn(std::int64_t count, const Draw& draw) {
  std::vector<float> values(static_cast<std::size_t>(count));
  std::ranges::generate(values, draw);
  return values;
}

Result<std::vector<float>> named_filter(const LayerSpec& layer, const ParameterInfo& parameter, std::uint64_t seed) {
  if (layer.kind != LayerKind::kConv) return Error{"a named filter can only begin a convolution, not a dense layer"};
  filters::PresetArgs args;
  args.rows = layer.rows, args.cols = layer.cols;
  args.channels = static_cast<int>(parameter.shape[1]);
  args.seed = seed;
  const auto one = filters::make_preset(layer.init.filter, args);
  if (!one) return one.error();
  std::vector<float> all;
  for (std::int64_t k = 0; k < parameter.shape[0]; ++k) all.insert(all.end(), one->begin(), one->end());
  return all;
}

}  // namespace

std::int64_t ParameterInfo::count() const {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

std::vector<ParameterInfo> list_parameters(const ModelSpec& model) {
  std::vector<ParameterInfo> list;
  const ChainShapes chain = chain_shapes(model);
  if (chain.error) return list;
  const std::vector<LayerSpec> layers = named_layers(model);
  Shape input{1, model.channels, model.height, model.width};
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerSpec& layer = layers[i];
    const auto add = [&](const char* suffix, std::vector<std::int64_t> shape, ParameterRole role) {
      list.push_back({layer.name + suffix, std::move(shape), i, role});
    };
    if (layer.kind == LayerKind::kConv) {
      add(".weight", {layer.filters, input.c / layer.conv.groups, layer.rows, layer.cols}, ParameterRole::kWeight);
      if (layer.bias) add(".bias", {layer.filters}, ParameterRole::kBias);
    } else if (layer.kind == LayerKind::kDense) {
      add(".weight", {layer.outputs, input.c}, ParameterRole::kWeight);
      if (layer.bias) add(".bias", {layer.outputs}, ParameterRole::kBias);
    } else if (layer.kind == LayerKind::kBatchNorm) {
      add(".weight", {input.c}, ParameterRole::kScale);
      add(".bias", {input.c}, ParameterRole::kShift);
      add(".running_mean", {input.c}, ParameterRole::kMean);
      add(".running_var", {input.c}, ParameterRole::kVariance);
    }
    input = chain.shapes[i];
  }
  return list;
}

Result<std::vector<float>> first_values(const ModelSpec& model, const ParameterInfo& parameter, std::uint64_t seed) {
  const std::int64_t count = parameter.count();
  const auto all = [&](float value) { return std::vector<float>(static_cast<std::size_t>(count), value); };
  switch (parameter.role) {
    case ParameterRole::kBias:
    case ParameterRole::kShift:
    case ParameterRole::kMean:
      return all(0.0f);
    case ParameterRole::kScale:
    case ParameterRole::kVariance:
      return all(1.0f);
    case ParameterRole::kWeight:
      break;
  }
  const LayerSpec& layer = model.layers[parameter.layer];
  const std::uint64_t own_seed = stream_seed(seed, parameter.layer);
  Random random(own_seed);
  const Fans fans = fans_of(parameter, layer.kind == LayerKind::kConv ? layer.conv.groups : 1);
  const auto normal = [&](double deviation) {
    return drawn(count, [&] { return static_cast<float>(deviation) * random.normal(); });
  };
  // A uniform number in [-a, a) has the variance a^2 / 3.
  const auto uniform = [&](double variance) {
    const auto most = static_cast<float>(std::sqrt(3 * variance));
    return drawn(count, [&] { return random.uniform(-most, most); });
  };
  switch (layer.init.kind) {
    case InitKind::kHeNormal:
      return normal(std::sqrt(2 / fans.in));
    case InitKind::kHeUniform:
      return uniform(2 / fans.in);
    case InitKind::kGlorotNormal:
      return normal(std::sqrt(2 / (fans.in + fans.out)));
    case InitKind::kGlorotUniform:
      return uniform(2 / (fans.in + fans.out));
    case InitKind::kLecunNormal:
      return normal(std::sqrt(1 / fans.in));
    case InitKind::kNormal:
      return normal(static_cast<double>(layer.init.value));
    case InitKind::kConstant:
      return all(layer.init.value);
    case InitKind::kZero:
      return all(0.0f);
    case InitKind::kFilter: {
      auto values = named_filter(layer, parameter, own_seed);
      if (!values) return Error{layer_in_words(model, parameter.layer) + ": " + values.error().message};
      return values;
    }
  }
  return all(0.0f);
}

}  // namespace convlens::nn
