// The filters panel: strip, name, weights, tools, strength and bias. Arithmetic belongs to the filter bank.
#include <algorithm>
#include <cmath>
#include <string>

#include "app/model/filter_bank.h"
#include "app/ui/bank_strip.h"
#include "app/ui/filter_icons.h"
#include "app/ui/panels.h"
#include "app/ui/preset_picker.h"
#include "app/ui/weight_grid.h"
#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

constexpr float kLeastGrid = 120;  // heights of the weight grid at scale 1
constexpr float kMostGrid = 300;
constexpr float kLeastCell = 8;  // smaller ones cannot be hit; the panel scrolls instead

constexpr Icon kEditIcons[] = {Icon::kNormalise, Icon::kNegate,    Icon::kFlipHorizontal, Icon::kFlipVertical,
                               Icon::kRotate90,  Icon::kTranspose, Icon::kRandomise,      Icon::kZero};

}  // namespace

struct FiltersPanel::State {
  BankStrip strip;
  WeightGrid grid;
  PresetPicker presets;
  std::uint64_t seed = 1;

  void name_row(Ui& ui);
  void tools(Ui& ui);
  void blend(Ui& ui);
};

namespace {

model::Filter& selected_filter(Ui& ui) {
  return ui.document.settings.conv.bank.filters[static_cast<std::size_t>(ui.document.selection.filter)];
}

}  // namespace

void FiltersPanel::State::name_row(Ui& ui) {
  const float button_width = ImGui::CalcTextSize("Presets...").x + 2 * ImGui::GetStyle().FramePadding.x;
  const float width = ImGui::GetContentRegionAvail().x - button_width - ImGui::GetStyle().ItemSpacing.x;
  text_field(ui, "filters/name", "##name", &selected_filter(ui).name,
             "Name of the selected filter. A preset's name lets single weights be reset to it.", width);
  ImGui::SameLine();
  presets.draw(ui, strip.is_hovered());
}

void FiltersPanel::State::tools(Ui& ui) {
  const model::FilterBank& bank = ui.document.settings.conv.bank;
  const auto names = model::filter_edit_names();
  const float gap = 3 * ui.scale;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto edit = static_cast<model::FilterEdit>(i);
    const bool needs_square = edit == model::FilterEdit::kRotate90 || edit == model::FilterEdit::kTranspose;
    const bool enabled = !needs_square || bank.rows == bank.cols;
    const std::string help = std::string(names[i].label) + "\n" + std::string(names[i].summary) + ".";
    if (i > 0) ImGui::SameLine(0, gap);
    if (icon_button(ui, "filters/edit/" + std::string(names[i].name), kEditIcons[i], names[i].label, help, enabled,
                    std::string(names[i].label) + " needs as many rows as columns.")) {
      const auto done = model::apply_edit(bank, selected_filter(ui), edit, seed++);
      if (!done) ui.document.complain(done.error().message);
    }
  }
  ImGui::SameLine(0, 4 * gap);
  if (icon_button(ui, "filters/copy", Icon::kCopy, "Copy", "Copies the weights as text, ready for NumPy (Ctrl+C)")) {
    ui.requests.copy = true;
  }
  ImGui::SameLine(0, gap);
  if (icon_button(ui, "filters/paste", Icon::kPaste, "Paste",
                  "Pastes a matrix of numbers from a web page, NumPy, MATLAB, C or LaTeX (Ctrl+V); the bank takes its "
                  "size")) {
    ui.requests.paste = true;
  }
}

void FiltersPanel::State::blend(Ui& ui) {
  model::Filter& filter = selected_filter(ui);
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const auto caption = [&](const char* text) {
    ImGui::AlignTextToFramePadding();
    ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
    ImGui::TextUnformatted(text);
    ImGui::PopStyleColor();
    ImGui::SameLine(0, gap);
  };
  const float words = ImGui::CalcTextSize("StrengthBias").x + 3 * gap;
  const float room = ImGui::GetContentRegionAvail().x - words;
  caption("Strength");
  slider_number(ui, "filters/strength", "##strength", &filter.strength, 0, 2, "%.2f",
                "Blends from the picture itself (0) to the filter (1) and beyond, up to 2", std::floor(room * 0.6F));
  ImGui::SameLine(0, gap);
  caption("Bias");
  drag_number(ui, "filters/bias", "##bias", &filter.bias, 0.005F, -1e6F, 1e6F, "%.4g",
              "Added to every value of the map, before the activation. Drag, or Ctrl+click to type",
              ImGui::GetContentRegionAvail().x);
}

FiltersPanel::FiltersPanel() : state_(std::make_unique<State>()) {}
FiltersPanel::~FiltersPanel() = default;

void FiltersPanel::draw(Ui& ui) {
  model::FilterBank& bank = ui.document.settings.conv.bank;
  int& selected = ui.document.selection.filter;
  selected = std::clamp(selected, 0, static_cast<int>(bank.filters.size()) - 1);
  State& s = *state_;
  s.strip.draw(ui);
  s.name_row(ui);

  // The grid takes what the rows below it leave.
  const float below = 2 * ImGui::GetFrameHeightWithSpacing() + ImGui::GetTextLineHeightWithSpacing();
  const float room = ImGui::GetContentRegionAvail().y - below - ImGui::GetStyle().ItemSpacing.y;
  const float least = std::max(kLeastGrid, kLeastCell * static_cast<float>(bank.rows)) * ui.scale;
  s.grid.draw(ui, std::clamp(room, least, std::max(least, kMostGrid * ui.scale)));
  s.tools(ui);
  s.blend(ui);

  const std::string sum = model::describe_sum(bank, selected_filter(ui));
  dim_text(ui, ui.document.settings.conv.params.flip ? sum + "; turned by 180° as it slides" : sum);
  record(ui, "filters/sum", "text", sum, sum, {}, true, "What the sum of the weights does to flat areas");
  tooltip(ui, "The sum of all weights is what the filter makes of an area of constant brightness 1");
}

}  // namespace convlens::ui
