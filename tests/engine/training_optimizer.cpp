// Update rules against their formulas in double, schedules, freezing, and changes between steps.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "engine/training/optimizer.h"
#include "tests/engine/nn_models.h"

namespace {

using namespace convlens;
using training::OptimizerSettings;
using training::Rule;

nn::ModelSpec small_model() {
  return {"small", 1, 6,
          7,       4, {test::conv_layer(5, 3, 3), test::plain_layer(nn::LayerKind::kFlatten), test::dense_layer(4)}};
}

// One value's life under a rule, as PyTorch documents it.
struct Reference {
  double p = 0, m = 0, v = 0;
  int t = 0;
  void step(const OptimizerSettings& s, double g, bool is_weight, double rate) {
    const auto d = [](float x) { return static_cast<double>(x); };
    if (is_weight) g += d(s.l2) * p + d(s.l1) * (p > 0 ? 1 : p < 0 ? -1 : 0);
    ++t;
    switch (s.rule) {
      case Rule::kSgd:
        p -= rate * g;
        return;
      case Rule::kMomentum:
        m = d(s.momentum) * m + g;
        p -= rate * m;
        return;
      case Rule::kNesterov:
        m = d(s.momentum) * m + g;
        p -= rate * (g + d(s.momentum) * m);
        return;
      case Rule::kRmsProp:
        v = d(s.smoothing) * v + (1 - d(s.smoothing)) * g * g;
        p -= rate * g / (std::sqrt(v) + d(s.epsilon));
        return;
      case Rule::kAdamW:
        if (is_weight) p -= rate * d(s.decay) * p;
        [[fallthrough]];
      case Rule::kAdam:
        m = d(s.beta1) * m + (1 - d(s.beta1)) * g;
        v = d(s.beta2) * v + (1 - d(s.beta2)) * g * g;
        p -= rate * (m / (1 - std::pow(d(s.beta1), t))) / (std::sqrt(v / (1 - std::pow(d(s.beta2), t))) + d(s.epsilon));
        return;
    }
  }
};

TEST_CASE("every rule follows its formula") {
  const nn::ModelSpec model = small_model();
  const test::Batch batch = test::random_batch(model, 6, 2);
  for (std::size_t r = 0; r < training::rule_names().size(); ++r) {
    CAPTURE(training::rule_names()[r].name);
    OptimizerSettings s;
    s.rule = static_cast<Rule>(r);
    s.learning_rate = 0.05f;
    s.epsilon = 1e-4f;
    s.l1 = 0.01f, s.l2 = 0.02f, s.decay = 0.3f;
    s.schedule.warm_up = 4;
    auto network = nn::Network::create(model, {.batch = 6, .threads = 2});
    REQUIRE(network);
    test::write_parameters(*network, test::random_parameters(model, 4));
    training::Optimizer optimizer;
    const auto list = nn::list_parameters(model);
    std::vector<std::vector<Reference>> expected;
    for (const auto& values : test::random_parameters(model, 4)) {
      expected.emplace_back();
      for (const float v : values) expected.back().push_back({static_cast<double>(v)});
    }
    for (int step = 0; step < 6; ++step) {
      network->train(batch.images.data(), batch.labels, {});
      const auto gradients = test::read_gradients(*network);
      const double rate = static_cast<double>(s.learning_rate * training::schedule_factor(s.schedule, step));
      for (std::size_t i = 0; i < expected.size(); ++i) {
        for (std::size_t j = 0; j < expected[i].size(); ++j) {
          expected[i][j].step(s, static_cast<double>(gradients[i][j]), list[i].role == nn::ParameterRole::kWeight,
                              rate);
        }
      }
      optimizer.update(*network, s, step);
    }
    for (std::size_t i = 0; i < expected.size(); ++i) {
      std::vector<double> values;
      for (const Reference& v : expected[i]) values.push_back(v.p);
      std::vector<float> got(values.size());
      network->store().read(i, got);
      CHECK(test::relative_error(values, got) < 1e-4);
    }
  }
}

TEST_CASE("schedules") {
  training::Schedule s;
  CHECK(training::schedule_factor(s, 1'000'000) == 1);
  s.course = training::Course::kSteps, s.every = 10, s.factor = 0.5f;
  CHECK(training::schedule_factor(s, 9) == 1);
  CHECK(training::schedule_factor(s, 25) == 0.25f);
  s.course = training::Course::kCosine, s.total = 110, s.floor = 0.1f, s.warm_up = 10;
  CHECK(training::schedule_factor(s, 4) == 0.5f);
  CHECK(training::schedule_factor(s, 10) == 1);
  CHECK(training::schedule_factor(s, 60) == doctest::Approx(0.55));
  CHECK(training::schedule_factor(s, 500) == doctest::Approx(0.1));
}

TEST_CASE("frozen layers and filters stay as they are, the others move") {
  const nn::ModelSpec model = small_model();
  const test::Batch batch = test::random_batch(model, 6, 2);
  auto network = nn::Network::create(model, {.batch = 6, .threads = 1});
  REQUIRE(network);
  const auto before = test::random_parameters(model, 4);
  test::write_parameters(*network, before);
  network->freeze_filter(0, 3, true);
  network->freeze_layer(2, true);
  network->freeze_filter(2, 1, false);
  training::Optimizer optimizer;
  OptimizerSettings settings;
  settings.rule = Rule::kAdamW, settings.decay = 0.1f;
  for (int step = 0; step < 3; ++step) {
    network->train(batch.images.data(), batch.labels, {});
    optimizer.update(*network, settings, step);
  }
  for (std::size_t i = 0; i < before.size(); ++i) {
    std::vector<float> now(before[i].size());
    network->store().read(i, now);
    const std::size_t filters = i < 2 ? 5 : 4, size = now.size() / filters;
    for (std::size_t k = 0; k < filters; ++k) {
      const bool is_frozen = i < 2 ? k == 3 : k != 1;
      const bool is_same = std::equal(now.begin() + static_cast<std::ptrdiff_t>(k * size),
                                      now.begin() + static_cast<std::ptrdiff_t>((k + 1) * size),
                                      before[i].begin() + static_cast<std::ptrdiff_t>(k * size));
      CHECK(is_same == is_frozen);
    }
  }
}

TEST_CASE("a change of rule begins new means; Adam and AdamW share theirs") {
  const nn::ModelSpec model = small_model();
  const test::Batch batch = test::random_batch(model, 6, 2);
  auto network = nn::Network::create(model, {.batch = 6});
  REQUIRE(network);
  REQUIRE(network->initialise(1));
  training::Optimizer optimizer;
  OptimizerSettings settings;
  const auto step = [&](Rule rule) {
    settings.rule = rule;
    network->train(batch.images.data(), batch.labels, {});
    optimizer.update(*network, settings, 0);
  };
  step(Rule::kAdam);
  step(Rule::kAdamW);
  CHECK(optimizer.age() == 2);
  step(Rule::kSgd);
  CHECK(optimizer.age() == 1);
  CHECK(optimizer.first().empty());
  step(Rule::kMomentum);
  CHECK(std::ranges::any_of(optimizer.first(), [](float v) { return v != 0; }));
  CHECK(optimizer.second().empty());
}

}  // namespace
