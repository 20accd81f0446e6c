// Controls of the field table: what a row of app/model/fields.h looks like and how it is edited.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "app/model/fields.h"
#include "app/ui/widgets.h"
#include "engine/conv/accelerator.h"

namespace convlens::ui {
namespace {

using model::Field;
using model::FieldKind;
using model::FieldLimits;

constexpr double kWidestSlider = 64;  // a slider over more whole numbers than this is too coarse: dragging instead

struct FieldView {
  const Field& field;
  FieldLimits limits;
  double value;
  std::string tooltip;
};

std::string with_unit(const Field& field, double value) {
  std::string text = model::field_text(field, value);
  if (!field.unit.empty()) text += " " + std::string(field.unit);
  return text;
}

std::string tooltip_of(const Field& field, const FieldLimits& limits) {
  std::string text(field.tooltip);
  if (field.kind == FieldKind::kInt || field.kind == FieldKind::kFloat) {
    text += "\nFrom " + with_unit(field, limits.lo) + " to " + with_unit(field, limits.hi) + ".";
  }
  if (!limits.reason.empty()) text += "\n" + limits.reason;
  if (!limits.enabled) return text;
  if (field.kind == FieldKind::kInt || field.kind == FieldKind::kFloat) {
    text += "\nDrag, or Ctrl+click to type. Right-click to reset.";
  } else {
    text += "\nRight-click to reset to " + model::field_text(field, field.initial) + ".";
  }
  return text;
}

// The table of fields does not know what this machine has.
void limit_gpu(const Ui& ui, const Field& field, FieldLimits& limits) {
  std::string reason = ui.document.no_gpu();
  if (!ui.gl.has_compute) reason = "it needs OpenGL 4.3, and this driver offers " + ui.gl.version.substr(0, 3);
  if (reason.empty()) return;
  const auto gpu = std::ranges::find(field.choices, conv::kAcceleratorKernel, &model::FieldChoice::name);
  limits.choice_enabled[static_cast<std::size_t>(gpu - field.choices.begin())] = false;
  limits.reason += (limits.reason.empty() ? "" : "\n") + std::string(conv::kAcceleratorKernel) + ": " + reason + ".";
}

FieldView view_of(Ui& ui, const Field& field) {
  const model::Settings& settings = ui.document.settings;
  const Shape picture = ui.document.picture_shape();
  const bool is_kernel = field.name == "conv/kernel";  // all of them look at every filter to say whether they can
  FieldLimits limits =
      is_kernel ? ui.kernel_limits.get(field, settings, picture) : model::field_limits(field, settings, picture);
  if (is_kernel) limit_gpu(ui, field, limits);
  std::string text = tooltip_of(field, limits);
  return {field, std::move(limits), field.get(settings), std::move(text)};
}

bool set(Ui& ui, const Field& field, double value) {
  return model::set_field(ui.document.settings, field, value, ui.document.picture_shape());
}

void label_column(Ui& ui, const FieldView& view, float label_width) {
  if (label_width < 0) return;
  if (label_width == 0) {
    label_width = std::clamp(ImGui::GetContentRegionAvail().x * 0.36F, 88 * ui.scale, 150 * ui.scale);
  }
  const float start = ImGui::GetCursorPosX();
  ImGui::AlignTextToFramePadding();
  ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
  ImGui::TextUnformatted(view.field.label.data(), view.field.label.data() + view.field.label.size());
  ImGui::PopStyleColor();
  tooltip(ui, view.tooltip);
  ImGui::SameLine(start + label_width, 0);
  // A label longer than its column pushes the control instead of lying under it.
  const float label_end =
      start + ImGui::CalcTextSize(view.field.label.data(), view.field.label.data() + view.field.label.size()).x;
  if (label_end + ImGui::GetStyle().ItemInnerSpacing.x > start + label_width) {
    ImGui::SetCursorPosX(label_end + ImGui::GetStyle().ItemInnerSpacing.x);
  }
}

nlohmann::json value_json(const FieldView& view) {
  switch (view.field.kind) {
    case FieldKind::kInt:
      return static_cast<std::int64_t>(view.value);
    case FieldKind::kFloat:
      return view.value;
    case FieldKind::kBool:
      return view.value != 0;
    case FieldKind::kChoice:
      return std::string(view.field.choices[static_cast<std::size_t>(view.value)].name);
  }
  return {};
}

bool is_choice_enabled(const FieldView& view, std::size_t index) {
  return view.limits.choice_enabled.empty() || view.limits.choice_enabled[index];
}

nlohmann::json range_json(const FieldView& view) {
  if (view.field.kind == FieldKind::kInt || view.field.kind == FieldKind::kFloat) {
    return nlohmann::json::array({view.limits.lo, view.limits.hi});
  }
  if (view.field.kind != FieldKind::kChoice) return {};
  nlohmann::json names = nlohmann::json::array();
  for (std::size_t i = 0; i < view.field.choices.size(); ++i) {
    if (is_choice_enabled(view, i)) names.push_back(view.field.choices[i].name);
  }
  return names;
}

// Right-click on the last item.
bool reset_menu(Ui& ui, const FieldView& view) {
  bool changed = false;
  if (ImGui::BeginPopupContextItem("reset")) {
    const std::string label = "Reset to default (" + with_unit(view.field, view.field.initial) + ")";
    if (ImGui::MenuItem(label.c_str())) changed = set(ui, view.field, view.field.initial);
    record(ui, std::string(view.field.name) + "/reset", "item", label);
    ImGui::EndPopup();
  }
  return changed;
}

void record_field(Ui& ui, const FieldView& view, std::string_view kind) {
  if (!ui.twin.is_active()) return;
  record(ui, view.field.name, kind, view.field.label, value_json(view), range_json(view), view.limits.enabled,
         view.tooltip);
}

bool int_editor(Ui& ui, const FieldView& view, float width, int* value) {
  const int lo = static_cast<int>(view.limits.lo), hi = static_cast<int>(view.limits.hi);
  const std::string format = view.field.unit.empty() ? "%d" : "%d " + std::string(view.field.unit);
  if (hi - lo > kWidestSlider) {
    ImGui::SetNextItemWidth(width);
    return ImGui::DragInt("##value", value, 0.2F, lo, hi, format.c_str(), ImGuiSliderFlags_AlwaysClamp);
  }
  return filled_slider(ui, "##value", value, lo, hi, format.c_str(), width);
}

bool step_button(Ui& ui, const FieldView& view, const char* sign, const char* word, double next) {
  const bool enabled = view.limits.enabled && next >= view.limits.lo && next <= view.limits.hi;
  ImGui::SameLine(0, 2 * ui.scale);
  ImGui::BeginDisabled(!enabled);
  const bool pressed = ImGui::Button(sign, ImVec2(ImGui::GetFrameHeight(), 0));
  ImGui::EndDisabled();
  const std::string help = std::string(view.field.label) + ": " + word + " by one.";
  record(ui, std::string(view.field.name) + "/" + word, "button", sign, {}, {}, enabled, help);
  const std::string& why = !enabled && !view.limits.reason.empty() ? view.limits.reason : help;
  tooltip(ui, why);
  return pressed && enabled;
}

bool int_control(Ui& ui, const FieldView& view) {
  int value = static_cast<int>(view.value);
  const float steppers = 2 * (ImGui::GetFrameHeight() + 2 * ui.scale);
  const float width = std::max(ImGui::GetContentRegionAvail().x - steppers, 40 * ui.scale);
  ImGui::BeginDisabled(!view.limits.enabled);
  bool changed = int_editor(ui, view, width, &value) && set(ui, view.field, value);
  ImGui::EndDisabled();
  record_field(ui, view, "slider");
  tooltip(ui, view.tooltip);
  changed |= reset_menu(ui, view);
  if (step_button(ui, view, "-", "less", view.value - 1)) changed |= set(ui, view.field, view.value - 1);
  if (step_button(ui, view, "+", "more", view.value + 1)) changed |= set(ui, view.field, view.value + 1);
  return changed;
}

bool float_control(Ui& ui, const FieldView& view) {
  float value = static_cast<float>(view.value);
  const float lo = static_cast<float>(view.limits.lo), hi = static_cast<float>(view.limits.hi);
  std::string format = std::abs(view.value) >= 100 ? "%.0f" : std::abs(view.value) >= 10 ? "%.1f" : "%.3g";
  if (!view.field.unit.empty()) format += " " + std::string(view.field.unit);
  const float width = ImGui::GetContentRegionAvail().x;
  ImGui::BeginDisabled(!view.limits.enabled);
  bool changed = false;
  const bool is_logarithmic = lo > 0 && hi / lo >= 50;
  const bool is_wide = hi - lo > 1000 || std::abs(hi) > 1e6F;
  if (is_wide && !is_logarithmic) {
    const float speed = std::max(0.01F, std::abs(value) * 0.01F);
    ImGui::SetNextItemWidth(width);
    changed = ImGui::DragFloat("##value", &value, speed, lo, hi, format.c_str(), ImGuiSliderFlags_AlwaysClamp);
  } else {
    changed = filled_slider(ui, "##value", &value, lo, hi, format.c_str(), width, is_logarithmic);
  }
  ImGui::EndDisabled();
  changed = changed && set(ui, view.field, static_cast<double>(value));
  record_field(ui, view, "slider");
  tooltip(ui, view.tooltip);
  changed |= reset_menu(ui, view);
  return changed;
}

bool bool_control(Ui& ui, const FieldView& view) {
  bool value = view.value != 0;
  ImGui::BeginDisabled(!view.limits.enabled);
  bool changed = ImGui::Checkbox("##value", &value) && set(ui, view.field, value ? 1 : 0);
  ImGui::EndDisabled();
  record_field(ui, view, "toggle");
  tooltip(ui, view.tooltip);
  changed |= reset_menu(ui, view);
  return changed;
}

bool combo_entries(Ui& ui, const FieldView& view) {
  bool changed = false;
  for (std::size_t i = 0; i < view.field.choices.size(); ++i) {
    const model::FieldChoice& choice = view.field.choices[i];
    const bool enabled = is_choice_enabled(view, i);
    const std::string label(choice.label);
    const bool is_chosen = static_cast<std::size_t>(view.value) == i;
    const ImGuiSelectableFlags flags = enabled ? ImGuiSelectableFlags_None : ImGuiSelectableFlags_Disabled;
    if (ImGui::Selectable(label.c_str(), is_chosen, flags)) changed |= set(ui, view.field, static_cast<double>(i));
    const std::string help = enabled || view.limits.reason.empty() ? std::string(choice.summary) : view.limits.reason;
    record(ui, std::string(view.field.name) + "/" + std::string(choice.name), "item", label, is_chosen, {}, enabled,
           help);
    tooltip(ui, help);
  }
  return changed;
}

bool choice_control(Ui& ui, const FieldView& view) {
  const std::string shown(view.field.choices[static_cast<std::size_t>(view.value)].label);
  ImGui::SetNextItemWidth(-FLT_MIN);
  ImGui::BeginDisabled(!view.limits.enabled);
  bool changed = false;
  if (ImGui::BeginCombo("##value", shown.c_str(), ImGuiComboFlags_HeightLarge)) {
    changed = combo_entries(ui, view);
    ImGui::EndCombo();
  }
  ImGui::EndDisabled();
  record_field(ui, view, "combo");
  tooltip(ui, view.tooltip);
  changed |= reset_menu(ui, view);
  return changed;
}

bool editor(Ui& ui, const FieldView& view) {
  switch (view.field.kind) {
    case FieldKind::kInt:
      return int_control(ui, view);
    case FieldKind::kFloat:
      return float_control(ui, view);
    case FieldKind::kBool:
      return bool_control(ui, view);
    case FieldKind::kChoice:
      return choice_control(ui, view);
  }
  return false;
}

bool segment(Ui& ui, const FieldView& view, std::size_t index, float width) {
  const model::FieldChoice& choice = view.field.choices[index];
  const bool is_chosen = static_cast<std::size_t>(view.value) == index;
  const bool enabled = view.limits.enabled && is_choice_enabled(view, index);
  if (is_chosen) {
    ImGui::PushStyleColor(ImGuiCol_Button, ImGui::GetStyleColorVec4(ImGuiCol_Header));
    ImGui::PushStyleColor(ImGuiCol_ButtonHovered, ImGui::GetStyleColorVec4(ImGuiCol_HeaderHovered));
  }
  ImGui::BeginDisabled(!enabled);
  const bool pressed = ImGui::Button(std::string(choice.label).c_str(), ImVec2(width, 0));
  ImGui::EndDisabled();
  if (is_chosen) ImGui::PopStyleColor(2);
  const std::string help = enabled || view.limits.reason.empty() ? std::string(choice.summary) : view.limits.reason;
  record(ui, std::string(view.field.name) + "/" + std::string(choice.name), "button", choice.label, is_chosen, {},
         enabled, help);
  tooltip(ui, help);
  return pressed && enabled && set(ui, view.field, static_cast<double>(index));
}

}  // namespace

bool field_control(Ui& ui, std::string_view field_name, float label_width) {
  const Field* field = model::find_field(field_name);
  IM_ASSERT(field && "a control of an unknown field");
  ImGui::PushID(field->name.data(), field->name.data() + field->name.size());
  const FieldView view = view_of(ui, *field);
  label_column(ui, view, label_width);
  const bool changed = editor(ui, view);
  ImGui::PopID();
  return changed;
}

bool field_segments(Ui& ui, std::string_view field_name, float label_width) {
  const Field* field = model::find_field(field_name);
  IM_ASSERT(field && field->kind == FieldKind::kChoice && "segments need a field of choices");
  ImGui::PushID(field->name.data(), field->name.data() + field->name.size());
  const FieldView view = view_of(ui, *field);
  label_column(ui, view, label_width);

  // As wide as their words, wrapped onto another row where the panel is narrow.
  const ImGuiStyle& style = ImGui::GetStyle();
  const float gap = 2 * ui.scale;
  const float start = ImGui::GetCursorPosX();
  const float right = start + ImGui::GetContentRegionAvail().x;
  float x = start;
  bool changed = false;
  ImGui::BeginGroup();
  for (std::size_t i = 0; i < field->choices.size(); ++i) {
    const std::string label(field->choices[i].label);
    const float width = ImGui::CalcTextSize(label.c_str()).x + 2 * style.FramePadding.x;
    if (i > 0) {
      if (x + gap + width <= right) {
        ImGui::SameLine(0, gap);
        x += gap;
      } else {
        x = start;
      }
    }
    changed |= segment(ui, view, i, width);
    x += width;
  }
  ImGui::EndGroup();
  record_field(ui, view, "segments");
  ImGui::PopID();
  return changed;
}

}  // namespace convlens::ui
