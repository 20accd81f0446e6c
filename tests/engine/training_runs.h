// What the tests of recordings, checkpoints and model files share: a small model with every kind of state, and runs.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/training/run.h"
#include "engine/training/trainer.h"
#include "tests/engine/bars.h"
#include "tests/engine/nn_models.h"

namespace convlens::test {

// Convolutions fused and not, batch norm with its running statistics, dropout with its draws.
inline nn::ModelSpec stateful_model() {
  conv::Params same;
  same.padding = conv::PaddingMode::kSame;
  same.activation = conv::Activation::kRelu;
  nn::ModelSpec model{"stateful", 1, 16, 16, 4, {}};
  model.layers = {conv_layer(6, 3, 3, same),
                  pool_layer(nn::LayerKind::kMaxPool, 2, 2),
                  conv_layer(5, 3, 3),
                  plain_layer(nn::LayerKind::kBatchNorm),
                  activation_layer(conv::Activation::kElu),
                  plain_layer(nn::LayerKind::kFlatten),
                  dropout_layer(0.3f),
                  dense_layer(20, conv::Activation::kRelu),
                  dense_layer(4)};
  return model;
}

inline training::TrainerSettings settings_of(training::Rule rule) {
  training::TrainerSettings settings;
  settings.optimizer.rule = rule;
  settings.optimizer.learning_rate = rule == training::Rule::kSgd ? 0.05f : 0.003f;
  settings.optimizer.decay = 0.01f;
  settings.optimizer.l2 = 1e-4f;
  settings.optimizer.schedule.course = training::Course::kCosine;
  settings.optimizer.schedule.total = 200;
  settings.optimizer.schedule.warm_up = 7;
  settings.label_smoothing = 0.05f;
  settings.seed = 5;
  return settings;
}

inline training::Trainer make_trainer(const training::TrainerSettings& settings = settings_of(training::Rule::kAdamW),
                                      const nn::ModelSpec& model = stateful_model(), int threads = 2) {
  auto trainer = training::Trainer::create(model, {.batch = 16, .threads = threads}, settings);
  REQUIRE(trainer);
  return std::move(*trainer);
}

// A run on Bars: its description, as far as files care.
inline training::RunDescription describe(const nn::ModelSpec& model = stateful_model()) {
  training::RunDescription run;
  run.model = model;
  run.batch = 16;
  run.steps = 200;
  run.data = "bars";
  run.fingerprint = "100-0123456789abcdef";
  run.preprocessing = {{0.25f, 0.5f}, {"row", "column", "one way", "the other"}, 0.0f};
  run.augmentation.shift = 2;
  return run;
}

// Everything that decides how training goes on.
inline bool same_state(const training::Trainer& a, const training::Trainer& b) {
  return a.steps_done() == b.steps_done() && a.settings() == b.settings() &&
         a.network().parameter_hash() == b.network().parameter_hash() && a.optimizer().rule() == b.optimizer().rule() &&
         a.optimizer().age() == b.optimizer().age() &&
         std::ranges::equal(a.optimizer().first(), b.optimizer().first()) &&
         std::ranges::equal(a.optimizer().second(), b.optimizer().second()) &&
         a.network().trainable_ranges().size() == b.network().trainable_ranges().size();
}

}  // namespace convlens::test
