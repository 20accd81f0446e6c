// The parts of a map that its channels make: they add up to it, and follow what is asked for. The probe of a weight.
#include "app/model/partial_maps.h"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/explain/weight_probe.h"
#include "tests/app/desk.h"

namespace convlens::model {
namespace {

struct Desk : SettledDesk {
  PartialMapsPtr parts(int filter) {
    document.partial_maps.want(document.result(), filter);
    settle();
    return document.partial_maps.newest();
  }
};

// At least the sum of the absolute products behind any value: the picture's values lie in [0, 1].
double magnitude(const ConvResult& result, int filter) {
  const auto size =
      static_cast<std::size_t>(result.geometry.channels_per_group() * result.geometry.r * result.geometry.s);
  double sum = std::abs(static_cast<double>(result.biases[static_cast<std::size_t>(filter)]));
  for (std::size_t i = 0; i < size; ++i) {
    sum += std::abs(static_cast<double>(result.weights[static_cast<std::size_t>(filter) * size + i]));
  }
  return sum;
}

void check_sum(const PartialMaps& parts) {
  const ConvResult& result = *parts.result;
  REQUIRE(result.geometry.activation == conv::Activation::kNone);
  const auto bias = static_cast<double>(result.biases[static_cast<std::size_t>(parts.filter)]);
  const double bound = 2e-6 * magnitude(result, parts.filter);
  double largest = 0;
  for (std::int64_t row = 0; row < result.geometry.p; row += 7) {
    for (std::int64_t col = 0; col < result.geometry.q; col += 5) {
      const double sum = static_cast<double>(parts.planes.at(0, parts.channels(), row, col)) + bias;
      const auto value = static_cast<double>(*result.value(parts.filter, row, col));
      largest = std::max(largest, std::abs(value));
      CHECK(std::abs(sum - value) <= bound);
      double added = 0;
      for (int c = 0; c < parts.channels(); ++c) added += static_cast<double>(parts.planes.at(0, c, row, col));
      CHECK(std::abs(added + bias - value) <= bound);
    }
  }
  CHECK(largest > 0.1);
}

TEST_CASE("the parts of every map add up to it") {
  Desk desk;
  desk.document.settings.conv.bank.filters[3].bias = 0.25F;
  desk.set("conv/stride_y", 2);
  desk.set("conv/dilation_x", 3);
  desk.set("conv/border", 1);
  for (const int filter : {0, 3, 7}) {
    const PartialMapsPtr parts = desk.parts(filter);
    REQUIRE(parts);
    CHECK(parts->filter == filter);
    CHECK(parts->channels() == 3);
    CHECK(parts->stats.size() == 4);
    CHECK(parts->result == desk.document.result());
    check_sum(*parts);
  }
}

TEST_CASE("a group's map has the parts of its own channels") {
  Desk desk;
  while (desk.document.settings.conv.bank.filters.size() > 6) desk.document.settings.conv.bank.filters.pop_back();
  desk.settle();
  desk.set("conv/groups", 3);
  const PartialMapsPtr parts = desk.parts(5);
  REQUIRE(parts);
  CHECK(parts->channels() == 1);
  check_sum(*parts);
}

TEST_CASE("what is there is not made again, and an edit makes others") {
  Desk desk;
  const PartialMapsPtr first = desk.parts(0);
  REQUIRE(first);
  CHECK(desk.parts(0) == first);
  desk.document.settings.conv.bank.filters[0].weights[0] += 1;
  desk.settle();
  CHECK(desk.document.partial_maps.newest() == first);
  const PartialMapsPtr second = desk.parts(0);
  REQUIRE(second);
  CHECK(second->version != first->version);
  CHECK(second->result->generation > first->result->generation);
  check_sum(*second);
  desk.document.partial_maps.forget();
  CHECK_FALSE(desk.document.partial_maps.newest());
  desk.document.partial_maps.want(desk.document.result(), 99);
  desk.settle();
  CHECK_FALSE(desk.document.partial_maps.newest());
}

TEST_CASE("the sum of a weight comes from the worker and stays for edits of weights") {
  Desk desk;
  const explain::WeightIndex at{0, 1, 0, 2};
  CHECK(desk.document.weight_sums.find(desk.document.result(), at) == nullptr);
  desk.settle();
  const WeightSum* sum = desk.document.weight_sums.find(desk.document.result(), at);
  REQUIRE(sum);
  const ConvResult& result = *desk.document.result();
  const auto expected = explain::probe_weight(result.geometry, result.input->view(), at);
  CHECK(sum->probe.input_sum == expected.input_sum);
  CHECK(sum->probe.input_sum > 1);
  desk.document.settings.conv.bank.filters[0].weights[0] += 1;
  desk.settle();
  CHECK(desk.document.weight_sums.find(desk.document.result(), at) != nullptr);
  desk.set("conv/border", 1);
  CHECK(desk.document.weight_sums.find(desk.document.result(), at) == nullptr);
  CHECK(desk.document.weight_sums.find(desk.document.result(), {0, 3, 0, 0}) == nullptr);
  desk.settle();
}

}  // namespace
}  // namespace convlens::model
