// Pooling as a step after the activation: its settings, the map before and after it, and one window with the cell that
// won.
#pragma once

#include "app/model/layer_steps.h"
#include "app/model/sweep.h"
#include "app/ui/step_picture.h"
#include "app/ui/ui.h"
#include "engine/explain/pooling.h"

namespace convlens::ui {

class PoolingView {
 public:
  // `steps` is null until there are some.
  void draw(Ui& ui, const model::LayerStepsPtr& steps);

 private:
  void draw_pictures(Ui& ui, const model::LayerSteps& steps);

  StepPicture map_, pooled_;
  model::OutputCell cell_;  // of the pooled map: under the pointer, else over the output that is looked at
};

}  // namespace convlens::ui
