// The training thread: takes wishes between steps, publishes what the run looks like about thirty times a second where
// somebody looks. Results depend on settings and data alone, never on what is looked at.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/model/train_settings.h"
#include "app/model/train_snapshot.h"
#include "engine/core/error.h"

namespace convlens::model {

// The curves of the run up to its last step; kept by the frame thread.
struct TrainCurves {
  std::int64_t first_step = 0;
  std::vector<training::StepPoint> points;  // points[i] is step first_step + i
  std::uint64_t version = 0;                // changes whenever points do
};

struct TrainMessage {
  bool is_error = false;
  std::string text;
};

class TrainSession {
 public:
  struct Options {
    std::filesystem::path autosave;  // file that an unfinished run is kept in, by one session at a time; empty: none
    double autosave_seconds = 20;
    std::int64_t budget = training::Recording::kDefaultBudget;
    double snapshots_per_second = 30;
  };

  // `wake` is called on the training thread when there is something to collect; may be empty.
  TrainSession(std::function<void()> wake, Options options);
  ~TrainSession();  // stops after the step under way; an unfinished run with steps is autosaved

  // None of these waits for a step.

  // Once a frame: the first call begins the first run. What may change between steps does; entries that `by_hand` and
  // `frozen` gain or lose are done or taken back; the rest waits for reset(), or begins a new run at once where the
  // present one has no steps behind it.
  void follow(const TrainSettings& settings);
  bool has_begun() const;

  void run();    // from the present step; where the recording goes on from there, along it
  void pause();  // after the step under way
  void reset();  // a new run with the newest settings; the old one stays as a branch
  void step();   // one whole step, or the rest of the one that phases have begun
  void phase();  // forward, loss, backward or update
  void epoch();  // to the end of the epoch, then pauses
  // Phases per second while running; 0: as fast as it goes.
  void set_pace(double phases_per_second);
  // Pauses there; exact to the bit. A newer call replaces one that is under way.
  void go_to(std::int64_t step);
  // Forgets what comes after the present step; it stays as a branch.
  void fork();
  // Goes to the end of a branch; what was there becomes a branch itself.
  void take_branch(std::size_t branch);
  // Tests on all held-out pictures, now.
  void test();

  // Outcomes become messages. By the ending: .safetensors and .npz models; `save_run` writes the whole recording.
  void save_model(const std::filesystem::path& path);
  void save_checkpoint(const std::filesystem::path& path);
  void save_run(const std::filesystem::path& path);
  // A recording, a checkpoint or a model: what the file holds takes the place of the run, which stays as it was where
  // the file cannot be used. Settings that follow from it are told by take_settings().
  void open(const std::filesystem::path& path);
  // An unfinished run of an earlier start, in words ("keras-starter, step 1234, 5 minutes ago"), to be offered.
  std::optional<std::string> unfinished_run() const;
  void take_up_unfinished_run();
  void discard_unfinished_run();

  // Once a frame, before the panels. True if anything has changed.
  bool collect();
  const TrainSnapshotPtr& snapshot() const;  // never null
  const TrainCurves& curves() const;
  std::vector<TrainMessage> take_messages();
  // Settings as an opened file has them, for the document to adopt.
  std::optional<TrainSettings> take_settings();
  bool is_running() const;  // as asked for: run() without an end since
  // Steps that no file holds yet, that for unfinished runs included.
  bool has_unsaved_run() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::model
