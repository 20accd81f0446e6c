// The training itself: steps and phases, tests in passing, and what is done while nobody asks for anything.
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/model/train_worker.h"

namespace convlens::model {
namespace {

using Clock = std::chrono::steady_clock;

// Tests in passing take at most this share of the time, and come at most so often.
constexpr double kTestShare = 0.03;
constexpr double kLeastBetweenTests = 0.4;
// One of them stays in the timeline for every so many steps that the run has.
constexpr std::int64_t kTestsPerRun = 100;
// Seconds over which the rate is taken.
constexpr double kRateSpan = 2;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

}  // namespace

void TrainWorker::advance() {
  const bool is_slow = pace_ > 0;
  if (is_slow && Clock::now() < next_phase_at_) return link_.wait(stop_, next_phase_at_);
  const auto start = Clock::now();
  if (is_slow) {
    next_phase_at_ = std::max(next_phase_at_, start - std::chrono::seconds(1)) +
                     std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / pace_));
  }
  const bool is_measured = is_snapshot_due();
  if (!take_step(is_slow)) return publish();
  // A quick step that was not measured waits for one that is.
  if (is_slow || (is_snapshot_due() && (is_measured || has_long_steps()))) publish();
  if (!is_slow) {
    const double seconds = seconds_since(start), kept = std::exp(-seconds / kRateSpan);
    rate_images_ = rate_images_ * kept + static_cast<double>(live_->run().description.batch);
    rate_seconds_ = rate_seconds_ * kept + seconds;
  }
  if (!live_->is_mid_step()) after_step();
}

bool TrainWorker::finish_step() {
  if (!live_ || !live_->is_mid_step()) return true;
  return take_step(false);
}

// Measuring hardly adds to such a step, and the next one is far.
bool TrainWorker::has_long_steps() const {
  constexpr double kLongStep = 0.02;  // seconds
  return rate_seconds_ * static_cast<double>(live_->run().description.batch) > kLongStep * rate_images_;
}

// False where it diverged.
bool TrainWorker::take_step(bool one_phase) {
  live_->measure_updates(!is_running_ || one_phase || is_snapshot_due() || has_long_steps());
  constexpr std::int64_t kSmallNet = 100'000;
  live_->keep_before(!is_running_ || one_phase ||
                     (is_snapshot_due() && std::ssize(*live_->run().first_values) <= kSmallNet));
  const std::int64_t before = live_->last_step();
  const Status taken = one_phase ? live_->phase() : live_->step();
  if (!taken) {
    diverge(taken.error());
    return false;
  }
  if (live_->last_step() > before) {
    link_.add_point(live_->line().recording.parts().points.back());
    touch();
  }
  return true;
}

void TrainWorker::diverge(const Error& error) {
  stop_running();
  state_ = TrainState::kDiverged;
  words_ = error.message;
}

void TrainWorker::after_step() {
  const TrainRun& run = live_->run();
  const std::int64_t head = live_->head();
  if (live_->is_at_end() && is_whole_test_due()) {
    if (test(true, true, [this] { return link_.is_overtaken(); })) epoch_tested_at_ = Clock::now();
  } else if (is_running_ && is_test_due()) {
    const bool is_recorded =
        live_->is_at_end() && head - recorded_test_ >= std::max<std::int64_t>(1, head / kTestsPerRun);
    static_cast<void>(test(false, is_recorded, [this] { return link_.is_overtaken(); }));
  }
  if (is_autosave_due()) autosave();
  if (!is_running_ || head < goal_) return;
  stop_running();
  if (head == run.planned_steps && live_->is_at_end()) {
    const std::int64_t epochs = (head + run.steps_per_epoch - 1) / run.steps_per_epoch;
    link_.say((epochs == 1 ? "The planned epoch is" : "All " + std::to_string(epochs) + " planned epochs are") +
                  " done. Run goes on for one more.",
              false);
  }
  publish();
}

bool TrainWorker::is_test_due() const {
  const double since = seconds_since(tested_at_);
  return since >= kLeastBetweenTests && since * kTestShare >= test_cost_;
}

// At the ends of epochs, unless those come so fast that it would take a large share of the time; at the planned end in
// any case.
bool TrainWorker::is_whole_test_due() const {
  const std::int64_t head = live_->head();
  if (head == live_->run().planned_steps) return true;
  return head % live_->run().steps_per_epoch == 0 && seconds_since(epoch_tested_at_) * kTestShare >= whole_test_cost_;
}

bool TrainWorker::test(bool on_all, bool is_recorded, const std::function<bool()>& is_stopped) {
  const auto start = Clock::now();
  auto outcome = live_->test(on_all, is_recorded, [&] { return !stop_.stop_requested() && !is_stopped(); });
  tested_at_ = Clock::now();
  if (!outcome) return false;
  (on_all ? whole_test_cost_ : test_cost_) = seconds_since(start);
  outcome_ = std::move(outcome);
  is_outcome_stale_ = false;
  if (!is_recorded) return true;
  recorded_test_ = live_->head();
  refresh_tests();
  return true;
}

void TrainWorker::rest() {
  if (is_unpublished_) return publish();
  const bool can_test = is_ready() && !live_->is_mid_step();
  if (can_test && (!outcome_ || is_outcome_stale_ || outcome_->step != live_->head())) {
    if (test(false, live_->is_at_end(), [this] { return link_.has_commands(); })) publish();
    return;
  }
  if (is_autosave_due()) return autosave();
  const bool waits_for_file =
      unfinished_.is_on() && is_ready() && live_->has_steps() && changes_ != autosaved_ && changes_ != link_.saved;
  if (!waits_for_file) return link_.wait(stop_, std::nullopt);
  const auto due = autosaved_at_ + std::chrono::duration_cast<Clock::duration>(
                                       std::chrono::duration<double>(options_.autosave_seconds));
  // A write that is still under way is looked at again a little later.
  link_.wait(stop_, std::max(due, Clock::now() + std::chrono::milliseconds(200)));
}

}  // namespace convlens::model
