// A session on a tiny net and few digits, somebody who looks at it, and the plain loop that it is held to.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/model/train_session.h"
#include "engine/training/dataset_source.h"
#include "engine/training/run_data.h"
#include "engine/training/trainer.h"

namespace convlens::model {

inline nn::ModelSpec tiny_model() {
  nn::ModelSpec model;
  model.name = "tiny";
  nn::LayerSpec conv;
  conv.filters = 4;
  conv.conv.activation = conv::Activation::kRelu;
  nn::LayerSpec pool;
  pool.kind = nn::LayerKind::kMaxPool;
  pool.rows = pool.cols = 4;
  nn::LayerSpec flat;
  flat.kind = nn::LayerKind::kFlatten;
  nn::LayerSpec drop;
  drop.kind = nn::LayerKind::kDropout;
  drop.rate = 0.25F;
  nn::LayerSpec dense;
  dense.kind = nn::LayerKind::kDense;
  dense.outputs = 10;
  model.layers = {conv, pool, flat, drop, dense};
  return model;
}

inline TrainSettings tiny_settings() {
  TrainSettings settings;
  settings.data = "synthetic:320";
  settings.model = tiny_model();
  settings.batch = 16;
  settings.epochs = 50;
  settings.threads = 1;
  return settings;
}

// The hash after so many steps of a plain loop without session, recording or tests; `between` is called before each.
inline std::uint64_t plain_hash(const TrainSettings& settings, std::int64_t steps,
                                const std::function<void(training::Trainer&)>& between = {}) {
  const Parallel parallel(1);
  auto parts = training::open_data(settings.data, settings.seed, {}, parallel);
  REQUIRE(parts);
  auto data = training::measure_data(std::move(*parts));
  REQUIRE(data);
  training::TrainerSettings chosen;
  chosen.optimizer = settings.optimizer;
  chosen.optimizer.schedule.total =
      settings.epochs * ((data->parts.train.size() + settings.batch - 1) / settings.batch);
  chosen.label_smoothing = settings.label_smoothing;
  chosen.seed = settings.seed;
  auto trainer = training::Trainer::create(settings.model, {.batch = settings.batch, .threads = 1}, chosen);
  REQUIRE(trainer);
  training::DatasetSource source(data->parts.train, data->preprocessing.normalisation, settings.augmentation,
                                 settings.seed, trainer->network().parallel());
  for (std::int64_t step = 0; step < steps; ++step) {
    if (between) between(*trainer);
    REQUIRE(trainer->step(source));
  }
  if (between) between(*trainer);
  return trainer->network().parameter_hash();
}

// A session and somebody who looks at it.
struct Desk {
  TrainSettings settings = tiny_settings();
  TrainSession session;
  std::vector<TrainMessage> messages;

  explicit Desk(const TrainSession::Options& options = {}) : session({}, options) {}
  Desk(const TrainSession::Options& options, const TrainSettings& wanted) : settings(wanted), session({}, options) {}

  const TrainSnapshot& now() const { return *session.snapshot(); }
  void look() {
    session.collect();
    if (auto adopted = session.take_settings()) settings = *adopted;
    for (TrainMessage& message : session.take_messages()) messages.push_back(std::move(message));
    session.follow(settings);
  }
  void until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(120);
    look();
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) {
        FAIL("waited in vain at step " << now().step << " of " << now().last_step << ": " << now().words
                                       << (messages.empty() ? "" : messages.back().text));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      look();
    }
  }
  bool is_at(std::int64_t step) const {
    return now().run && now().state == TrainState::kPaused && now().step == step && now().hash;
  }
  std::uint64_t hash_at(std::int64_t step) {
    until([&] { return is_at(step); });
    return *now().hash;
  }
  void begin() {
    until([&] { return is_at(0); });
  }
  void steps(std::int64_t count) {
    const std::int64_t goal = now().step + count;
    for (std::int64_t i = 0; i < count; ++i) session.step();
    until([&] { return is_at(goal); });
  }
  std::uint64_t go_to(std::int64_t step) {
    session.go_to(step);
    return hash_at(step);
  }
  void edit(std::size_t layer, std::int64_t filter, float value) {
    HandEdit edit;
    edit.serial = ++serial;
    edit.layer = layer;
    edit.filter = filter;
    edit.weights.assign(9, value);
    edit.bias = value;
    edit.label = "Edit conv1 filter " + std::to_string(filter + 1);
    settings.by_hand.push_back(edit);
  }
  std::uint64_t serial = 0;
};

}  // namespace convlens::model
