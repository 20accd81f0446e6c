// Small models over everything that a description can say.
#include "tests/engine/nn_models.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "engine/core/random.h"
#include "engine/nn/presets.h"

namespace convlens::test {

using conv::Activation;
using nn::LayerKind;
using nn::LayerSpec;
using nn::ModelSpec;

LayerSpec conv_layer(int filters, int rows, int cols, conv::Params params) {
  LayerSpec layer;
  layer.kind = LayerKind::kConv;
  layer.filters = filters;
  layer.rows = rows, layer.cols = cols;
  layer.conv = params;
  return layer;
}
LayerSpec dense_layer(int outputs, Activation activation) {
  LayerSpec layer;
  layer.kind = LayerKind::kDense;
  layer.outputs = outputs;
  layer.activation = activation;
  return layer;
}
LayerSpec activation_layer(Activation activation) {
  LayerSpec layer;
  layer.kind = LayerKind::kActivation;
  layer.activation = activation;
  return layer;
}
LayerSpec pool_layer(LayerKind kind, int rows, int cols, int stride_y, int stride_x) {
  LayerSpec layer;
  layer.kind = kind;
  layer.rows = rows, layer.cols = cols;
  layer.stride_y = stride_y, layer.stride_x = stride_x;
  return layer;
}
LayerSpec dropout_layer(float rate) {
  LayerSpec layer;
  layer.kind = LayerKind::kDropout;
  layer.rate = rate;
  return layer;
}
LayerSpec plain_layer(LayerKind kind) {
  LayerSpec layer;
  layer.kind = kind;
  return layer;
}

namespace {

conv::Params padded(conv::PaddingMode mode, Activation activation = Activation::kNone) {
  conv::Params params;
  params.padding = mode;
  params.activation = activation;
  return params;
}

const LayerSpec kFlatten = plain_layer(LayerKind::kFlatten);
const LayerSpec kPool = pool_layer(LayerKind::kMaxPool, 2, 2);

ModelSpec model(int channels, int height, int width, std::vector<LayerSpec> layers) {
  layers.push_back(kFlatten);
  layers.push_back(dense_layer(4));
  return {"test", channels, height, width, 4, std::move(layers)};
}

// A convolution in the middle, so that the gradient at its input matters too.
ModelSpec around(const LayerSpec& conv) {
  return model(2, 11, 13, {conv_layer(4, 3, 3, padded(conv::PaddingMode::kSame)), conv});
}

}  // namespace

std::vector<NamedModel> test_models() {
  using conv::Border;
  using conv::PaddingMode;
  const conv::Params valid = padded(PaddingMode::kValid);
  const conv::Params valid_relu = padded(PaddingMode::kValid, Activation::kRelu);
  const conv::Params same_relu = padded(PaddingMode::kSame, Activation::kRelu);
  std::vector<NamedModel> models;
  const auto add = [&](std::string name, ModelSpec m) { models.push_back({std::move(name), std::move(m)}); };

  add("dense alone", {"test", 1, 5, 7, 4, {kFlatten, dense_layer(4)}});
  add("dense twice", model(3, 5, 7, {kFlatten, dense_layer(19, Activation::kRelu)}));
  add("large dense", model(1, 40, 40, {kFlatten, dense_layer(180, Activation::kRelu)}));
  add("dense with tanh", model(1, 5, 5, {kFlatten, dense_layer(9, Activation::kTanh)}));

  // What runs fused: filter counts around the vector width, several filter sizes, odd maps.
  for (const int filters : {1, 3, 6, 8, 16, 17, 32, 33, 64}) {
    add("pooled, " + std::to_string(filters) + " filters",
        model(1, 12, 13, {conv_layer(filters, 3, 3, valid_relu), kPool}));
    add("pooled twice, " + std::to_string(filters) + " filters",
        model(2, 16, 15, {conv_layer(5, 3, 3, same_relu), kPool, conv_layer(filters, 3, 3, same_relu), kPool}));
    add("not pooled, " + std::to_string(filters) + " filters",
        model(2, 9, 8, {conv_layer(filters, 3, 3, same_relu), conv_layer(filters, 3, 2, valid_relu)}));
  }
  for (const int size : {1, 2, 5, 6, 7}) {
    add("filters of " + std::to_string(size),
        model(3, 15, 14,
              {conv_layer(7, size, 3, same_relu), conv_layer(10, size, 2, same_relu), kPool,
               conv_layer(6, 2, size, same_relu), kPool}));
  }
  add("no activation, pooled",
      model(1, 10, 10, {conv_layer(8, 3, 3, valid), kPool, conv_layer(9, 3, 3, valid), kPool}));
  add("wide input", model(32, 9, 9,
                          {conv_layer(16, 3, 3, same_relu), conv_layer(32, 3, 3, same_relu), kPool,
                           conv_layer(40, 3, 3, same_relu), kPool}));
  add("wide and even, not pooled",
      model(17, 8, 10,
            {conv_layer(16, 3, 3, same_relu), conv_layer(35, 3, 3, same_relu), conv_layer(18, 3, 3, valid_relu)}));
  add("wide, without relu",
      model(16, 13, 30, {conv_layer(20, 3, 3, valid), kPool, conv_layer(16, 3, 3, valid), kPool}));
  add("full padding", around(conv_layer(5, 3, 4, padded(PaddingMode::kFull, Activation::kRelu))));
  {
    conv::Params uneven = padded(PaddingMode::kCustom, Activation::kRelu);
    uneven.custom = {0, 2, 1, 0};
    add("uneven padding", around(conv_layer(5, 3, 3, uneven)));
    ModelSpec pooled = around(conv_layer(5, 3, 3, uneven));
    pooled.layers.insert(pooled.layers.begin() + 2, kPool);
    add("uneven padding, pooled", pooled);
  }
  {
    LayerSpec no_bias = conv_layer(6, 3, 3, valid_relu);
    no_bias.bias = false;
    LayerSpec dense = dense_layer(7, Activation::kRelu);
    dense.bias = false;
    add("without bias", model(1, 9, 9, {no_bias, kPool, kFlatten, dense}));
  }

  // What goes through the kernel table.
  for (const Border border : {Border::kReflect, Border::kReplicate, Border::kCircular}) {
    conv::Params params = same_relu;
    params.border = border;
    add("border " + std::string(conv::border_names()[static_cast<std::size_t>(border)].name),
        around(conv_layer(5, 3, 5, params)));
  }
  {
    conv::Params params = same_relu;
    params.stride_y = 2, params.stride_x = 3;
    add("stride", around(conv_layer(5, 3, 3, params)));
    params = same_relu;
    params.dilation_y = 2, params.dilation_x = 3;
    add("dilation", around(conv_layer(5, 3, 3, params)));
    params = same_relu;
    params.groups = 2;
    add("groups", around(conv_layer(6, 3, 3, params)));
    params = same_relu;
    params.flip = true;
    add("flip", around(conv_layer(6, 3, 3, params)));
    params = padded(PaddingMode::kSameTf, Activation::kNone);
    params.stride_y = params.stride_x = 2;
    params.groups = 4, params.border = Border::kReflect, params.flip = true, params.dilation_x = 2;
    add("everything", around(conv_layer(8, 2, 3, params)));
  }
  for (std::size_t a = 0; a < conv::activation_names().size(); ++a) {
    const auto activation = static_cast<Activation>(a);
    const std::string name(conv::activation_names()[a].name);
    add("conv with " + name, around(conv_layer(5, 3, 3, padded(PaddingMode::kSame, activation))));
    add("activation " + name, model(1, 6, 7, {conv_layer(5, 3, 3), activation_layer(activation)}));
  }
  add("activation first", model(2, 6, 7, {activation_layer(Activation::kRelu), conv_layer(5, 3, 3)}));
  add("relu, then pool", model(1, 8, 8, {conv_layer(9, 3, 3, valid), activation_layer(Activation::kRelu), kPool}));

  add("max pool 3x2", model(3, 11, 9, {conv_layer(6, 3, 3), pool_layer(LayerKind::kMaxPool, 3, 2)}));
  add("overlapping max pool", model(3, 11, 9, {conv_layer(6, 3, 3), pool_layer(LayerKind::kMaxPool, 3, 3, 2, 1)}));
  add("average pool", model(3, 11, 9, {conv_layer(6, 3, 3), pool_layer(LayerKind::kAveragePool, 2, 3, 2, 2)}));
  add("global average", {"test", 2, 7, 6, 4, {conv_layer(4, 3, 3), plain_layer(LayerKind::kGlobalAverage)}});
  add("batch norm",
      model(2, 7, 6,
            {conv_layer(5, 3, 3), plain_layer(LayerKind::kBatchNorm), activation_layer(Activation::kRelu), kPool}));
  add("batch norm first", model(3, 7, 6, {plain_layer(LayerKind::kBatchNorm), conv_layer(5, 3, 3)}));
  add("batch norm of features",
      model(2, 5, 6, {conv_layer(5, 3, 3), kFlatten, plain_layer(LayerKind::kBatchNorm), dense_layer(7)}));
  add("dropout", model(2, 7, 6,
                       {dropout_layer(0.2f), conv_layer(5, 3, 3, same_relu), kPool, dropout_layer(0.5f), kFlatten,
                        dense_layer(12, Activation::kRelu), dropout_layer(0.25f)}));
  for (const nn::ModelPreset& preset : nn::model_presets()) {
    auto built = nn::make_model(preset.name, 1, 16, 18, 4);
    if (!built) throw std::runtime_error(built.error().message);
    add(std::string(preset.name), *built);
  }
  return models;
}

Batch random_batch(const ModelSpec& m, std::int64_t n, std::uint64_t seed) {
  Random random(seed);
  Batch batch;
  batch.images.resize(static_cast<std::size_t>(n * m.channels * m.height * m.width));
  for (float& v : batch.images) v = random.uniform(-1, 1);
  for (std::int64_t i = 0; i < n; ++i) {
    batch.labels.push_back(static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(m.classes))));
  }
  return batch;
}

std::vector<std::vector<float>> random_parameters(const ModelSpec& m, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::vector<float>> all;
  for (const nn::ParameterInfo& info : nn::list_parameters(m)) {
    std::int64_t fan = 1;
    for (std::size_t i = 1; i < info.shape.size(); ++i) fan *= info.shape[i];
    const float size = info.role == nn::ParameterRole::kWeight ? std::sqrt(6.0f / static_cast<float>(fan)) : 0.3f;
    const bool is_near_one = info.role == nn::ParameterRole::kScale || info.role == nn::ParameterRole::kVariance;
    std::vector<float> values(static_cast<std::size_t>(info.count()));
    for (float& v : values) v = (is_near_one ? 1.0f : 0.0f) + size * random.uniform(-1, 1);
    all.push_back(std::move(values));
  }
  return all;
}

void write_parameters(nn::Network& network, const std::vector<std::vector<float>>& parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) network.store().write(i, parameters[i]);
  network.changed();
}

std::vector<std::vector<float>> read_gradients(const nn::Network& network) {
  std::vector<std::vector<float>> all;
  for (const nn::StoredParameter& p : network.store().parameters()) {
    all.emplace_back(static_cast<std::size_t>(p.info.count()));
    network.store().read_gradient(all.size() - 1, all.back());
  }
  return all;
}

nn::reference::Outcome reference_outcome(const ModelSpec& m, const std::vector<std::vector<float>>& parameters,
                                         const Batch& batch, const nn::reference::Pass& pass) {
  std::vector<nn::reference::Values> values;
  for (const auto& p : parameters) values.emplace_back(p.begin(), p.end());
  return nn::reference::evaluate(m, values, {batch.images.begin(), batch.images.end()}, batch.labels, pass);
}

double relative_error(const std::vector<double>& expected, const std::vector<float>& got, double floor) {
  if (expected.size() != got.size()) return INFINITY;
  double worst = 0, scale = floor;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double error = std::abs(expected[i] - static_cast<double>(got[i]));
    if (!(error <= worst)) worst = std::isnan(error) ? INFINITY : error;
    scale = std::max(scale, std::abs(expected[i]));
  }
  return worst / scale;
}

}  // namespace convlens::test
