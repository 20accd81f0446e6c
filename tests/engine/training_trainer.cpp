// The trainer: it learns, repeats itself bit by bit, evaluates, measures, and stops when it diverges.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <set>

#include "engine/nn/presets.h"
#include "engine/training/dataset_source.h"
#include "engine/training/trainer.h"
#include "tests/engine/bars.h"
#include "tests/engine/nn_models.h"

namespace {

using namespace convlens;
using training::Trainer;

using test::Bars;

Trainer make(const char* preset, int threads = 2, training::TrainerSettings settings = {}) {
  auto model = nn::make_model(preset, 1, 16, 16, 4);
  REQUIRE(model);
  auto trainer = Trainer::create(*model, {.batch = 32, .threads = threads}, settings);
  REQUIRE(trainer);
  return std::move(*trainer);
}

TEST_CASE("it learns to tell bars apart") {
  Bars train(600, 1), test(200, 2);
  for (const char* preset : {"keras-starter", "mnist-cnn", "all-conv"}) {
    CAPTURE(preset);
    Trainer trainer = make(preset);
    const double before = trainer.evaluate(test).loss;
    double first = 0, last = 0;
    for (int step = 0; step < 90; ++step) {
      const auto report = trainer.step(train);
      REQUIRE(report);
      CHECK(report->step == step);
      (step < 5 ? first : last) += step < 5 || step >= 85 ? report->loss : 0;
    }
    CHECK(last < 0.5 * first);
    const training::Evaluation after = trainer.evaluate(test);
    CHECK(after.loss < 0.6 * before);
    CHECK(after.accuracy > 0.85);
    CHECK(std::accumulate(after.confusion.begin(), after.confusion.end(), std::int64_t{0}) == 200);
    double weighted = 0;
    for (std::size_t c = 0; c < 4; ++c) weighted += after.class_accuracy[c] * static_cast<double>(after.class_sizes[c]);
    CHECK(weighted / 200 == doctest::Approx(after.accuracy));
  }
}

TEST_CASE("one seed gives the same weights for 1, 2, 3 and 8 threads, and another seed others") {
  Bars train(100, 1);
  for (const char* preset : {"lenet5", "mnist-cnn"}) {
    std::set<std::uint64_t> hashes;
    for (const int threads : {1, 2, 3, 8}) {
      Trainer trainer = make(preset, threads);
      for (int step = 0; step < 9; ++step) REQUIRE(trainer.step(train));
      hashes.insert(trainer.network().parameter_hash());
    }
    CHECK(hashes.size() == 1);
    training::TrainerSettings settings;
    settings.seed = 2;
    Trainer other = make(preset, 2, settings);
    for (int step = 0; step < 9; ++step) REQUIRE(other.step(train));
    hashes.insert(other.network().parameter_hash());
    CHECK(hashes.size() == 2);
  }
}

TEST_CASE("phases are a step taken slowly") {
  Bars train(64, 1);
  Trainer whole = make("mnist-cnn"), slow = make("mnist-cnn");
  std::vector<float> images(64 * 256);
  std::vector<std::int32_t> labels(64);
  for (int step = 0; step < 3; ++step) {
    const auto indices = whole.batch_indices(train, step);
    train.fill(indices, 0, images.data(), labels.data());
    const auto batch = std::span<const std::int32_t>(labels).first(indices.size());
    const auto expected = whole.step(images.data(), batch);
    slow.forward(images.data(), std::ssize(batch));
    const auto report = slow.loss(batch);
    slow.backward();
    slow.update();
    REQUIRE(expected);
    REQUIRE(report);
    CHECK(report->loss == expected->loss);
  }
  CHECK(whole.network().parameter_hash() == slow.network().parameter_hash());
}

TEST_CASE("an epoch shows every picture once, in an order of its own") {
  Bars train(70, 1);
  const Trainer trainer = make("keras-starter");
  CHECK(trainer.steps_per_epoch(train) == 3);
  std::vector<std::int64_t> first, second;
  for (int step = 0; step < 6; ++step) {
    const auto indices = trainer.batch_indices(train, step);
    CHECK(indices.size() == (step % 3 == 2 ? 6 : 32));
    auto& epoch = step < 3 ? first : second;
    epoch.insert(epoch.end(), indices.begin(), indices.end());
  }
  CHECK(first != second);
  std::vector<std::int64_t> all(70);
  std::iota(all.begin(), all.end(), 0);
  CHECK(std::ranges::is_permutation(first, all));
  CHECK(std::ranges::is_permutation(second, all));
}

TEST_CASE("a dataset's pictures come normalised, in the subset's order, and augmented by epoch where told") {
  auto data = std::make_shared<training::Dataset>();
  data->height = 4, data->width = 5;
  data->class_names = {"a", "b", "c"};
  for (int i = 0; i < 6 * 20; ++i) data->pixels.push_back(static_cast<std::uint8_t>(2 * i));
  data->labels = {0, 1, 2, 0, 1, 2};
  const Parallel parallel(2);
  const training::Subset subset{data, {5, 0, 3}};
  std::vector<float> images(40), again(40);
  std::vector<std::int32_t> labels(2);
  const std::vector<std::int64_t> wanted = {2, 0};
  training::DatasetSource plain(subset, {0.5f, 0.25f}, {}, 1, parallel);
  CHECK(plain.size() == 3);
  plain.fill(wanted, 0, images.data(), labels.data());
  CHECK(labels == std::vector<std::int32_t>{0, 2});
  CHECK(images[0] == doctest::Approx((120 / 255.0 - 0.5) / 0.25));
  CHECK(images[20] == doctest::Approx((200 / 255.0 - 0.5) / 0.25));
  training::Augmentation shifted;
  shifted.shift = 2;
  training::DatasetSource moved(subset, {0.5f, 0.25f}, shifted, 1, parallel);
  moved.fill(wanted, 3, images.data(), labels.data());
  moved.fill(wanted, 3, again.data(), labels.data());
  CHECK(images == again);
  moved.fill(wanted, 4, again.data(), labels.data());
  CHECK(images != again);
}

TEST_CASE("divergence stops with a sentence and leaves the parameters alone") {
  Bars train(64, 1);
  training::TrainerSettings settings;
  settings.optimizer.rule = training::Rule::kSgd;
  settings.optimizer.learning_rate = 1e9f;
  Trainer trainer = make("lenet5", 2, settings);
  std::string message;
  for (int step = 0; step < 10 && message.empty(); ++step) {
    const std::uint64_t before = trainer.network().parameter_hash();
    const auto report = trainer.step(train);
    if (report) continue;
    message = report.error().message;
    CHECK(trainer.network().parameter_hash() == before);
    CHECK(trainer.steps_done() == step);
  }
  CHECK(message.find("training diverged at step ") == 0);
  CHECK(message.find("lower learning rate") != std::string::npos);

  // A broken weight is named.
  Trainer broken = make("lenet5");
  std::vector<float> filter(25, NAN);
  broken.network().write_filter(0, 2, filter);
  const auto report = broken.step(train);
  REQUIRE_FALSE(report);
  CHECK(report.error().message.find("conv1.weight") != std::string::npos);
}

TEST_CASE("metrics of a step") {
  Bars train(64, 1);
  Trainer trainer = make("lenet5");
  trainer.network().remove_filter(0, 1);
  trainer.measure_updates(true);
  REQUIRE(trainer.step(train));
  const auto metrics = trainer.metrics();
  REQUIRE(metrics.size() == trainer.network().model().layers.size());
  CHECK(metrics[0].name == "conv1");
  CHECK(metrics[0].gradient_norm > 0);
  CHECK(metrics[0].weight_norm > 0);
  REQUIRE(metrics[0].update_ratio);
  CHECK(*metrics[0].update_ratio > 1e-5);
  CHECK(*metrics[0].update_ratio < 0.1);
  REQUIRE(metrics[0].dead_units);
  CHECK(*metrics[0].dead_units >= 1.0 / 6 - 1e-9);
  CHECK(metrics[1].weight_norm == 0);
  CHECK_FALSE(metrics[1].dead_units);
}

}  // namespace
