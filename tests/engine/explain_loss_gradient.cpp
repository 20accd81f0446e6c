// What a loss says to every value and every parameter of a stack: against plain loops in double, central differences
// and the network that learns; and sums of products that add up as shown.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "engine/explain/loss_gradient.h"
#include "engine/nn/reference.h"
#include "tests/engine/stack_runs.h"

namespace convlens {
namespace {

using explain::Decimal;
using explain::GradientSum;
using explain::GradientTerm;
using explain::LossGradient;
using explain::Unit;
using nn::LayerKind;
using nn::reference::Values;

constexpr nn::reference::Pass kInference{false, 1, 0, 0};

// A random chain that ends with one number per class.
nn::ModelSpec random_classifier(test::RandomChains& chains) {
  for (;;) {
    nn::ModelSpec model = chains.next(4, false);
    model.classes = chains.between(2, 5);
    model.layers.push_back(test::plain_layer(LayerKind::kFlatten));
    if (chains.between(0, 1) == 1) {
      model.layers.push_back(
          test::dense_layer(chains.between(2, 6), static_cast<conv::Activation>(chains.between(0, 8))));
    }
    model.layers.push_back(test::dense_layer(model.classes));
    if (nn::layer_shapes(model)) return model;
  }
}

struct Case {
  nn::ModelSpec model;
  explain::StackParameters parameters;
  test::StackRun run;
  std::int32_t label = 0;
  LossGradient found;
};
Case random_case(test::RandomChains& chains, std::uint64_t seed) {
  nn::ModelSpec model = random_classifier(chains);
  explain::StackParameters parameters = test::random_parameters(model, seed);
  test::StackRun run = test::run_stack(model, parameters, test::random_picture(model, seed + 1));
  const std::int32_t label = chains.between(0, model.classes - 1);
  conv::Workspace workspace;
  auto found = explain::loss_gradient(run.stack, run.pointers(), label, workspace, Parallel(1));
  REQUIRE_MESSAGE(found.ok(), (found ? std::string() : found.error().message));
  return {std::move(model), std::move(parameters), std::move(run), label, std::move(*found)};
}

std::vector<Values> doubles(const explain::StackParameters& parameters) {
  std::vector<Values> all;
  for (const std::vector<float>& values : parameters) all.emplace_back(values.begin(), values.end());
  return all;
}
Values picture_of(const Case& made) { return {made.run.levels[0].values().begin(), made.run.levels[0].values().end()}; }

double relative_error(const Values& expected, std::span<const float> got) {
  return test::relative_error(expected, {got.begin(), got.end()});
}

TEST_CASE("gradients of a loss equal the backward pass in double, at every parameter and pixel") {
  test::RandomChains chains(301);
  int kinds[9] = {}, telling = 0;
  for (int round = 0; round < 1500; ++round) {
    CAPTURE(round);
    const Case made = random_case(chains, 302 + static_cast<std::uint64_t>(round));
    const std::vector<std::int32_t> labels{made.label};
    const auto expected =
        nn::reference::evaluate(made.model, doubles(made.parameters), picture_of(made), labels, kInference);
    // At a kink float and double may fall to different sides.
    if (expected.nearest_kink < 1e-5) continue;
    CHECK(made.found.loss == doctest::Approx(expected.loss).epsilon(1e-4));
    REQUIRE(made.found.parameters.size() == expected.gradients.size());
    const std::vector<nn::ParameterInfo> list = nn::list_parameters(made.model);
    for (std::size_t i = 0; i < list.size(); ++i) {
      CAPTURE(list[i].name);
      if (list[i].is_trainable()) {
        CHECK(relative_error(expected.gradients[i], made.found.parameters[i]) < 2e-4);
      } else {
        CHECK(std::ranges::all_of(made.found.parameters[i], [](float v) { return v == 0; }));
      }
    }
    CHECK(relative_error(expected.input_gradient, made.found.deltas[0].values()) < 2e-4);
    for (std::size_t level = 0; level < made.run.levels.size(); ++level) {
      CHECK(made.found.deltas[level].shape() == made.run.levels[level].shape());
    }
    telling += std::ranges::any_of(made.found.deltas[0].values(), [](float v) { return v != 0; });
    for (const auto& layer : made.run.stack.layers) ++kinds[static_cast<int>(layer->spec.kind)];
  }
  CHECK(telling > 700);
  for (const LayerKind kind : {LayerKind::kConv, LayerKind::kDense, LayerKind::kActivation, LayerKind::kMaxPool,
                               LayerKind::kAveragePool, LayerKind::kBatchNorm, LayerKind::kDropout}) {
    CHECK(kinds[static_cast<int>(kind)] > 10);
  }
}

TEST_CASE("gradients of a loss equal what the loss does when a parameter or a pixel moves a little") {
  test::RandomChains chains(311);
  constexpr double kStep = 1e-5;
  int compared = 0;
  for (int round = 0; round < 400; ++round) {
    CAPTURE(round);
    const Case made = random_case(chains, 312 + static_cast<std::uint64_t>(round));
    const std::vector<std::int32_t> labels{made.label};
    const std::vector<Values> at = doubles(made.parameters);
    const Values picture = picture_of(made);
    const auto outcome = nn::reference::evaluate(made.model, at, picture, labels, kInference);
    if (outcome.nearest_kink < 1e-2) continue;
    const auto difference = [&](auto&& moved) {
      const double up = moved(kStep), down = moved(-kStep);
      return (up - down) / (2 * kStep);
    };
    const std::vector<nn::ParameterInfo> list = nn::list_parameters(made.model);
    for (std::size_t i = 0; i < at.size(); ++i) {
      if (!list[i].is_trainable()) continue;
      const auto j = static_cast<std::size_t>(chains.between(0, static_cast<int>(at[i].size()) - 1));
      const double slope = difference([&](double step) {
        std::vector<Values> there = at;
        there[i][j] += step;
        return nn::reference::evaluate(made.model, there, picture, labels, kInference).loss;
      });
      CHECK(double{made.found.parameters[i][j]} == doctest::Approx(slope).epsilon(1e-3).scale(1e-2));
      ++compared;
    }
    const auto j = static_cast<std::size_t>(chains.between(0, static_cast<int>(picture.size()) - 1));
    const double slope = difference([&](double step) {
      Values there = picture;
      there[j] += step;
      return nn::reference::evaluate(made.model, at, there, labels, kInference).loss;
    });
    CHECK(double{made.found.deltas[0].data()[j]} == doctest::Approx(slope).epsilon(1e-3).scale(1e-2));
  }
  CHECK(compared > 400);
}

TEST_CASE("gradients of a loss are those of a network that learns from this picture alone") {
  int compared = 0;
  for (const test::NamedModel& named : test::test_models()) {
    CAPTURE(named.name);
    // These two do something else while a network learns.
    const bool is_same = std::ranges::none_of(named.model.layers, [](const nn::LayerSpec& layer) {
      return layer.kind == LayerKind::kBatchNorm || (layer.kind == LayerKind::kDropout && layer.rate > 0);
    });
    if (!is_same) continue;
    const auto parameters = test::random_parameters(named.model, 321);
    const test::StackRun made = test::run_stack(named.model, parameters, test::random_picture(named.model, 322));
    const std::vector<std::int32_t> labels{1};
    conv::Workspace workspace;
    const auto found = explain::loss_gradient(made.stack, made.pointers(), labels[0], workspace, Parallel(1));
    REQUIRE(found);
    auto network = nn::Network::create(named.model, {.batch = 1, .threads = 1});
    REQUIRE(network);
    test::write_parameters(*network, parameters);
    const nn::BatchResult result = network->train(made.levels[0].data(), labels, {});
    CHECK(found->loss == doctest::Approx(result.loss).epsilon(1e-4));
    const auto learnt = test::read_gradients(*network);
    REQUIRE(learnt.size() == found->parameters.size());
    for (std::size_t i = 0; i < learnt.size(); ++i) {
      CHECK(test::relative_error({found->parameters[i].begin(), found->parameters[i].end()}, learnt[i]) < 1e-4);
    }
    ++compared;
  }
  CHECK(compared > 40);
}

// The shown numbers, multiplied and added once more.
void check_adds_up(const GradientSum& sum) {
  if (sum.terms.empty()) return;
  Decimal total{0, sum.sum.place, {}};
  for (const GradientTerm& term : sum.terms) {
    CHECK(explain::multiply(term.delta, term.factor, term.product.place) == term.product);
    total = explain::add(total, term.product);
  }
  CHECK(total == sum.sum);
  CHECK(sum.agrees);
  CHECK(explain::round_to_place(sum.sum, sum.shown.place) == sum.shown);
  CHECK(explain::round_to_place(double{sum.gradient}, sum.shown.place) == sum.shown);
  const std::vector<std::size_t> order = sum.by_size();
  REQUIRE(order.size() == sum.terms.size());
  for (std::size_t i = 1; i < order.size(); ++i) {
    CHECK(std::abs(sum.terms[order[i - 1]].product.units) >= std::abs(sum.terms[order[i]].product.units));
  }
}

TEST_CASE("a weight's gradient is the shown sum of input times delta, and so is the picture of products") {
  test::RandomChains chains(331);
  int sums = 0, with_padding = 0;
  for (int round = 0; round < 2000; ++round) {
    CAPTURE(round);
    const Case made = random_case(chains, 332 + static_cast<std::uint64_t>(round));
    const std::vector<nn::ParameterInfo> list = nn::list_parameters(made.model);
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (list[i].role != nn::ParameterRole::kWeight) continue;
      const std::size_t l = list[i].layer;
      const explain::ReadyLayer& layer = *made.run.stack.layers[l];
      const Shape shape = layer.weights.shape();
      const std::int64_t flat = chains.between(0, static_cast<int>(shape.size()) - 1);
      const explain::WeightIndex at{flat / (shape.c * shape.h * shape.w), flat / (shape.h * shape.w) % shape.c,
                                    flat / shape.w % shape.h, flat % shape.w};
      const ConstView input = made.run.levels[l].view(), deltas = made.found.sums[l].view();
      const float gradient = made.found.parameters[i][static_cast<std::size_t>(flat)];
      const auto map = explain::weight_gradient_map(layer, input, deltas, at, gradient);
      check_adds_up(map.sum);
      const double plain = explain::weight_gradient(*layer.geometry, input, deltas, at);
      CHECK(double{gradient} == doctest::Approx(plain).epsilon(1e-3).scale(1e-3));
      double pictured = 0;
      for (const float v : map.products.values()) pictured += double{v};
      CHECK(pictured == doctest::Approx(plain).epsilon(1e-4).scale(1e-4));
      CHECK(map.products.shape() == Shape{1, 1, layer.geometry->p, layer.geometry->q});
      const explain::WeightProbe probe = explain::probe_weight(*layer.geometry, input, at);
      CHECK(map.padding_positions == probe.padding_positions);
      CHECK(map.channel == probe.channel);
      with_padding += map.padding_positions > 0;
      ++sums;
    }
  }
  CHECK(sums > 4000);
  CHECK(with_padding > 200);
}

TEST_CASE("what the loss says to a value is the shown sum over the outputs that read it, in every kind of layer") {
  test::RandomChains chains(341);
  int kinds[9] = {};
  for (int round = 0; round < 2000; ++round) {
    CAPTURE(round);
    const Case made = random_case(chains, 342 + static_cast<std::uint64_t>(round));
    const auto pointers = made.run.pointers();
    for (std::size_t level = 0; level < made.run.levels.size(); ++level) {
      CAPTURE(level);
      const Shape& shape = made.run.levels[level].shape();
      const Unit unit{chains.between(0, static_cast<int>(shape.c) - 1),
                      chains.between(0, static_cast<int>(shape.h) - 1),
                      chains.between(0, static_cast<int>(shape.w) - 1)};
      const GradientSum sum = explain::pixel_delta(made.run.stack, pointers, made.found, level, unit);
      CHECK(sum.gradient == made.found.deltas[level].at(0, unit.c, unit.y, unit.x));
      check_adds_up(sum);
      double total = 0, size = 0;
      for (const GradientTerm& term : sum.terms) {
        const double product = double{term.delta_value} * double{term.factor_value};
        total += product;
        size += std::abs(product);
      }
      if (level == made.run.stack.layers.size()) {
        CHECK(sum.terms.empty());
        const double share = made.found.probabilities[static_cast<std::size_t>(unit.c)];
        CHECK(double{sum.gradient} == doctest::Approx(share - (unit.c == made.label ? 1 : 0)).epsilon(1e-5));
      } else {
        CHECK(std::abs(total - double{sum.gradient}) <= 1e-5 * size + 1e-12);
        ++kinds[static_cast<int>(made.run.stack.layers[level]->spec.kind)];
      }
    }
  }
  for (const LayerKind kind :
       {LayerKind::kConv, LayerKind::kDense, LayerKind::kActivation, LayerKind::kMaxPool, LayerKind::kAveragePool,
        LayerKind::kBatchNorm, LayerKind::kDropout, LayerKind::kFlatten}) {
    CHECK(kinds[static_cast<int>(kind)] > 20);
  }
}

TEST_CASE("a stack that does not end with classes has no loss, and says so") {
  const nn::ModelSpec model{"maps", 1, 6, 6, 10, {test::conv_layer(2, 3, 3)}};
  const test::StackRun made = test::run_stack(model, test::random_parameters(model, 1), test::random_picture(model, 2));
  conv::Workspace workspace;
  const auto found = explain::loss_gradient(made.stack, made.pointers(), 0, workspace, Parallel(1));
  REQUIRE(!found);
  CHECK(found.error().message == "the last layer makes maps of 1x2x6x6: a loss needs one number per class");
}

}  // namespace
}  // namespace convlens
