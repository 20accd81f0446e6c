// One run as the training thread holds it: trainer, pictures, timeline, and what was done to it by hand. Starts no
// threads and touches no files.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/model/train_settings.h"
#include "app/model/train_snapshot.h"
#include "engine/core/error.h"
#include "engine/training/dataset_source.h"
#include "engine/training/recording.h"
#include "engine/training/run_data.h"
#include "engine/training/trainer.h"

namespace convlens::model {

// An entry of TrainSettings::by_hand that was done, and what the filter was before.
struct HandDone {
  HandEdit edit;
  std::int64_t step = 0;
  std::vector<float> weights;
  std::optional<float> bias{};
  bool is_taken_back = false;
};

// A run apart from the trainer: what a branch keeps. Copies share their frames.
struct TrainLine {
  TrainRunPtr run;
  TrainSettings begun;  // as they were asked for when it began
  training::Recording recording;
  std::vector<HandDone> by_hand{};  // oldest first
};

// Data as one request named them; kept so that a reset need not read them again.
struct OpenedData {
  std::string words;
  std::uint64_t seed = 0;
  training::RunData data;
};

class LiveRun {
 public:
  using GoesOn = std::function<bool()>;

  // A new run. `first_values`, if given, are the parameters it begins with, as a row. Errors: pictures that the model
  // cannot take, a description that does not fit together.
  static Result<std::unique_ptr<LiveRun>> begin(const TrainSettings& wanted, const training::RunData& data,
                                                std::uint64_t serial, std::int64_t budget,
                                                const ParameterRow& first_values = nullptr);
  // A run that was there before; it stands at its recording's first step.
  static Result<std::unique_ptr<LiveRun>> take_up(TrainLine line);
  LiveRun(const LiveRun&) = delete;
  LiveRun& operator=(const LiveRun&) = delete;

  const TrainLine& line() const { return line_; }
  const TrainRun& run() const { return *line_.run; }
  const training::Trainer& trainer() const { return trainer_; }
  std::int64_t head() const { return trainer_.steps_done(); }
  std::int64_t last_step() const { return line_.recording.last_step(); }
  bool is_at_end() const { return head() == last_step(); }
  bool has_steps() const { return last_step() > line_.recording.first_step(); }
  TrainPhase next_phase() const { return next_phase_; }
  bool is_mid_step() const { return next_phase_ != TrainPhase::kForward; }
  // Gradients and layer metrics are of the last step before head(); they are not after a jump to a key frame.
  bool has_gradients() const { return has_gradients_; }
  // Positions in the training data of the pictures of the present step, or else of the last one.
  std::vector<std::int64_t> batch_positions() const;

  // One step, or the rest of the one that phases have begun: along the recording, or beyond its end, recording it.
  // Error: it diverged; parameters are as before the step.
  Status step();
  Status phase();
  void measure_updates(bool on) { trainer_.measure_updates(on); }
  // Whether steps keep the state that they begin with; before() is of the last one, or of the one under way once its
  // gradients are there. No values where there is none.
  void keep_before(bool on) { keeps_before_ = on; }
  const training::Frame& before() const { return before_; }
  // Exact to the bit. Asks between steps; where it was told to stop, the trainer is at some step on the way.
  Status go_to(std::int64_t step, const GoesOn& goes_on);
  // Forgets what comes after head(); gives the whole line as it was.
  TrainLine cut();

  // Does between two steps what differs: entries of `by_hand` that came, went or changed, optimizer, smoothing and
  // freezing. Entries in `seen` that this line does not have belong to another line and are left; new ones are added
  // to it. wants_change() says whether anything is to be done; follow() needs is_at_end().
  bool wants_change(const TrainSettings& before, const TrainSettings& after, const std::set<std::uint64_t>& seen) const;
  void follow(const TrainSettings& before, const TrainSettings& after, std::set<std::uint64_t>& seen);
  // Hand edits of another run of the same model, done here again.
  void repeat_by_hand(const std::vector<HandDone>& done);
  // `settings` with what may change between steps as it is in force.
  TrainSettings settings_in_force(TrainSettings settings) const;
  // One epoch more than planned; the schedule ends with it.
  void extend();
  void take_key_frame();

  // On the held-out pictures, or on some of each class; null where it was given up. `is_recorded`: into the timeline.
  std::shared_ptr<const TestOutcome> test(bool on_all, bool is_recorded, const GoesOn& goes_on);

 private:
  struct Todo;
  LiveRun(TrainLine line, training::Trainer trainer, const training::RunData& data);
  Todo compare(const TrainSettings& before, const TrainSettings& after, const std::set<std::uint64_t>& seen) const;
  void note_before() { before_ = keeps_before_ ? training::take_frame(trainer_, true) : training::Frame{}; }
  HandDone* find_done(std::uint64_t serial);
  bool fits(const HandEdit& edit) const;
  void do_by_hand(const HandEdit& edit);
  void take_back(HandDone& done);
  bool is_removal_in_force(const HandDone& done) const;
  training::Frozen frozen_by(const TrainSettings& settings) const;
  void freeze(const TrainSettings& settings, const std::string& label);
  void set_optimizer(const TrainSettings& settings, const std::string& label);

  TrainLine line_;
  training::Trainer trainer_;
  training::DatasetSource train_, test_, some_;  // some_: of each class, for a test in passing
  TrainPhase next_phase_ = TrainPhase::kForward;
  bool has_gradients_ = false;
  bool keeps_before_ = false;
  training::Frame before_;
  // The step under way in phases.
  std::vector<float> images_;
  std::vector<std::int32_t> labels_;
  training::StepReport report_;
};

// The trainer's settings that follow from a run's.
training::TrainerSettings trainer_settings(const TrainSettings& settings, std::int64_t planned_steps);
// The settings that such a run was begun with, as far as a description and a state tell.
TrainSettings settings_of(const training::RunDescription& run, const training::Frame& state,
                          std::int64_t steps_per_epoch);
// What stays the same during a run; first_values are of the recording's first frame.
TrainRunPtr make_train_run(training::RunDescription description, training::DataParts data, std::uint64_t serial,
                           ParameterRow first_values);

}  // namespace convlens::model
