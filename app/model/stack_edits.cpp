// Edits of a chain and their names in the history.
#include "app/model/stack_edits.h"

#include <algorithm>
#include <utility>

#include "engine/explain/stack_presets.h"

namespace convlens::model {
namespace {

using nn::LayerKind;
using nn::LayerSpec;

bool has_weights(const LayerSpec& layer) { return layer.kind == LayerKind::kConv || layer.kind == LayerKind::kDense; }

std::string choice(std::span<const conv::ChoiceName> names, auto value) {
  return std::string(names[static_cast<std::size_t>(value)].name);
}

std::string size_text(int rows, int cols) { return std::to_string(rows) + "×" + std::to_string(cols); }

std::string with_activation(std::string text, conv::Activation activation) {
  if (activation != conv::Activation::kNone) text += ", " + choice(conv::activation_names(), activation);
  return text;
}

std::string conv_details(const LayerSpec& layer) {
  const conv::Params& p = layer.conv;
  std::string text = std::to_string(layer.filters) + " of " + size_text(layer.rows, layer.cols) + ", " +
                     choice(conv::padding_mode_names(), p.padding);
  if (p.stride_y != 1 || p.stride_x != 1) text += ", stride " + size_text(p.stride_y, p.stride_x);
  if (p.dilation_y != 1 || p.dilation_x != 1) text += ", dilation " + size_text(p.dilation_y, p.dilation_x);
  if (p.groups != 1) text += ", " + std::to_string(p.groups) + " groups";
  if (p.flip) text += ", flipped";
  if (p.border != conv::Border::kZero) text += ", " + choice(conv::border_names(), p.border);
  return with_activation(std::move(text), p.activation);
}

// A layer of this kind as people usually begin.
LayerSpec usual_layer(LayerKind kind) {
  LayerSpec layer;
  layer.kind = kind;
  if (kind == LayerKind::kConv) layer.filters = 8, layer.conv.activation = conv::Activation::kRelu;
  if (kind == LayerKind::kActivation) layer.activation = conv::Activation::kRelu;
  const bool is_pool = kind == LayerKind::kMaxPool || kind == LayerKind::kAveragePool;
  if (is_pool) layer.rows = layer.cols = 2;
  return layer;
}

bool fits(const nn::ModelSpec& model, std::size_t layers) { return nn::chain_shapes(model).shapes.size() >= layers; }

std::string numbered(std::size_t index, const LayerSpec& layer) {
  return "layer " + std::to_string(index + 1) + " (" + std::string(layer_label(layer.kind)) + ")";
}

}  // namespace

StackSettings default_stack() {
  StackSettings stack;
  static_cast<void>(use_stack_preset(stack, "lenet5").ok());
  return stack;
}

Status use_stack_preset(StackSettings& stack, std::string_view name) {
  auto model = explain::make_stack_model(name);
  if (!model) return model.error();
  stack.model = std::move(*model);
  stack.has_softmax = explain::find_stack_preset(name)->has_softmax;
  stack.weights_file.clear();
  return Done{};
}

Status add_layer(nn::ModelSpec& model, std::size_t position, LayerKind kind) {
  std::vector<LayerSpec>& layers = model.layers;
  if (layers.size() >= static_cast<std::size_t>(nn::kMaxLayers)) {
    return Error{"The chain has " + std::to_string(nn::kMaxLayers) + " layers, as many as it can: remove one first."};
  }
  position = std::min(position, layers.size());
  const auto added = layers.insert(layers.begin() + static_cast<std::ptrdiff_t>(position), usual_layer(kind));
  // Smaller windows where the maps have become small.
  while (!fits(model, position + 1) && (added->rows > 1 || added->cols > 1)) {
    added->rows = std::max(1, added->rows - 1);
    added->cols = std::max(1, added->cols - 1);
  }
  return Done{};
}

void remove_layer(nn::ModelSpec& model, std::size_t position) {
  std::vector<LayerSpec>& layers = model.layers;
  if (position < layers.size()) layers.erase(layers.begin() + static_cast<std::ptrdiff_t>(position));
}

void duplicate_layer(nn::ModelSpec& model, std::size_t position) {
  std::vector<LayerSpec>& layers = model.layers;
  if (position >= layers.size() || layers.size() >= static_cast<std::size_t>(nn::kMaxLayers)) return;
  LayerSpec copy = layers[position];
  copy.name.clear();
  layers.insert(layers.begin() + static_cast<std::ptrdiff_t>(position) + 1, std::move(copy));
}

void move_layer(nn::ModelSpec& model, std::size_t from, std::size_t to) {
  std::vector<LayerSpec>& layers = model.layers;
  if (from >= layers.size() || to >= layers.size()) return;
  LayerSpec layer = std::move(layers[from]);
  layers.erase(layers.begin() + static_cast<std::ptrdiff_t>(from));
  layers.insert(layers.begin() + static_cast<std::ptrdiff_t>(to), std::move(layer));
}

void use_initialiser(StackSettings& stack, nn::InitKind kind) {
  for (LayerSpec& layer : stack.model.layers) {
    if (has_weights(layer)) layer.init.kind = kind;
  }
  stack.weights_file.clear();
}

std::string_view layer_label(LayerKind kind) { return nn::layer_kind_names()[static_cast<std::size_t>(kind)].label; }

std::string layer_details(const LayerSpec& layer) {
  switch (layer.kind) {
    case LayerKind::kConv:
      return conv_details(layer);
    case LayerKind::kDense:
      return with_activation(std::to_string(layer.outputs) + " outputs", layer.activation);
    case LayerKind::kActivation:
      return choice(conv::activation_names(), layer.activation);
    case LayerKind::kMaxPool:
    case LayerKind::kAveragePool: {
      const bool is_own = (layer.stride_y == 0 || layer.stride_y == layer.rows) &&
                          (layer.stride_x == 0 || layer.stride_x == layer.cols);
      const std::string stride = is_own ? "" : ", stride " + size_text(layer.stride_y, layer.stride_x);
      return size_text(layer.rows, layer.cols) + stride;
    }
    case LayerKind::kDropout:
      return std::to_string(static_cast<int>(layer.rate * 100 + 0.5F)) + " %, inactive";
    case LayerKind::kBatchNorm:
      return "running statistics";
    case LayerKind::kGlobalAverage:
    case LayerKind::kFlatten:
      return {};
  }
  return {};
}

std::string describe_stack_change(const StackSettings& before, const StackSettings& after) {
  const auto& old = before.model.layers;
  const auto& now = after.model.layers;
  if (before.model.name != after.model.name) {
    const explain::StackPreset* preset = explain::find_stack_preset(after.model.name);
    return "Stack " + (preset ? std::string(preset->label) : after.model.name);
  }
  if (old.size() + 1 == now.size() || old.size() == now.size() + 1) {
    const bool is_added = old.size() < now.size();
    const auto& longer = is_added ? now : old;
    const auto& shorter = is_added ? old : now;
    const auto differs = std::mismatch(shorter.begin(), shorter.end(), longer.begin()).second;
    const auto index = static_cast<std::size_t>(differs - longer.begin());
    return (is_added ? "Add " : "Remove ") + numbered(index, *differs);
  }
  if (old.size() != now.size()) return "Stack of " + std::to_string(now.size()) + " layers";
  std::vector<std::size_t> changed;
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (old[i] != now[i]) changed.push_back(i);
  }
  if (changed.size() == 1) {
    const LayerSpec& layer = now[changed[0]];
    const std::string details = layer_details(layer);
    if (details == layer_details(old[changed[0]])) return "Weights of " + numbered(changed[0], layer);
    return "Layer " + std::to_string(changed[0] + 1) + ": " + details;
  }
  if (changed.size() > 1) {
    const bool is_moved = std::is_permutation(old.begin(), old.end(), now.begin());
    return is_moved ? "Move layer" : "Weights of " + std::to_string(changed.size()) + " layers";
  }
  if (before.weights_file != after.weights_file) {
    return after.weights_file.empty() ? "Random weights" : "Weights from a file";
  }
  if (before.seed != after.seed) return "Weights with seed " + std::to_string(after.seed);
  if (before.has_softmax != after.has_softmax) return after.has_softmax ? "Add softmax" : "Remove softmax";
  return "Stack input " + std::to_string(after.model.channels) + " × " + std::to_string(after.model.height) + " × " +
         std::to_string(after.model.width);
}

}  // namespace convlens::model
