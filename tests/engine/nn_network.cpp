// The network against the reference in double, over all layers, fused and not; threads, phases, memory, parameters.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/conv/conv.h"
#include "engine/nn/presets.h"
#include "tests/engine/nn_models.h"

namespace {

using namespace convlens;

nn::Network make(const nn::ModelSpec& model, nn::NetworkOptions options) {
  auto network = nn::Network::create(model, options);
  REQUIRE_MESSAGE(network.ok(), (network ? std::string() : network.error().message));
  return std::move(*network);
}

void check_training(const nn::ModelSpec& model, const nn::NetworkOptions& options, std::int64_t n) {
  const auto parameters = test::random_parameters(model, 11);
  const test::Batch batch = test::random_batch(model, n, 12);
  const auto expected = test::reference_outcome(model, parameters, batch, {true, 5, 3, 0.1});
  nn::Network network = make(model, options);
  test::write_parameters(network, parameters);
  // Twice: what a pass leaves behind must not matter to the next.
  network.train(batch.images.data(), batch.labels, {9, 9}, 0);
  test::write_parameters(network, parameters);
  const nn::BatchResult result = network.train(batch.images.data(), batch.labels, {5, 3}, 0.1f);
  CHECK(result.loss == doctest::Approx(expected.loss).epsilon(1e-5));
  std::vector<float> logits;
  for (std::int64_t i = 0; i < n; ++i) logits.insert(logits.end(), network.logits(i).begin(), network.logits(i).end());
  CHECK(test::relative_error(expected.logits, logits) < 2e-5);
  const auto gradients = test::read_gradients(network);
  const auto list = nn::list_parameters(model);
  // What cancels to zero in exact arithmetic (a bias before batch norm) is measured against the others.
  double floor = 1e-3;
  for (const auto& gradient : expected.gradients) {
    for (const double v : gradient) floor = std::max(floor, 0.1 * std::abs(v));
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!list[i].is_trainable()) continue;
    CAPTURE(list[i].name);
    CHECK(test::relative_error(expected.gradients[i], gradients[i], floor) < 1e-4);
  }
}

TEST_CASE("training passes agree with the reference in double, fused and layer by layer") {
  const auto models = test::test_models();
  CHECK(models.size() > 60);
  int fused = 0;
  for (const test::NamedModel& named : models) {
    CAPTURE(named.name);
    nn::NetworkOptions options;
    options.batch = 11;
    options.threads = 2;
    check_training(named.model, options, 11);
    const std::size_t fused_steps = make(named.model, options).steps().size();
    options.is_fused = false;
    check_training(named.model, options, 3);
    fused += fused_steps < make(named.model, options).steps().size();
  }
  CHECK(fused > 20);
}

TEST_CASE("every instruction set gives the reference's gradients") {
  for (const std::string& isa : conv::isa_targets()) {
    CAPTURE(isa);
    nn::NetworkOptions options;
    options.batch = 5;
    options.isa = isa;
    for (const test::NamedModel& named : test::test_models()) {
      CAPTURE(named.name);
      check_training(named.model, options, 5);
    }
  }
}

TEST_CASE("inference agrees with the reference, whatever the batch") {
  for (const test::NamedModel& named : test::test_models()) {
    CAPTURE(named.name);
    const auto parameters = test::random_parameters(named.model, 21);
    const test::Batch batch = test::random_batch(named.model, 19, 22);
    const auto expected = test::reference_outcome(named.model, parameters, batch, {false});
    for (const bool can_learn : {true, false}) {
      for (const std::int64_t most : {1, 8, 64}) {
        nn::NetworkOptions options;
        options.batch = most;
        options.threads = 3;
        options.can_learn = can_learn;
        nn::Network network = make(named.model, options);
        test::write_parameters(network, parameters);
        std::vector<float> logits(19 * 4, NAN);
        network.infer(batch.images.data(), 19, logits.data());
        CHECK(test::relative_error(expected.logits, logits) < 2e-5);
      }
    }
  }
}

TEST_CASE("one image is the same alone, shared by threads, and in a batch") {
  const nn::ModelSpec model = *nn::make_model("mnist-cnn");
  const test::Batch batch = test::random_batch(model, 9, 4);
  std::set<std::vector<float>> results;
  for (const int threads : {1, 2, 5}) {
    for (const std::int64_t most : {1, 9}) {
      nn::Network network = make(model, {.batch = most, .threads = threads, .can_learn = false});
      REQUIRE(network.initialise(6));
      std::vector<float> logits(90);
      network.infer(batch.images.data(), 9, logits.data());
      results.insert(logits);
    }
  }
  CHECK(results.size() == 1);
}

TEST_CASE("the same bits for 1, 2, 3 and 8 threads, and in three phases") {
  for (const char* name : {"keras-starter", "lenet5", "mnist-cnn", "all-conv"}) {
    CAPTURE(name);
    const nn::ModelSpec model = *nn::make_model(name);
    const test::Batch batch = test::random_batch(model, 37, 4);
    std::set<std::vector<std::vector<float>>> results;
    for (const int threads : {1, 2, 3, 8}) {
      nn::NetworkOptions options;
      options.threads = threads;
      nn::Network network = make(model, options);
      REQUIRE(network.initialise(6));
      network.train(batch.images.data(), batch.labels, {1, 2});
      results.insert(test::read_gradients(network));
      network.forward(batch.images.data(), 37, {1, 2});
      network.loss(batch.labels);
      network.backward();
      results.insert(test::read_gradients(network));
    }
    CHECK(results.size() == 1);
  }
}

TEST_CASE("parameters go in and come out in PyTorch's order, and edits of filters do what they say") {
  const nn::ModelSpec model = *nn::make_model("lenet5");
  nn::Network network = make(model, {});
  const auto parameters = test::random_parameters(model, 3);
  test::write_parameters(network, parameters);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    std::vector<float> back(parameters[i].size());
    network.store().read(i, back);
    CHECK(back == parameters[i]);
  }
  std::vector<float> filter(6 * 25);
  network.read_filter(2, 5, filter);
  CHECK(std::equal(filter.begin(), filter.end(), parameters[2].begin() + 5 * 150));
  // Dense outputs are filters too, though their values lie in another order.
  std::vector<float> row(400);
  network.read_filter(5, 7, row);
  CHECK(std::equal(row.begin(), row.end(), parameters[4].begin() + 7 * 400));
  network.remove_filter(2, 5);
  network.read_filter(2, 5, filter);
  CHECK(std::ranges::count(filter, 0.0f) == 150);
  CHECK(network.is_frozen(2, 5));
  REQUIRE(network.initialise_filter(2, 5, 8));
  network.read_filter(2, 5, filter);
  CHECK(std::ranges::count(filter, 0.0f) < 10);
  const std::uint64_t hash = network.parameter_hash();
  filter[3] += 1;
  network.write_filter(2, 5, filter);
  CHECK(network.parameter_hash() != hash);
}

TEST_CASE("a bad model or option is one sentence") {
  nn::ModelSpec model = *nn::make_model("keras-starter");
  nn::NetworkOptions options;
  options.isa = "abacus";
  CHECK(nn::Network::create(model, options).error().message.find("'abacus'") != std::string::npos);
  options = {};
  options.batch = 0;
  CHECK_FALSE(nn::Network::create(model, options));
  model.layers.back().outputs = 9;
  CHECK(nn::Network::create(model).error().message.find("9 numbers but there are 10 classes") != std::string::npos);
}

}  // namespace
