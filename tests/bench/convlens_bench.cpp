// Times the convolution kernels with Google Benchmark; a workload whose result is wrong is reported, not timed.
// Useful: convlens_bench --benchmark_filter='live.*/direct' --benchmark_repetitions=5
#include <benchmark/benchmark.h>

#include <set>
#include <string>

#include "tests/bench/conv_workloads.h"

namespace convlens::bench {
namespace {

void time_workload(benchmark::State& state, const Workload& workload, const conv::KernelChoice& choice, int threads) {
  Run run(workload, choice, threads);
  const std::string wrong = run.verify();
  if (!wrong.empty()) {
    state.SkipWithError(wrong.c_str());
    return;
  }
  for (auto _ : state) {
    run.once();
    benchmark::ClobberMemory();
  }
  using benchmark::Counter;
  const double calls = static_cast<double>(state.iterations());
  state.counters["FLOP/s"] = Counter(2 * static_cast<double>(run.geometry().multiply_adds()) * calls, Counter::kIsRate);
  state.counters["least B/s"] = Counter(run.least_bytes() * calls, Counter::kIsRate);
}

// `reference` does about one multiply-add a nanosecond: it is timed where that is bearable.
constexpr std::int64_t kReferenceMultiplyAdds = 100'000'000;

void register_all() {
  const std::set<int> thread_counts = {1, 2, available_cores()};
  for (const Workload& workload : workloads()) {
    for (const conv::KernelInfo& kernel : conv::kernels()) {
      if (kernel.name == "reference" && geometry_of(workload).multiply_adds() > kReferenceMultiplyAdds) continue;
      for (const int threads : thread_counts) {
        if (threads > available_cores()) continue;
        const std::string name =
            std::string(workload.name) + "/" + std::string(kernel.name) + "/threads:" + std::to_string(threads);
        benchmark::RegisterBenchmark(name.c_str(),
                                     [&workload, kernel, threads](benchmark::State& state) {
                                       time_workload(state, workload, {std::string(kernel.name), "auto"}, threads);
                                     })
            ->UseRealTime()
            ->Unit(benchmark::kMillisecond);
      }
    }
  }
}

}  // namespace
}  // namespace convlens::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  convlens::bench::register_all();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
