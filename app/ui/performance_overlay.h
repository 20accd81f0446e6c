// A small window over the workspace: where the time between an edit and its picture goes, and how long frames take.
// Shows what app/edit_clock measured; asks for no frames of its own.
#pragma once

#include "app/ui/ui.h"

namespace convlens::ui {

// Draws nothing unless the preferences ask for it.
void draw_performance_overlay(Ui& ui);

}  // namespace convlens::ui
