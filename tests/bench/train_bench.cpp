// Times training steps and inference of the model presets with Google Benchmark; a network whose gradients disagree
// with the float64 reference is reported, not timed.
//   train_bench --benchmark_filter='lenet5/train' --benchmark_repetitions=5
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "engine/core/random.h"
#include "engine/nn/network.h"
#include "engine/nn/presets.h"
#include "engine/nn/reference.h"
#include "engine/training/optimizer.h"

namespace convlens::bench {
namespace {

struct Batch {
  Batch(const nn::ModelSpec& model, std::int64_t n) {
    Random random(7);
    images.resize(static_cast<std::size_t>(n * model.channels * model.height * model.width));
    for (float& v : images) v = random.uniform();
    for (std::int64_t i = 0; i < n; ++i) {
      labels.push_back(static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(model.classes))));
    }
  }
  std::vector<float> images;
  std::vector<std::int32_t> labels;
};

// Empty, or which gradient is wrong.
std::string verify(const nn::ModelSpec& model, int threads) {
  constexpr std::int64_t kImages = 2;
  const Batch batch(model, kImages);
  auto network = nn::Network::create(model, {.batch = kImages, .threads = threads});
  if (!network) return network.error().message;
  if (auto status = network->initialise(1); !status) return status.error().message;
  network->train(batch.images.data(), batch.labels, {});
  nn::ParameterStore& store = network->store();
  std::vector<nn::reference::Values> parameters;
  for (std::size_t i = 0; i < store.parameters().size(); ++i) {
    std::vector<float> values(static_cast<std::size_t>(store.parameters()[i].info.count()));
    store.read(i, values);
    parameters.emplace_back(values.begin(), values.end());
  }
  const auto expected = nn::reference::evaluate(model, parameters, {batch.images.begin(), batch.images.end()},
                                                batch.labels, {true, 1, 0, 0});
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    std::vector<float> gradient(parameters[i].size());
    store.read_gradient(i, gradient);
    double worst = 0, largest = 1e-3;
    for (std::size_t j = 0; j < gradient.size(); ++j) {
      const double error = std::abs(static_cast<double>(gradient[j]) - expected.gradients[i][j]);
      worst = error <= worst ? worst : error;
      largest = std::max(largest, std::abs(expected.gradients[i][j]));
    }
    if (!(worst <= 1e-4 * largest)) return "the gradient of " + store.parameters()[i].info.name + " is wrong";
  }
  return {};
}

void time_training(benchmark::State& state, const nn::ModelSpec& model, std::int64_t images, training::Rule rule,
                   int threads) {
  if (const std::string wrong = verify(model, threads); !wrong.empty()) return state.SkipWithError(wrong.c_str());
  const Batch batch(model, images);
  auto network = nn::Network::create(model, {.batch = images, .threads = threads});
  if (!network || !network->initialise(1)) return state.SkipWithError("the network cannot be made");
  training::Optimizer optimizer;
  training::OptimizerSettings settings;
  settings.rule = rule;
  std::int64_t step = 0;
  for (auto _ : state) {
    network->train(batch.images.data(), batch.labels, {1, static_cast<std::uint64_t>(step)});
    optimizer.update(*network, settings, step++);
  }
  state.SetItemsProcessed(images * static_cast<std::int64_t>(state.iterations()));
}

void time_inference(benchmark::State& state, const nn::ModelSpec& model, std::int64_t images, int threads) {
  if (const std::string wrong = verify(model, threads); !wrong.empty()) return state.SkipWithError(wrong.c_str());
  const Batch batch(model, images);
  auto network = nn::Network::create(model, {.batch = images, .threads = threads, .can_learn = false});
  if (!network || !network->initialise(1)) return state.SkipWithError("the network cannot be made");
  std::vector<float> logits(static_cast<std::size_t>(images * model.classes));
  for (auto _ : state) network->infer(batch.images.data(), images, logits.data());
  state.SetItemsProcessed(images * static_cast<std::int64_t>(state.iterations()));
}

void add(const std::string& name, const std::function<void(benchmark::State&)>& run) {
  benchmark::RegisterBenchmark(name.c_str(), run)->UseRealTime()->Unit(benchmark::kMillisecond);
}

}  // namespace
}  // namespace convlens::bench

int main(int argc, char** argv) {
  using namespace convlens;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  for (const nn::ModelPreset& preset : nn::model_presets()) {
    const nn::ModelSpec model = *nn::make_model(preset.name);
    for (const int threads : std::set<int>{1, available_cores()}) {
      const std::string end = "/threads:" + std::to_string(threads);
      for (const std::int64_t images : {32, 64, 128}) {
        bench::add(model.name + "/train/sgd/batch:" + std::to_string(images) + end, [=](benchmark::State& state) {
          bench::time_training(state, model, images, training::Rule::kSgd, threads);
        });
      }
      bench::add(model.name + "/train/adam/batch:64" + end, [=](benchmark::State& state) {
        bench::time_training(state, model, 64, training::Rule::kAdam, threads);
      });
      for (const std::int64_t images : {1, 256}) {
        bench::add(model.name + "/infer/batch:" + std::to_string(images) + end,
                   [=](benchmark::State& state) { bench::time_inference(state, model, images, threads); });
      }
    }
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
