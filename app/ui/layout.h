// The three columns of the Explore workspace and the splitters between them. Knows sizes, not contents.
#pragma once

#include "app/ui/ui.h"

namespace convlens::ui {

// Screen rectangles of the panels; width 0 where one is hidden.
struct Layout {
  ImVec4 input, filters, params, maps;  // x, y, width, height
};

// Divides `area` (x, y, width, height) by the shares in preferences; draws the splitters and lets them be dragged.
Layout lay_out(Ui& ui, const ImVec4& area);

}  // namespace convlens::ui
