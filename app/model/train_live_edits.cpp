// What is done to a run by hand between its steps, and how it is taken back.
#include <algorithm>
#include <cassert>
#include <ranges>
#include <utility>

#include "app/model/train_live.h"

namespace convlens::model {
namespace {

using training::Trainer;

const HandEdit* find_edit(const std::vector<HandEdit>& list, std::uint64_t serial) {
  const auto found = std::ranges::find(list, serial, &HandEdit::serial);
  return found == list.end() ? nullptr : &*found;
}

bool has_bias(const Trainer& trainer, std::size_t layer) { return trainer.network().model().layers[layer].bias; }

std::size_t bias_of(const Trainer& trainer, std::size_t layer) {
  return trainer.network().store().index_of(layer, nn::ParameterRole::kBias);
}

std::size_t filter_floats(const Trainer& trainer, std::size_t layer) {
  const nn::ParameterStore& store = trainer.network().store();
  const nn::ParameterInfo& info = store.parameters()[store.index_of(layer, nn::ParameterRole::kWeight)].info;
  return static_cast<std::size_t>(info.count() / info.shape[0]);
}

void write_filter(Trainer& trainer, std::size_t layer, std::int64_t filter, const std::vector<float>& weights,
                  const std::optional<float>& bias) {
  nn::Network& network = trainer.network();
  if (!weights.empty()) network.write_filter(layer, filter, weights);
  if (bias && has_bias(trainer, layer)) network.store().write_slice(bias_of(trainer, layer), filter, {&*bias, 1});
  network.changed();
}

}  // namespace

struct LiveRun::Todo {
  std::vector<std::uint64_t> gone;  // newest first
  std::vector<HandEdit> changed;    // done already, with other values
  std::vector<HandEdit> come;       // new, or taken back before
  bool has_other_optimizer = false;
  bool has_other_frozen = false;
  bool empty() const {
    return gone.empty() && changed.empty() && come.empty() && !has_other_optimizer && !has_other_frozen;
  }
};

HandDone* LiveRun::find_done(std::uint64_t serial) {
  const auto found = std::ranges::find(line_.by_hand, serial, [](const HandDone& done) { return done.edit.serial; });
  return found == line_.by_hand.end() ? nullptr : &*found;
}

bool LiveRun::fits(const HandEdit& edit) const {
  const nn::ModelSpec& model = run().description.model;
  if (edit.layer >= model.layers.size()) return false;
  const nn::LayerSpec& layer = model.layers[edit.layer];
  if (layer.kind != nn::LayerKind::kConv && layer.kind != nn::LayerKind::kDense) return false;
  if (edit.filter < 0 || edit.filter >= nn::filter_count(layer)) return false;
  return edit.kind != HandEdit::Kind::kWrite || edit.weights.empty() ||
         edit.weights.size() == filter_floats(trainer_, edit.layer);
}

LiveRun::Todo LiveRun::compare(const TrainSettings& before, const TrainSettings& after,
                               const std::set<std::uint64_t>& seen) const {
  Todo todo;
  // What was done later than head() is not in force here, and none of this moment's business.
  const auto done_here = [&](std::uint64_t serial) -> const HandDone* {
    const HandDone* done = const_cast<LiveRun*>(this)->find_done(serial);
    return done && done->step <= head() ? done : nullptr;
  };
  for (const HandEdit& edit : before.by_hand | std::views::reverse) {
    if (find_edit(after.by_hand, edit.serial)) continue;
    const HandDone* done = done_here(edit.serial);
    if (done && !done->is_taken_back) todo.gone.push_back(edit.serial);
  }
  for (const HandEdit& edit : after.by_hand) {
    const HandEdit* old = find_edit(before.by_hand, edit.serial);
    if ((old && *old == edit) || !fits(edit)) continue;
    const HandDone* done = done_here(edit.serial);
    if (done && !done->is_taken_back) {
      if (done->edit != edit) todo.changed.push_back(edit);
    } else if (done || !seen.contains(edit.serial)) {
      todo.come.push_back(edit);
    }
  }
  todo.has_other_optimizer = !same_optimizer(before, after);
  todo.has_other_frozen = !same_frozen(before, after);
  return todo;
}

bool LiveRun::wants_change(const TrainSettings& before, const TrainSettings& after,
                           const std::set<std::uint64_t>& seen) const {
  return !compare(before, after, seen).empty();
}

void LiveRun::follow(const TrainSettings& before, const TrainSettings& after, std::set<std::uint64_t>& seen) {
  assert(is_at_end() && !is_mid_step());
  const Todo todo = compare(before, after, seen);
  bool changes_frozen = todo.has_other_frozen;
  for (const std::uint64_t serial : todo.gone) {
    HandDone& done = *find_done(serial);
    take_back(done);
    if (done.edit.kind == HandEdit::Kind::kRemove) freeze(after, "Take back " + done.edit.label);
  }
  for (const HandEdit& edit : todo.changed) {
    HandDone& done = *find_done(edit.serial);
    done.edit = edit;
    do_by_hand(edit);
  }
  for (const HandEdit& edit : todo.come) {
    HandDone done{edit, head(), std::vector<float>(filter_floats(trainer_, edit.layer)), std::nullopt, false};
    trainer_.network().read_filter(edit.layer, edit.filter, done.weights);
    if (has_bias(trainer_, edit.layer)) {
      trainer_.network().store().read_slice(bias_of(trainer_, edit.layer), edit.filter, {&done.bias.emplace(), 1});
    }
    std::erase_if(line_.by_hand, [&](const HandDone& old) { return old.edit.serial == edit.serial; });
    line_.by_hand.push_back(std::move(done));
    do_by_hand(edit);
  }
  for (const HandEdit& edit : after.by_hand) seen.insert(edit.serial);
  TrainSettings step = before;
  if (todo.has_other_optimizer) {
    step.optimizer = after.optimizer;
    step.label_smoothing = after.label_smoothing;
    TrainSettings old = step;
    old.optimizer = before.optimizer;
    old.label_smoothing = before.label_smoothing;
    set_optimizer(after, describe_train_change(old, step));
  }
  if (changes_frozen) {
    TrainSettings old = step;
    step.frozen = after.frozen;
    freeze(after, describe_train_change(old, step));
  }
}

void LiveRun::repeat_by_hand(const std::vector<HandDone>& done) {
  TrainSettings none, all;
  for (const HandDone& one : done) {
    if (!one.is_taken_back) all.by_hand.push_back(one.edit);
  }
  std::set<std::uint64_t> seen;
  follow(none, all, seen);
}

void LiveRun::do_by_hand(const HandEdit& edit) {
  line_.recording.change(trainer_, edit.label, [&](Trainer& trainer) {
    nn::Network& network = trainer.network();
    switch (edit.kind) {
      case HandEdit::Kind::kWrite:
        write_filter(trainer, edit.layer, edit.filter, edit.weights, edit.bias);
        break;
      case HandEdit::Kind::kRandomise:
        static_cast<void>(network.initialise_filter(edit.layer, edit.filter, edit.seed).ok());
        network.changed();
        break;
      case HandEdit::Kind::kRemove:
        network.remove_filter(edit.layer, edit.filter);
        break;
    }
  });
}

void LiveRun::take_back(HandDone& done) {
  done.is_taken_back = true;
  line_.recording.change(trainer_, "Take back " + done.edit.label, [&](Trainer& trainer) {
    write_filter(trainer, done.edit.layer, done.edit.filter, done.weights, done.bias);
  });
}

// The layers that the model itself freezes, what the settings freeze, and what was removed.
training::Frozen LiveRun::frozen_by(const TrainSettings& settings) const {
  training::Frozen frozen;
  for (const nn::LayerSpec& layer : run().description.model.layers) {
    frozen.emplace_back(static_cast<std::size_t>(nn::filter_count(layer)), layer.frozen);
  }
  const auto add = [&](std::size_t layer, std::optional<std::int64_t> filter) {
    if (layer >= frozen.size()) return;
    if (!filter) {
      frozen[layer].assign(frozen[layer].size(), true);
    } else if (*filter >= 0 && *filter < std::ssize(frozen[layer])) {
      frozen[layer][static_cast<std::size_t>(*filter)] = true;
    }
  };
  for (const FrozenPart& part : settings.frozen) add(part.layer, part.filter);
  for (const HandDone& done : line_.by_hand) {
    if (is_removal_in_force(done)) add(done.edit.layer, done.edit.filter);
  }
  return frozen;
}

bool LiveRun::is_removal_in_force(const HandDone& done) const {
  return done.edit.kind == HandEdit::Kind::kRemove && !done.is_taken_back && done.step <= head();
}

void LiveRun::freeze(const TrainSettings& settings, const std::string& label) {
  const training::Frozen frozen = frozen_by(settings);
  line_.recording.change(trainer_, label, [&](Trainer& trainer) { training::write_frozen(trainer.network(), frozen); });
}

TrainSettings LiveRun::settings_in_force(TrainSettings settings) const {
  const training::TrainerSettings& now = trainer_.settings();
  const std::int64_t total = settings.optimizer.schedule.total;
  settings.optimizer = now.optimizer;
  settings.optimizer.schedule.total = total;
  settings.label_smoothing = now.label_smoothing;
  if (training::read_frozen(trainer_.network()) == frozen_by(settings)) return settings;
  training::Frame state;
  training::KeyState key;
  key.settings = now;
  key.frozen = training::read_frozen(trainer_.network());
  for (const HandDone& done : line_.by_hand) {
    if (is_removal_in_force(done)) key.frozen[done.edit.layer][static_cast<std::size_t>(done.edit.filter)] = false;
  }
  state.key = std::make_shared<const training::KeyState>(std::move(key));
  settings.frozen = settings_of(run().description, state, run().steps_per_epoch).frozen;
  return settings;
}

void LiveRun::set_optimizer(const TrainSettings& settings, const std::string& label) {
  line_.recording.change(trainer_, label, [&](Trainer& trainer) {
    trainer.settings().optimizer = settings.optimizer;
    trainer.settings().optimizer.schedule.total = run().planned_steps;
    trainer.settings().label_smoothing = settings.label_smoothing;
  });
}

}  // namespace convlens::model
