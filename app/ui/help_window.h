// The windows of the Help menu: every key with what it does, and what this program is.
#pragma once

#include "app/ui/actions.h"

namespace convlens::ui {

void draw_help_window(Ui& ui, const Actions& actions);
void draw_about_window(Ui& ui);

}  // namespace convlens::ui
