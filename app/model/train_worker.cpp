// What each command does.
#include "app/model/train_worker.h"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

namespace convlens::model {
namespace {

constexpr std::size_t kMostBranches = 8;
// Shares of the budget: the run's own timeline, and those of all branches.
constexpr std::int64_t line_budget(std::int64_t budget) { return budget / 4 * 3; }
constexpr std::int64_t branch_budget(std::int64_t budget) { return budget / 4 / std::int64_t{kMostBranches}; }

std::string step_label(const TrainLine& line) { return "to step " + std::to_string(line.recording.last_step()); }

// Everything that `line` has is in `whole`, too.
bool is_part_of(const TrainLine& line, const TrainLine& whole) {
  const auto &a = line.recording.parts(), &b = whole.recording.parts();
  return line.run->serial == whole.run->serial && a.points.size() <= b.points.size() &&
         a.changes.size() <= b.changes.size() && std::equal(a.points.begin(), a.points.end(), b.points.begin()) &&
         std::equal(a.changes.begin(), a.changes.end(), b.changes.begin());
}

}  // namespace

using Kind = TrainCommand::Kind;

TrainWorker::TrainWorker(TrainLink& link, const TrainSession::Options& options)
    : link_(link), options_(options), unfinished_(options.autosave) {}

void TrainWorker::run(const std::stop_token& stop) {
  stop_ = stop;
  if (auto words = unfinished_.find()) link_.set_unfinished(std::move(words));
  while (!stop_.stop_requested()) {
    try {
      if (const auto command = link_.next()) {
        handle(*command);
      } else if (is_running_) {
        advance();
      } else {
        rest();
      }
    } catch (const std::bad_alloc&) {
      stop_running();
      link_.say("There is not enough memory for this; use a smaller model, batch or data set.", true);
      publish();
    }
  }
  // What was asked of files is done, whatever else waits.
  while (const auto command = link_.next()) {
    const bool is_save =
        command->kind == Kind::kSaveModel || command->kind == Kind::kSaveCheckpoint || command->kind == Kind::kSaveRun;
    if (command->kind == Kind::kDiscard || (is_save && is_ready())) handle(*command);
  }
  end_files();
}

void TrainWorker::handle(const TrainCommand& command) {
  switch (command.kind) {
    case Kind::kSettings:
      return take_settings(command);
    case Kind::kOpen:
      static_cast<void>(open(command.path));
      return;
    case Kind::kTakeUp:
      if (!unfinished_.offered().empty() && open(unfinished_.offered())) {
        unfinished_.accept();
        // No other file holds it, and this one has all of it.
        touch();
        autosaved_ = changes_;
        link_.set_unfinished(std::nullopt);
      }
      return;
    case Kind::kDiscard:
      unfinished_.discard();
      return link_.set_unfinished(std::nullopt);
    case Kind::kPace:
      pace_ = command.pace;
      next_phase_at_ = Clock::now();
      return;
    default:
      break;
  }
  // Whoever asks for a run that could not begin asks for another try.
  if (!is_ready() && has_wish_) begin();
  if (!is_ready()) {
    stop_running();
    return publish();
  }
  handle_motion(command);
}

void TrainWorker::handle_motion(const TrainCommand& command) {
  switch (command.kind) {
    case Kind::kRun:
      return start_running(live_->run().planned_steps);
    case Kind::kEpoch: {
      const std::int64_t each = live_->run().steps_per_epoch;
      return start_running((live_->head() / each + 1) * each);
    }
    case Kind::kPause:
      stop_running();
      return publish();
    case Kind::kReset:
      if (finish_step()) stop_running();
      begin();
      return publish();
    case Kind::kStep:
    case Kind::kPhase:
      stop_running();
      state_ = TrainState::kPaused;
      words_.clear();
      if (take_step(command.kind == Kind::kPhase) && !live_->is_mid_step()) after_step();
      // A key that is held down sends many; what is not shown in between is shown once nothing else waits.
      is_unpublished_ = true;
      if (is_snapshot_due()) publish();
      return;
    case Kind::kGoTo:
      return go_to(command.number);
    case Kind::kFork:
      if (finish_step() && !live_->is_at_end()) {
        fork();
        adopt_settings_in_force();
      }
      return publish();
    case Kind::kTakeBranch:
      return take_branch(static_cast<std::size_t>(command.number));
    case Kind::kTest:
      if (finish_step()) static_cast<void>(test(true, true, [this] { return link_.is_overtaken(); }));
      return publish();
    case Kind::kSaveModel:
    case Kind::kSaveCheckpoint:
    case Kind::kSaveRun:
      return save(command);
    default:
      return;
  }
}

void TrainWorker::take_settings(const TrainCommand& command) {
  if (command.adopted < least_adopted_) return;
  const TrainSettings before = std::exchange(wanted_, *command.settings);
  const bool had_wish = std::exchange(has_wish_, true);
  if (!live_ || state_ == TrainState::kFailed) {
    if (!had_wish || needs_reset(before, wanted_) || !live_) begin();
    return publish();
  }
  say_waiting();
  if (!waiting_.empty() && !is_opened_ && !live_->has_steps() && !live_->is_mid_step()) {
    begin();
  } else if (live_->wants_change(before, wanted_, seen_) && finish_step()) {
    const bool is_fork = !live_->is_at_end();
    if (is_fork) fork();
    live_->follow(before, wanted_, seen_);
    touch();
    refresh_marks();
    is_outcome_stale_ = true;
    if (is_fork) adopt_settings_in_force();
    if (state_ == TrainState::kDiverged) {
      state_ = TrainState::kPaused;
      words_.clear();
    }
  } else {
    for (const HandEdit& edit : wanted_.by_hand) seen_.insert(edit.serial);
  }
  publish();
}

void TrainWorker::say_waiting() {
  waiting_.clear();
  if (!live_) return;
  // A model that fits itself to the pictures is the one that was asked for.
  const training::RunDescription& description = live_->run().description;
  TrainSettings running = live_->line().begun, wanted = wanted_;
  running.model = description.model;
  const training::Dataset& pictures = *live_->run().data.train.data;
  if (auto fitted = fit_model(wanted.model, pictures.picture_shape(), pictures.class_count())) {
    wanted.model = std::move(*fitted);
  }
  waiting_ = what_waits(running, wanted);
}

void TrainWorker::begin() {
  const bool keeps_old = live_ && live_->has_steps();
  state_ = TrainState::kPreparing;
  words_ = "Preparing " + wanted_.data;
  publish();
  if (!data_ || data_->words != wanted_.data || data_->seed != wanted_.seed) {
    const Parallel parallel(wanted_.threads);
    auto parts = training::open_data(wanted_.data, wanted_.seed, {}, parallel);
    if (!parts) return fail(parts.error());
    auto data = training::measure_data(std::move(*parts));
    if (!data) return fail(data.error());
    data_ = OpenedData{wanted_.data, wanted_.seed, std::move(*data)};
  }
  auto live = LiveRun::begin(wanted_, data_->data, ++runs_, line_budget(options_.budget));
  if (!live) return fail(live.error());
  std::vector<HandDone> done;
  if (live_ && !keeps_old && live_->run().description.model == (*live)->run().description.model) {
    done = live_->line().by_hand;
  }
  replace(std::move(*live));
  is_opened_ = false;
  for (const HandEdit& edit : wanted_.by_hand) seen_.insert(edit.serial);
  live_->repeat_by_hand(done);
  refresh_marks();
  const nn::ModelSpec asked = wanted_.model, fitted = live_->run().description.model;
  if (asked != fitted) {
    link_.offer_patch([asked, fitted](TrainSettings& settings) {
      if (settings.model == asked) settings.model = fitted;
    });
  }
}

void TrainWorker::fail(const Error& error) {
  stop_running();
  if (live_ && live_->has_steps()) {
    state_ = TrainState::kPaused;
    words_.clear();
    say_waiting();
    return link_.say(error.message + ".", true);
  }
  state_ = TrainState::kFailed;
  words_ = error.message;
}

// The new run stands where it begins; the old one, where it has come anywhere, becomes a branch.
void TrainWorker::replace(std::unique_ptr<LiveRun> live) {
  if (live_ && live_->has_steps()) {
    const TrainLine& old = live_->line();
    keep_as_branch(old, old.run->description.model.name + " " + step_label(old));
  }
  live_ = std::move(live);
  is_opened_ = true;
  stop_running();
  state_ = TrainState::kPaused;
  words_.clear();
  outcome_ = nullptr;
  epoch_tested_at_ = {};
  recorded_test_ = -1;
  rate_images_ = rate_seconds_ = 0;
  link_.saved = autosaved_ = ++changes_;
  autosaved_at_ = Clock::now();
  const auto& recording = live_->line().recording;
  link_.begin_points(recording.first_step(), recording.parts().points);
  refresh_marks();
  refresh_tests();
  say_waiting();
}

void TrainWorker::keep_as_branch(TrainLine line, std::string label) {
  line.recording = training::Recording(line.recording.parts(), branch_budget(options_.budget));
  branches_.push_back({std::move(line), std::move(label)});
  if (branches_.size() > kMostBranches) branches_.erase(branches_.begin());
  weigh_branches();
}

void TrainWorker::start_running(std::int64_t goal) {
  if (live_->head() >= goal && !live_->is_mid_step()) {
    // What was planned is done: one more epoch.
    if (live_->is_at_end()) {
      live_->extend();
      touch();
      refresh_marks();
      goal = live_->run().planned_steps;
    } else {
      goal = live_->last_step();
    }
  }
  goal_ = goal;
  is_running_ = true;
  link_.is_running = true;
  state_ = TrainState::kRunning;
  words_.clear();
  next_phase_at_ = Clock::now();
  publish();
}

void TrainWorker::stop_running() {
  is_running_ = false;
  link_.is_running = false;
  if (state_ == TrainState::kRunning || state_ == TrainState::kGoingTo) state_ = TrainState::kPaused;
}

void TrainWorker::go_to(std::int64_t step) {
  if (!finish_step()) return publish();
  stop_running();
  words_.clear();
  const auto& recording = live_->line().recording;
  step = std::clamp(step, recording.first_step(), recording.last_step());
  const std::int64_t length = std::max<std::int64_t>(1, recording.replay_length(step));
  state_ = TrainState::kGoingTo;
  bool is_overtaken = false;
  const Status there = live_->go_to(step, [&] {
    is_overtaken = stop_.stop_requested() || link_.is_overtaken();
    publish_progress(1 - static_cast<double>(step - live_->head()) / static_cast<double>(length));
    return !is_overtaken;
  });
  state_ = TrainState::kPaused;
  if (!there && !is_overtaken) link_.say(there.error().message + ".", true);
  publish();
}

void TrainWorker::fork() {
  TrainLine whole = live_->cut();
  std::string label = step_label(whole);
  keep_as_branch(std::move(whole), std::move(label));
  link_.cut_points(live_->head() - live_->line().recording.first_step());
  touch();
  refresh_marks();
  refresh_tests();
}

void TrainWorker::take_branch(std::size_t index) {
  if (index >= branches_.size() || !finish_step()) return publish();
  stop_running();
  Branch branch = std::move(branches_[index]);
  branch.line.recording = training::Recording(branch.line.recording.parts(), line_budget(options_.budget));
  const bool is_other_run = branch.line.run->serial != live_->run().serial;
  const bool is_nothing_lost = is_part_of(live_->line(), branch.line);
  auto live = LiveRun::take_up(std::move(branch.line));
  if (!live) {
    link_.say(live.error().message + ".", true);
    branches_.erase(branches_.begin() + static_cast<std::ptrdiff_t>(index));
    return publish();
  }
  branches_.erase(branches_.begin() + static_cast<std::ptrdiff_t>(index));
  if (is_nothing_lost) live_.reset();
  replace(std::move(*live));
  weigh_branches();
  touch();
  go_to(live_->last_step());
  if (is_other_run) {
    adopt_whole_settings();
  } else {
    adopt_settings_in_force();
  }
  publish();
}

// The controls are to show what is in force, where a rewind has made it differ from them.
void TrainWorker::adopt_settings_in_force() {
  const TrainSettings now = live_->settings_in_force(wanted_);
  if (same_optimizer(now, wanted_) && same_frozen(now, wanted_)) return;
  wanted_ = now;
  link_.offer_patch([now](TrainSettings& settings) {
    settings.optimizer = now.optimizer;
    settings.label_smoothing = now.label_smoothing;
    settings.frozen = now.frozen;
  });
}

void TrainWorker::adopt_whole_settings() {
  TrainSettings now = live_->settings_in_force(live_->line().begun);
  now.model = live_->run().description.model;
  now.threads = wanted_.threads;
  now.by_hand = wanted_.by_hand;
  wanted_ = now;
  has_wish_ = true;
  say_waiting();
  least_adopted_ = link_.offer_patch([now](TrainSettings& settings) {
    std::vector<HandEdit> by_hand = std::move(settings.by_hand);
    settings = now;
    settings.by_hand = std::move(by_hand);
  });
}

}  // namespace convlens::model
