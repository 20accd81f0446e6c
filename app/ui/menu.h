// The menu bar, drawn from the action table, the field table and the recent files.
#pragma once

#include "app/ui/actions.h"

namespace convlens::ui {

void draw_menu_bar(Ui& ui, const Actions& actions);

}  // namespace convlens::ui
