// Correlation or convolution: the filter as it is drawn, as it slides (turned by 180 degrees, or not), and what comes
// of one bright pixel.
#pragma once

#include <optional>

#include "app/model/layer_steps.h"
#include "app/ui/step_picture.h"
#include "app/ui/ui.h"

namespace convlens::ui {

class FlipView {
 public:
  // `steps` is null until there are some.
  void draw(Ui& ui, const model::LayerStepsPtr& steps);

 private:
  void advance(Ui& ui, bool is_flipped);

  StepPicture impulse_;
  view::Viewport impulse_view_;
  float angle_ = 0;  // degrees that the filter is turned by at this moment
  float from_ = 0, to_ = 0;
  std::optional<double> since_;  // ImGui's clock, while it turns
  std::optional<bool> was_flipped_;
};

}  // namespace convlens::ui
