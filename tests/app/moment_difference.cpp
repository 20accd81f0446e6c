// Distances between two moments: against numbers worked out by hand.
#include "app/model/moment_difference.h"

#include <doctest/doctest.h>

#include <cmath>

namespace convlens::model {
namespace {

nn::ParameterInfo parameter(std::size_t layer, nn::ParameterRole role, std::vector<std::int64_t> shape) {
  nn::ParameterInfo info;
  info.layer = layer;
  info.role = role;
  info.shape = std::move(shape);
  return info;
}

TrainRun two_layers() {
  TrainRun run;
  run.layers.resize(3);
  run.layers[0].name = "conv1";
  run.layers[1].name = "pool1";
  run.layers[2].name = "bn1";
  run.parameters = {parameter(0, nn::ParameterRole::kWeight, {1, 1, 1, 2}), parameter(0, nn::ParameterRole::kBias, {1}),
                    parameter(2, nn::ParameterRole::kScale, {1}), parameter(2, nn::ParameterRole::kMean, {1})};
  run.offsets = {0, 2, 3, 4};
  return run;
}

TEST_CASE("Distances per layer, running statistics left out") {
  const TrainRun run = two_layers();
  const std::vector<float> a = {3, 4, 0, 1, 100}, b = {0, 0, 2, 1, -100};
  const MomentDistance apart = distance_between(run, a, b);
  REQUIRE(apart.layers.size() == 2);
  CHECK(apart.layers[0].name == "conv1");
  CHECK(apart.layers[0].distance == doctest::Approx(std::sqrt(9.0 + 16 + 4)));
  CHECK(apart.layers[0].size == doctest::Approx(2));
  CHECK(apart.layers[0].cosine == doctest::Approx(0));
  CHECK(apart.layers[0].relative() == doctest::Approx(std::sqrt(29.0) / 2));
  CHECK(apart.layers[1].layer == 2);
  CHECK(apart.layers[1].distance == 0);
  CHECK(apart.layers[1].relative() == 0);
  CHECK(apart.layers[1].cosine == doctest::Approx(1));
  CHECK(apart.whole.distance == doctest::Approx(std::sqrt(29.0)));
  CHECK(apart.whole.size == doctest::Approx(std::sqrt(5.0)));
}

TEST_CASE("From nothing every distance is infinitely far; nothing from nothing is none") {
  const TrainRun run = two_layers();
  const std::vector<float> zero(5), one(5, 1.0F);
  CHECK(std::isinf(distance_between(run, one, zero).layers[0].relative()));
  CHECK(distance_between(run, zero, zero).whole.relative() == 0);
}

TEST_CASE("Models are comparable when their parameters have the same shapes") {
  const TrainRun run = two_layers();
  TrainRun other = two_layers();
  CHECK(are_comparable(run, other));
  other.parameters[0].shape = {1, 1, 2, 1};
  CHECK_FALSE(are_comparable(run, other));
  other.parameters.pop_back();
  CHECK_FALSE(are_comparable(run, other));
}

}  // namespace
}  // namespace convlens::model
