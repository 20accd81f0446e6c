// Names, checks and shapes of network descriptions.
#include "engine/nn/model.h"

#include <algorithm>
#include <array>
#include <map>

namespace convlens::nn {
namespace {

using conv::ChoiceName;

constexpr std::array kLayerKinds = {
    ChoiceName{"conv", "Convolution", "Filters slide over the picture; one map per filter"},
    ChoiceName{"dense", "Dense", "Every output is a weighted sum of every input"},
    ChoiceName{"activation", "Activation", "A curve applied to every value"},
    ChoiceName{"max-pool", "Max pooling", "The largest value of each window"},
    ChoiceName{"average-pool", "Average pooling", "The mean of each window"},
    ChoiceName{"global-average", "Global average", "The mean of each map"},
    ChoiceName{"batch-norm", "Batch norm", "Each map shifted and scaled by the batch's mean and deviation"},
    ChoiceName{"dropout", "Dropout", "While training, a random share of the values becomes zero"},
    ChoiceName{"flatten", "Flatten", "Maps become one row of numbers"},
};
constexpr std::array kInitKinds = {
    ChoiceName{"he-normal", "He, normal", "Normal with variance 2 / inputs: made for ReLU"},
    ChoiceName{"he-uniform", "He, uniform", "Uniform with variance 2 / inputs"},
    ChoiceName{"glorot-normal", "Glorot, normal", "Normal with variance 2 / (inputs + outputs): made for tanh"},
    ChoiceName{"glorot-uniform", "Glorot, uniform", "Uniform with variance 2 / (inputs + outputs)"},
    ChoiceName{"lecun-normal", "LeCun, normal", "Normal with variance 1 / inputs"},
    ChoiceName{"normal", "Normal", "Normal with a chosen deviation"},
    ChoiceName{"constant", "Constant", "All weights alike: filters that begin alike stay alike"},
    ChoiceName{"zero", "Zero", "All weights zero"},
    ChoiceName{"filter", "A named filter", "Every filter of the layer begins as this one"},
};

std::string in_words(const Shape& shape) {
  return std::to_string(shape.c) + " x " + std::to_string(shape.h) + " x " + std::to_string(shape.w);
}

std::string between(const char* what, int lo, int hi, int value) {
  return std::string(what) + " must be between " + std::to_string(lo) + " and " + std::to_string(hi) + ", not " +
         std::to_string(value);
}

Result<Shape> conv_shape(const LayerSpec& layer, const Shape& input) {
  const auto geometry = conv_geometry(layer, input);
  if (!geometry) return geometry.error();
  return Shape{1, geometry->k, geometry->p, geometry->q};
}

Result<Shape> dense_shape(const LayerSpec& layer, const Shape& input) {
  if (layer.outputs < 1 || layer.outputs > kMaxOutputs) {
    return Error{between("its number of outputs", 1, kMaxOutputs, layer.outputs)};
  }
  if (input.h != 1 || input.w != 1) {
    return Error{"it takes a row of numbers but gets maps of " + in_words(input) + ": put a flatten layer before it"};
  }
  if (layer.outputs * input.c > std::int64_t{1} << 30) {
    return Error{"it would have more than 2^30 weights: use fewer outputs or pool before it"};
  }
  return Shape{1, layer.outputs, 1, 1};
}

Result<Shape> pool_shape(const LayerSpec& layer, const Shape& input) {
  for (const auto& [what, value] : {std::pair{"the window's height", layer.rows}, {"the window's width", layer.cols}}) {
    if (value < 1 || value > conv::kMaxKernelSize) return Error{between(what, 1, conv::kMaxKernelSize, value)};
  }
  for (const int stride : {layer.stride_y, layer.stride_x}) {
    if (stride < 0 || stride > conv::kMaxStride) return Error{between("the stride", 1, conv::kMaxStride, stride)};
  }
  if (layer.rows > input.h || layer.cols > input.w) {
    return Error{"its window of " + std::to_string(layer.rows) + " x " + std::to_string(layer.cols) +
                 " is larger than the maps of " + std::to_string(input.h) + " x " + std::to_string(input.w) +
                 ": use a smaller window or leave out an earlier pooling"};
  }
  const int stride_y = layer.stride_y > 0 ? layer.stride_y : layer.rows;
  const int stride_x = layer.stride_x > 0 ? layer.stride_x : layer.cols;
  return Shape{1, input.c, conv::output_size(input.h, 0, 0, layer.rows, 1, stride_y),
               conv::output_size(input.w, 0, 0, layer.cols, 1, stride_x)};
}

Result<Shape> shape_after(const LayerSpec& layer, const Shape& input) {
  switch (layer.kind) {
    case LayerKind::kConv:
      return conv_shape(layer, input);
    case LayerKind::kDense:
      return dense_shape(layer, input);
    case LayerKind::kMaxPool:
    case LayerKind::kAveragePool:
      return pool_shape(layer, input);
    case LayerKind::kGlobalAverage:
      return Shape{1, input.c, 1, 1};
    case LayerKind::kDropout:
      if (!(layer.rate >= 0 && layer.rate < 1)) {
        return Error{"its rate is the share of values that become zero and must be at least 0 and below 1"};
      }
      return input;
    case LayerKind::kBatchNorm:
      if (!(layer.epsilon > 0)) return Error{"its epsilon must be above 0"};
      if (!(layer.momentum >= 0 && layer.momentum <= 1)) return Error{"its momentum must be between 0 and 1"};
      return input;
    case LayerKind::kFlatten:
      return Shape{1, input.c * input.h * input.w, 1, 1};
    case LayerKind::kActivation:
      return input;
  }
  return input;
}

bool needs_maps(LayerKind kind) {
  return kind == LayerKind::kConv || kind == LayerKind::kMaxPool || kind == LayerKind::kAveragePool ||
         kind == LayerKind::kGlobalAverage;
}

std::optional<Error> check_picture(const ModelSpec& model) {
  if (model.channels < 1 || model.channels > kMaxFilters) {
    return Error{between("the picture's number of channels", 1, kMaxFilters, model.channels)};
  }
  for (const auto& [what, value] :
       {std::pair{"the picture's height", model.height}, {"the picture's width", model.width}}) {
    if (value < 1 || value > kMaxPictureSide) return Error{between(what, 1, kMaxPictureSide, value)};
  }
  if (model.layers.size() > kMaxLayers) {
    return Error{"the model has " + std::to_string(model.layers.size()) + " layers, more than " +
                 std::to_string(kMaxLayers)};
  }
  return std::nullopt;
}

}  // namespace

std::span<const ChoiceName> layer_kind_names() { return kLayerKinds; }
std::optional<LayerKind> parse_layer_kind(std::string_view name) {
  return conv::parse_choice<LayerKind>(kLayerKinds, name);
}
std::span<const ChoiceName> init_kind_names() { return kInitKinds; }
std::optional<InitKind> parse_init_kind(std::string_view name) {
  return conv::parse_choice<InitKind>(kInitKinds, name);
}

std::string layer_in_words(const ModelSpec& model, std::size_t index) {
  const auto kind = static_cast<std::size_t>(model.layers[index].kind);
  return "layer " + std::to_string(index + 1) + " (" + std::string(kLayerKinds[kind].name) + ")";
}

Result<conv::Geometry> conv_geometry(const LayerSpec& layer, const Shape& input) {
  if (layer.filters < 1 || layer.filters > kMaxFilters) {
    return Error{between("its number of filters", 1, kMaxFilters, layer.filters)};
  }
  const std::int64_t groups = std::max(1, layer.conv.groups);
  return conv::resolve(layer.conv, input,
                       {layer.filters, std::max<std::int64_t>(1, input.c / groups), layer.rows, layer.cols});
}

ChainShapes chain_shapes(const ModelSpec& model) {
  ChainShapes chain;
  chain.error = check_picture(model);
  if (chain.error) return chain;
  Shape shape{1, model.channels, model.height, model.width};
  bool is_flat = false;
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    const LayerKind kind = model.layers[i].kind;
    if (is_flat && needs_maps(kind)) {
      chain.error = Error{layer_in_words(model, i) +
                          " does not fit: it needs maps but gets a row of numbers: put it before the flatten layer"};
      return chain;
    }
    is_flat |= kind == LayerKind::kFlatten || kind == LayerKind::kDense;
    const auto next = shape_after(model.layers[i], shape);
    if (!next) {
      chain.error = Error{layer_in_words(model, i) + " does not fit: " + next.error().message};
      return chain;
    }
    chain.shapes.push_back(shape = *next);
  }
  std::vector<std::string> names;
  for (const LayerSpec& layer : named_layers(model)) names.push_back(layer.name);
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice != names.end()) {
    chain.error = Error{"two layers are called '" + *twice + "': give each a name of its own"};
  }
  return chain;
}

Result<std::vector<Shape>> layer_shapes(const ModelSpec& model) {
  if (model.classes < 2 || model.classes > kMaxOutputs) {
    return Error{between("the number of classes", 2, kMaxOutputs, model.classes)};
  }
  if (model.layers.empty()) return Error{"the model has no layers: add at least a flatten and a dense layer"};
  ChainShapes chain = chain_shapes(model);
  if (chain.error) return *chain.error;
  const Shape& shape = chain.shapes.back();
  if (shape.h != 1 || shape.w != 1) {
    return Error{"the model ends with maps of " + in_words(shape) +
                 " but must end with one number per class: add a flatten and a dense layer, or a global average"};
  }
  if (shape.c != model.classes) {
    return Error{"the model ends with " + std::to_string(shape.c) + " numbers but there are " +
                 std::to_string(model.classes) + " classes: give its last layer " + std::to_string(model.classes) +
                 " outputs"};
  }
  return std::move(chain.shapes);
}

std::vector<LayerSpec> named_layers(const ModelSpec& model) {
  static constexpr std::array<std::string_view, kLayerKinds.size()> kPrefixes = {"conv", "fc", "act",  "pool",   "pool",
                                                                                 "gap",  "bn", "drop", "flatten"};
  std::vector<LayerSpec> layers = model.layers;
  std::map<std::string_view, int> counts;
  for (LayerSpec& layer : layers) {
    const std::string_view prefix = kPrefixes[static_cast<std::size_t>(layer.kind)];
    const int number = ++counts[prefix];
    if (layer.name.empty()) layer.name = std::string(prefix) + std::to_string(number);
  }
  return layers;
}

std::int64_t count_parameters(const ModelSpec& model) {
  const ChainShapes chain = chain_shapes(model);
  if (chain.error) return 0;
  Shape shape{1, model.channels, model.height, model.width};
  std::int64_t count = 0;
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    const LayerSpec& layer = model.layers[i];
    if (layer.kind == LayerKind::kConv) {
      count += layer.filters * (shape.c / layer.conv.groups * layer.rows * layer.cols + (layer.bias ? 1 : 0));
    } else if (layer.kind == LayerKind::kDense) {
      count += layer.outputs * (shape.c + (layer.bias ? 1 : 0));
    } else if (layer.kind == LayerKind::kBatchNorm) {
      count += 2 * shape.c;
    }
    shape = chain.shapes[i];
  }
  return count;
}

}  // namespace convlens::nn
