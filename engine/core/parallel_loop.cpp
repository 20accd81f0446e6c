// Indices from a counter, in order, to whoever is free: balanced for uneven work and friendly to shared caches.
#include "engine/core/parallel_loop.h"

namespace convlens {

void ParallelLoop::open() { gate_.store(1, std::memory_order_release); }

void ParallelLoop::work(int worker) {
  static_cast<void>(gate_.load(std::memory_order_acquire));
  for (std::int64_t i = next_.fetch_add(1, std::memory_order_relaxed); i < count_;
       i = next_.fetch_add(1, std::memory_order_relaxed)) {
    call_(body_, i, worker);
  }
  gate_.fetch_add(1, std::memory_order_release);
}

void ParallelLoop::close() const { static_cast<void>(gate_.load(std::memory_order_acquire)); }

}  // namespace convlens
