// Column and splitter arithmetic of the Explore workspace.
#include "app/ui/layout.h"

#include <algorithm>

#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

constexpr float kGap = 6;  // between panels; also what is grabbed to move a splitter
constexpr float kNarrowestSide = 200;
constexpr float kNarrowestMiddle = 300;
constexpr float kWidestMiddle = 680;  // beyond it the controls only grow apart; maps need the room
constexpr float kLowestRow = 150;

// A splitter at the given place; returns how far it was dragged in this frame, in pixels.
float splitter(Ui& ui, const char* name, const ImVec4& rect, bool is_vertical) {
  ImGui::SetCursorScreenPos(ImVec2(rect.x, rect.y));
  ImGui::InvisibleButton(name, ImVec2(rect.z, rect.w));
  const bool is_active = ImGui::IsItemActive();
  if (is_active || ImGui::IsItemHovered()) {
    ImGui::SetMouseCursor(is_vertical ? ImGuiMouseCursor_ResizeEW : ImGuiMouseCursor_ResizeNS);
    const float inset = 2 * ui.scale;
    const ImVec2 from(rect.x + (is_vertical ? inset : 0), rect.y + (is_vertical ? 0 : inset));
    const ImVec2 to(rect.x + rect.z - (is_vertical ? inset : 0), rect.y + rect.w - (is_vertical ? 0 : inset));
    ImGui::GetWindowDrawList()->AddRectFilled(
        from, to, ImGui::GetColorU32(is_active ? ImGuiCol_SeparatorActive : ImGuiCol_SeparatorHovered), inset);
  }
  record(ui, name, "splitter", "", {}, {}, true, "Drag to resize the panels.");
  if (!is_active) return 0;
  return is_vertical ? ImGui::GetIO().MouseDelta.x : ImGui::GetIO().MouseDelta.y;
}

float fit(float size, float lowest, float highest) { return std::clamp(size, lowest, std::max(lowest, highest)); }

}  // namespace

Layout lay_out(Ui& ui, const ImVec4& area) {
  model::Preferences& shares = ui.preferences;
  Layout layout{};
  if (ui.hide_panels) {
    layout.maps = area;
    return layout;
  }
  const float gap = kGap * ui.scale;
  const float total = area.z - 2 * gap;
  // On a narrow window the least widths shrink together.
  const float squeeze = std::min(1.0F, total / ((2 * kNarrowestSide + kNarrowestMiddle) * ui.scale));
  const float side = kNarrowestSide * ui.scale * squeeze, center = kNarrowestMiddle * ui.scale * squeeze;
  const float input = fit(shares.input_share * total, side, total - center - side);
  const float widest = std::min(kWidestMiddle * ui.scale, total - input - side);
  const float middle = fit(shares.filters_share * total, center, widest);
  const float maps = total - input - middle;

  const float rows = area.w - gap;
  const float low = std::min(kLowestRow * ui.scale, rows / 2);
  const float upper = fit(shares.bank_share * rows, low, rows - low);

  const float x1 = area.x + input + gap, x2 = x1 + middle + gap;
  layout.input = ImVec4(area.x, area.y, input, area.w);
  layout.filters = ImVec4(x1, area.y, middle, upper);
  layout.params = ImVec4(x1, area.y + upper + gap, middle, rows - upper);
  layout.maps = ImVec4(x2, area.y, maps, area.w);

  if (const float d = splitter(ui, "layout/input", ImVec4(x1 - gap, area.y, gap, area.w), true); d != 0) {
    shares.input_share = fit(input + d, side, total - center - side) / total;
  }
  if (const float d = splitter(ui, "layout/maps", ImVec4(x2 - gap, area.y, gap, area.w), true); d != 0) {
    shares.filters_share = fit(middle + d, center, widest) / total;
  }
  if (const float d = splitter(ui, "layout/params", ImVec4(x1, area.y + upper, middle, gap), false); d != 0) {
    shares.bank_share = fit(upper + d, low, rows - low) / rows;
  }
  return layout;
}

}  // namespace convlens::ui
