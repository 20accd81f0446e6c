// Runs engine/explain's measurement and passes on each row.
#include "app/model/kernel_timing.h"

#include <algorithm>
#include <exception>
#include <new>
#include <span>
#include <utility>

namespace convlens::model {
namespace {

bool is_run(const explain::KernelTime& time) {
  return time.refusal.empty() && time.expected_ms <= KernelTiming::kMostMilliseconds;
}

}  // namespace

KernelTiming::KernelTiming(std::function<void()> wake) : wake_(std::move(wake)) {}

KernelTiming::~KernelTiming() { progress_.is_cancelled = true; }

bool KernelTiming::is_of(const Timing& timing, const ConvResult& result) {
  return result.picture && timing.picture == result.picture->id && timing.settings == result.settings;
}

void KernelTiming::request(ConvResultPtr result) {
  if (is_running_.exchange(true)) return;
  progress_.is_cancelled = false;
  worker_ = std::jthread([this, result = std::move(result)] {
    measure(*result);
    is_running_ = false;
    if (wake_) wake_();
  });
}

void KernelTiming::measure(const ConvResult& result) {
  Timing timing;
  timing.settings = result.settings;
  timing.picture = result.picture ? result.picture->id : 0;
  try {
    const ConstView weights = dense_view(result.weights.data(), result.geometry.weights_shape());
    timing.kernels = explain::kernel_times(result.geometry, weights);
    timing.total = static_cast<int>(std::ranges::count_if(timing.kernels, is_run));
    int begun = 0;
    const auto watch = [&](std::span<const explain::KernelTime> so_far, std::size_t next) {
      timing.kernels.assign(so_far.begin(), so_far.end());
      timing.running = so_far[next].kernel;
      timing.done = begun++;
      mailbox_.put(timing);
      if (wake_) wake_();
      return !progress_.is_cancelled;
    };
    const Parallel parallel(result.settings.threads);
    auto measured = explain::measure_kernels(result.geometry, result.input->view(), weights, result.biases, parallel,
                                             kRepeats, kMostMilliseconds, watch, &progress_);
    if (measured) {
      timing.kernels = std::move(*measured);
      if (!progress_.is_cancelled) timing.done = timing.total;
    } else if (!progress_.is_cancelled) {
      timing.failure = measured.error().message;
    }
  } catch (const std::bad_alloc&) {
    timing.failure = "there is not enough memory; use fewer filters or a smaller picture";
  } catch (const std::exception& error) {
    timing.failure = error.what();
  }
  timing.running.clear();
  mailbox_.put(std::move(timing));
}

}  // namespace convlens::model
