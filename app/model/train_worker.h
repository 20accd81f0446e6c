// The training thread: one run and its branches, commands between steps, snapshots, tests, files.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "app/model/train_files.h"
#include "app/model/train_link.h"
#include "app/model/train_live.h"

namespace convlens::model {

class TrainWorker {
 public:
  TrainWorker(TrainLink& link, const TrainSession::Options& options);
  // Until the session ends.
  void run(const std::stop_token& stop);

 private:
  using Clock = std::chrono::steady_clock;
  struct Branch {
    TrainLine line;
    std::string label;
  };

  // Commands (train_worker.cpp).
  void handle(const TrainCommand& command);
  void take_settings(const TrainCommand& command);
  void handle_motion(const TrainCommand& command);
  void begin();
  void fail(const Error& error);
  void replace(std::unique_ptr<LiveRun> live);
  void start_running(std::int64_t goal);
  void stop_running();
  void go_to(std::int64_t step);
  void fork();
  void take_branch(std::size_t index);
  void keep_as_branch(TrainLine line, std::string label);
  void adopt_settings_in_force();
  void adopt_whole_settings();
  void say_waiting();

  // Work (train_worker_steps.cpp).
  void advance();
  void rest();
  bool is_ready() const { return live_ && state_ != TrainState::kFailed && state_ != TrainState::kPreparing; }
  bool finish_step();
  bool has_long_steps() const;
  bool take_step(bool one_phase);
  void after_step();
  void diverge(const Error& error);
  // False where it was stopped.
  bool test(bool on_all, bool is_recorded, const std::function<bool()>& is_stopped);
  bool is_whole_test_due() const;
  bool is_test_due() const;

  // Snapshots (train_worker_snapshots.cpp).
  bool is_snapshot_due() const;
  void publish();
  void publish_progress(double progress);
  void refresh_marks();
  void refresh_tests();
  void weigh_branches();

  // Files (train_worker_files.cpp).
  void save(const TrainCommand& command);
  bool open(const std::filesystem::path& path);
  bool is_autosave_due() const;
  void autosave();
  void end_files();
  void touch() { ++changes_; }

  TrainLink& link_;
  TrainSession::Options options_;
  std::stop_token stop_;

  TrainSettings wanted_;
  bool has_wish_ = false;
  std::uint64_t least_adopted_ = 0;  // settings that know of fewer patches are out of date
  std::set<std::uint64_t> seen_;     // hand edits that were met before
  std::optional<OpenedData> data_;
  std::unique_ptr<LiveRun> live_;
  std::vector<Branch> branches_;
  std::int64_t branch_bytes_ = 0;  // of frames that only branches have
  std::uint64_t runs_ = 0;

  TrainState state_ = TrainState::kPreparing;
  std::string words_;
  std::string waiting_;
  bool is_opened_ = false;  // the run is not one that begin() began
  bool is_running_ = false;
  std::int64_t goal_ = 0;
  double pace_ = 0;
  Clock::time_point next_phase_at_{};

  bool is_unpublished_ = false;
  std::uint64_t generation_ = 0;
  TrainSnapshotPtr newest_;
  Clock::time_point published_at_{};
  double publish_cost_ = 0;  // seconds
  std::shared_ptr<const std::vector<TrainMark>> marks_;
  std::shared_ptr<const std::vector<training::TestPoint>> tests_;
  std::shared_ptr<const TestOutcome> outcome_;
  bool is_outcome_stale_ = false;  // the net has been changed by hand since
  Clock::time_point epoch_tested_at_{};
  Clock::time_point tested_at_{};
  double test_cost_ = 0, whole_test_cost_ = 0;  // seconds
  std::int64_t recorded_test_ = -1;
  double rate_images_ = 0, rate_seconds_ = 0;  // of about the last two seconds

  UnfinishedRun unfinished_;
  std::uint64_t changes_ = 0;    // grows with every step and change
  std::uint64_t autosaved_ = 0;  // changes that the newest autosave has
  Clock::time_point autosaved_at_{};
  std::shared_ptr<AutosaveState> autosave_ = std::make_shared<AutosaveState>();
  FileWriter writer_;  // last: finishes its work first
};

}  // namespace convlens::model
