// The chains, layer by layer, each for the picture size that it is usually seen with.
#include "engine/explain/stack_presets.h"

#include <algorithm>
#include <array>
#include <string>

#include "engine/nn/presets.h"

namespace convlens::explain {
namespace {

using conv::Activation;
using nn::LayerKind;
using nn::LayerSpec;
using nn::ModelSpec;

constexpr int kSide = 128;  // of the pictures of chains without classes

LayerSpec convolution(int filters, int size, Activation activation, int dilation = 1) {
  LayerSpec layer;
  layer.filters = filters;
  layer.rows = layer.cols = size;
  layer.conv.padding = conv::PaddingMode::kValid;
  layer.conv.dilation_y = layer.conv.dilation_x = dilation;
  layer.conv.activation = activation;
  return layer;
}

LayerSpec of_kind(LayerKind kind) {
  LayerSpec layer;
  layer.kind = kind;
  if (kind == LayerKind::kMaxPool) layer.rows = layer.cols = 2;
  return layer;
}

LayerSpec dense(int outputs, Activation activation) {
  LayerSpec layer = of_kind(LayerKind::kDense);
  layer.outputs = outputs;
  layer.activation = activation;
  if (activation == Activation::kNone) layer.init.kind = nn::InitKind::kGlorotUniform;
  return layer;
}

ModelSpec chain(std::string name, int channels, int side, std::vector<LayerSpec> layers) {
  return {std::move(name), channels, side, side, 10, std::move(layers)};
}

ModelSpec keras_starter() { return *nn::make_model("keras-starter"); }
ModelSpec lenet5() { return *nn::make_model("lenet5"); }

ModelSpec small_vgg() {
  const auto same = [](int filters) {
    LayerSpec layer = convolution(filters, 3, Activation::kRelu);
    layer.conv.padding = conv::PaddingMode::kSame;
    return layer;
  };
  return chain("small-vgg", 3, 64,
               {same(16), same(16), of_kind(LayerKind::kMaxPool), same(32), same(32), of_kind(LayerKind::kMaxPool),
                same(64), same(64), of_kind(LayerKind::kMaxPool), of_kind(LayerKind::kFlatten),
                dense(64, Activation::kRelu), dense(10, Activation::kNone)});
}

ModelSpec three_3x3() {
  const LayerSpec layer = convolution(3, 3, Activation::kRelu);
  return chain("three-3x3", 3, kSide, {layer, layer, layer});
}

ModelSpec one_7x7() { return chain("one-7x7", 3, kSide, {convolution(3, 7, Activation::kRelu)}); }

ModelSpec dilations() {
  return chain("dilations", 1, kSide,
               {convolution(4, 3, Activation::kRelu), convolution(4, 3, Activation::kRelu, 2),
                convolution(4, 3, Activation::kRelu, 4)});
}

ModelSpec two_linear() {
  ModelSpec model =
      chain("two-linear", 1, kSide, {convolution(1, 5, Activation::kNone), convolution(1, 3, Activation::kNone)});
  for (std::size_t i = 0; i < 2; ++i) {
    model.layers[i].init.kind = nn::InitKind::kFilter;
    model.layers[i].init.filter = i == 0 ? "gaussian" : "laplacian-4";
  }
  return model;
}

struct Row {
  StackPreset preset;
  ModelSpec (*make)();
};
constexpr std::array kRows = {
    Row{{"keras-starter", "Keras starter", "32 filters of 3 × 3, max pooling, one dense layer with softmax", true},
        keras_starter},
    Row{{"lenet5", "LeNet-5", "6 and 16 filters of 5 × 5 with pooling, three dense layers with softmax", true}, lenet5},
    Row{{"small-vgg", "Small VGG", "Three pairs of 3 × 3 layers with pooling, two dense layers with softmax", true},
        small_vgg},
    Row{{"three-3x3", "Three 3 × 3", "Three small layers see 7 × 7 pixels with fewer weights than one of 7 × 7", false},
        three_3x3},
    Row{{"one-7x7", "One 7 × 7", "One large layer, to compare with three of 3 × 3", false}, one_7x7},
    Row{{"dilations", "Dilations 1-2-4", "The field doubles with every layer while each has nine taps", false},
        dilations},
    Row{{"two-linear", "Two linear layers", "Without an activation between them, two layers are one filter", false},
        two_linear},
};
constexpr auto kPresets = [] {
  std::array<StackPreset, kRows.size()> presets;
  std::ranges::transform(kRows, presets.begin(), &Row::preset);
  return presets;
}();

}  // namespace

std::span<const StackPreset> stack_presets() { return kPresets; }

const StackPreset* find_stack_preset(std::string_view name) {
  const auto found = std::ranges::find(kPresets, name, &StackPreset::name);
  return found == kPresets.end() ? nullptr : &*found;
}

Result<nn::ModelSpec> make_stack_model(std::string_view name) {
  const auto row = std::ranges::find(kRows, name, [](const Row& r) { return r.preset.name; });
  if (row != kRows.end()) return row->make();
  std::string names;
  for (const StackPreset& preset : kPresets) names += (names.empty() ? "" : ", ") + std::string(preset.name);
  return Error{"there is no stack called '" + std::string(name) + "': choose one of " + names};
}

}  // namespace convlens::explain
