// Rows of controls, by kind of layer.
#include "app/ui/stack_fields.h"

#include <algorithm>
#include <vector>

#include "app/ui/widgets.h"
#include "engine/filters/presets.h"

namespace convlens::ui {
namespace {

using nn::LayerKind;
using nn::LayerSpec;

constexpr int kMostFilters = 512;  // that a person drags to; files may have more
constexpr int kMostOutputs = 4096;
constexpr int kLargestWindow = 31;
constexpr int kLargestStride = 16;

// Where the rows stand, and how their names in the twin begin.
struct Rows {
  Ui& ui;
  const std::string& prefix;
  std::string named(const char* name) const { return prefix + name; }
};

template <class Enum>
bool enum_row(const Rows& rows, const char* name, const char* label, Enum& value,
              std::span<const conv::ChoiceName> choices, const char* help) {
  int index = static_cast<int>(value);
  if (!choice_row(rows.ui, rows.named(name), label, &index, choices, help)) return false;
  value = static_cast<Enum>(index);
  return true;
}

bool number(const Rows& rows, const char* name, const char* label, int& value, int lo, int hi, const char* help) {
  return int_row(rows.ui, rows.named(name), label, &value, lo, hi, help);
}

// Rows and columns together where they are alike, apart where they are not.
bool pair_row(const Rows& rows, const char* name, const char* label, int& y, int& x, int lo, int hi, const char* help) {
  if (y == x) {
    int both = y;
    if (!number(rows, name, label, both, lo, hi, help)) return false;
    y = x = both;
    return true;
  }
  bool changed = number(rows, (std::string(name) + "_y").c_str(), (std::string(label) + " y").c_str(), y, lo, hi, help);
  changed |= number(rows, (std::string(name) + "_x").c_str(), (std::string(label) + " x").c_str(), x, lo, hi, help);
  return changed;
}

bool named_filter_row(const Rows& rows, LayerSpec& layer) {
  Ui& ui = rows.ui;
  label_column(ui, "Filter");
  bool changed = false;
  const std::string shown = layer.init.filter.empty() ? "choose…" : layer.init.filter;
  if (ImGui::BeginCombo("##filter", shown.c_str(), ImGuiComboFlags_HeightLarge)) {
    for (const filters::Preset& preset : filters::presets()) {
      const bool is_chosen = preset.name == layer.init.filter;
      if (ImGui::Selectable(std::string(preset.label).c_str(), is_chosen)) {
        layer.init.filter = preset.name;
        changed = true;
      }
      record(ui, rows.named("filter/") + std::string(preset.name), "item", preset.label, is_chosen, {}, true,
             std::string(preset.shows));
      tooltip(ui, std::string(preset.shows));
    }
    ImGui::EndCombo();
  }
  const std::string help = "The named filter that every filter of this layer begins as";
  record(ui, rows.named("filter"), "combo", "Filter", layer.init.filter, {}, true, help);
  tooltip(ui, help);
  return changed;
}

bool weight_rows(const Rows& rows, LayerSpec& layer) {
  Ui& ui = rows.ui;
  bool changed =
      enum_row(rows, "init", "Weights", layer.init.kind, nn::init_kind_names(), "Where the weights come from");
  if (layer.init.kind == nn::InitKind::kFilter) {
    if (layer.init.filter.empty()) layer.init.filter = "sobel-x";
    changed |= named_filter_row(rows, layer);
  }
  if (layer.init.kind == nn::InitKind::kNormal || layer.init.kind == nn::InitKind::kConstant) {
    const bool is_normal = layer.init.kind == nn::InitKind::kNormal;
    label_column(ui, is_normal ? "Deviation" : "Value");
    changed |= drag_number(ui, rows.named("init_value"), "##value", &layer.init.value, 0.005F, -10, 10, "%.3f",
                           is_normal ? "Standard deviation of the weights" : "What every weight begins as", -FLT_MIN);
  }
  label_column(ui, "Bias");
  changed |=
      toggle(ui, rows.named("bias"), "##bias", &layer.bias, "Whether every output has a number of its own added");
  return changed;
}

bool conv_rows(const Rows& rows, LayerSpec& layer) {
  Ui& ui = rows.ui;
  conv::Params& p = layer.conv;
  bool changed = number(rows, "filters", "Filters", layer.filters, 1, kMostFilters, "How many filters, and so maps");
  changed |=
      pair_row(rows, "size", "Size", layer.rows, layer.cols, 1, kLargestWindow, "Rows and columns of every filter");
  changed |= pair_row(rows, "stride", "Stride", p.stride_y, p.stride_x, 1, kLargestStride,
                      "Pixels from one window to the next");
  changed |= pair_row(rows, "dilation", "Dilation", p.dilation_y, p.dilation_x, 1, kLargestStride,
                      "Pixels from one tap to the next");
  changed |=
      enum_row(rows, "padding", "Padding", p.padding, conv::padding_mode_names(), "What is added around the maps");
  if (p.padding == conv::PaddingMode::kCustom) {
    changed |= number(rows, "pad_top", "Top", p.custom.top, 0, kLargestWindow, "Rows added above");
    changed |= number(rows, "pad_bottom", "Bottom", p.custom.bottom, 0, kLargestWindow, "Rows added below");
    changed |= number(rows, "pad_left", "Left", p.custom.left, 0, kLargestWindow, "Columns added on the left");
    changed |= number(rows, "pad_right", "Right", p.custom.right, 0, kLargestWindow, "Columns added on the right");
  }
  changed |= enum_row(rows, "border", "Border", p.border, conv::border_names(), "What padding cells read");
  changed |= number(rows, "groups", "Groups", p.groups, 1, kMostFilters,
                    "Channels and filters are split into this many parts");
  changed |= enum_row(rows, "activation", "Activation", p.activation, conv::activation_names(), "What bends the sums");
  label_column(ui, "Flip");
  changed |= toggle(ui, rows.named("flip"), "##flip", &p.flip, "True convolution: the filter turned by 180 degrees");
  return weight_rows(rows, layer) || changed;
}

bool pool_rows(const Rows& rows, LayerSpec& layer) {
  bool changed =
      pair_row(rows, "size", "Window", layer.rows, layer.cols, 1, kLargestWindow, "Rows and columns of a window");
  int y = layer.stride_y > 0 ? layer.stride_y : layer.rows, x = layer.stride_x > 0 ? layer.stride_x : layer.cols;
  if (pair_row(rows, "stride", "Stride", y, x, 1, kLargestStride, "Pixels from one window to the next")) {
    layer.stride_y = y, layer.stride_x = x;
    changed = true;
  }
  return changed;
}

}  // namespace

void label_column(const Ui& ui, const char* label) {
  const float start = ImGui::GetCursorPosX();
  ImGui::AlignTextToFramePadding();
  ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
  ImGui::TextUnformatted(label);
  ImGui::PopStyleColor();
  ImGui::SameLine(start + 86 * ui.scale);
  ImGui::SetNextItemWidth(-FLT_MIN);
}

bool int_row(Ui& ui, const std::string& name, const char* label, int* value, int lo, int hi, const std::string& help,
             const char* zero) {
  ImGui::PushID(name.c_str());
  label_column(ui, label);
  const bool changed =
      ImGui::DragInt("##value", value, 0.1F, lo, hi, *value == 0 ? zero : "%d", ImGuiSliderFlags_AlwaysClamp);
  record(ui, name, "drag", label, *value, {lo, hi}, true, help);
  tooltip(ui, help + "\nDrag, or Ctrl+click to type; " + std::to_string(lo) + " to " + std::to_string(hi));
  ImGui::PopID();
  return changed;
}

bool choice_row(Ui& ui, const std::string& name, const char* label, int* index,
                std::span<const conv::ChoiceName> choices, const std::string& help) {
  ImGui::PushID(name.c_str());
  label_column(ui, label);
  bool changed = false;
  const conv::ChoiceName& chosen = choices[static_cast<std::size_t>(*index)];
  if (ImGui::BeginCombo("##value", std::string(chosen.label).c_str(), ImGuiComboFlags_HeightLarge)) {
    for (std::size_t i = 0; i < choices.size(); ++i) {
      const bool is_chosen = static_cast<int>(i) == *index;
      if (ImGui::Selectable(std::string(choices[i].label).c_str(), is_chosen)) {
        changed = !is_chosen;
        *index = static_cast<int>(i);
      }
      record(ui, name + "/" + std::string(choices[i].name), "item", choices[i].label, is_chosen, {}, true,
             std::string(choices[i].summary));
      tooltip(ui, std::string(choices[i].summary));
    }
    ImGui::EndCombo();
  }
  record(ui, name, "combo", label, chosen.name, {}, true, help);
  tooltip(ui, help + "\n" + std::string(chosen.summary));
  ImGui::PopID();
  return changed;
}

bool layer_fields(Ui& ui, LayerSpec& layer, const std::string& prefix) {
  const Rows rows{ui, prefix};
  switch (layer.kind) {
    case LayerKind::kConv:
      return conv_rows(rows, layer);
    case LayerKind::kDense: {
      bool changed =
          number(rows, "outputs", "Outputs", layer.outputs, 1, kMostOutputs, "How many numbers the layer gives");
      changed |=
          enum_row(rows, "activation", "Activation", layer.activation, conv::activation_names(), "What bends the sums");
      return weight_rows(rows, layer) || changed;
    }
    case LayerKind::kActivation:
      return enum_row(rows, "activation", "Curve", layer.activation, conv::activation_names(),
                      "Applied to every value");
    case LayerKind::kMaxPool:
    case LayerKind::kAveragePool:
      return pool_rows(rows, layer);
    case LayerKind::kDropout:
      label_column(ui, "Rate");
      return drag_number(ui, rows.named("rate"), "##rate", &layer.rate, 0.005F, 0, 0.99F, "%.2f",
                         "The share of values that training sets to zero; shown maps are without it", -FLT_MIN);
    case LayerKind::kBatchNorm:
      dim_text(ui, "Running mean 0 and variance 1 until a weights file says otherwise.");
      return false;
    case LayerKind::kGlobalAverage:
    case LayerKind::kFlatten:
      dim_text(ui, std::string(nn::layer_kind_names()[static_cast<std::size_t>(layer.kind)].summary) + ".");
      return false;
  }
  return false;
}

}  // namespace convlens::ui
