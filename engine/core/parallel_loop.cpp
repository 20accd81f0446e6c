// Handing out the indices of a loop, and the memory order around it.
#include "engine/core/parallel_loop.h"

#include <algorithm>

namespace convlens {

ParallelLoop::ParallelLoop(std::int64_t count, int workers, const void* body, Call call)
    : body_(body), call_(call), ranges_used_(std::clamp(workers, 1, kMaxRanges)) {
  for (int i = 0; i < ranges_used_; ++i) {
    Range& range = ranges_[static_cast<std::size_t>(i)];
    range.next.store(count * i / ranges_used_, std::memory_order_relaxed);
    range.end = count * (i + 1) / ranges_used_;
  }
}

void ParallelLoop::open() { gate_.store(1, std::memory_order_release); }

void ParallelLoop::work(int worker) {
  static_cast<void>(gate_.load(std::memory_order_acquire));
  for (int k = 0; k < ranges_used_; ++k) {
    Range& range = ranges_[static_cast<std::size_t>((worker + k) % ranges_used_)];
    for (std::int64_t i = range.next.fetch_add(1, std::memory_order_relaxed); i < range.end;
         i = range.next.fetch_add(1, std::memory_order_relaxed)) {
      call_(body_, i, worker);
    }
  }
  gate_.fetch_add(1, std::memory_order_release);
}

void ParallelLoop::close() const { static_cast<void>(gate_.load(std::memory_order_acquire)); }

}  // namespace convlens
