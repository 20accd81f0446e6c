// What the frame thread and the training thread hand each other: commands one way; snapshots, curves and messages the
// other. Neither waits for the other's work.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "app/model/mailbox.h"
#include "app/model/train_session.h"
#include "app/model/train_settings.h"
#include "app/model/train_snapshot.h"

namespace convlens::model {

struct TrainCommand {
  enum class Kind {
    kSettings,
    kRun,
    kPause,
    kReset,
    kStep,
    kPhase,
    kEpoch,
    kPace,
    kGoTo,
    kFork,
    kTakeBranch,
    kTest,
    kSaveModel,
    kSaveCheckpoint,
    kSaveRun,
    kOpen,
    kTakeUp,
    kDiscard
  };
  Kind kind = Kind::kPause;
  std::int64_t number = 0;                          // step of kGoTo, index of kTakeBranch
  double pace = 0;                                  // of kPace
  std::filesystem::path path{};                     // of files
  std::shared_ptr<const TrainSettings> settings{};  // of kSettings
  std::uint64_t adopted = 0;                        // how many patches are in them
};

// What the training thread has to say about the document's settings, such as those of an opened file.
using SettingsPatch = std::function<void(TrainSettings&)>;

class TrainLink {
 public:
  using Clock = std::chrono::steady_clock;

  explicit TrainLink(std::function<void()> wake) : wake_(std::move(wake)) {}

  // Frame thread.
  void post(TrainCommand command);
  std::optional<TrainSnapshotPtr> take_snapshot() { return snapshots_.take(); }
  // Brings `curves` up to date; true where they were not.
  bool take_points(TrainCurves& curves);
  std::vector<TrainMessage> take_messages();
  // All patches since the last call, in their order.
  std::vector<SettingsPatch> take_patches();
  std::optional<std::string> unfinished() const;

  // Training thread.
  std::optional<TrainCommand> next();
  // Until there is a command, `until` has come, or the session ends.
  void wait(const std::stop_token& stop, std::optional<Clock::time_point> until);
  bool has_commands() const;
  // A command that makes a step that is being gone to pointless has come.
  bool is_overtaken() const;
  bool wants_snapshot() const { return snapshots_.empty(); }
  void put_snapshot(TrainSnapshotPtr snapshot);
  // The curves become points [0, keep) of what they were, followed by `more`; or begin anew.
  void begin_points(std::int64_t first_step, std::span<const training::StepPoint> points);
  void cut_points(std::int64_t keep);
  void add_point(const training::StepPoint& point);
  // From any thread.
  void say(std::string text, bool is_error);
  // Returns how many there have been.
  std::uint64_t offer_patch(SettingsPatch patch);
  void set_unfinished(std::optional<std::string> words);

  std::atomic<bool> is_running{false};  // as asked for
  // How often the run has changed, as published, and how much of that a file holds.
  std::atomic<std::uint64_t> changes{0}, saved{0};
  std::atomic<bool> is_kept{false};  // the rest is in the file for unfinished runs, or will be

 private:
  struct Points {
    bool is_new = false;
    std::int64_t first_step = 0;
    std::int64_t keep = 0;
    std::vector<training::StepPoint> more;
    bool has_news = false;
  };

  std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<TrainCommand> commands_;
  std::vector<TrainMessage> messages_;
  std::vector<SettingsPatch> patches_;
  std::uint64_t patches_offered_ = 0;
  std::optional<std::string> unfinished_;
  mutable std::mutex points_mutex_;
  Points points_;
  Mailbox<TrainSnapshotPtr> snapshots_;
};

}  // namespace convlens::model
