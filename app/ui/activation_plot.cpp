// Samples the engine's own activation, once per pixel column.
#include "app/ui/activation_plot.h"

#include <algorithm>
#include <string>
#include <vector>

#include "app/ui/widgets.h"
#include "engine/conv/conv.h"

namespace convlens::ui {
namespace {
constexpr double kReach = 3;  // x and y of the box's edges
}

void activation_plot(Ui& ui, conv::Activation activation, const ImVec2& size) {
  const ImVec2 min = ImGui::GetCursorScreenPos();
  const ImVec2 max(min.x + size.x, min.y + size.y);
  ImGui::InvisibleButton("activation_plot", size);
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(min, max, ImGui::GetColorU32(ImGuiCol_FrameBg), ImGui::GetStyle().FrameRounding);
  const ImVec2 centre((min.x + max.x) / 2, (min.y + max.y) / 2);
  list->AddLine(ImVec2(min.x, centre.y), ImVec2(max.x, centre.y), ui.palette.panel_border);
  list->AddLine(ImVec2(centre.x, min.y), ImVec2(centre.x, max.y), ui.palette.panel_border);

  const double unit = static_cast<double>(std::min(size.x, size.y)) / 2 / kReach;
  std::vector<ImVec2> points;
  for (float x = 0; x <= size.x; x += 1) {
    const double y = conv::activate((static_cast<double>(x) - static_cast<double>(size.x) / 2) / unit, activation);
    points.emplace_back(min.x + x, centre.y - static_cast<float>(y * unit));
  }
  list->PushClipRect(min, max, true);
  list->AddPolyline(points.data(), static_cast<int>(points.size()), ui.palette.accent, 0, 1.8F * ui.scale);
  list->PopClipRect();

  const conv::ChoiceName& name = conv::activation_names()[static_cast<std::size_t>(activation)];
  const std::string help = std::string(name.label) + ": " + std::string(name.summary) +
                           "\nThe axes cross at 0; the box shows -3 to 3 both ways.";
  record(ui, "params/activation_plot", "plot", name.label, std::string(name.summary), {}, true, help);
  tooltip(ui, help);
}

}  // namespace convlens::ui
