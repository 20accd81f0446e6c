// The first ten losses of a run on digits made by code, as they were when every part had been checked by itself.
#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <string>

#include "engine/conv/conv.h"
#include "engine/nn/presets.h"
#include "engine/training/dataset_source.h"
#include "engine/training/digits.h"
#include "engine/training/trainer.h"

namespace {

using namespace convlens;

// Instruction sets round differently; ten steps let that grow to some 1e-5.
constexpr double kTolerance = 2e-4;

std::array<double, 10> first_losses(const char* preset, training::Rule rule, float learning_rate,
                                    const std::string& isa) {
  const Parallel parallel(2);
  const auto data = std::make_shared<const training::Dataset>(training::make_digits(320, 1, parallel));
  const training::Subset all = training::whole(data);
  training::DatasetSource source(all, training::measure_normalisation(all), {}, 1, parallel);
  training::TrainerSettings settings;
  settings.optimizer.rule = rule;
  settings.optimizer.learning_rate = learning_rate;
  auto trainer = training::Trainer::create(*nn::make_model(preset), {.batch = 32, .threads = 2, .isa = isa}, settings);
  REQUIRE(trainer);
  std::array<double, 10> losses{};
  for (double& loss : losses) {
    const auto report = trainer->step(source);
    REQUIRE(report);
    loss = report->loss;
  }
  return losses;
}

void check(const char* preset, training::Rule rule, float learning_rate, const std::array<double, 10>& stored) {
  for (const std::string& isa : conv::isa_targets()) {
    CAPTURE(isa);
    const std::array<double, 10> got = first_losses(preset, rule, learning_rate, isa);
    for (std::size_t i = 0; i < stored.size(); ++i) {
      CAPTURE(i);
      CHECK(got[i] == doctest::Approx(stored[i]).epsilon(kTolerance));
    }
  }
}

TEST_CASE("LeNet-5 with momentum") {
  check("lenet5", training::Rule::kMomentum, 0.002f,
        {3.895702, 2.909882, 3.389249, 3.018581, 3.056060, 2.709439, 3.265756, 2.524395, 2.578793, 2.646299});
}

TEST_CASE("the MNIST CNN with its dropout and Adam") {
  check("mnist-cnn", training::Rule::kAdam, 0.0005f,
        {5.979629, 5.288471, 4.628529, 4.303861, 4.212106, 2.869894, 3.091980, 2.498258, 2.052753, 2.048054});
}

}  // namespace
