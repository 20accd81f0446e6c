// Parallel loops: every index once, workers that never overlap, more threads than cores.
#include <doctest/doctest.h>

#include <atomic>
#include <vector>

#include "engine/core/parallel.h"

namespace convlens {
namespace {

TEST_CASE("every index runs exactly once, for any number of threads") {
  for (const int threads : {1, 2, 3, 8}) {
    const Parallel parallel(threads);
    CHECK(parallel.threads() == threads);
    for (const std::int64_t count : {0, 1, 2, 5, 1000}) {
      std::vector<std::atomic<int>> calls(static_cast<std::size_t>(count));
      parallel.for_each(count, [&](std::int64_t i) { ++calls[static_cast<std::size_t>(i)]; });
      for (const auto& c : calls) CHECK(c == 1);
    }
  }
}

TEST_CASE("two calls of one worker never overlap") {
  for (const int threads : {1, 2, 8}) {
    const Parallel parallel(threads);
    std::vector<std::atomic<bool>> busy(static_cast<std::size_t>(threads));
    std::atomic<int> overlaps = 0, out_of_range = 0;
    parallel.for_each_with_worker(2000, [&](std::int64_t, int worker) {
      if (worker < 0 || worker >= threads) {
        ++out_of_range;
        return;
      }
      auto& mine = busy[static_cast<std::size_t>(worker)];
      if (mine.exchange(true)) ++overlaps;
      mine = false;
    });
    CHECK(overlaps == 0);
    CHECK(out_of_range == 0);
  }
}

TEST_CASE("zero threads means every core, and there is at least one") {
  CHECK(available_cores() >= 1);
  CHECK(Parallel(0).threads() == available_cores());
  CHECK(Parallel().threads() == available_cores());
}

TEST_CASE("loops may be started from several threads and from within a loop") {
  const Parallel outer(2);
  const Parallel inner(2);
  std::atomic<int> sum = 0;
  outer.for_each(8, [&](std::int64_t) { inner.for_each(10, [&](std::int64_t i) { sum += static_cast<int>(i); }); });
  CHECK(sum == 8 * 45);
}

}  // namespace
}  // namespace convlens
