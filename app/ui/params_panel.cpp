// The hyper-parameters panel: its rows and which of them move together. Limits and rules are the field table's.
#include <algorithm>
#include <string>

#include "app/model/fields.h"
#include "app/ui/activation_plot.h"
#include "app/ui/filter_icons.h"
#include "app/ui/panels.h"
#include "app/ui/params_formulas.h"
#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

constexpr float kLabelWidth = 68;  // at scale 1
constexpr float kNarrow = 300;     // panels below this stack what is side by side otherwise

bool set(Ui& ui, std::string_view name, double value) {
  return model::set_field(ui.document.settings, *model::find_field(name), value, ui.document.picture_shape());
}

double get(const Ui& ui, std::string_view name) { return model::find_field(name)->get(ui.document.settings); }

void label(Ui& ui, const char* text, const std::string& help) {
  ImGui::AlignTextToFramePadding();
  ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
  ImGui::TextUnformatted(text);
  ImGui::PopStyleColor();
  tooltip(ui, help);
}

// Two integer fields, vertical and horizontal, with a chain between them that makes one follow the other.
struct PairRow {
  const char* label;
  const char* help;
  std::string_view y;
  std::string_view x;
  std::string_view chain;
  const char* chain_help;
};

constexpr PairRow kKernel{"Kernel",           "Rows and columns of every filter",
                          "conv/kernel_rows", "conv/kernel_cols",
                          "params/square",    "Square: rows and columns change together"};
constexpr PairRow kStride{"Stride",
                          "How far the window moves from one output to the next",
                          "conv/stride_y",
                          "conv/stride_x",
                          "params/link_stride",
                          "Both strides change together"};
constexpr PairRow kDilation{"Dilation",
                            "Distance between neighbouring weights; 1 is dense",
                            "conv/dilation_y",
                            "conv/dilation_x",
                            "params/link_dilation",
                            "Both dilations change together"};

void caption_row(Ui& ui) {
  ImGui::TableNextRow();
  for (const char* text : {"", "rows, y", "columns, x"}) {
    ImGui::TableNextColumn();
    ImGui::PushFont(ui.fonts.small);
    ImGui::TextDisabled("%s", text);
    ImGui::PopFont();
  }
}

// Side by side, or one below the other where the panel is narrow.
void pair_row(Ui& ui, const PairRow& row, bool* is_linked, bool is_narrow) {
  ImGui::PushID(row.label);
  const auto chain = [&] {
    ImGui::TableNextColumn();
    if (chain_button(ui, row.chain, is_linked, row.chain_help, row.chain_help) && *is_linked) {
      set(ui, row.x, get(ui, row.y));
    }
  };
  ImGui::TableNextRow();
  ImGui::TableNextColumn();
  label(ui, row.label, row.help);
  ImGui::TableNextColumn();
  if (field_control(ui, row.y, -1) && *is_linked) set(ui, row.x, get(ui, row.y));
  if (is_narrow) {
    chain();
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
  }
  ImGui::TableNextColumn();
  if (field_control(ui, row.x, -1) && *is_linked) set(ui, row.y, get(ui, row.x));
  if (!is_narrow) chain();
  ImGui::PopID();
}

// One side's padding: a drag for custom padding, otherwise what the mode works out to.
void pad_field(Ui& ui, const char* side, int resolved, float width) {
  const std::string name = std::string("conv/pad_") + side;
  const model::Field& field = *model::find_field(name);
  const model::FieldLimits limits = model::field_limits(field, ui.document.settings, ui.document.picture_shape());
  const bool is_custom = ui.document.settings.conv.params.padding == conv::PaddingMode::kCustom;
  int value = is_custom ? static_cast<int>(field.get(ui.document.settings)) : resolved;
  const int lo = static_cast<int>(limits.lo);
  const int hi = static_cast<int>(limits.hi);
  std::string help(field.tooltip);
  if (!is_custom) {
    help = std::string(field.label) + ": worked out by the padding mode. Choose Custom to set it by hand.";
  } else {
    help += "\nFrom " + std::to_string(lo) + " to " + std::to_string(hi) + ".";
    if (!limits.reason.empty()) help += "\n" + limits.reason;
    help += "\nDrag, or Ctrl+click to type.";
  }
  const std::string format = std::string(side) + " %d";
  ImGui::PushID(side);
  ImGui::SetNextItemWidth(width);
  ImGui::BeginDisabled(!is_custom || !limits.enabled);
  const bool changed =
      ImGui::DragInt("##pad", &value, 0.1F, lo, std::max(lo, hi), format.c_str(), ImGuiSliderFlags_AlwaysClamp);
  ImGui::EndDisabled();
  record(ui, name, "drag", field.label, value, {lo, hi}, is_custom && limits.enabled, help);
  tooltip(ui, help);
  if (changed) set(ui, name, value);
  ImGui::PopID();
}

void padding_rows(Ui& ui) {
  const conv::Params& params = ui.document.settings.conv.params;
  const auto geometry = model::settings_geometry(ui.document.settings, ui.document.picture_shape());
  const conv::Padding pad = geometry ? geometry->pad : conv::Padding{};
  const bool was_custom = params.padding == conv::PaddingMode::kCustom;
  field_segments(ui, "conv/padding", kLabelWidth * ui.scale);
  // Custom padding starts from what was on the screen, unless it has been set before.
  if (!was_custom && params.padding == conv::PaddingMode::kCustom && params.custom == conv::Padding{}) {
    set(ui, "conv/pad_top", pad.top);
    set(ui, "conv/pad_bottom", pad.bottom);
    set(ui, "conv/pad_left", pad.left);
    set(ui, "conv/pad_right", pad.right);
  }
  const float gap = 4 * ui.scale;
  const bool is_narrow = ImGui::GetContentRegionAvail().x < kNarrow * ui.scale;
  const float indent = kLabelWidth * ui.scale;
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + indent);
  const float width = (ImGui::GetContentRegionAvail().x - 3 * gap) / (is_narrow ? 2 : 4);
  pad_field(ui, "top", pad.top, width);
  ImGui::SameLine(0, gap);
  pad_field(ui, "bottom", pad.bottom, width);
  if (is_narrow) {
    ImGui::SetCursorPosX(ImGui::GetCursorPosX() + indent);
  } else {
    ImGui::SameLine(0, gap);
  }
  pad_field(ui, "left", pad.left, width);
  ImGui::SameLine(0, gap);
  pad_field(ui, "right", pad.right, width);
  field_segments(ui, "conv/border", kLabelWidth * ui.scale);
}

// Cross-correlation or convolution, by name: which of the two it is, is the point.
void flip_row(Ui& ui) {
  const model::Field& field = *model::find_field("conv/flip");
  label(ui, "Slides as", std::string(field.tooltip));
  ImGui::SameLine(kLabelWidth * ui.scale, 0);
  const bool is_flipped = get(ui, "conv/flip") != 0;
  ImGui::BeginGroup();
  const auto segment = [&](const char* text, const char* name, bool value, const char* help) {
    const bool is_chosen = is_flipped == value;
    if (is_chosen) {
      ImGui::PushStyleColor(ImGuiCol_Button, ImGui::GetStyleColorVec4(ImGuiCol_Header));
      ImGui::PushStyleColor(ImGuiCol_ButtonHovered, ImGui::GetStyleColorVec4(ImGuiCol_HeaderHovered));
    }
    if (ImGui::Button(text)) set(ui, "conv/flip", value ? 1 : 0);
    if (is_chosen) ImGui::PopStyleColor(2);
    record(ui, name, "button", text, is_chosen, {}, true, help);
    tooltip(ui, help);
  };
  segment("Correlation", "conv/flip/off", false,
          "Cross-correlation: the filter slides as it is drawn. What deep learning calls convolution.");
  ImGui::SameLine(0, 2 * ui.scale);
  segment("Convolution", "conv/flip/on", true,
          "True convolution: the filter is turned by 180° before it slides, so that an impulse gives back the filter.");
  ImGui::EndGroup();
  record(ui, "conv/flip", "toggle", field.label, is_flipped, {}, true, std::string(field.tooltip));
}

}  // namespace

struct ParamsPanel::State {
  bool is_square = true;
  bool links_stride = true;
  bool links_dilation = true;
  bool is_advanced = false;
};

ParamsPanel::ParamsPanel() : state_(std::make_unique<State>()) {}
ParamsPanel::~ParamsPanel() = default;

void ParamsPanel::draw(Ui& ui) {
  State& s = *state_;
  // What differs already (by undo or a session) is not tied together.
  s.is_square &= get(ui, kKernel.y) == get(ui, kKernel.x);
  s.links_stride &= get(ui, kStride.y) == get(ui, kStride.x);
  s.links_dilation &= get(ui, kDilation.y) == get(ui, kDilation.x);

  ImGui::PushStyleVar(ImGuiStyleVar_CellPadding, ImVec2(2 * ui.scale, 1.5F * ui.scale));
  const bool is_narrow = ImGui::GetContentRegionAvail().x < kNarrow * ui.scale;
  if (ImGui::BeginTable(is_narrow ? "narrow pairs" : "pairs", is_narrow ? 3 : 4, ImGuiTableFlags_NoPadOuterX)) {
    ImGui::TableSetupColumn("label", ImGuiTableColumnFlags_WidthFixed, (kLabelWidth - 4) * ui.scale);
    ImGui::TableSetupColumn("y");
    if (!is_narrow) ImGui::TableSetupColumn("x");
    ImGui::TableSetupColumn("chain", ImGuiTableColumnFlags_WidthFixed, ImGui::GetFrameHeight());
    if (!is_narrow) caption_row(ui);
    pair_row(ui, kKernel, &s.is_square, is_narrow);
    pair_row(ui, kStride, &s.links_stride, is_narrow);
    pair_row(ui, kDilation, &s.links_dilation, is_narrow);
    ImGui::EndTable();
  }
  ImGui::PopStyleVar();
  padding_rows(ui);

  // The curve takes what the widest row beside it leaves.
  const float segments = ImGui::CalcTextSize("CorrelationConvolution").x + 4 * ImGui::GetStyle().FramePadding.x;
  const float plot = std::min(2.6F * ImGui::GetFrameHeightWithSpacing(),
                              ImGui::GetContentRegionAvail().x - segments - (kLabelWidth + 12) * ui.scale);
  const float left = ImGui::GetContentRegionAvail().x - (is_narrow ? 0 : plot + ImGui::GetStyle().ItemSpacing.x);
  const float rows = 3 * ImGui::GetFrameHeightWithSpacing() - ImGui::GetStyle().ItemSpacing.y;
  ImGui::BeginChild("mode", ImVec2(left, rows), false,
                    ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
  flip_row(ui);
  field_control(ui, "conv/groups", kLabelWidth * ui.scale);
  field_control(ui, "conv/activation", kLabelWidth * ui.scale);
  ImGui::EndChild();
  if (!is_narrow) ImGui::SameLine();
  activation_plot(ui, ui.document.settings.conv.params.activation, ImVec2(ImGui::GetContentRegionAvail().x, rows));

  draw_formulas(ui, kLabelWidth * ui.scale);
  ImGui::PushStyleColor(ImGuiCol_Header, ImGui::GetStyleColorVec4(ImGuiCol_FrameBg));
  s.is_advanced = ImGui::CollapsingHeader("Advanced");
  ImGui::PopStyleColor();
  record(ui, "params/advanced", "toggle", "Advanced", s.is_advanced, {}, true,
         "Which kernel, instruction set and how many threads compute the maps");
  if (s.is_advanced) {
    for (const char* name : {"conv/kernel", "conv/isa", "conv/threads"}) field_control(ui, name);
  }
}

}  // namespace convlens::ui
