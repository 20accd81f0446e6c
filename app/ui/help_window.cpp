// Key help, made from the action table, and the about window.
#include "app/ui/help_window.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

constexpr std::array<std::pair<const char*, const char*>, 8> kGroups = {{{"picture", "Picture and maps"},
                                                                         {"window", "Sliding window"},
                                                                         {"train", "Training"},
                                                                         {"filter", "Filters"},
                                                                         {"edit", "Edit"},
                                                                         {"file", "Files"},
                                                                         {"view", "View"},
                                                                         {"help", "Help"}}};

// Gestures of the pointer: they belong to no action.
constexpr std::array<std::pair<const char*, const char*>, 6> kGestures = {
    {{"Wheel", "Zooms at the pointer"},
     {"Drag", "Pans; changes a number or a weight"},
     {"Ctrl+click", "Types a number"},
     {"Right-click", "Menu with “Reset to default”"},
     {"Hover", "Shows the value and its input"},
     {"Drop", "Opens a picture or a session"}}};

// A key as a little cap, right-aligned in a column of this width.
void key_cap(Ui& ui, const std::string& text, float width) {
  const ImVec2 size = ImGui::CalcTextSize(text.c_str());
  const float pad = 6 * ui.scale;
  ImVec2 corner = ImGui::GetCursorScreenPos();
  corner.x += std::max(0.0F, width - size.x - 2 * pad);
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const ImVec2 end(corner.x + size.x + 2 * pad, corner.y + size.y + 2 * ui.scale);
  draw.AddRectFilled(corner, end, ImGui::GetColorU32(ImGuiCol_FrameBg), 3 * ui.scale);
  draw.AddRect(corner, end, ui.palette.panel_border, 3 * ui.scale);
  draw.AddText(ImVec2(corner.x + pad, corner.y + ui.scale), ui.palette.text, text.c_str());
  ImGui::Dummy(ImVec2(width, size.y + 2 * ui.scale));
}

void row(Ui& ui, const std::string& key, const std::string& label, const std::string& help, float key_width) {
  key_cap(ui, key, key_width);
  ImGui::SameLine(0, 10 * ui.scale);
  ImGui::TextUnformatted(label.c_str());
  record(ui, "help/key/" + key, "text", label, key, {}, true, help);
  tooltip(ui, help);
}

std::string keys_of(const Action& action) {
  if (action.name == "filter/choose-1") return "1 … 9";
  std::string text = key_text(action.key);
  if (!action.other_key.empty()) text += "  " + key_text(action.other_key);
  return text;
}

void group(Ui& ui, const Actions& actions, const char* name, const char* title, float key_width) {
  heading(ui, title);
  for (const Action& action : actions.all()) {
    if (action.group() != name || action.key.empty() || !action.is_listed) continue;
    row(ui, keys_of(action), action.name == "filter/choose-1" ? "Choose filter 1 to 9" : action.label, action.help,
        key_width);
  }
  ImGui::Spacing();
}

void place_window(const Ui& ui, float width, float height) {
  const ImGuiViewport& viewport = *ImGui::GetMainViewport();
  const ImVec2 centre(viewport.WorkPos.x + viewport.WorkSize.x / 2, viewport.WorkPos.y + viewport.WorkSize.y / 2);
  ImGui::SetNextWindowPos(centre, ImGuiCond_Appearing, ImVec2(0.5F, 0.5F));
  ImGui::SetNextWindowSize(ImVec2(std::min(width * ui.scale, viewport.WorkSize.x * 0.95F),
                                  height > 0 ? std::min(height * ui.scale, viewport.WorkSize.y * 0.95F) : 0),
                           ImGuiCond_Appearing);
}

}  // namespace

void draw_help_window(Ui& ui, const Actions& actions) {
  if (!ui.windows.help) return;
  place_window(ui, 820, 680);
  if (ImGui::Begin("Keys", &ui.windows.help, ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoSavedSettings)) {
    const float key_width = 160 * ui.scale;
    const int columns = ImGui::GetContentRegionAvail().x > 640 * ui.scale ? 2 : 1;
    if (ImGui::BeginTable("keys", columns)) {
      ImGui::TableNextColumn();
      for (std::size_t i = 0; i < kGroups.size(); ++i) {
        if (i == 4) {
          heading(ui, "Pointer");
          for (const auto& [gesture, does] : kGestures) row(ui, gesture, does, does, key_width);
          ImGui::TableNextColumn();
        }
        group(ui, actions, kGroups[i].first, kGroups[i].second, key_width);
      }
      ImGui::EndTable();
    }
  }
  ImGui::End();
}

void draw_about_window(Ui& ui) {
  if (!ui.windows.about) return;
  place_window(ui, 460, 0);
  if (ImGui::Begin(
          "About ConvLens", &ui.windows.about,
          ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_AlwaysAutoResize)) {
    heading(ui, "ConvLens " CONVLENS_VERSION);
    ImGui::PushTextWrapPos(440 * ui.scale);
    ImGui::TextUnformatted(
        "Makes 2-D convolution visible: open a picture, edit a filter, see the feature maps follow.");
    ImGui::Spacing();
    const std::string gl = "OpenGL " + ui.gl.version + "\n" + ui.gl.renderer;
    ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
    ImGui::TextUnformatted(gl.c_str());
    ImGui::TextUnformatted("Dear ImGui " IMGUI_VERSION);
    ImGui::TextUnformatted("MIT licence");
    ImGui::PopStyleColor();
    ImGui::PopTextWrapPos();
    record(ui, "about/version", "text", "ConvLens " CONVLENS_VERSION, CONVLENS_VERSION);
  }
  ImGui::End();
}

}  // namespace convlens::ui
