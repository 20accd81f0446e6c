// The timeline of a run: weights at many steps, whole states at some, everything done by hand, and the curves, within a
// memory budget. Goes back to any step bit by bit. Files are recording_file.h's.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/training/state.h"
#include "engine/training/trainer.h"

namespace convlens::training {

// One step of the curves.
struct StepPoint {
  float loss = 0;
  float accuracy = 0;
  float learning_rate = 0;
  bool operator==(const StepPoint&) const = default;
};

// What a test after `step` steps came to.
struct TestPoint {
  std::int64_t step = 0;
  Evaluation evaluation;
};

// What somebody changed between two steps: after `step` steps, before the next.
struct Change {
  struct Edit {
    std::int64_t offset = 0;  // in Frame::values
    std::vector<float> values;
    bool operator==(const Edit&) const = default;
  };
  std::int64_t step = 0;
  std::string label;  // "Edit conv1 filter 3"
  std::vector<Edit> edits;
  std::optional<TrainerSettings> settings;  // as they are from here on
  std::optional<Frozen> frozen;             // likewise
  bool operator==(const Change&) const = default;
};

// A copy is cheap and independent: frames are shared and never change.
class Recording {
 public:
  static constexpr std::int64_t kDefaultBudget = std::int64_t{512} << 20;

  // What a recording is made of, in the order of the steps.
  struct Parts {
    std::vector<Frame> frames;  // the first is a key frame
    std::vector<StepPoint> points;
    std::vector<TestPoint> tests;
    std::vector<Change> changes;
  };

  // Begins with the trainer's present state. `budget`: bytes of memory; the first frame is kept in any case.
  explicit Recording(const Trainer& trainer, std::int64_t budget = kDefaultBudget);
  // From a file. The parts fit together and are not empty.
  explicit Recording(Parts parts, std::int64_t budget = kDefaultBudget);

  const Parts& parts() const { return parts_; }
  std::int64_t first_step() const { return parts_.frames.front().step; }
  std::int64_t last_step() const { return first_step() + std::ssize(parts_.points); }
  std::int64_t memory_bytes() const;
  std::int64_t budget() const { return budget_; }

  // After each step of the trainer, which is at last_step() + 1 then.
  void record(const Trainer& trainer, const StepReport& report);
  // Takes its place by step; of two at one step the one on more pictures stays, the newer of equal ones.
  void record_test(std::int64_t step, const Evaluation& evaluation);
  // Whatever is to be done to parameters, settings or freezing between steps goes through here, so that a replay does
  // it too; the trainer is at last_step(). Several changes of one label at one step become one.
  void change(Trainer& trainer, const std::string& label, const std::function<void(Trainer&)>& edit);
  // A whole state at last_step(), so that going on from there needs no replay: before the recording is saved.
  void take_key_frame(const Trainer& trainer);

  // The newest frame not after `step`, to look at.
  const Frame& frame_at(std::int64_t step) const;
  // How many steps restore(step) computes.
  std::int64_t replay_length(std::int64_t step) const;
  // Puts the trainer (same model and batch) into the state from which the run took step number `step`, with what was
  // changed by hand there: bit by bit, by going on from the key frame before it with the same source of pictures.
  // `goes_on(step)`, if given, is asked after each step; where it says no, the trainer stays at that step. Errors: a
  // step that is not in the recording, stopped, or what Trainer::step says.
  Status restore(Trainer& trainer, ImageSource& source, std::int64_t step,
                 const std::function<bool(std::int64_t)>& goes_on = {}) const;
  // One step of the trainer, which is before last_step() and came there on this run's way, with what was changed by
  // hand after it: as restore() does. Error: as Trainer::step says.
  Status replay_step(Trainer& trainer, ImageSource& source) const;
  // Only what was changed by hand at the trainer's step, where its step was taken in phases.
  void repeat_changes(Trainer& trainer) const;
  // Forgets what came after `step`: together with a copy and restore(step) this is a fork.
  void cut_after(std::int64_t step);

 private:
  bool is_on_key_grid(std::int64_t step) const;
  bool is_on_frame_grid(std::int64_t step) const;
  void add_frame(const Trainer& trainer, bool is_key);
  void drop_frames();
  void thin();
  std::int64_t frame_bytes(bool only_keys) const;
  const Frame& key_before(std::int64_t step) const;

  Parts parts_;
  std::int64_t budget_;
  // Key frames stand every so many steps, so that no replay is much longer than another; frames to look at are denser
  // at the start: 2^density_ of them between step 2^n and 2^(n+1). Memory used up means half as many.
  std::int64_t key_period_ = 32;
  int density_ = 30;
};

}  // namespace convlens::training
