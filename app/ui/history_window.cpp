// Draws the undo history.
#include "app/ui/history_window.h"

#include <string>

#include "app/ui/widgets.h"

namespace convlens::ui {

void HistoryWindow::draw(Ui& ui) {
  if (!ui.windows.history) return;
  const ImGuiViewport& viewport = *ImGui::GetMainViewport();
  const ImVec2 size(260 * ui.scale, 340 * ui.scale);
  ImGui::SetNextWindowSize(size, ImGuiCond_Appearing);
  ImGui::SetNextWindowPos(
      ImVec2(viewport.WorkPos.x + 24 * ui.scale, viewport.WorkPos.y + viewport.WorkSize.y - size.y - 48 * ui.scale),
      ImGuiCond_Appearing);
  if (ImGui::Begin("History", &ui.windows.history, ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoSavedSettings)) {
    const model::History& history = ui.document.history();
    std::size_t go_to = history.position();
    for (std::size_t i = 0; i < history.entries().size(); ++i) {
      const bool is_here = i == history.position();
      const bool is_undone = i > history.position();
      const std::string& label = history.entries()[i].label;
      if (is_undone) ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
      ImGui::PushID(static_cast<int>(i));
      if (ImGui::Selectable(label.empty() ? "Start" : label.c_str(), is_here)) go_to = i;
      ImGui::PopID();
      if (is_undone) ImGui::PopStyleColor();
      if (is_here && shown_position_ != i) ImGui::SetScrollHereY();
      record(ui, "history/" + std::to_string(i), "item", label, is_here);
      tooltip(ui, is_undone ? label + "\nUndone; click to make it again." : label);
    }
    shown_position_ = history.position();
    if (go_to != history.position()) ui.document.go_to(go_to);
  }
  ImGui::End();
}

}  // namespace convlens::ui
