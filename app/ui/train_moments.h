// Which moment of the run is looked at, and the one that it is compared with. The handle is train_timeline's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/model/latest_worker.h"
#include "app/model/moment_difference.h"
#include "app/ui/train_view.h"
#include "app/ui/ui.h"

namespace convlens::ui {

// While a handle moves: shows the kept moment next to it, and computes nothing.
void look_at_step(const Ui& ui, TrainView& view, std::int64_t step);
// Where it comes to rest: a paused trainer goes there; a running one goes on while the past is looked at.
void come_to_step(Ui& ui, TrainView& view, std::int64_t step);
// Once a frame: lets go of a look that the trainer has caught up with, or that there is no such moment for any more.
void follow_look(const Ui& ui, TrainView& view);
// Step that is on the screen: looked at, or the trainer's.
std::int64_t looked_step(const Ui& ui, const TrainView& view);

// "step 1 204, epoch 7": epochs counted from 1.
std::string step_in_words(const model::TrainRun& run, std::int64_t step);
// B's step, where B is of the run on the screen.
std::optional<std::int64_t> step_of_b(const TrainView& view, const model::TrainSnapshot& snapshot);

// Batches and tests around a moment.
struct MomentFacts {
  std::optional<double> loss, accuracy;            // of training: mean over the steps around it
  std::optional<double> test_loss, test_accuracy;  // of the newest test until then
  std::int64_t tested_at = 0;
};
MomentFacts facts_of(const model::CurveHistory& history, std::int64_t step);

// A and B: the moment on the screen, and one that was kept.
class TrainMoments {
 public:
  explicit TrainMoments(const std::function<void()>& wake);
  // A button in the row of the timeline, and what it opens.
  void draw(Ui& ui, TrainView& view);

 private:
  struct Job {
    model::TrainRunPtr run;
    model::ParameterRow a, b;
  };
  using Distance = std::shared_ptr<const model::MomentDistance>;

  void measure(const ShownMoment& a, const ShownMoment& b);
  void keep(Ui& ui, TrainView& view, const ShownMoment& moment);
  void draw_popup(Ui& ui, TrainView& view, const ShownMoment& a);
  void draw_numbers(Ui& ui, const ShownMoment& a, const ShownMoment& b, const MomentFacts& now) const;
  void draw_distances(Ui& ui) const;

  model::LatestWorker<Job, Distance> worker_;
  Job asked_;
  Distance distance_;
  MomentFacts facts_;             // of B
  model::ParameterRow facts_of_;  // whose those are
};

}  // namespace convlens::ui
