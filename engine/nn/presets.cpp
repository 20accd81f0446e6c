// The named networks, layer by layer.
#include "engine/nn/presets.h"

#include <algorithm>
#include <array>

namespace convlens::nn {
namespace {

using conv::Activation;
using conv::PaddingMode;

LayerSpec convolution(int filters, int size, PaddingMode padding, Activation activation = Activation::kRelu,
                      int stride = 1) {
  LayerSpec layer;
  layer.kind = LayerKind::kConv;
  layer.filters = filters;
  layer.rows = layer.cols = size;
  layer.conv.padding = padding;
  layer.conv.activation = activation;
  layer.conv.stride_y = layer.conv.stride_x = stride;
  return layer;
}

LayerSpec max_pool() {
  LayerSpec layer;
  layer.kind = LayerKind::kMaxPool;
  layer.rows = layer.cols = 2;
  return layer;
}

LayerSpec dense(int outputs, Activation activation) {
  LayerSpec layer;
  layer.kind = LayerKind::kDense;
  layer.outputs = outputs;
  layer.activation = activation;
  if (activation == Activation::kNone) layer.init.kind = InitKind::kGlorotUniform;
  return layer;
}

LayerSpec dropout(float rate) {
  LayerSpec layer;
  layer.kind = LayerKind::kDropout;
  layer.rate = rate;
  return layer;
}

LayerSpec of_kind(LayerKind kind) {
  LayerSpec layer;
  layer.kind = kind;
  return layer;
}

std::vector<LayerSpec> keras_starter(int classes) {
  return {convolution(32, 3, PaddingMode::kValid), max_pool(), of_kind(LayerKind::kFlatten),
          dense(classes, Activation::kNone)};
}

std::vector<LayerSpec> lenet5(int classes) {
  return {convolution(6, 5, PaddingMode::kSame),
          max_pool(),
          convolution(16, 5, PaddingMode::kValid),
          max_pool(),
          of_kind(LayerKind::kFlatten),
          dense(120, Activation::kRelu),
          dense(84, Activation::kRelu),
          dense(classes, Activation::kNone)};
}

std::vector<LayerSpec> mnist_cnn(int classes) {
  return {convolution(32, 3, PaddingMode::kValid),
          convolution(64, 3, PaddingMode::kValid),
          max_pool(),
          dropout(0.25f),
          of_kind(LayerKind::kFlatten),
          dense(128, Activation::kRelu),
          dropout(0.5f),
          dense(classes, Activation::kNone)};
}

std::vector<LayerSpec> tiny_vgg(int classes) {
  return {convolution(32, 3, PaddingMode::kSame), convolution(32, 3, PaddingMode::kSame), max_pool(),
          convolution(64, 3, PaddingMode::kSame), convolution(64, 3, PaddingMode::kSame), max_pool(),
          of_kind(LayerKind::kFlatten),           dense(128, Activation::kRelu),          dropout(0.5f),
          dense(classes, Activation::kNone)};
}

std::vector<LayerSpec> all_conv(int classes) {
  return {convolution(32, 3, PaddingMode::kSame),  convolution(32, 3, PaddingMode::kSame, Activation::kRelu, 2),
          convolution(64, 3, PaddingMode::kSame),  convolution(64, 3, PaddingMode::kSame, Activation::kRelu, 2),
          convolution(64, 3, PaddingMode::kValid), convolution(classes, 1, PaddingMode::kValid, Activation::kNone),
          of_kind(LayerKind::kGlobalAverage)};
}

struct Row {
  ModelPreset preset;
  std::vector<LayerSpec> (*layers)(int classes);
};
constexpr std::array kRows = {
    Row{{"keras-starter", "Keras starter", "32 filters 3x3, pooling, one dense layer"}, keras_starter},
    Row{{"lenet5", "LeNet-5", "6 and 16 filters 5x5 with pooling, three dense layers (LeCun et al., 1998, with ReLU)"},
        lenet5},
    Row{{"mnist-cnn", "MNIST CNN", "32 and 64 filters 3x3, pooling, dropout, two dense layers"}, mnist_cnn},
    Row{{"tiny-vgg", "Tiny VGG", "Two pairs of 3x3 layers with pooling, two dense layers"}, tiny_vgg},
    Row{{"all-conv", "All convolutional", "Strides instead of pooling, a global average instead of dense layers"},
        all_conv},
};
constexpr auto kPresets = [] {
  std::array<ModelPreset, kRows.size()> presets;
  std::ranges::transform(kRows, presets.begin(), &Row::preset);
  return presets;
}();

}  // namespace

std::span<const ModelPreset> model_presets() { return kPresets; }

Result<ModelSpec> make_model(std::string_view name, int channels, int height, int width, int classes) {
  const auto row = std::ranges::find(kRows, name, [](const Row& r) { return r.preset.name; });
  if (row == kRows.end()) {
    std::string names;
    for (const ModelPreset& preset : kPresets) names += (names.empty() ? "" : ", ") + std::string(preset.name);
    return Error{"there is no model called '" + std::string(name) + "': choose one of " + names};
  }
  ModelSpec model{std::string(name), channels, height, width, classes, row->layers(classes)};
  const auto shapes = layer_shapes(model);
  if (!shapes) return Error{"the model '" + model.name + "' cannot be built: " + shapes.error().message};
  return model;
}

}  // namespace convlens::nn
