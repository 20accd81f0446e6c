// The thread arena behind parallel loops, on oneTBB. It decides who runs an index, never which indices there are.
#include "engine/core/parallel.h"

#include <algorithm>
#include <optional>
#include <thread>

#include <sched.h>
#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include "engine/core/parallel_loop.h"

namespace convlens {

struct Parallel::Arena {
  explicit Arena(int threads) : count(threads), arena(threads) {
    // oneTBB makes one worker per core unless told that more are wanted.
    if (threads > available_cores()) {
      more_workers.emplace(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads));
    }
  }

  int count;
  std::optional<tbb::global_control> more_workers;
  tbb::task_arena arena;
};

Parallel::Parallel(int threads) : arena_(std::make_unique<Arena>(threads > 0 ? threads : available_cores())) {}
Parallel::~Parallel() = default;
Parallel::Parallel(Parallel&&) noexcept = default;
Parallel& Parallel::operator=(Parallel&&) noexcept = default;

int Parallel::threads() const { return arena_->count; }

void Parallel::run(std::int64_t count, const void* body, Call call) const {
  if (threads() == 1 || count <= 1) {
    for (std::int64_t i = 0; i < count; ++i) call(body, i, 0);
    return;
  }
  const auto tasks = static_cast<int>(std::min<std::int64_t>(threads(), count));
  ParallelLoop loop(count, tasks, body, call);
  loop.open();
  arena_->arena.execute([&] {
    // One task a thread; each takes indices from the loop until there are none.
    tbb::parallel_for(
        tbb::blocked_range<int>(0, tasks, 1),
        [&](const tbb::blocked_range<int>&) { loop.work(tbb::this_task_arena::current_thread_index()); },
        tbb::simple_partitioner());
  });
  loop.close();
}

int available_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (sched_getaffinity(0, sizeof(cores), &cores) == 0) return std::max(1, CPU_COUNT(&cores));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace convlens
