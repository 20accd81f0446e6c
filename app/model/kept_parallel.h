// Threads that one worker keeps from job to job, for as long as jobs ask for the same number.
#pragma once

#include <optional>

#include "engine/core/parallel.h"

namespace convlens::model {

class KeptParallel {
 public:
  // 0 is every core. Valid until another number is used.
  const Parallel& use(int threads) {
    if (!parallel_ || threads_ != threads) parallel_.emplace(threads);
    threads_ = threads;
    return *parallel_;
  }

  // As used last.
  const Parallel& operator*() const { return *parallel_; }

 private:
  std::optional<Parallel> parallel_;
  int threads_ = 0;  // as asked for
};

}  // namespace convlens::model
