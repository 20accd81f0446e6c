// Which layers become one step, and the shapes between steps.
#include "engine/nn/plan.h"

#include <cassert>

namespace convlens::nn {
namespace {

using conv::Activation;

std::string activation_name(Activation activation) {
  return std::string(conv::activation_names()[static_cast<std::size_t>(activation)].name);
}

// Input shape of each layer.
std::vector<Shape> input_shapes(const ModelSpec& model) {
  const auto shapes = layer_shapes(model);
  assert(shapes);
  std::vector<Shape> inputs{{1, model.channels, model.height, model.width}};
  inputs.insert(inputs.end(), shapes->begin(), shapes->end());
  return inputs;
}

class StepPlanner {
 public:
  StepPlanner(const ModelSpec& model, bool is_fused)
      : model_(model), names_(named_layers(model)), inputs_(input_shapes(model)), is_fused_(is_fused) {}

  std::vector<Step> plan() {
    while (at_ < model_.layers.size()) add(model_.layers[at_]);
    return std::move(steps_);
  }

 private:
  void push(Step step) {
    step.last_layer = at_;
    steps_.push_back(std::move(step));
  }
  void push_activation(Activation activation, std::size_t layer) {
    if (activation == Activation::kNone) return;
    push({.kind = Step::Kind::kActivation,
          .layer = layer,
          .activation = activation,
          .name = activation_name(activation)});
  }

  // The activation that follows the layer at at_: its own or that of the next layers, which are then passed.
  Activation take_activation(Activation own) {
    if (own != Activation::kNone || at_ + 1 >= model_.layers.size()) return own;
    const LayerSpec& next = model_.layers[at_ + 1];
    if (!is_fused_ || next.kind != LayerKind::kActivation || next.activation != Activation::kRelu) return own;
    ++at_;
    return Activation::kRelu;
  }
  bool take_pool() {
    if (at_ + 1 >= model_.layers.size()) return false;
    const LayerSpec& next = model_.layers[at_ + 1];
    const bool is_small = next.rows == 2 && next.cols == 2 && (next.stride_y == 0 || next.stride_y == 2) &&
                          (next.stride_x == 0 || next.stride_x == 2);
    if (next.kind != LayerKind::kMaxPool || !is_small) return false;
    ++at_;
    return true;
  }

  void add_conv(const LayerSpec& layer) {
    const std::size_t index = at_;
    const auto geometry = conv_geometry(layer, inputs_[index]);
    assert(geometry);
    Step step{.kind = Step::Kind::kConv, .layer = index, .name = names_[index].name};
    if (!is_fused_ || !can_fuse(*geometry)) {
      push(step);
      return push_activation(layer.conv.activation, index);
    }
    const Activation activation = take_activation(layer.conv.activation);
    step.kind = Step::Kind::kFusedConv;
    step.relu = activation == Activation::kRelu;
    if (step.relu) step.name += " + relu";
    if (step.relu || activation == Activation::kNone) step.pool = take_pool();
    if (step.pool) step.name += " + max-pool";
    push(step);
    if (!step.relu) push_activation(activation, index);
  }

  void add_dense(const LayerSpec& layer) {
    const std::size_t index = at_;
    Step step{.kind = Step::Kind::kDense, .layer = index, .name = names_[index].name};
    const Activation activation = take_activation(layer.activation);
    step.relu = is_fused_ && activation == Activation::kRelu;
    if (step.relu) step.name += " + relu";
    push(step);
    if (!step.relu) push_activation(activation, index);
  }

  void add(const LayerSpec& layer) {
    const std::size_t index = at_;
    const std::string& name = names_[index].name;
    switch (layer.kind) {
      case LayerKind::kConv:
        add_conv(layer);
        break;
      case LayerKind::kDense:
        add_dense(layer);
        break;
      case LayerKind::kActivation:
        push_activation(layer.activation, index);
        break;
      case LayerKind::kMaxPool:
      case LayerKind::kAveragePool:
      case LayerKind::kGlobalAverage:
        push({.kind = Step::Kind::kPool, .layer = index, .name = name});
        break;
      case LayerKind::kBatchNorm:
        push({.kind = Step::Kind::kBatchNorm, .layer = index, .name = name});
        break;
      case LayerKind::kDropout:
        push({.kind = Step::Kind::kDropout, .layer = index, .name = name});
        break;
      case LayerKind::kFlatten:
        break;
    }
    ++at_;
  }

  const ModelSpec& model_;
  std::vector<LayerSpec> names_;
  std::vector<Shape> inputs_;
  bool is_fused_;
  std::size_t at_ = 0;
  std::vector<Step> steps_;
};

// A buffer for what the layers up to `layer` (not included) make.
Buffer buffer_before(const ModelSpec& model, const std::vector<Shape>& inputs, std::size_t layer) {
  const Shape& shape = inputs[layer];
  Buffer buffer;
  buffer.c = shape.c, buffer.h = shape.h, buffer.w = shape.w;
  // Behind a flatten layer the values still lie as the maps did before it.
  for (std::size_t i = layer; i-- > 0;) {
    const LayerKind kind = model.layers[i].kind;
    if (kind == LayerKind::kFlatten) {
      const Shape& maps = inputs[i];
      if (maps.h * maps.w > 1) buffer.c = maps.c, buffer.h = maps.h, buffer.w = maps.w;
      buffer.is_flat = true;
      continue;
    }
    if (kind != LayerKind::kActivation && kind != LayerKind::kDropout && kind != LayerKind::kBatchNorm) break;
  }
  buffer.stride = buffer_stride(buffer.size());
  return buffer;
}

}  // namespace

std::vector<Step> plan_steps(const ModelSpec& model, bool is_fused) { return StepPlanner(model, is_fused).plan(); }

std::deque<Buffer> plan_buffers(const ModelSpec& model, const std::vector<Step>& steps) {
  const std::vector<Shape> inputs = input_shapes(model);
  std::deque<Buffer> buffers{buffer_before(model, inputs, 0)};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    // Flatten layers that follow belong to this buffer.
    std::size_t end = steps[i].last_layer + 1;
    while (end < model.layers.size() && model.layers[end].kind == LayerKind::kFlatten) ++end;
    buffers.push_back(buffer_before(model, inputs, end));
  }
  if (!model.layers.empty() && model.layers.front().kind == LayerKind::kFlatten) buffers.front().is_flat = true;
  return buffers;
}

ParameterStore::Layout parameter_layout(const LayerSpec& spec, const ParameterInfo& info, const Buffer& input) {
  ParameterStore::Layout layout;
  const bool is_weight = info.role == ParameterRole::kWeight;
  if (is_weight && spec.kind == LayerKind::kConv) {
    for (std::size_t i = 0; i < 4; ++i) layout.sizes[i] = info.shape[i];
    layout.strides = {layout.sizes[1] * layout.sizes[2] * layout.sizes[3], layout.sizes[2] * layout.sizes[3],
                      layout.sizes[3], 1};
    layout.span = info.count();
  } else if (is_weight) {
    const std::int64_t row = conv::whole_rows(input.size());
    layout.sizes = {info.shape[0], input.c, input.h, input.w};
    layout.strides = {row, 1, input.w * input.c, input.c};
    layout.span = info.shape[0] * row;
  } else if (spec.kind == LayerKind::kBatchNorm && input.is_flat) {
    layout.sizes = {input.c, input.h, input.w, 1};
    layout.strides = {1, input.w * input.c, input.c, 0};
    layout.span = input.size();
  } else {
    layout.sizes = {info.shape[0], 1, 1, 1};
    layout.strides = {1, 0, 0, 0};
    layout.span = info.shape[0];
  }
  return layout;
}

std::vector<ParameterStore::Layout> plan_parameters(const ModelSpec& model, const std::vector<Step>& steps,
                                                    const std::deque<Buffer>& buffers) {
  std::vector<ParameterStore::Layout> layouts;
  for (const ParameterInfo& info : list_parameters(model)) {
    std::size_t step = 0;
    while (steps[step].layer != info.layer || steps[step].kind == Step::Kind::kActivation) ++step;
    layouts.push_back(parameter_layout(model.layers[info.layer], info, buffers[step]));
  }
  return layouts;
}

std::unique_ptr<Layer> make_layer(const ModelSpec& model, const Step& step, const LayerSite& site) {
  switch (step.kind) {
    case Step::Kind::kConv:
    case Step::Kind::kFusedConv: {
      const auto geometry =
          conv_geometry(model.layers[step.layer], {site.batch, site.input.c, site.input.h, site.input.w});
      assert(geometry);
      if (step.kind == Step::Kind::kConv) return make_conv_layer(site, *geometry);
      return make_fused_conv_layer(site, *geometry, step.relu, step.pool);
    }
    case Step::Kind::kDense:
      return make_dense_layer(site, step.relu);
    case Step::Kind::kActivation:
      return make_activation_layer(site, step.activation);
    case Step::Kind::kPool:
      return make_pool_layer(site);
    case Step::Kind::kBatchNorm:
      return make_batch_norm_layer(site);
    case Step::Kind::kDropout:
      return make_dropout_layer(site);
  }
  return nullptr;
}

}  // namespace convlens::nn
