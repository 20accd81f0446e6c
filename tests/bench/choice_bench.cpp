// How good the automatic choice of a kernel is: times every kernel that takes a shape over a grid of shapes, and says
// how much slower the chosen one is than the best. A report, not a test: clocks do not fail builds.
//   choice_bench [THREADS] [NAME-PREFIX]      CSV on stdout, the summary on stderr
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <time.h>

#include "tests/bench/conv_run.h"

namespace convlens::bench {
namespace {

using experiments::Experiment;
using experiments::Filters;

// A kernel whose own estimate is this many times the least one is not measured: nobody would choose it.
constexpr double kHopeless = 6;

std::vector<std::string> names;  // owns what the experiments' names point to

void add(std::vector<Experiment>& grid, const Shape& input, const Shape& weights, int stride, int dilation, int groups,
         Filters filters) {
  Experiment e{{}, {}, input, weights, {}, filters};
  e.params.stride_y = e.params.stride_x = stride;
  e.params.dilation_y = e.params.dilation_x = dilation;
  e.params.groups = groups;
  names.push_back(to_string(input) + "-by-" + to_string(weights) + (stride > 1 ? "-s" + std::to_string(stride) : "") +
                  (dilation > 1 ? "-d" + std::to_string(dilation) : "") +
                  (filters == Filters::kSeparable ? "-separable" : ""));
  grid.push_back(e);
}

std::vector<Experiment> make_grid() {
  std::vector<Experiment> grid;
  for (const std::int64_t height : {64, 270, 1080}) {
    const std::int64_t width = height * 16 / 9;
    for (const std::int64_t k : {1, 3, 5, 7, 11, 15, 23, 31, 47, 63}) {
      for (const Filters filters : {Filters::kRandom, Filters::kSeparable}) {
        if (filters == Filters::kSeparable && k == 1) continue;
        add(grid, {1, 1, height, width}, {1, 1, k, k}, 1, 1, 1, filters);
        if (k <= 31) add(grid, {1, 3, height, width}, {8, 3, k, k}, 1, 1, 1, filters);
      }
      if (k <= 15) add(grid, {1, 3, height, width}, {8, 3, k, k}, 2, 1, 1, Filters::kRandom);
      if (k <= 15) add(grid, {1, 3, height, width}, {8, 3, k, k}, 1, 3, 1, Filters::kRandom);
    }
    for (const std::int64_t filters : {1, 2, 4, 32}) {
      add(grid, {1, 3, height, width}, {filters, 3, 3, 3}, 1, 1, 1, Filters::kRandom);
    }
  }
  for (const std::int64_t side : {7, 14, 28, 56, 112}) {
    for (const std::int64_t channels : {8, 32, 128, 512}) {
      if (side * channels > 8000) continue;
      for (const std::int64_t k : {1, 3, 5}) {
        add(grid, {1, channels, side, side}, {channels, channels, k, k}, 1, 1, 1, Filters::kRandom);
        add(grid, {1, channels, side, side}, {channels, 1, k, k}, 1, 1, static_cast<int>(channels), Filters::kRandom);
      }
      add(grid, {1, channels, side, side}, {2 * channels, channels, 3, 3}, 2, 1, 1, Filters::kRandom);
    }
  }
  for (const std::int64_t batch : {1, 16, 64}) {
    add(grid, {batch, 1, 28, 28}, {32, 1, 3, 3}, 1, 1, 1, Filters::kRandom);
    add(grid, {batch, 1, 28, 28}, {6, 1, 5, 5}, 1, 1, 1, Filters::kRandom);
    add(grid, {batch, 6, 14, 14}, {16, 6, 5, 5}, 1, 1, 1, Filters::kRandom);
    add(grid, {batch, 32, 26, 26}, {64, 32, 3, 3}, 1, 1, 1, Filters::kRandom);
  }
  for (std::size_t i = 0; i < grid.size(); ++i) grid[i].name = names[i];
  return grid;
}

// On one thread its processor time, which other programs disturb little; else the time on the wall.
double milliseconds_now(int threads) {
  timespec now{};
  clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

// What one call in ten is faster than, of at least five calls and a tenth of a second: the clock may lie about one.
double quick_milliseconds(ConvRun& run, const conv::KernelChoice& choice, int threads) {
  const double start = milliseconds_now(threads);
  std::vector<double> times;
  double last = start;
  for (int i = 0; i < 5 || last - start < 100; ++i) {
    run.once(choice);
    const double now = milliseconds_now(threads);
    times.push_back(now - last);
    last = now;
  }
  const auto tenth = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 10);
  std::ranges::nth_element(times, tenth);
  return *tenth;
}

// Times the kernels on one shape; returns how many times slower the automatic choice is than the best.
double report(const Experiment& experiment, int threads) {
  ConvRun run(experiment, threads);
  const auto candidates = conv::candidates(run.geometry(), run.weights());
  const std::string chosen = run.once({}).kernel;
  double least_estimate = 1e300;
  for (const conv::Candidate& c : candidates) {
    if (c.refusal.empty()) least_estimate = std::min(least_estimate, c.milliseconds);
  }
  double best = 1e300;
  double chosen_time = 0;
  for (const conv::Candidate& c : candidates) {
    if (!c.refusal.empty() || c.milliseconds > kHopeless * least_estimate) continue;
    const conv::KernelChoice choice{std::string(c.kernel), "auto"};
    const std::string wrong = run.verify(choice);
    if (!wrong.empty()) {
      std::fprintf(stderr, "%s %s: %s\n", experiment.name.data(), choice.kernel.c_str(), wrong.c_str());
      continue;
    }
    const double time = quick_milliseconds(run, choice, threads);
    best = std::min(best, time);
    if (choice.kernel == chosen) chosen_time = time;
    std::printf("%s,%s,%.4f,%.4f,%.3f,%s\n", experiment.name.data(), choice.kernel.c_str(), c.milliseconds, time,
                time / c.milliseconds, choice.kernel == chosen ? "chosen" : "");
    std::fflush(stdout);
  }
  return chosen_time / best;
}

}  // namespace
}  // namespace convlens::bench

int main(int argc, char** argv) {
  using namespace convlens;
  const int threads = argc > 1 ? std::atoi(argv[1]) : 1;
  const std::string_view prefix = argc > 2 ? argv[2] : "";
  std::puts("shape,kernel,estimate_ms,quick_ms,measured_to_estimate,choice");
  std::vector<std::pair<double, std::string_view>> ratios;
  for (const experiments::Experiment& experiment : bench::make_grid()) {
    if (!experiment.name.starts_with(prefix)) continue;
    ratios.emplace_back(bench::report(experiment, threads), experiment.name);
  }
  if (ratios.empty()) return 2;
  std::ranges::sort(ratios, std::greater());
  const auto within = std::ranges::count_if(ratios, [](const auto& r) { return r.first <= 1.3; });
  std::fprintf(stderr, "%zu shapes; the choice is within 1.3 of the best in %td; the worst:\n", ratios.size(), within);
  for (std::size_t i = 0; i < std::min<std::size_t>(ratios.size(), 12); ++i) {
    std::fprintf(stderr, "  %.2f  %s\n", ratios[i].first, ratios[i].second.data());
  }
}
