// One running loop: hands its indices to whichever threads come. Knows nothing of where threads come from.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace convlens {

class ParallelLoop {
 public:
  using Call = void (*)(const void* body, std::int64_t i, int worker);
  // `workers` is how many are expected; fewer or more may come.
  ParallelLoop(std::int64_t count, int workers, const void* body, Call call);

  // The caller opens the loop before other threads hear of it, and closes it when all have returned from work(). That
  // makes what the caller wrote before visible to the calls, and what the calls wrote visible to the caller.
  void open();
  void work(int worker);
  void close() const;

 private:
  // A worker first takes the indices of its own range, in order, so that from one loop to the next it meets the memory
  // it knows; then it helps with the others'.
  struct alignas(64) Range {
    std::atomic<std::int64_t> next{0};
    std::int64_t end = 0;
  };
  static constexpr int kMaxRanges = 64;

  const void* body_;
  Call call_;
  int ranges_used_;
  std::array<Range, kMaxRanges> ranges_;
  std::atomic<int> gate_{0};
};

}  // namespace convlens
