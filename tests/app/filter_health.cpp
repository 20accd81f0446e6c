// Dead filters by their gradients, and what became of weights in words.
#include "app/model/filter_health.h"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/nn/network.h"
#include "engine/nn/presets.h"

namespace convlens::model {
namespace {

TrainRun starter_run() {
  TrainRun run;
  auto made = nn::make_model("keras-starter", 1, 28, 28, 10);
  REQUIRE(made);
  run.description.model = *made;
  run.layers = nn::named_layers(*made);
  run.shapes = *nn::layer_shapes(*made);
  run.parameters = nn::list_parameters(*made);
  std::int64_t at = 0;
  for (const nn::ParameterInfo& info : run.parameters) {
    run.offsets.push_back(at);
    at += info.count();
  }
  return run;
}

std::size_t count_of(const TrainRun& run) {
  return static_cast<std::size_t>(run.offsets.back() + run.parameters.back().count());
}

}  // namespace

TEST_CASE("a filter is dead where nothing reaches its weights or its bias") {
  const TrainRun run = starter_run();
  std::vector<float> gradients(count_of(run), 0.5F);
  const auto clear = [&](std::int64_t filter) {
    const auto weights = filter_weights(run, gradients, 0, filter);
    const auto first = static_cast<std::size_t>(weights.data() - gradients.data());
    std::fill_n(gradients.begin() + static_cast<std::ptrdiff_t>(first), weights.size(), 0.0F);
  };
  const auto biases = parameter_values(run, gradients, 0, nn::ParameterRole::kBias);
  const auto bias = static_cast<std::size_t>(biases.data() - gradients.data());
  clear(3);
  clear(5);
  clear(6);
  gradients[bias + 3] = gradients[bias + 6] = 0;  // 5 still gets something through its bias
  std::vector<bool> frozen(static_cast<std::size_t>(nn::filter_count(run.layers[0])), false);
  frozen[6] = true;
  const auto dead = dead_filters(run, gradients, 0, frozen);
  REQUIRE(dead.size() == frozen.size());
  for (std::size_t k = 0; k < dead.size(); ++k) CHECK(dead[k] == (k == 3));
}

TEST_CASE("behind no ReLU nothing is dead") {
  const TrainRun run = starter_run();
  const std::vector<float> gradients(count_of(run), 0.0F);
  const auto dead = dead_filters(run, gradients, run.layers.size() - 1, {});
  REQUIRE(dead.size() == 10);
  for (const bool is_dead : dead) CHECK_FALSE(is_dead);
}

TEST_CASE("norms and angles") {
  CHECK(norm_of(std::vector<float>{3, 4}) == doctest::Approx(5));
  CHECK(angle_between(std::vector<float>{1, 0}, std::vector<float>{0, 2}) == doctest::Approx(90));
  CHECK(angle_between(std::vector<float>{1, 1}, std::vector<float>{-2, -2}) == doctest::Approx(180));
  CHECK(angle_between(std::vector<float>{0, 0}, std::vector<float>{1, 0}) == 0);
}

TEST_CASE("words about change tell what is telling") {
  const std::vector<float> first{0.3F, 0.4F};
  CHECK(change_words(first, first).empty());
  CHECK(change_words(first, std::vector<float>{0.6F, 0.8F}) == std::vector<std::string>{"norm grows: 0.5 → 1"});
  const auto turned = change_words(first, std::vector<float>{-0.4F, 0.3F});
  CHECK(turned == std::vector<std::string>{"turned by 90° since the start"});
  CHECK(change_words(first, std::vector<float>{0.03F, 0.04F}).front().starts_with("norm shrinks"));
  CHECK(change_words(first, std::vector<float>{NAN, 1}).empty());
}

}  // namespace convlens::model
