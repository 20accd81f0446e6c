// The numbers and words of a stack: probes of its units, its costs, its presets, and what it refuses.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/random.h"
#include "engine/explain/cost.h"
#include "engine/explain/decimal.h"
#include "engine/explain/probe_text.h"
#include "engine/explain/receptive_field.h"
#include "engine/explain/stack.h"
#include "engine/explain/stack_presets.h"
#include "engine/explain/stack_probe.h"
#include "tests/engine/stack_runs.h"

namespace convlens {
namespace {

using explain::Unit;
using nn::LayerKind;

TEST_CASE("the softmax table adds up as shown") {
  Random random(91);
  for (int round = 0; round < 2000; ++round) {
    std::vector<float> logits(1 + random.below(12));
    for (float& z : logits) z = random.normal() * std::pow(10.0f, random.uniform(-3.0f, 3.0f));
    const explain::SoftmaxProbe probe = explain::probe_softmax(logits);
    REQUIRE(probe.is_finite);
    REQUIRE(probe.rows.size() == logits.size());
    const std::vector<double> shares = explain::softmax(logits);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      const explain::SoftmaxRow& row = probe.rows[i];
      CHECK(row.shifted.units == row.logit.units - probe.largest.units);
      CHECK(row.exponential.units == explain::round_to_place(std::exp(explain::to_double(row.shifted)), -6).units);
      CHECK(explain::to_double(row.share) == doctest::Approx(shares[i]).epsilon(0.01).scale(0.01));
      sum += row.exponential.units;
    }
    CHECK(probe.sum.units == sum);
  }
  const std::vector<float> broken{1, NAN, 2};
  CHECK(!explain::probe_softmax(broken).is_finite);
}

TEST_CASE("every value of every layer has a probe that ends at the value") {
  test::RandomChains chains(101);
  int sums = 0, pools = 0, lines = 0;
  for (int round = 0; round < 300; ++round) {
    const nn::ModelSpec model = chains.next(5, true);
    const test::StackRun made =
        test::run_stack(model, test::random_parameters(model, 102 + static_cast<std::uint64_t>(round)),
                        test::random_picture(model, 103 + static_cast<std::uint64_t>(round)));
    for (std::size_t level = 0; level < made.levels.size(); ++level) {
      const Shape& shape = made.levels[level].shape();
      const Unit unit{chains.between(0, static_cast<int>(shape.c) - 1),
                      chains.between(0, static_cast<int>(shape.h) - 1),
                      chains.between(0, static_cast<int>(shape.w) - 1)};
      const float value = made.levels[level].at(0, unit.c, unit.y, unit.x);
      const ConstView input = level > 0 ? made.levels[level - 1].view() : ConstView{};
      const explain::StackProbe probe = explain::probe_unit(made.stack, level, unit, input, value);
      CHECK(probe.title == explain::unit_in_words(made.stack, level, unit));
      const std::string text = explain::to_text(probe, 3);
      CHECK(text.starts_with(probe.title + "\n"));
      if (probe.sum) {
        CHECK(probe.sum->agrees);
        ++sums;
      } else if (probe.pool) {
        CHECK(double{probe.pool->pooled} == doctest::Approx(double{value}).epsilon(1e-5).scale(1e-5));
        ++pools;
      } else {
        // The last number of the last line is the value.
        const std::string& last = probe.lines.back().arithmetic;
        const auto equals = last.rfind("= ");
        if (equals != std::string::npos && made.stack.layers[level - 1]->spec.kind != LayerKind::kFlatten) {
          CHECK(std::stod(last.substr(equals + 2)) == doctest::Approx(double{value}).epsilon(1e-4).scale(1e-4));
        }
        ++lines;
      }
    }
  }
  CHECK(sums > 100);
  CHECK(pools > 50);
  CHECK(lines > 100);
}

TEST_CASE("costs are those that the network counts") {
  for (const explain::StackPreset& preset : explain::stack_presets()) {
    CAPTURE(preset.name);
    const auto model = explain::make_stack_model(preset.name);
    REQUIRE(model);
    const auto levels = explain::level_shapes(*model);
    REQUIRE(levels.size() == model->layers.size() + 1);
    std::int64_t parameters = 0;
    for (std::size_t i = 0; i + 1 < levels.size(); ++i) {
      parameters += explain::layer_cost(model->layers[i], levels[i], levels[i + 1]).parameters;
    }
    CHECK(parameters == nn::count_parameters(*model));
    CHECK(parameters > 0);
    REQUIRE(explain::first_parameters(*model, 3));
  }
  const auto lenet = explain::make_stack_model("lenet5");
  const auto levels = explain::level_shapes(*lenet);
  CHECK(explain::layer_cost(lenet->layers[2], levels[2], levels[3]).arithmetic ==
        "16 × 6 × 5 × 5 + 16 = 2 416; 16 × 10 × 10 × 6 × 5 × 5 = 240 000");
  CHECK(!explain::make_stack_model("resnet"));
}

TEST_CASE("equal layers are shared with the stack before, and misfits are refused in words") {
  auto model = *explain::make_stack_model("lenet5");
  const auto parameters = *explain::first_parameters(model, 1);
  const auto first = explain::make_stack(model, parameters);
  REQUIRE(first);
  model.layers[2].conv.stride_x = 2;
  const auto changed = explain::first_parameters(model, 1);
  REQUIRE(changed);
  const auto second = explain::make_stack(model, *changed, &*first);
  REQUIRE(second);
  CHECK(second->layers[0] == first->layers[0]);
  CHECK(second->layers[1] == first->layers[1]);
  CHECK(second->layers[2] != first->layers[2]);
  model.layers[2].rows = 40;
  CHECK(!explain::first_parameters(model, 1));
  model = *explain::make_stack_model("three-3x3");
  model.height = model.width = 4096;
  model.layers[0].filters = 64;
  const auto large = explain::make_stack(model, *explain::first_parameters(model, 1));
  REQUIRE(!large);
  CHECK(large.error().message.find("gibibyte") != std::string::npos);
  auto few = parameters;
  few.pop_back();
  CHECK(!explain::make_stack(*explain::make_stack_model("lenet5"), few));
}

TEST_CASE("a chain may end with anything and says what does not fit") {
  nn::ModelSpec model = *explain::make_stack_model("three-3x3");
  CHECK(!nn::layer_shapes(model));
  nn::ChainShapes chain = nn::chain_shapes(model);
  CHECK(!chain.error);
  CHECK(chain.shapes.back() == Shape{1, 3, 122, 122});
  model.height = 6;
  chain = nn::chain_shapes(model);
  REQUIRE(chain.error);
  CHECK(chain.shapes.size() == 2);
  CHECK(chain.error->message.find("layer 3 (conv)") != std::string::npos);
  CHECK(nn::list_parameters(model).empty());
}

}  // namespace
}  // namespace convlens
