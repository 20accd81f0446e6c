// The views of the tab "backward": why a weight's gradient is what it is, why a value's, and what a step does with it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/model/gradient_session.h"
#include "app/ui/stack_panels.h"
#include "app/ui/train_view.h"
#include "app/ui/ui.h"
#include "app/view/picture.h"

namespace convlens::ui {

// Which weight is looked at: layer, filter and channel by buttons, row and column by a click on its cell.
class WeightChooser {
 public:
  // Follows a filter that gets pinned, and one that is named first; keeps inside the run.
  void follow(const TrainView& view, const model::TrainRun& run);
  const model::WeightRef& weight() const { return weight_; }
  // Rows of buttons, and the slice of the filter as cells.
  void draw_names(Ui& ui, TrainView& view, const model::TrainRun& run);
  void draw_cells(Ui& ui, const model::TrainRun& run, const std::vector<float>& values, float width);

 private:
  model::WeightRef weight_;
  std::uint64_t run_ = 0;  // serial
  std::optional<FilterRef> pinned_;
};

// "conv1 filter 3, channel 1, row 0, column 2"; "fc1 output 3, input 17"
std::string weight_name(const model::TrainRun& run, const model::WeightRef& ref);

// Input, delta and their products over all positions of the map, with the products as a sum.
class WeightGradientView {
 public:
  void draw(Ui& ui, const model::WeightReasonPtr& reason, const std::string& batch);

 private:
  struct Plane;
  void draw_planes(Ui& ui, const model::WeightReason& reason);
  void draw_plane(Ui& ui, view::PlanePicture& picture, const Plane& plane, const ImVec2& at, float side,
                  const model::WeightReason& reason);

  view::PlanePicture input_, delta_, product_;
  std::optional<std::size_t> hovered_;  // term
  model::WeightReasonPtr told_;         // what lines_ are of
  std::vector<std::string> lines_;
};

// The terms of a gradient as lines of columns that stand below each other: the largest ones, the rest as one, the sum.
// `place` names where a term stands.
std::vector<std::string> gradient_lines(const explain::GradientSum& sum, const std::string& place_head,
                                        const char* delta_head, const char* factor_head,
                                        const std::function<std::string(const explain::GradientTerm&)>& place);
// Lines in digits of equal width, small enough for the longest one where that can be read; fills the child.
void draw_mono_lines(Ui& ui, const char* name, const std::string& title, const std::vector<std::string>& lines);

// Steps, and the phases up to the update.
void draw_step_buttons(Ui& ui);
// What the optimizer does with a weight in the last step, or in the one under way.
void draw_update(Ui& ui, const model::TrainRun& run, const model::WeightRef& weight, bool is_scrubbed);

}  // namespace convlens::ui
