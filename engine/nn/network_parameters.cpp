// First values, single filters, freezing, and what is said about parameters and units.
#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

#include "engine/core/seed.h"
#include "engine/nn/network_state.h"

namespace convlens::nn {

std::int64_t filter_count(const LayerSpec& layer) {
  if (layer.kind == LayerKind::kConv) return layer.filters;
  if (layer.kind == LayerKind::kDense) return layer.outputs;
  return layer.kind == LayerKind::kBatchNorm ? 1 : 0;
}

void Network::State::list_ranges() {
  ranges.clear();
  ++ranges_version;
  const auto add = [&](std::int64_t offset, std::int64_t count, bool is_weight) {
    const bool continues =
        !ranges.empty() && ranges.back().offset + ranges.back().count == offset && ranges.back().is_weight == is_weight;
    if (continues) {
      ranges.back().count += count;
    } else {
      ranges.push_back({offset, count, is_weight});
    }
  };
  for (const StoredParameter& p : store.parameters()) {
    if (!p.info.is_trainable()) continue;
    const std::vector<bool>& is_frozen = frozen[p.info.layer];
    const bool is_weight = p.info.role == ParameterRole::kWeight;
    const bool by_filter = is_weight || p.info.role == ParameterRole::kBias;
    if (std::ranges::find(is_frozen, true) == is_frozen.end()) {
      add(p.offset, p.span, is_weight);
    } else if (by_filter) {
      for (std::int64_t k = 0; k < p.sizes[0]; ++k) {
        if (!is_frozen[static_cast<std::size_t>(k)]) add(p.offset + k * p.strides[0], p.strides[0], is_weight);
      }
    }
  }
}

Status Network::initialise(std::uint64_t seed) {
  ParameterStore& parameters = state_->store;
  for (std::size_t i = 0; i < parameters.parameters().size(); ++i) {
    const auto values = first_values(state_->model, parameters.parameters()[i].info, seed);
    if (!values) return values.error();
    parameters.write(i, *values);
  }
  changed();
  return Done{};
}

Status Network::initialise_filter(std::size_t layer, std::int64_t filter, std::uint64_t seed) {
  State& s = *state_;
  const ParameterInfo& info = s.store.parameters()[s.store.index_of(layer, ParameterRole::kWeight)].info;
  const auto values = first_values(s.model, info, stream_seed(seed, static_cast<std::uint64_t>(filter)));
  if (!values) return values.error();
  const std::int64_t size = info.count() / info.shape[0];
  write_filter(layer, filter,
               std::span(*values).subspan(static_cast<std::size_t>(filter * size), static_cast<std::size_t>(size)));
  if (s.model.layers[layer].bias) s.store.value(s.store.index_of(layer, ParameterRole::kBias))[filter] = 0;
  return Done{};
}

void Network::read_filter(std::size_t layer, std::int64_t filter, std::span<float> out) const {
  state_->store.read_slice(state_->store.index_of(layer, ParameterRole::kWeight), filter, out);
}

void Network::write_filter(std::size_t layer, std::int64_t filter, std::span<const float> in) {
  state_->store.write_slice(state_->store.index_of(layer, ParameterRole::kWeight), filter, in);
  changed();
}

void Network::remove_filter(std::size_t layer, std::int64_t filter) {
  State& s = *state_;
  const StoredParameter& weight = s.store.parameters()[s.store.index_of(layer, ParameterRole::kWeight)];
  std::fill_n(s.store.values().data() + weight.offset + filter * weight.strides[0], weight.strides[0], 0.0f);
  if (s.model.layers[layer].bias) s.store.value(s.store.index_of(layer, ParameterRole::kBias))[filter] = 0;
  freeze_filter(layer, filter, true);
  changed();
}

void Network::freeze_layer(std::size_t layer, bool frozen) {
  auto& filters = state_->frozen[layer];
  filters.assign(filters.size(), frozen);
  state_->list_ranges();
}

void Network::freeze_filter(std::size_t layer, std::int64_t filter, bool frozen) {
  state_->frozen[layer][static_cast<std::size_t>(filter)] = frozen;
  state_->list_ranges();
}

bool Network::is_frozen(std::size_t layer, std::int64_t filter) const {
  return state_->frozen[layer][static_cast<std::size_t>(filter)];
}

const std::vector<TrainableRange>& Network::trainable_ranges() const { return state_->ranges; }
std::uint64_t Network::trainable_version() const { return state_->ranges_version; }

namespace {

// Root of the sum of squares of a layer's part of a block.
double layer_norm(const ParameterStore& store, std::size_t layer, std::span<const float> block) {
  double sum = 0;
  for (const StoredParameter& p : store.parameters()) {
    if (p.info.layer != layer || !p.info.is_trainable()) continue;
    for (const float v : block.subspan(static_cast<std::size_t>(p.offset), static_cast<std::size_t>(p.span))) {
      sum += static_cast<double>(v) * static_cast<double>(v);
    }
  }
  return std::sqrt(sum);
}

}  // namespace

double Network::gradient_norm(std::size_t layer) const {
  return layer_norm(state_->store, layer, state_->store.gradients());
}
double Network::parameter_norm(std::size_t layer) const {
  return layer_norm(state_->store, layer, state_->store.values());
}

std::vector<std::optional<double>> Network::dead_units(std::int64_t n) const {
  const State& s = *state_;
  std::vector<std::optional<double>> shares(s.model.layers.size());
  for (std::size_t i = 0; i < s.steps.size(); ++i) {
    const Step& step = s.steps[i];
    if (!step.relu && !(step.kind == Step::Kind::kActivation && step.activation == conv::Activation::kRelu)) continue;
    const Buffer& buffer = s.buffers[i + 1];
    // Maps before a flatten layer are still maps here.
    std::vector<bool> is_alive(static_cast<std::size_t>(buffer.c));
    for (std::int64_t image = 0; image < n; ++image) {
      const float* values = buffer.values + image * buffer.stride;
      for (std::int64_t j = 0; j < buffer.size(); ++j) {
        if (values[j] != 0) is_alive[static_cast<std::size_t>(j % buffer.c)] = true;
      }
    }
    const auto dead = std::ranges::count(is_alive, false);
    shares[step.layer] = static_cast<double>(dead) / static_cast<double>(buffer.c);
  }
  return shares;
}

std::uint64_t Network::parameter_hash() const {
  const ParameterStore& parameters = state_->store;
  std::uint64_t hash = 0xCBF29CE484222325ull;
  for (std::size_t i = 0; i < parameters.parameters().size(); ++i) {
    std::vector<float> values(static_cast<std::size_t>(parameters.parameters()[i].info.count()));
    parameters.read(i, values);
    for (const float v : values) {
      const auto bits = std::bit_cast<std::uint32_t>(v);
      for (int byte = 0; byte < 4; ++byte) hash = (hash ^ (bits >> (8 * byte) & 0xFF)) * 0x100000001B3ull;
    }
  }
  return hash;
}

}  // namespace convlens::nn
