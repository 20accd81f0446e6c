// Output size, parameters and multiply-adds of the present settings with their numbers written in. Not a control.
#pragma once

#include "app/ui/ui.h"

namespace convlens::ui {

void draw_formulas(Ui& ui);

}  // namespace convlens::ui
