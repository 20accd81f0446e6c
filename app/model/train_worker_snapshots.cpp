// The run as it stands, copied for the frame thread; how often, and what it may cost.
#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "app/model/train_worker.h"

namespace convlens::model {
namespace {

using Clock = std::chrono::steady_clock;

// Copies for the screen take at most this share of the time.
constexpr double kSnapshotShare = 0.025;

// Changes of one thing that follow each other within so many steps were one gesture.
constexpr std::int64_t kOneGesture = 50;

// "Rate 1 → 3" of "Rate 1 → 2" and "Rate 2 → 3"; a label that comes again stays; nothing for others.
std::optional<std::string> joined(const std::string& first, const std::string& second) {
  constexpr std::string_view kArrow = " → ";
  if (first == second) return first;
  const std::size_t a = first.find(kArrow), b = second.find(kArrow);
  if (a == std::string::npos || b == std::string::npos) return std::nullopt;
  const std::size_t name = second.rfind(' ', b - 1);
  if (name == std::string::npos || first.compare(0, name + 1, second, 0, name + 1) != 0) return std::nullopt;
  if (first.substr(a + kArrow.size()) != second.substr(name + 1, b - name - 1)) return std::nullopt;
  return first.substr(0, a) + second.substr(b);
}

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Gradients laid out as a row: zeros for running statistics.
ParameterRow gradient_row(const TrainRun& run, const training::Trainer& trainer) {
  const nn::ParameterStore& store = trainer.network().store();
  auto row = std::make_shared<std::vector<float>>(run.first_values->size());
  for (std::size_t i = 0; i < run.parameters.size(); ++i) {
    if (!run.parameters[i].is_trainable()) continue;
    const auto at = static_cast<std::size_t>(run.offsets[i]);
    store.read_gradient(i, std::span(*row).subspan(at, static_cast<std::size_t>(run.parameters[i].count())));
  }
  return row;
}

ParameterRow present_values(const LiveRun& live) {
  const training::Frame& newest = live.line().recording.frame_at(live.head());
  // A forward pass has moved the running statistics of batch norm.
  if (newest.step == live.head() && !live.is_mid_step()) return newest.values;
  return std::make_shared<const std::vector<float>>(training::read_values(live.trainer().network()));
}

std::int64_t bytes_of(const training::Frame& frame) {
  std::int64_t bytes = 4 * std::ssize(*frame.values);
  if (frame.key) bytes += 4 * (std::ssize(frame.key->first) + std::ssize(frame.key->second));
  return bytes;
}

}  // namespace

bool TrainWorker::is_snapshot_due() const {
  const double since = seconds_since(published_at_);
  return since * options_.snapshots_per_second >= 1 && since * kSnapshotShare >= publish_cost_ &&
         link_.wants_snapshot();
}

void TrainWorker::publish() {
  is_unpublished_ = false;
  const auto start = Clock::now();
  auto s = std::make_shared<TrainSnapshot>();
  s->generation = ++generation_;
  s->state = state_;
  s->words = words_;
  s->waiting = waiting_;
  s->memory_budget = options_.budget;
  for (const Branch& branch : branches_) s->branches.push_back(branch.label);
  if (live_) {
    const training::Recording& recording = live_->line().recording;
    s->run = live_->line().run;
    s->step = live_->head();
    s->last_step = live_->last_step();
    s->next_phase = live_->next_phase();
    s->values = present_values(*live_);
    if (live_->has_gradients()) s->gradients = gradient_row(*s->run, live_->trainer());
    s->before = live_->before();
    s->batch = live_->batch_positions();
    s->layers = live_->trainer().metrics();
    if (!live_->has_gradients()) {
      for (training::LayerMetrics& layer : s->layers) {
        layer.gradient_norm = 0;
        layer.update_ratio.reset();
        layer.dead_units.reset();
      }
    }
    s->frozen = training::read_frozen(live_->trainer().network());
    s->settings = live_->trainer().settings();
    if (!is_running_) s->hash = live_->trainer().network().parameter_hash();
    s->frames = recording.parts().frames;
    s->marks = marks_;
    s->tests = tests_;
    s->outcome = outcome_;
    s->memory_bytes = recording.memory_bytes() + branch_bytes_;
    if (rate_seconds_ > 0) s->samples_per_second = rate_images_ / rate_seconds_;
    const std::int64_t left = s->run->planned_steps - s->step;
    if (is_running_ && pace_ <= 0 && left > 0 && s->samples_per_second > 0) {
      s->seconds_left = static_cast<double>(left * s->run->description.batch) / s->samples_per_second;
    }
  }
  newest_ = s;
  link_.changes = live_ && live_->has_steps() ? changes_ : link_.saved.load();
  link_.is_kept = unfinished_.is_on() && !autosave_->is_broken;
  publish_cost_ = seconds_since(start);
  published_at_ = Clock::now();
  link_.put_snapshot(newest_);
}

void TrainWorker::publish_progress(double progress) {
  if (!newest_ || !is_snapshot_due()) return;
  auto s = std::make_shared<TrainSnapshot>(*newest_);
  s->generation = ++generation_;
  s->state = state_;
  s->words = words_;
  s->progress = std::clamp(progress, 0.0, 1.0);
  s->hash.reset();
  newest_ = s;
  published_at_ = Clock::now();
  link_.put_snapshot(newest_);
}

void TrainWorker::refresh_marks() {
  auto marks = std::make_shared<std::vector<TrainMark>>();
  for (const training::Change& change : live_->line().recording.parts().changes) {
    const TrainMark mark{change.step, change.label};
    if (!marks->empty() && mark.step - marks->back().step <= kOneGesture) {
      if (auto whole = joined(marks->back().label, mark.label)) {
        marks->back() = {mark.step, std::move(*whole)};
        continue;
      }
    }
    marks->push_back(mark);
  }
  marks_ = std::move(marks);
}

void TrainWorker::refresh_tests() {
  tests_ = std::make_shared<const std::vector<training::TestPoint>>(live_->line().recording.parts().tests);
}

void TrainWorker::weigh_branches() {
  branch_bytes_ = 0;
  std::unordered_set<const void*> known;
  for (const training::Frame& frame : live_->line().recording.parts().frames) known.insert(frame.values.get());
  for (const Branch& branch : branches_) {
    for (const training::Frame& frame : branch.line.recording.parts().frames) {
      if (known.insert(frame.values.get()).second) branch_bytes_ += bytes_of(frame);
    }
  }
}

}  // namespace convlens::model
