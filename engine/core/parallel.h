// Parallel loops on oneTBB. Work is cut by the caller, never by the number of threads, so results keep their bits.
#pragma once

#include <cstdint>
#include <memory>

namespace convlens {

// A fixed number of threads to run loops on. Cheap to keep, not to make; one per session.
class Parallel {
 public:
  // threads = 0 takes every core the process may use.
  explicit Parallel(int threads = 0);
  ~Parallel();
  Parallel(Parallel&&) noexcept;
  Parallel& operator=(Parallel&&) noexcept;

  int threads() const;

  // Calls body(i) once for each i in [0, count), in any order, on up to threads() threads; returns when all are done.
  // body: void(std::int64_t). Calls must not write what another call reads, nor start a loop on this same Parallel.
  template <class Body>
  void for_each(std::int64_t count, const Body& body) const {
    run(count, &body, [](const void* f, std::int64_t i, int) { (*static_cast<const Body*>(f))(i); });
  }

  // The same with body(i, worker): worker in [0, threads()) is the thread that runs it, and no two calls with the same
  // worker overlap. It may choose scratch memory, never a result. body: void(std::int64_t, int).
  template <class Body>
  void for_each_with_worker(std::int64_t count, const Body& body) const {
    run(count, &body, [](const void* f, std::int64_t i, int worker) { (*static_cast<const Body*>(f))(i, worker); });
  }

 private:
  using Call = void (*)(const void* body, std::int64_t i, int worker);
  void run(std::int64_t count, const void* body, Call call) const;

  struct Arena;
  std::unique_ptr<Arena> arena_;
};

// Cores this process may run on (its affinity mask), at least 1.
int available_cores();

}  // namespace convlens
