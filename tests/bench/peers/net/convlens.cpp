// ConvLens as an engine of the peers' MNIST training comparison; not part of the program. Needs the engine's libraries,
// built before in build/release of the checkout that OURS points into (or in CONVLENS_BUILD).
// on: 12
// clang-format off
// build: -std=c++20 -I$(cd "$OLDPWD" && cd "$OURS/../../.." && pwd) $(cd "$OLDPWD" && cd "${CONVLENS_BUILD:-$OURS/../../../build/release}/engine" && echo $PWD/training/libengine_training.a $PWD/nn/libengine_nn.a $PWD/filters/libengine_filters.a $PWD/conv/libengine_conv.a $PWD/core/libengine_core.a) -lhwy -ltbb
// clang-format on
#include "../net_engine.h"

#include <memory>
#include <vector>

#include "engine/nn/network.h"
#include "engine/training/optimizer.h"

namespace {

using namespace convlens;

struct State {
  nn::Network network;
  training::Optimizer optimizer;
  training::OptimizerSettings settings;
  std::int64_t batch;
  std::uint64_t step = 0;
};

nn::LayerSpec layer_of(const net_layer& l) {
  nn::LayerSpec layer;
  switch (l.op) {
    case NET_CONV:
      layer.kind = nn::LayerKind::kConv;
      layer.filters = l.oc;
      layer.rows = layer.cols = l.k;
      layer.conv.padding = conv::PaddingMode::kCustom;
      layer.conv.custom = {l.pad, l.pad, l.pad, l.pad};
      break;
    case NET_RELU:
      layer.kind = nn::LayerKind::kActivation;
      layer.activation = conv::Activation::kRelu;
      break;
    case NET_POOL:
      layer.kind = nn::LayerKind::kMaxPool;
      layer.rows = layer.cols = 2;
      break;
    case NET_DROPOUT:
      layer.kind = nn::LayerKind::kDropout;
      layer.rate = l.rate;
      break;
    case NET_DENSE:
      layer.kind = nn::LayerKind::kDense;
      layer.outputs = l.oc;
      break;
  }
  return layer;
}

void* create(const net_case* c, int threads) {
  nn::ModelSpec model;
  model.channels = 1, model.height = model.width = 28, model.classes = 10;
  bool is_flat = false;
  for (int i = 0; i < c->n_layers; ++i) {
    nn::LayerSpec flatten;
    flatten.kind = nn::LayerKind::kFlatten;
    if (c->layers[i].op == NET_DENSE && !is_flat) model.layers.push_back(flatten);
    is_flat |= c->layers[i].op == NET_DENSE;
    model.layers.push_back(layer_of(c->layers[i]));
  }
  auto network = nn::Network::create(model, {.batch = c->batch, .threads = threads});
  if (!network) return nullptr;
  training::OptimizerSettings settings;
  settings.rule = c->adam ? training::Rule::kAdam : training::Rule::kSgd;
  settings.learning_rate = c->lr;
  return new State{std::move(*network), {}, settings, c->batch};
}

// The harness lists weights and biases layer by layer in PyTorch's order, as the store does.
void set_params(void* state, const float* flat) {
  State& s = *static_cast<State*>(state);
  nn::ParameterStore& store = s.network.store();
  for (std::size_t i = 0; i < store.parameters().size(); ++i) {
    const auto count = static_cast<std::size_t>(store.parameters()[i].info.count());
    store.write(i, {flat, count});
    flat += count;
  }
  s.network.changed();
}

void get_params(void* state, float* flat) {
  const nn::ParameterStore& store = static_cast<State*>(state)->network.store();
  for (std::size_t i = 0; i < store.parameters().size(); ++i) {
    const auto count = static_cast<std::size_t>(store.parameters()[i].info.count());
    store.read(i, {flat, count});
    flat += count;
  }
}

float train(void* state, const float* x, const int* labels) {
  State& s = *static_cast<State*>(state);
  const auto result = s.network.train(x, {labels, static_cast<std::size_t>(s.batch)}, {1, s.step});
  s.optimizer.update(s.network, s.settings, static_cast<std::int64_t>(s.step++));
  return static_cast<float>(result.loss);
}

void infer(void* state, const float* x, float* logits) {
  State& s = *static_cast<State*>(state);
  s.network.infer(x, s.batch, logits);
}

void destroy(void* state) { delete static_cast<State*>(state); }

}  // namespace

extern "C" const net_engine net_engines[] = {{"convlens", create, set_params, get_params, train, infer, destroy}, {}};
