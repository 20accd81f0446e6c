// The probe of one value: its steps, its parts by channel, and what it says where numbers do not agree or are not
// finite. What its text adds up to is explain_probe_text.cpp.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "engine/explain/probe.h"
#include "engine/explain/probe_text.h"
#include "tests/engine/conv_oracle.h"

namespace convlens::test {
namespace {

TEST_CASE("the steps of the sum are every product and every subtotal in order, each with what stands there after it") {
  Random random(77);
  int steps_seen = 0, biases = 0;
  for (int i = 0; i < 600; ++i) {
    const Case c = random_case(random, 2000);
    INFO(describe(c));
    const Data data = make_data(c);
    const auto geometry = conv::resolve(c.params, c.input, c.weights);
    REQUIRE(geometry);
    const explain::Probe probe =
        explain::probe_output(*geometry, data.input.view(), data.weights.view(), data.bias, {0, geometry->k - 1, 0, 0});
    using Kind = explain::SumStep::Kind;
    explain::Decimal running{0, probe.sum.place, {}}, subtotal = running;
    std::size_t products = 0, subtotals = 0;
    for (const explain::SumStep& step : explain::summation_steps(probe)) {
      ++steps_seen;
      switch (step.kind) {
        case Kind::kProduct:
          CHECK(step.index == products++);
          running = explain::add(running, step.term);
          subtotal = explain::add(subtotal, step.term);
          break;
        case Kind::kSubtotal:
          CHECK(step.index == subtotals++);
          CHECK(step.term == subtotal);
          subtotal = {0, probe.sum.place, {}};
          break;
        case Kind::kSum:
          CHECK(step.term == running);
          break;
        case Kind::kBias:
          running = explain::add(running, step.term);
          ++biases;
          break;
        case Kind::kActivation:
          running = probe.activated;
          break;
        case Kind::kValue:
          running = probe.value;
          break;
      }
      CHECK(step.running == running);
    }
    CHECK(products == probe.cells.size());
    CHECK(subtotals == probe.channels.size());
  }
  CHECK(steps_seen > 3000);
  CHECK(biases > 50);
}

TEST_CASE("the partial maps of a filter's channels add up to its map, and each value to a subtotal") {
  Random random(78);
  const Parallel parallel(1);
  conv::Workspace workspace;
  int several = 0;
  for (int i = 0; i < 600; ++i) {
    Case c = random_case(random, 2000);
    c.integers = true;
    c.params.activation = conv::Activation::kNone;
    INFO(describe(c));
    const Data data = make_data(c);
    const auto geometry = conv::resolve(c.params, c.input, c.weights);
    REQUIRE(geometry);
    const auto run = [&](const conv::Geometry& g, ConstView input, ConstView weights) {
      Tensor maps(g.output_shape());
      REQUIRE(conv::forward(g, input, weights, {}, maps.view(), {"reference", "auto"}, workspace, parallel));
      return maps;
    };
    const Tensor maps = run(*geometry, data.input.view(), data.weights.view());
    const std::int64_t n = geometry->n - 1, k = geometry->k - 1;
    const explain::Probe probe =
        explain::probe_output(*geometry, data.input.view(), data.weights.view(), {}, {n, k, 0, geometry->q - 1});
    std::vector<float> sum(static_cast<std::size_t>(geometry->p * geometry->q), 0);
    for (std::int64_t channel = 0; channel < geometry->channels_per_group(); ++channel) {
      const explain::PartialMap part =
          explain::partial_map(*geometry, data.input.view(), data.weights.view(), n, k, channel);
      const Tensor partial = run(part.geometry, part.input, part.weights);
      CHECK(static_cast<double>(partial.at(0, 0, 0, geometry->q - 1)) ==
            explain::to_double(probe.channels[static_cast<std::size_t>(channel)].subtotal));
      for (std::size_t j = 0; j < sum.size(); ++j) sum[j] += partial.data()[j];
    }
    CHECK(std::equal(sum.begin(), sum.end(), maps.view().plane(n, k)));
    several += geometry->channels_per_group() > 1;
  }
  CHECK(several > 50);
}

TEST_CASE("a map that holds something else is said to") {
  Tensor input({1, 1, 1, 2}), weights({1, 1, 1, 2});
  std::ranges::copy(std::vector<float>{1, 2}, input.data());
  std::ranges::copy(std::vector<float>{3, 4}, weights.data());
  conv::Params params;
  params.padding = conv::PaddingMode::kValid;
  const auto geometry = conv::resolve(params, input.shape(), weights.shape());
  REQUIRE(geometry);
  const auto probe_with = [&](float map_value) {
    return explain::probe_output(*geometry, input.view(), weights.view(), {}, {}, {5, map_value});
  };
  CHECK(probe_with(11).agrees);
  const explain::Probe stale = probe_with(12.5f);
  CHECK_FALSE(stale.agrees);
  CHECK(explain::probe_text(stale, 3).find("value = 12.5 (float32 12.5)\n"
                                           "the sum gives 11: the map was made from other numbers\n") !=
        std::string::npos);
  CHECK_FALSE(probe_with(std::numeric_limits<float>::quiet_NaN()).agrees);

  // Beyond the largest float: the decimals go on, the map cannot.
  input.data()[0] = input.data()[1] = 3e38f;
  const explain::Probe beyond = explain::probe_output(*geometry, input.view(), weights.view(), {}, {});
  CHECK(std::isinf(beyond.map_value));
  CHECK_FALSE(beyond.agrees);
  CHECK(beyond.sum.is_finite());
  CHECK(explain::to_double(beyond.sum) == doctest::Approx(2.1e39));
  CHECK(explain::probe_text(beyond, 3).find("a float32 ends at 3.4e+38") != std::string::npos);
}

TEST_CASE("a weight that is not finite over a cell outside the picture adds nothing") {
  Tensor input({1, 1, 1, 2}), weights({1, 1, 1, 3});
  std::ranges::copy(std::vector<float>{1, 2}, input.data());
  std::ranges::copy(std::vector<float>{std::numeric_limits<float>::infinity(), 3, 4}, weights.data());
  const auto geometry = conv::resolve({}, input.shape(), weights.shape());
  REQUIRE(geometry);
  const explain::Probe probe = explain::probe_output(*geometry, input.view(), weights.view(), {}, {});
  CHECK(explain::to_text(probe.value) == "11");
  CHECK(explain::to_text(probe.cells[0].weight) == "+Inf");
  CHECK(explain::to_text(probe.cells[0].product) == "0");
  CHECK(explain::probe_cpp(probe).find("INFINITY") == std::string::npos);
}

}  // namespace
}  // namespace convlens::test
