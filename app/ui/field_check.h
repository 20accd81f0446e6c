// A boolean field as a check box with its label beside it, where field_control's column of labels would be in the way.
#pragma once

#include <string_view>

#include "app/ui/ui.h"

namespace convlens::ui {

// True if changed.
bool field_check(Ui& ui, std::string_view field_name);

}  // namespace convlens::ui
