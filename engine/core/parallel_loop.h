// One running loop: hands its indices to whichever threads come. Knows nothing of where threads come from.
#pragma once

#include <atomic>
#include <cstdint>

namespace convlens {

class ParallelLoop {
 public:
  using Call = void (*)(const void* body, std::int64_t i, int worker);
  ParallelLoop(std::int64_t count, const void* body, Call call) : count_(count), body_(body), call_(call) {}

  // The caller opens the loop before other threads hear of it, and closes it when all have returned from work(). That
  // makes what the caller wrote before visible to the calls, and what the calls wrote visible to the caller.
  void open();
  void work(int worker);
  void close() const;

 private:
  std::int64_t count_;
  const void* body_;
  Call call_;
  std::atomic<std::int64_t> next_{0};
  std::atomic<int> gate_{0};
};

}  // namespace convlens
