// One flag, set by the signal handler.
#include "app/cli/interrupt.h"

namespace convlens::cli {
namespace {

volatile std::sig_atomic_t is_interrupted = 0;

void note_interrupt(int) { is_interrupted = 1; }

}  // namespace

InterruptGuard::InterruptGuard() {
  is_interrupted = 0;
  struct sigaction action {};
  action.sa_handler = note_interrupt;
  action.sa_flags = SA_RESETHAND;
  sigaction(SIGINT, &action, &before_int_);
  sigaction(SIGTERM, &action, &before_term_);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &before_int_, nullptr);
  sigaction(SIGTERM, &before_term_, nullptr);
}

bool interrupted() { return is_interrupted != 0; }

}  // namespace convlens::cli
