// Square buttons with a drawn sign, for tools whose words would not fit side by side.
#pragma once

#include <string>
#include <string_view>

#include "app/ui/ui.h"

namespace convlens::ui {

enum class Icon {
  kAdd,
  kDuplicate,
  kDelete,
  kLeft,
  kRight,
  kNormalise,
  kNegate,
  kFlipHorizontal,
  kFlipVertical,
  kRotate90,
  kTranspose,
  kRandomise,
  kZero,
  kCopy,
  kPaste
};

// A button of the height of a frame. `label` is its name for the text twin; a disabled one shows `reason`.
bool icon_button(Ui& ui, std::string_view name, Icon icon, std::string_view label, const std::string& help,
                 bool enabled = true, const std::string& reason = {});

// Two links of a chain, closed or open: ties two values together. True if toggled.
bool chain_button(Ui& ui, std::string_view name, bool* is_linked, std::string_view label, const std::string& help);

}  // namespace convlens::ui
