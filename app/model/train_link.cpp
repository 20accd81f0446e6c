// Which commands replace which, and how a batch of points becomes part of the curves.
#include "app/model/train_link.h"

#include <algorithm>
#include <utility>

namespace convlens::model {
namespace {

using Kind = TrainCommand::Kind;

// Only the newest of several in a row counts.
bool replaces(const TrainCommand& newer, const TrainCommand& older) {
  return newer.kind == older.kind && (newer.kind == Kind::kSettings || newer.kind == Kind::kGoTo ||
                                      newer.kind == Kind::kPace || newer.kind == Kind::kTest);
}

}  // namespace

void TrainLink::post(TrainCommand command) {
  {
    std::lock_guard lock(mutex_);
    if (!commands_.empty() && replaces(command, commands_.back())) {
      commands_.back() = std::move(command);
    } else {
      commands_.push_back(std::move(command));
    }
  }
  changed_.notify_one();
}

std::optional<TrainCommand> TrainLink::next() {
  std::lock_guard lock(mutex_);
  if (commands_.empty()) return std::nullopt;
  TrainCommand command = std::move(commands_.front());
  commands_.pop_front();
  return command;
}

void TrainLink::wait(const std::stop_token& stop, std::optional<Clock::time_point> until) {
  std::unique_lock lock(mutex_);
  const auto is_due = [this] { return !commands_.empty(); };
  if (until) {
    changed_.wait_until(lock, stop, *until, is_due);
  } else {
    changed_.wait(lock, stop, is_due);
  }
}

bool TrainLink::has_commands() const {
  std::lock_guard lock(mutex_);
  return !commands_.empty();
}

bool TrainLink::is_overtaken() const {
  std::lock_guard lock(mutex_);
  for (const TrainCommand& command : commands_) {
    switch (command.kind) {
      case Kind::kPace:
      case Kind::kTest:
      case Kind::kDiscard:
        continue;
      case Kind::kGoTo:
      case Kind::kReset:
      case Kind::kOpen:
      case Kind::kTakeUp:
      case Kind::kTakeBranch:
      case Kind::kPause:
        return true;
      default:
        return false;  // it counts on the step that is being gone to
    }
  }
  return false;
}

void TrainLink::put_snapshot(TrainSnapshotPtr snapshot) {
  const std::optional<TrainSnapshotPtr> replaced = snapshots_.put(std::move(snapshot));
  if (wake_) wake_();
}

bool TrainLink::take_points(TrainCurves& curves) {
  Points points;
  {
    std::lock_guard lock(points_mutex_);
    if (!points_.has_news) return false;
    const std::int64_t known = points_.keep + std::ssize(points_.more);
    points = std::exchange(points_, Points{});
    points_.keep = known;
  }
  if (points.is_new) {
    curves.first_step = points.first_step;
    curves.points.clear();
  }
  curves.points.resize(static_cast<std::size_t>(points.keep));
  curves.points.insert(curves.points.end(), points.more.begin(), points.more.end());
  ++curves.version;
  return true;
}

void TrainLink::begin_points(std::int64_t first_step, std::span<const training::StepPoint> points) {
  std::lock_guard lock(points_mutex_);
  points_ = Points{true, first_step, 0, {points.begin(), points.end()}, true};
}

void TrainLink::cut_points(std::int64_t keep) {
  std::lock_guard lock(points_mutex_);
  if (keep <= points_.keep) {
    points_.keep = keep;
    points_.more.clear();
  } else if (keep - points_.keep < std::ssize(points_.more)) {
    points_.more.resize(static_cast<std::size_t>(keep - points_.keep));
  }
  points_.has_news = true;
}

void TrainLink::add_point(const training::StepPoint& point) {
  std::lock_guard lock(points_mutex_);
  points_.more.push_back(point);
  points_.has_news = true;
}

void TrainLink::say(std::string text, bool is_error) {
  {
    std::lock_guard lock(mutex_);
    messages_.push_back({is_error, std::move(text)});
  }
  if (wake_) wake_();
}

std::vector<TrainMessage> TrainLink::take_messages() {
  std::lock_guard lock(mutex_);
  return std::exchange(messages_, {});
}

std::uint64_t TrainLink::offer_patch(SettingsPatch patch) {
  std::lock_guard lock(mutex_);
  patches_.push_back(std::move(patch));
  return ++patches_offered_;
}

std::vector<SettingsPatch> TrainLink::take_patches() {
  std::lock_guard lock(mutex_);
  return std::exchange(patches_, {});
}

void TrainLink::set_unfinished(std::optional<std::string> words) {
  {
    std::lock_guard lock(mutex_);
    unfinished_ = std::move(words);
  }
  if (wake_) wake_();
}

std::optional<std::string> TrainLink::unfinished() const {
  std::lock_guard lock(mutex_);
  return unfinished_;
}

}  // namespace convlens::model
