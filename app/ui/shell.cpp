// Puts the pieces of the window together. What each piece shows is its own file's business.
#include "app/ui/shell.h"

#include "app/ui/layout.h"
#include "app/ui/panels.h"

namespace convlens::ui {

struct Shell::State {
  InputPanel input;
  FiltersPanel filters;
  ParamsPanel params;
  MapsPanel maps;
};

namespace {

template <class Draw>
void panel(Ui& ui, const char* name, const ImVec4& rect, const Draw& draw) {
  if (rect.z <= 0 || rect.w <= 0) return;
  (void)ui;
  ImGui::SetCursorScreenPos(ImVec2(rect.x, rect.y));
  ImGui::BeginChild(name, ImVec2(rect.z, rect.w), true, ImGuiWindowFlags_AlwaysUseWindowPadding);
  draw();
  ImGui::EndChild();
}

}  // namespace

Shell::Shell() : state_(std::make_unique<State>()) {}
Shell::~Shell() = default;

void Shell::draw(Ui& ui) {
  const ImGuiViewport& viewport = *ImGui::GetMainViewport();
  ImGui::SetNextWindowPos(viewport.WorkPos);
  ImGui::SetNextWindowSize(viewport.WorkSize);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 0);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  constexpr ImGuiWindowFlags kFlags = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                                      ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus |
                                      ImGuiWindowFlags_NoScrollWithMouse;
  ImGui::Begin("workspace", nullptr, kFlags);
  ImGui::PopStyleVar(3);
  const float edge = 6 * ui.scale;
  const ImVec4 area(viewport.WorkPos.x + edge, viewport.WorkPos.y + edge, viewport.WorkSize.x - 2 * edge,
                    viewport.WorkSize.y - 2 * edge);
  const Layout layout = lay_out(ui, area);
  panel(ui, "input", layout.input, [&] { state_->input.draw(ui); });
  panel(ui, "filters", layout.filters, [&] { state_->filters.draw(ui); });
  panel(ui, "params", layout.params, [&] { state_->params.draw(ui); });
  panel(ui, "maps", layout.maps, [&] { state_->maps.draw(ui); });
  ImGui::End();
}

}  // namespace convlens::ui
