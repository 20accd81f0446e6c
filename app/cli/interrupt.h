// Ctrl+C as a question instead of an end, for commands that have something to save first.
#pragma once

#include <csignal>

namespace convlens::cli {

// While it lives, the first SIGINT or SIGTERM only makes interrupted() true; the next one ends the program as usual.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  struct sigaction before_int_ {};
  struct sigaction before_term_ {};
};

bool interrupted();

}  // namespace convlens::cli
