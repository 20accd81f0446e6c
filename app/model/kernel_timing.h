// Milliseconds of every kernel at one setting, measured on a thread of its own when somebody asks; row by row, with
// progress, and given up when asked to. What is measured and how: engine/explain/cost.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/model/conv_result.h"
#include "app/model/mailbox.h"
#include "engine/conv/conv.h"
#include "engine/explain/cost.h"

namespace convlens::model {

// What is known so far.
struct Timing {
  std::vector<explain::KernelTime> kernels;  // measured_ms is 0 where it was not run (yet)
  std::string running;                       // the kernel under way; empty at the end
  int done = 0, total = 0;                   // kernels that are run
  std::string failure;                       // a sentence where it ended early, not by cancel()
  // The setting that was measured.
  ConvSettings settings;
  std::uint64_t picture = 0;
};

class KernelTiming {
 public:
  // Kernels that are expected to take longer than this on one core are left out.
  static constexpr double kMostMilliseconds = 4000;
  static constexpr int kRepeats = 5;

  // `wake` is called on the thread after every row.
  explicit KernelTiming(std::function<void()> wake);
  ~KernelTiming();

  // Never waits. While one is under way, nothing.
  void request(ConvResultPtr result);
  void cancel() { progress_.is_cancelled = true; }
  bool is_busy() const { return is_running_; }
  // The newest account that has not been taken.
  std::optional<Timing> take() { return mailbox_.take(); }
  // Whether `timing` was taken at the setting of `result`.
  static bool is_of(const Timing& timing, const ConvResult& result);

 private:
  void measure(const ConvResult& result);

  std::function<void()> wake_;
  conv::Progress progress_;
  std::atomic<bool> is_running_{false};
  Mailbox<Timing> mailbox_;
  std::jthread worker_;  // last: joins before anything it uses goes
};

}  // namespace convlens::model
