// Copies between a trainer and plain data.
#include "engine/training/state.h"

#include <algorithm>
#include <cassert>
#include <cstddef>

namespace convlens::training {
namespace {

// Calls f(index of the parameter, its part of a row of such parameters) for all, or for those that training changes.
template <class Span, class F>
void for_each_part(const nn::ParameterStore& store, bool only_trainable, Span row, const F& f) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < store.parameters().size(); ++i) {
    const nn::ParameterInfo& info = store.parameters()[i].info;
    if (only_trainable && !info.is_trainable()) continue;
    const auto count = static_cast<std::size_t>(info.count());
    f(i, row.subspan(at, count));
    at += count;
  }
  assert(at == row.size());
}

std::int64_t count_of(const nn::ModelSpec& model, bool only_trainable) {
  std::int64_t count = 0;
  for (const nn::ParameterInfo& info : nn::list_parameters(model)) {
    if (!only_trainable || info.is_trainable()) count += info.count();
  }
  return count;
}

// A block laid out like the network's parameters, as a row.
std::vector<float> row_of(const nn::Network& network, std::span<const float> block) {
  if (block.empty()) return {};
  std::vector<float> row(static_cast<std::size_t>(count_trainable(network.model())));
  for_each_part(network.store(), true, std::span(row),
                [&](std::size_t i, std::span<float> part) { network.store().gather(i, block.data(), part); });
  return row;
}

// The way back: gaps hold zeros.
std::vector<float> block_of(const nn::Network& network, std::span<const float> row) {
  if (row.empty()) return {};
  std::vector<float> block(static_cast<std::size_t>(network.store().trainable_floats()));
  for_each_part(network.store(), true, row,
                [&](std::size_t i, std::span<const float> part) { network.store().scatter(i, part, block.data()); });
  return block;
}

}  // namespace

std::int64_t count_values(const nn::ModelSpec& model) { return count_of(model, false); }
std::int64_t count_trainable(const nn::ModelSpec& model) { return count_of(model, true); }

std::vector<float> read_values(const nn::Network& network) {
  std::vector<float> values(static_cast<std::size_t>(count_values(network.model())));
  for_each_part(network.store(), false, std::span(values),
                [&](std::size_t i, std::span<float> part) { network.store().read(i, part); });
  return values;
}

void write_values(nn::Network& network, std::span<const float> values) {
  for_each_part(network.store(), false, values,
                [&](std::size_t i, std::span<const float> part) { network.store().write(i, part); });
  network.changed();
}

Frozen read_frozen(const nn::Network& network) {
  Frozen frozen;
  for (std::size_t layer = 0; layer < network.model().layers.size(); ++layer) {
    std::vector<bool>& filters = frozen.emplace_back();
    for (std::int64_t k = 0; k < nn::filter_count(network.model().layers[layer]); ++k) {
      filters.push_back(network.is_frozen(layer, k));
    }
  }
  return frozen;
}

void write_frozen(nn::Network& network, const Frozen& frozen) {
  for (std::size_t layer = 0; layer < frozen.size(); ++layer) {
    for (std::size_t k = 0; k < frozen[layer].size(); ++k) {
      const auto filter = static_cast<std::int64_t>(k);
      if (network.is_frozen(layer, filter) != frozen[layer][k]) network.freeze_filter(layer, filter, frozen[layer][k]);
    }
  }
}

Frame take_frame(const Trainer& trainer, bool is_key) {
  const nn::Network& network = trainer.network();
  Frame frame{trainer.steps_done(), std::make_shared<const std::vector<float>>(read_values(network)), nullptr};
  if (!is_key) return frame;
  const Optimizer& optimizer = trainer.optimizer();
  frame.key = std::make_shared<const KeyState>(KeyState{trainer.settings(), optimizer.rule(), optimizer.age(),
                                                        row_of(network, optimizer.first()),
                                                        row_of(network, optimizer.second()), read_frozen(network)});
  return frame;
}

void put_back(Trainer& trainer, const Frame& frame) {
  assert(frame.key);
  nn::Network& network = trainer.network();
  write_values(network, *frame.values);
  write_frozen(network, frame.key->frozen);
  trainer.settings() = frame.key->settings;
  trainer.optimizer().restore(frame.key->rule, frame.key->age, block_of(network, frame.key->first),
                              block_of(network, frame.key->second));
  trainer.set_steps_done(frame.step);
}

Status check_frame(const nn::ModelSpec& model, const Frame& frame) {
  const auto disagree = [&](const std::string& what, std::size_t has, std::int64_t wanted) {
    return Error{what + " of step " + std::to_string(frame.step) + " has " + std::to_string(has) +
                 " values, and the model '" + model.name + "' " + std::to_string(wanted) +
                 ": it belongs to another architecture"};
  };
  if (std::ssize(*frame.values) != count_values(model)) {
    return disagree("the weights", frame.values->size(), count_values(model));
  }
  if (!frame.key) return Done{};
  const KeyState& key = *frame.key;
  for (const auto& [mean, is_wanted] :
       {std::pair{&key.first, keeps_first(key.rule)}, std::pair{&key.second, keeps_second(key.rule)}}) {
    const bool is_empty_well = mean->empty() && (key.age == 0 || !is_wanted);
    if (is_empty_well || (is_wanted && std::ssize(*mean) == count_trainable(model))) continue;
    return disagree("the optimizer's state", mean->size(), is_wanted ? count_trainable(model) : 0);
  }
  if (key.frozen.size() != model.layers.size()) {
    return disagree("the list of frozen layers", key.frozen.size(), std::ssize(model.layers));
  }
  for (std::size_t layer = 0; layer < model.layers.size(); ++layer) {
    if (std::ssize(key.frozen[layer]) == nn::filter_count(model.layers[layer])) continue;
    return disagree("the list of frozen filters", key.frozen[layer].size(), nn::filter_count(model.layers[layer]));
  }
  return Done{};
}

}  // namespace convlens::training
