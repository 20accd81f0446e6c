// A map before and after its activation, the curve with the value that is looked at, and the experiment with the
// activation before the convolution.
#pragma once

#include "app/model/layer_steps.h"
#include "app/ui/step_picture.h"
#include "app/ui/ui.h"

namespace convlens::ui {

class ActivationView {
 public:
  // `steps` is null until there are some.
  void draw(Ui& ui, const model::LayerStepsPtr& steps);

 private:
  void draw_pictures(Ui& ui, const model::LayerSteps& steps);
  void draw_experiment(Ui& ui, const model::LayerSteps& steps);

  StepPicture before_, after_, first_, difference_;
};

}  // namespace convlens::ui
