// The controls that panels are made of, apart from those of the field table (field_widgets.cpp).
#include "app/ui/widgets.h"

#include <imgui/imgui_internal.h>
#include <imgui/imgui_stdlib.h>

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace convlens::ui {
namespace {

constexpr double kTooltipDelay = 0.45;  // seconds of rest on an item

// What follows "##" identifies an item and is not shown.
std::string_view shown_label(std::string_view label) { return label.substr(0, label.find("##")); }

class Scope {
 public:
  explicit Scope(std::string_view name) { ImGui::PushID(name.data(), name.data() + name.size()); }
  ~Scope() { ImGui::PopID(); }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
};

// Widths as ImGui takes them: 0 the default, negative up to that far from the right edge.
float shown_width(float width) {
  if (width == 0) return ImGui::CalcItemWidth();
  return width > 0 ? width : std::max(1.0F, ImGui::GetContentRegionAvail().x + width);
}

// The filled part of a slider's track, drawn under the item that follows.
void draw_track(Ui& ui, float width, float fraction) {
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const float height = ImGui::GetFrameHeight();
  const float rounding = ImGui::GetStyle().FrameRounding;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 end(corner.x + width, corner.y + height);
  list->AddRectFilled(corner, end, ImGui::GetColorU32(ImGuiCol_FrameBg), rounding);
  const float filled = width * std::clamp(fraction, 0.0F, 1.0F);
  if (filled <= 1) return;
  list->PushClipRect(corner, ImVec2(corner.x + filled, end.y), true);
  list->AddRectFilled(corner, end, ImGui::GetColorU32(ImGuiCol_SliderGrab, 0.35F), rounding);
  list->PopClipRect();
  list->AddRectFilled(ImVec2(corner.x + rounding / 2, end.y - 2 * ui.scale), ImVec2(corner.x + filled, end.y),
                      ImGui::GetColorU32(ImGuiCol_SliderGrab));
}

// Leaves of ImGui's slider its number and its behaviour; while a number is typed, the field is opaque again.
class BareSlider {
 public:
  BareSlider() {
    for (const ImGuiCol colour : {ImGuiCol_FrameBg, ImGuiCol_FrameBgHovered, ImGuiCol_FrameBgActive,
                                  ImGuiCol_SliderGrab, ImGuiCol_SliderGrabActive}) {
      ImGui::PushStyleColor(colour, colour == ImGuiCol_FrameBgHovered
                                        ? ImGui::GetColorU32(ImGuiCol_FrameBgHovered, 0.35F)
                                        : IM_COL32_BLACK_TRANS);
    }
  }
  ~BareSlider() { ImGui::PopStyleColor(5); }
  BareSlider(const BareSlider&) = delete;
  BareSlider& operator=(const BareSlider&) = delete;
};

bool draw_button(Ui& ui, std::string_view name, const char* label, nlohmann::json value, const std::string& help,
                 bool enabled, const std::string& reason) {
  const Scope scope(name);
  ImGui::BeginDisabled(!enabled);
  const bool pressed = ImGui::Button(label);
  ImGui::EndDisabled();
  const std::string& shown = enabled || reason.empty() ? help : reason;
  record(ui, name, "button", label, std::move(value), {}, enabled, shown);
  tooltip(ui, shown);
  return pressed && enabled;
}

}  // namespace

void record_rect(Ui& ui, const ImVec2& min, const ImVec2& max, std::string_view name, std::string_view kind,
                 std::string_view label, nlohmann::json value, nlohmann::json range, bool enabled,
                 const std::string& tooltip) {
  if (!ui.twin.is_active()) return;
  // Only the part inside the window's clipping can be seen and hit.
  const ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 seen_min = list->GetClipRectMin(), seen_max = list->GetClipRectMax();
  const float x0 = std::max(min.x, seen_min.x), x1 = std::min(max.x, seen_max.x);
  const float y0 = std::max(min.y, seen_min.y), y1 = std::min(max.y, seen_max.y);
  if (x1 - x0 < 1 || y1 - y0 < 1) {
    // The innermost window that can bring it into sight.
    const ImVec2 middle((min.x + max.x) / 2, (min.y + max.y) / 2);
    for (const ImGuiWindow* window = ImGui::GetCurrentWindow(); window != nullptr; window = window->ParentWindow) {
      const ImRect& inner = window->InnerRect;
      if (window->ScrollMax.y <= 0 || (middle.y >= inner.Min.y && middle.y < inner.Max.y)) continue;
      ui.twin.add_hidden({.name = std::string(name),
                          .rect = {min.x, min.y, max.x - min.x, max.y - min.y},
                          .panel = {inner.Min.x, inner.Min.y, inner.GetWidth(), inner.GetHeight()}});
      break;
    }
    return;
  }
  ui.twin.add({.name = std::string(name),
               .kind = std::string(kind),
               .label = std::string(shown_label(label)),
               .rect = {x0, y0, x1 - x0, y1 - y0},
               .value = std::move(value),
               .range = std::move(range),
               .enabled = enabled,
               .tooltip = tooltip});
}

void record(Ui& ui, std::string_view name, std::string_view kind, std::string_view label, nlohmann::json value,
            nlohmann::json range, bool enabled, const std::string& tooltip) {
  record_rect(ui, ImGui::GetItemRectMin(), ImGui::GetItemRectMax(), name, kind, label, std::move(value),
              std::move(range), enabled, tooltip);
}

void tooltip(Ui& ui, const std::string& text) {
  if (text.empty() || !ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled)) return;
  const ImVec2 corner = ImGui::GetItemRectMin();
  TooltipTimer& timer = ui.tooltip_timer;
  const bool is_same = timer.corner.x == corner.x && timer.corner.y == corner.y && timer.last_frame + 2 >= ui.frame;
  if (!is_same || ImGui::IsAnyMouseDown()) timer = {.corner = corner, .since = ImGui::GetTime()};
  timer.last_frame = ui.frame;
  if (ImGui::IsAnyMouseDown()) return;
  if (const double rested = ImGui::GetTime() - timer.since; rested < kTooltipDelay) {
    ui.wake_in(kTooltipDelay - rested + 0.01);
    return;
  }
  ImGui::BeginTooltip();
  ImGui::PushTextWrapPos(ImGui::GetFontSize() * 24);
  ImGui::TextUnformatted(text.data(), text.data() + text.size());
  ImGui::PopTextWrapPos();
  ImGui::EndTooltip();
}

bool button(Ui& ui, std::string_view name, const char* label, const std::string& help, bool enabled,
            const std::string& reason) {
  return draw_button(ui, name, label, {}, help, enabled, reason);
}

bool choice_button(Ui& ui, std::string_view name, const char* label, bool is_chosen, const std::string& help,
                   bool enabled, const std::string& reason) {
  if (is_chosen) {
    ImGui::PushStyleColor(ImGuiCol_Button, ImGui::GetStyleColorVec4(ImGuiCol_Header));
    ImGui::PushStyleColor(ImGuiCol_ButtonHovered, ImGui::GetStyleColorVec4(ImGuiCol_HeaderHovered));
  }
  const bool pressed = draw_button(ui, name, label, is_chosen, help, enabled, reason);
  if (is_chosen) ImGui::PopStyleColor(2);
  return pressed;
}

void flow(float gap, std::initializer_list<const char*> next_labels) {
  const ImGuiStyle& style = ImGui::GetStyle();
  float width = -style.ItemInnerSpacing.x;
  for (const char* label : next_labels) {
    width += ImGui::CalcTextSize(label).x + 2 * style.FramePadding.x + style.ItemInnerSpacing.x;
  }
  const float right = ImGui::GetWindowPos().x + ImGui::GetWindowContentRegionMax().x;
  if (ImGui::GetItemRectMax().x + gap + width <= right) ImGui::SameLine(0, gap);
}

void flow(float gap, const char* next_label) { flow(gap, {next_label}); }

bool toggle(Ui& ui, std::string_view name, const char* label, bool* value, const std::string& help) {
  const Scope scope(name);
  const bool changed = ImGui::Checkbox(label, value);
  record(ui, name, "toggle", label, *value, {}, true, help);
  tooltip(ui, help);
  return changed;
}

bool drag_number(Ui& ui, std::string_view name, const char* label, float* value, float speed, float lo, float hi,
                 const char* format, const std::string& help, float width) {
  const Scope scope(name);
  if (width != 0) ImGui::SetNextItemWidth(width);
  const bool changed = ImGui::DragFloat(label, value, speed, lo, hi, format, ImGuiSliderFlags_AlwaysClamp);
  record(ui, name, "drag", label, *value, {lo, hi}, true, help);
  tooltip(ui, help);
  return changed;
}

bool filled_slider(Ui& ui, const char* label, int* value, int lo, int hi, const char* format, float width) {
  draw_track(ui, width, hi > lo ? static_cast<float>(*value - lo) / static_cast<float>(hi - lo) : 0);
  const BareSlider bare;
  ImGui::SetNextItemWidth(width);
  return ImGui::SliderInt(label, value, lo, hi, format, ImGuiSliderFlags_AlwaysClamp);
}

bool filled_slider(Ui& ui, const char* label, float* value, float lo, float hi, const char* format, float width,
                   bool is_logarithmic) {
  const float fraction = is_logarithmic ? std::log(std::max(*value, lo) / lo) / std::log(hi / lo)
                                        : (*value - lo) / std::max(hi - lo, FLT_MIN);
  draw_track(ui, width, fraction);
  const BareSlider bare;
  ImGui::SetNextItemWidth(width);
  return ImGui::SliderFloat(
      label, value, lo, hi, format,
      ImGuiSliderFlags_AlwaysClamp | (is_logarithmic ? ImGuiSliderFlags_Logarithmic : ImGuiSliderFlags_None));
}

bool slider_number(Ui& ui, std::string_view name, const char* label, float* value, float lo, float hi,
                   const char* format, const std::string& help, float width) {
  const Scope scope(name);
  const bool changed = filled_slider(ui, label, value, lo, hi, format, shown_width(width));
  record(ui, name, "slider", label, *value, {lo, hi}, true, help);
  tooltip(ui, help);
  return changed;
}

bool text_field(Ui& ui, std::string_view name, const char* label, std::string* value, const std::string& help,
                float width) {
  const Scope scope(name);
  if (width != 0) ImGui::SetNextItemWidth(width);
  const bool changed = ImGui::InputText(label, value);
  record(ui, name, "field", label, *value, {}, true, help);
  tooltip(ui, help);
  return changed;
}

void heading(Ui& ui, const char* text) {
  ImGui::PushFont(ui.fonts.heading);
  ImGui::TextUnformatted(text);
  ImGui::PopFont();
}

void dim_text(Ui& ui, const std::string& text) {
  ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(text.data(), text.data() + text.size());
  ImGui::PopTextWrapPos();
  ImGui::PopStyleColor();
}

void formula(Ui& ui, std::string_view name, const std::string& text, const std::string& help) {
  ImGui::PushFont(ui.fonts.mono);
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(text.data(), text.data() + text.size());
  ImGui::PopTextWrapPos();
  ImGui::PopFont();
  record(ui, name, "text", text, text, {}, true, help);
  tooltip(ui, help);
}

std::string number_text(double value, int significant_digits) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Inf" : "-Inf";
  if (value == 0) return "0";
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, "%.*g", significant_digits, value);
  std::string text = buffer;
  // "1e-05" and "1e+06" as people write them: "1e-5", "1e6".
  if (const auto e = text.find('e'); e != std::string::npos) {
    const int exponent = std::atoi(text.c_str() + e + 1);
    text.resize(e + 1);
    text += std::to_string(exponent);
  }
  return text;
}

}  // namespace convlens::ui
