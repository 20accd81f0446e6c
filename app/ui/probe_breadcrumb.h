// The path from all maps down to one number, at the top of the maps panel: each step can be clicked, up and down.
#pragma once

#include "app/ui/ui.h"

namespace convlens::ui {

void draw_breadcrumb(Ui& ui);

}  // namespace convlens::ui
