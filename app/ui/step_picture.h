// One plane of numbers in a tab: caption, canvas linked with the maps, values in pixels. What the plane means is the
// tab's business.
#pragma once

#include <string>
#include <string_view>

#include "app/model/layer_steps.h"
#include "app/model/sweep.h"
#include "app/ui/canvas.h"
#include "app/ui/ui.h"
#include "app/view/colormap.h"
#include "app/view/picture.h"

namespace convlens::ui {

// A plane as pictures take it, with its values. Valid as long as the steps it is of.
struct StepSource {
  view::Source source;
  int plane = 0;
  ConstView values;  // (1,1,h,w)
  const model::MapStats* stats = nullptr;

  std::int64_t rows() const { return values.shape.h; }
  std::int64_t cols() const { return values.shape.w; }
};
StepSource source_of(const model::StepPlane& plane);
// After the activation.
StepSource map_source(const model::LayerSteps& steps);

class StepPicture {
 public:
  // A caption above a canvas, `size` both together, at the cursor. The caption is shortened where it does not fit.
  CanvasState draw(Ui& ui, std::string_view name, const std::string& caption, const ImVec2& size,
                   view::Viewport& viewport, const StepSource& plane, const view::Colormap& colormap,
                   const view::ValueRange& range);

 private:
  view::PlanePicture picture_;
};

// Height of a step picture of that width which a plane of that shape fills.
float step_picture_height(const Ui& ui, float width, std::int64_t rows, std::int64_t cols);

// The range of one plane alone, without its outliers where the maps leave them out too.
view::ValueRange own_range(const Ui& ui, const view::Colormap& colormap, const model::MapStats& stats);

// Tells everybody that the pointer is on something that belongs to that output of the map.
void hover_output(Ui& ui, int map, model::OutputCell cell);
// Tells everybody that the pointer is on that output of the map, and in words what is there.
void point_at_output(Ui& ui, int map, const CanvasState& canvas, const std::string& words);

}  // namespace convlens::ui
