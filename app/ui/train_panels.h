// The panels of the Train workspace. Each fills the ImGui child window it is drawn in; train_workspace gives it its
// size, after the snapshot of this frame has been collected.
#pragma once

#include <memory>

#include "app/ui/train_view.h"
#include "app/ui/ui.h"

namespace convlens::ui {

// One panel: drawn once a frame while it is open, with a snapshot that has a run.
class TrainPanel {
 public:
  virtual ~TrainPanel() = default;
  virtual void draw(Ui& ui, TrainView& view) = 0;
};

// Left: reset, run, step, phase, epoch, pace; data; model and its layers; optimizer; seed. Drawn before there is a run,
// too.
std::unique_ptr<TrainPanel> make_train_controls();
// Middle, above: filters of all convolutions with gradient, change since the start and response.
std::unique_ptr<TrainPanel> make_train_filters();
// Middle, below: loss and accuracy, norms, dead share.
std::unique_ptr<TrainPanel> make_train_curves();
// Along the bottom: one handle for everything.
std::unique_ptr<TrainPanel> make_train_timeline();
// Tabs on the right.
std::unique_ptr<TrainPanel> make_train_filter_card();  // "filter": the pinned one
std::unique_ptr<TrainPanel> make_train_sample();       // "sample": a picture through the net
std::unique_ptr<TrainPanel> make_train_backward();     // "backward": why a gradient is what it is
std::unique_ptr<TrainPanel> make_train_mistakes();     // "mistakes": confusion, its pictures
std::unique_ptr<TrainPanel> make_train_pad();          // "draw": a digit by hand
std::unique_ptr<TrainPanel> make_train_data();         // "data": the data set by class, preprocessing, fetching

}  // namespace convlens::ui
