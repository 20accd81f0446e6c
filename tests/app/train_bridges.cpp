// Filters and nets on their way to the other workspaces and back.
#include "app/model/train_bridges.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "app/model/stack_weights.h"
#include "engine/core/random.h"
#include "engine/io/picture.h"
#include "engine/nn/presets.h"
#include "engine/training/model_file.h"
#include "engine/training/state.h"
#include "tests/support/temporary_folder.h"

namespace convlens::model {
namespace {

TrainRun run_of(const std::string& preset, int channels) {
  TrainRun run;
  auto made = nn::make_model(preset, channels, 28, 28, 10);
  REQUIRE(made);
  run.description.model = *made;
  run.description.preprocessing.class_names.resize(10, "class");
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

std::vector<float> random_row(const TrainRun& run) {
  Random random(7);
  std::vector<float> row(static_cast<std::size_t>(training::count_values(run.description.model)));
  for (float& value : row) value = random.uniform(-1, 1);
  return row;
}

}  // namespace

TEST_CASE("filters of a first layer become Explore's bank") {
  const TrainRun run = run_of("lenet5", 1);
  const std::vector<float> row = random_row(run);
  REQUIRE(cannot_explore(run, 0).empty());
  ConvSettings conv = default_settings().conv;
  const std::string said = use_in_explore(conv, run, row, 0);
  CHECK(said.find("6 filters of conv1") != std::string::npos);
  CHECK(conv.channels == Channels::kGrey);
  CHECK(conv.bank.channels == 1);
  REQUIRE(conv.bank.filters.size() == 6);
  CHECK(conv.params == run.layers[0].conv);
  for (int k = 0; k < 6; ++k) {
    const auto weights = filter_weights(run, row, 0, k);
    const Filter& filter = conv.bank.filters[static_cast<std::size_t>(k)];
    CHECK(std::ranges::equal(filter.weights, weights));
    CHECK(filter.bias == filter_bias(run, row, 0, k));
  }
  // The second convolution reads six channels, the last layers are dense.
  CHECK(cannot_explore(run, 2).find("6 channels") != std::string::npos);
  CHECK_FALSE(cannot_explore(run, run.layers.size() - 1).empty());
}

TEST_CASE("a filter of Explore fits where its size does") {
  FilterBank bank{1, 3, 3, {}};
  Filter filter;
  filter.name = "Test";
  filter.weights = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  filter.bias = 0.5F;
  bank.filters.push_back(filter);
  const auto same = take_from_explore(bank, 0, {1, 3, 3});
  REQUIRE(same);
  CHECK(same->weights == filter.weights);
  CHECK(same->bias == 0.5F);
  const auto shared = take_from_explore(bank, 0, {4, 3, 3});
  REQUIRE(shared);
  REQUIRE(shared->weights.size() == 36);
  CHECK(shared->weights[0] == doctest::Approx(0.25));
  CHECK(shared->weights[35] == doctest::Approx(9.0 / 4));
  const auto large = take_from_explore(bank, 0, {1, 5, 5});
  REQUIRE_FALSE(large);
  CHECK(large.error().message.find("5 × 5") != std::string::npos);
}

TEST_CASE("a net for Stack says what it said in training, on pictures in [0,1]") {
  const TemporaryFolder folder;
  TrainRun run = run_of("lenet5", 1);
  const std::vector<float> row = random_row(run);
  std::vector<float> picture(784);
  Random random(3);
  for (float& value : picture) value = random.uniform();
  const auto logits_of = [](const training::TrainedModel& model, std::span<const float> values) {
    auto network = training::make_network(model, {.batch = 1, .threads = 1, .can_learn = false});
    REQUIRE(network);
    std::vector<float> logits(10);
    network->infer(values.data(), 1, logits.data());
    return logits;
  };
  for (const bool is_normalised : {false, true}) {
    CAPTURE(is_normalised);
    if (is_normalised) run.description.preprocessing.normalisation = {0.1307F, 0.3081F};
    const auto stack = net_for_stack(run, row, folder.path() / "models");
    REQUIRE(stack);
    CHECK(stack->has_softmax);
    CHECK(stack->model.layers.size() == run.layers.size() + (is_normalised ? 1 : 0));
    CHECK(read_weights(stack->model, stack->weights_file));
    const auto loaded = training::load_model(stack->weights_file);
    REQUIRE(loaded);
    std::vector<float> seen = picture;
    const training::Normalisation& normal = run.description.preprocessing.normalisation;
    for (float& value : seen) value = (value - normal.mean) / normal.deviation;
    const auto expected = logits_of({run.description.model, run.description.preprocessing, row}, seen);
    const auto found = logits_of(*loaded, picture);
    float largest = 0;
    for (std::size_t i = 0; i < 10; ++i) {
      largest = std::max(largest, std::abs(expected[i]));
      CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-4));
    }
    CHECK(largest > 0.1F);
  }
}

TEST_CASE("a sample becomes a picture file that reads back") {
  const TemporaryFolder folder;
  std::vector<float> values(12);
  std::iota(values.begin(), values.end(), 0.0F);
  for (float& value : values) value /= 255;
  const auto path = picture_for_stack({1, 1, 3, 4}, values, "digit", folder.path());
  REQUIRE(path);
  const auto picture = io::read_picture(*path);
  REQUIRE(picture);
  CHECK(std::ranges::equal(picture->pixels.values(), values));
  CHECK_FALSE(picture_for_stack({1, 2, 3, 2}, values, "digit", folder.path()));
}

}  // namespace convlens::model
