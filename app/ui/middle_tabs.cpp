// A strip of tabs and the child window of the open one. To add a tab: a member of State and a row of its table.
#include "app/ui/middle_tabs.h"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "app/ui/compare_tab.h"
#include "app/ui/cost_tab.h"
#include "app/ui/frequency_tab.h"
#include "app/ui/geometry_tab.h"
#include "app/ui/panels.h"
#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

struct Tab {
  const char* id;  // in Ui::middle_tab and the twin: "tabs/geometry"
  const char* label;
  const char* help;
  std::function<void(Ui&)> draw;
};

constexpr float kMostPadding = 9;  // at scale 1, left and right of a label
constexpr float kLeastPadding = 3;

// A word with a line under it, lit where it is the open tab.
bool tab_button(Ui& ui, const Tab& tab, float width, bool is_open) {
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const float height = ImGui::GetFrameHeight();
  const bool pressed = ImGui::InvisibleButton(tab.id, ImVec2(width, height));
  const bool is_hovered = ImGui::IsItemHovered();
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const ImVec2 far_corner(corner.x + width, corner.y + height);
  if (is_hovered && !is_open) {
    draw.AddRectFilled(corner, far_corner, ImGui::GetColorU32(ImGuiCol_FrameBgHovered), 4 * ui.scale);
  }
  const ImVec2 extent = ImGui::CalcTextSize(tab.label);
  draw.AddText(ImVec2(corner.x + (width - extent.x) / 2, corner.y + (height - extent.y) / 2 - ui.scale),
               is_open ? ui.palette.text : ui.palette.text_dim, tab.label);
  const float line = (is_open ? 2 : 1) * ui.scale;
  draw.AddRectFilled(ImVec2(corner.x, far_corner.y - line), far_corner,
                     is_open ? ui.palette.accent : ui.palette.panel_border);
  record(ui, std::string("tabs/") + tab.id, "tab", tab.label, is_open, {}, true, tab.help);
  tooltip(ui, tab.help);
  return pressed;
}

float width_of_labels(const std::vector<Tab>& tabs) {
  float words = 0;
  for (const Tab& tab : tabs) words += ImGui::CalcTextSize(tab.label).x;
  return words;
}

// One row where the labels fit: closer together, then in the small font, where the panel is narrow; else several rows.
void draw_strip(Ui& ui, const std::vector<Tab>& tabs) {
  const float room = ImGui::GetContentRegionAvail().x;
  const float least = 2 * kLeastPadding * ui.scale * static_cast<float>(tabs.size());
  const bool is_small = width_of_labels(tabs) + least > room;
  if (is_small) ImGui::PushFont(ui.fonts.small);
  const float words = width_of_labels(tabs);
  const float share = (room - words) / (2 * static_cast<float>(tabs.size()));
  const float padding = std::clamp(share, kLeastPadding * ui.scale, kMostPadding * ui.scale);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 2 * ui.scale));
  // The line under the tabs goes on to the edge.
  const ImVec2 start = ImGui::GetCursorScreenPos();
  const float foot = start.y + ImGui::GetFrameHeight();
  ImGui::GetWindowDrawList()->AddRectFilled({start.x, foot - ui.scale}, {start.x + room, foot},
                                            ui.palette.panel_border);
  float used = 0;
  for (const Tab& tab : tabs) {
    const float width = ImGui::CalcTextSize(tab.label).x + 2 * padding;
    if (used > 0 && used + width <= room + 1) {
      ImGui::SameLine(0, 0);
    } else {
      used = 0;
    }
    used += width;
    if (tab_button(ui, tab, width, ui.middle_tab == tab.id)) ui.middle_tab = tab.id;
  }
  ImGui::PopStyleVar();
  if (is_small) ImGui::PopFont();
}

}  // namespace

struct MiddleTabs::State {
  ParamsPanel params;
  GeometryTab geometry;
  FrequencyTab frequency;
  CostTab cost;
  CompareTab compare;
  std::vector<Tab> tabs;

  State() {
    tabs.push_back({"parameters", "Parameters", "Kernel, stride, dilation, padding and activation, with their formulas",
                    [this](Ui& ui) { params.draw(ui); }});
    tabs.push_back({"geometry", "Geometry",
                    "Which pixels are read how often, what comes from padding, where outputs stand; the flip, the "
                    "activation and pooling",
                    [this](Ui& ui) { geometry.draw(ui); }});
    tabs.push_back({"frequency", "Frequency",
                    "The filter in words, its gain for every wave, the spectra of picture and maps, its two 1-D passes",
                    [this](Ui& ui) { frequency.draw(ui); }});
    tabs.push_back({"cost", "Cost", "What this layer costs, as arithmetic, and the time of every kernel",
                    [this](Ui& ui) { cost.draw(ui); }});
    tabs.push_back({"compare", "Compare", "A and B: another set-up beside this one, and how far their maps are apart",
                    [this](Ui& ui) { compare.draw(ui); }});
  }
};

MiddleTabs::MiddleTabs() : state_(std::make_unique<State>()) {}
MiddleTabs::~MiddleTabs() = default;

void MiddleTabs::draw(Ui& ui) {
  const std::vector<Tab>& tabs = state_->tabs;
  draw_strip(ui, tabs);
  const auto named = std::find_if(tabs.begin(), tabs.end(), [&](const Tab& tab) { return ui.middle_tab == tab.id; });
  const Tab& open = named == tabs.end() ? tabs.front() : *named;
  // Each tab scrolls on its own, under the strip.
  ImGui::BeginChild(open.id, ImVec2(0, 0));
  open.draw(ui);
  ImGui::EndChild();
}

void MiddleTabs::draw_windows(Ui& ui) {
  state_->frequency.draw_window(ui);
  state_->compare.draw_window(ui);
}

}  // namespace convlens::ui
