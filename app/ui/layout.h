// The three columns of the Explore workspace and the splitters between them, and the frame of any panel. Knows sizes,
// not contents.
#pragma once

#include "app/ui/ui.h"

namespace convlens::ui {

// Screen rectangles of the panels; width 0 where one is hidden.
struct Layout {
  ImVec4 input, filters, params, maps;  // x, y, width, height
};

// Divides `area` (x, y, width, height) by the shares in preferences; draws the splitters and lets them be dragged.
Layout lay_out(Ui& ui, const ImVec4& area);

// A framed child window at `rect` (x, y, width, height) with what `draw` puts into it; nothing where it has no size.
template <class Draw>
void panel(const char* name, const ImVec4& rect, const Draw& draw) {
  if (rect.z <= 0 || rect.w <= 0) return;
  ImGui::SetCursorScreenPos({rect.x, rect.y});
  ImGui::BeginChild(name, {rect.z, rect.w}, true, ImGuiWindowFlags_AlwaysUseWindowPadding);
  draw();
  ImGui::EndChild();
}

}  // namespace convlens::ui
