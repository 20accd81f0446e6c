// Parallel loops on oneTBB. Work is cut by the caller, never by the number of threads, so results keep their bits.
#pragma once

#include <cstdint>
#include <functional>
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
  void for_each(std::int64_t count, const std::function<void(std::int64_t)>& body) const;

 private:
  struct Arena;
  std::unique_ptr<Arena> arena_;
};

// Cores this process may run on (its affinity mask), at least 1.
int available_cores();

}  // namespace convlens
