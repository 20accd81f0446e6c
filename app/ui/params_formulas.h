// Output size, parameters and multiply-adds of the present settings with their numbers written in. Not a control.
#pragma once

#include "app/ui/ui.h"

namespace convlens::ui {

// Captions in a column of `label_width`.
void draw_formulas(Ui& ui, float label_width);

}  // namespace convlens::ui
