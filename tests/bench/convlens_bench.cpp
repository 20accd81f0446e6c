// Times every kernel on the experiments with Google Benchmark; a result that is wrong is reported, not timed.
//   convlens_bench --list
//   convlens_bench --benchmark_filter='live.*/direct' --benchmark_repetitions=5
//   convlens_bench --benchmark_format=csv
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstring>
#include <set>
#include <string>

#include "tests/bench/conv_run.h"

namespace convlens::bench {
namespace {

using experiments::Experiment;

// Kernels that were not made for speed are timed where that is bearable.
constexpr double kBearableMilliseconds = 500;

void list_experiments() {
  for (const Experiment& e : experiments::experiments()) {
    std::printf("%-24.*s %-16s by %-14s %.*s\n", static_cast<int>(e.name.size()), e.name.data(),
                to_string(e.input).c_str(), to_string(e.weights).c_str(), static_cast<int>(e.summary.size()),
                e.summary.data());
  }
}

void time_experiment(benchmark::State& state, const Experiment& experiment, const conv::KernelChoice& choice,
                     int threads) {
  ConvRun run(experiment, threads);
  const std::string wrong = run.verify(choice);
  if (!wrong.empty()) {
    state.SkipWithError(wrong.c_str());
    return;
  }
  for (auto _ : state) {
    run.once(choice);
    benchmark::ClobberMemory();
  }
  using benchmark::Counter;
  const double calls = static_cast<double>(state.iterations());
  state.counters["FLOP/s"] = Counter(2 * static_cast<double>(run.geometry().multiply_adds()) * calls, Counter::kIsRate);
  state.counters["least B/s"] = Counter(run.least_bytes() * calls, Counter::kIsRate);
}

void register_experiment(const Experiment& experiment, const std::set<int>& thread_counts) {
  const Tensor weights = weights_of(experiment);
  for (const conv::Candidate& candidate : conv::candidates(geometry_of(experiment), weights.view())) {
    if (!candidate.refusal.empty() || candidate.milliseconds > kBearableMilliseconds) continue;
    for (const int threads : thread_counts) {
      const std::string name =
          std::string(experiment.name) + "/" + std::string(candidate.kernel) + "/threads:" + std::to_string(threads);
      const conv::KernelChoice choice{std::string(candidate.kernel), "auto"};
      benchmark::RegisterBenchmark(name.c_str(),
                                   [&experiment, choice, threads](benchmark::State& state) {
                                     time_experiment(state, experiment, choice, threads);
                                   })
          ->UseRealTime()
          ->Unit(benchmark::kMillisecond);
    }
  }
}

}  // namespace
}  // namespace convlens::bench

int main(int argc, char** argv) {
  using namespace convlens;
  if (argc == 2 && std::strcmp(argv[1], "--list") == 0) {
    bench::list_experiments();
    return 0;
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  const std::set<int> thread_counts = {1, available_cores()};
  for (const experiments::Experiment& experiment : experiments::experiments()) {
    bench::register_experiment(experiment, thread_counts);
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
