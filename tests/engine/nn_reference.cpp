// The reference's gradients against central differences of its own loss, in double; and single layers by hand.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/core/random.h"
#include "engine/nn/dropout_draw.h"
#include "engine/nn/loss.h"
#include "tests/engine/nn_models.h"

namespace {

using namespace convlens;
namespace reference = nn::reference;

struct Difference {
  double slope = 0;
  bool is_smooth = false;  // half the step gives the same: no kink between
};

template <class Loss>
Difference difference(double& value, const Loss& loss) {
  const double kept = value;
  const auto quotient = [&](double step) {
    value = kept + step;
    const double above = loss();
    value = kept - step;
    const double below = loss();
    value = kept;
    return (above - below) / (2 * step);
  };
  const double wide = quotient(1e-5), narrow = quotient(5e-6);
  return {narrow, std::abs(wide - narrow) <= 1e-7 + 1e-5 * std::abs(narrow)};
}

TEST_CASE("every layer's gradients are slopes of the loss") {
  Random random(99);
  int checked = 0, skipped = 0;
  for (const test::NamedModel& named : test::test_models()) {
    CAPTURE(named.name);
    if (nn::count_parameters(named.model) > 20'000) continue;
    const test::Batch batch = test::random_batch(named.model, 3, 31);
    std::vector<reference::Values> parameters;
    for (const auto& p : test::random_parameters(named.model, 32)) parameters.emplace_back(p.begin(), p.end());
    reference::Values images(batch.images.begin(), batch.images.end());
    const reference::Pass pass{true, 4, 2, 0.15};
    const auto evaluate = [&] { return reference::evaluate(named.model, parameters, images, batch.labels, pass); };
    const auto loss = [&] { return evaluate().loss; };
    const auto outcome = evaluate();
    const auto check = [&](reference::Values& values, const reference::Values& gradients) {
      for (int i = 0; i < 3; ++i) {
        const std::size_t at = random.below(static_cast<std::uint32_t>(values.size()));
        const Difference d = difference(values[at], loss);
        if (!d.is_smooth) {
          ++skipped;
          continue;
        }
        CHECK(std::abs(gradients[at] - d.slope) <= 1e-7 + 1e-5 * std::abs(d.slope));
        ++checked;
      }
    };
    const auto list = nn::list_parameters(named.model);
    for (std::size_t p = 0; p < parameters.size(); ++p) {
      CAPTURE(list[p].name);
      if (list[p].is_trainable()) check(parameters[p], outcome.gradients[p]);
    }
    check(images, outcome.input_gradient);
  }
  CHECK(checked > 500);
  CHECK(skipped * 10 < checked);
}

TEST_CASE("batch norm gives each channel mean 0 and deviation 1, and keeps running statistics as PyTorch does") {
  nn::ModelSpec model{"norm", 2, 2, 2, 2, {}};
  model.layers = {test::plain_layer(nn::LayerKind::kBatchNorm), test::plain_layer(nn::LayerKind::kGlobalAverage)};
  auto network = nn::Network::create(model, {.batch = 4, .threads = 2});
  REQUIRE(network);
  REQUIRE(network->initialise(1));
  const test::Batch batch = test::random_batch(model, 3, 8);
  network->train(batch.images.data(), batch.labels, {});
  for (std::size_t c = 0; c < 2; ++c) {
    double mean = 0, squares = 0;
    for (std::size_t n = 0; n < 3; ++n) {
      for (std::size_t i = 0; i < 4; ++i) mean += static_cast<double>(batch.images[(n * 2 + c) * 4 + i]) / 12;
    }
    for (std::size_t n = 0; n < 3; ++n) {
      for (std::size_t i = 0; i < 4; ++i) {
        const double off = static_cast<double>(batch.images[(n * 2 + c) * 4 + i]) - mean;
        squares += off * off;
      }
    }
    std::vector<float> running(2);
    network->store().read(2, running);
    CHECK(static_cast<double>(running[c]) == doctest::Approx(0.1 * mean).epsilon(1e-4));
    network->store().read(3, running);
    CHECK(static_cast<double>(running[c]) == doctest::Approx(0.9 + 0.1 * squares / 11).epsilon(1e-5));
  }
}

TEST_CASE("dropout keeps the share it promises, scaled, and differs by seed, step and layer") {
  const auto pattern = [](std::uint64_t seed, std::uint64_t step, std::uint64_t layer) {
    const nn::DropoutDraw draw(0.3f, seed, step, layer);
    std::vector<bool> kept;
    for (std::uint32_t i = 0; i < 20'000; ++i) kept.push_back(draw.keeps(i));
    return kept;
  };
  const auto first = pattern(1, 2, 3);
  const double share = static_cast<double>(std::ranges::count(first, true)) / 20'000;
  CHECK(std::abs(share - 0.7) < 0.015);
  CHECK(first == pattern(1, 2, 3));
  for (const auto& other : {pattern(2, 2, 3), pattern(1, 3, 3), pattern(1, 2, 4)}) {
    int same = 0;
    for (std::size_t i = 0; i < first.size(); ++i) same += first[i] == other[i];
    CHECK(std::abs(same / 20'000.0 - 0.58) < 0.015);  // 0.7^2 + 0.3^2
  }
}

TEST_CASE("softmax and cross-entropy stay finite and exact for large logits") {
  const float logits[] = {1000, 0, -1000};
  float gradient[3];
  const nn::SampleLoss right = nn::softmax_cross_entropy(logits, 3, 0, 0, 1, gradient);
  CHECK(right.loss == 0);
  CHECK(right.predicted == 0);
  CHECK(gradient[0] == 0);
  CHECK(nn::softmax_cross_entropy(logits, 3, 2, 0, 1, gradient).loss == doctest::Approx(2000));
  CHECK(gradient[2] == doctest::Approx(-1));
  const float even[] = {3, 3, 3, 3};
  CHECK(nn::softmax_cross_entropy(even, 4, 1, 0.2f, 1, nullptr).loss == doctest::Approx(2 * std::numbers::ln2));
  float probabilities[] = {0, static_cast<float>(std::numbers::ln2), -2000};
  nn::softmax(probabilities, 3);
  CHECK(probabilities[0] == doctest::Approx(1.0 / 3));
  CHECK(probabilities[1] == doctest::Approx(2.0 / 3));
}

}  // namespace
