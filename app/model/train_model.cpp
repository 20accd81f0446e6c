// Edits of a whole net.
#include "app/model/train_model.h"

#include <algorithm>

namespace convlens::model {
namespace {

using nn::LayerKind;
using nn::LayerSpec;

bool has_weights(const LayerSpec& layer) { return layer.kind == LayerKind::kConv || layer.kind == LayerKind::kDense; }

// The last layer gives one number per class, whatever it takes.
void end_with_classes(nn::ModelSpec& model, const Shape& last) {
  const bool is_flat = last.h == 1 && last.w == 1;
  if (is_flat && last.c == model.classes) return;
  if (!model.layers.empty() && model.layers.back().kind == LayerKind::kDense) {
    model.layers.back().outputs = model.classes;
    return;
  }
  if (!is_flat) {
    LayerSpec flatten;
    flatten.kind = LayerKind::kFlatten;
    model.layers.push_back(flatten);
  }
  LayerSpec dense;
  dense.kind = LayerKind::kDense;
  dense.outputs = model.classes;
  model.layers.push_back(dense);
}

}  // namespace

Result<nn::ModelSpec> model_of_stack(const StackSettings& stack, const nn::ModelSpec& wanted) {
  nn::ModelSpec model = stack.model;
  model.channels = wanted.channels;
  model.height = wanted.height;
  model.width = wanted.width;
  model.classes = wanted.classes;
  const nn::ChainShapes shapes = nn::chain_shapes(model);
  if (shapes.error) return Error{"The net of Stack does not fit these pictures: " + shapes.error->message + "."};
  const Shape picture{1, model.channels, model.height, model.width};
  end_with_classes(model, shapes.shapes.empty() ? picture : shapes.shapes.back());
  if (auto fits = nn::layer_shapes(model); !fits) {
    return Error{"The net of Stack cannot be trained: " + fits.error().message + "."};
  }
  return model;
}

std::optional<nn::InitKind> common_initialiser(const nn::ModelSpec& model) {
  std::optional<nn::InitKind> kind;
  for (const LayerSpec& layer : model.layers) {
    if (!has_weights(layer)) continue;
    if (kind && *kind != layer.init.kind) return std::nullopt;
    kind = layer.init.kind;
  }
  return kind;
}

void use_initialiser(nn::ModelSpec& model, nn::InitKind kind) {
  for (LayerSpec& layer : model.layers) {
    if (has_weights(layer)) layer.init.kind = kind;
  }
}

float dropout_rate(const nn::ModelSpec& model) {
  const auto found = std::ranges::find(model.layers, LayerKind::kDropout, &LayerSpec::kind);
  return found == model.layers.end() ? 0 : found->rate;
}

void set_dropout(nn::ModelSpec& model, float rate) {
  if (rate <= 0) {
    std::erase_if(model.layers, [](const LayerSpec& layer) { return layer.kind == LayerKind::kDropout; });
    return;
  }
  bool is_set = false;
  for (LayerSpec& layer : model.layers) {
    if (layer.kind != LayerKind::kDropout) continue;
    layer.rate = rate;
    is_set = true;
  }
  if (is_set) return;
  const auto last = std::ranges::find_if(model.layers.rbegin(), model.layers.rend(), has_weights);
  if (last == model.layers.rend()) return;
  LayerSpec dropout;
  dropout.kind = LayerKind::kDropout;
  dropout.rate = rate;
  model.layers.insert(std::prev(last.base()), dropout);
}

}  // namespace convlens::model
