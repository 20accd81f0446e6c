// Rows and marks of watched values. Values are those of the maps on the screen.
#include "app/ui/probe_pins.h"

#include <algorithm>
#include <optional>
#include <string>

#include "app/ui/probe_moves.h"
#include "app/ui/text.h"
#include "app/ui/widgets.h"
#include "engine/explain/window.h"

namespace convlens::ui {
namespace {

constexpr int kRowsShown = 3;                       // more scroll
constexpr ImU32 kWeak = IM_COL32(70, 80, 92, 235);  // of pins without the focus

constexpr const char* kHint = "Click a value in a map to watch it, then ask why it is what it is.";
constexpr const char* kShortHint = "Click a value to watch it.";

float row_height(const Ui& ui) { return font_height(ui.fonts.body) + 7 * ui.scale; }

bool has_focus(const model::Document& document, const model::Pin& pin) { return document.probe.focus == pin; }

// A disc with the number of a pin.
void draw_badge(Ui& ui, const ImVec2& middle, std::size_t index, bool is_strong) {
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const std::string text = std::to_string(index + 1);
  ImFont* font = ui.fonts.small;
  const float size = font_height(font) * 0.85F;
  const ImVec2 extent = font->CalcTextSizeA(size, FLT_MAX, 0, text.c_str());
  const float radius = 7.5F * ui.scale;
  draw.AddCircleFilled(middle, radius, is_strong ? ui.palette.output_outline : kWeak);
  draw.AddCircle(middle, radius, IM_COL32(0, 0, 0, 160), 0, ui.scale);
  draw.AddText(font, size, {middle.x - extent.x / 2, middle.y - extent.y / 2},
               is_strong ? IM_COL32(0, 0, 0, 255) : IM_COL32(255, 255, 255, 255), text.c_str());
}

// What stands at the place: the value, or why there is none.
struct Reading {
  std::string text;
  std::string help;
  std::optional<float> value;
};
Reading reading_of(const ShownMaps& maps, const model::Pin& pin) {
  const conv::Geometry& g = maps.result->geometry;
  if (pin.filter >= maps.count || pin.row >= g.p || pin.col >= g.q) {
    return {"outside",
            "The map has " + std::to_string(g.p) + " × " + std::to_string(g.q) + " values: this is outside.",
            {}};
  }
  const std::optional<float> value = maps.result->value(pin.filter, pin.row, pin.col);
  if (!value) return {"computing", "This map is being computed.", {}};
  return {number_text(static_cast<double>(*value), 6), "The value in the map, as it is now", value};
}

// True if the row is to go.
bool draw_row(Ui& ui, const ShownMaps& maps, std::size_t index) {
  model::Document& document = ui.document;
  const model::Pin pin = document.probe.pins[index];
  const std::string name = "maps/pin/" + std::to_string(index);
  const Reading reading = reading_of(maps, pin);
  const bool is_chosen = has_focus(document, pin);
  const float s = ui.scale;
  const float height = row_height(ui);
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x;
  const float why_width = ImGui::CalcTextSize("Why?").x + 10 * s;
  const float close_width = height;
  const float text_width = std::max(40 * s, width - why_width - close_width - 6 * s);

  ImGui::PushID(name.c_str());
  if (ImGui::InvisibleButton("row", {text_width, height})) choose_value(document, pin);
  const bool is_hovered = ImGui::IsItemHovered();
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  if (is_chosen || is_hovered) {
    draw.AddRectFilled(corner, {corner.x + width, corner.y + height},
                       ImGui::GetColorU32(ImGuiCol_Header, is_chosen ? 0.55F : 0.25F), 3 * s);
  }
  const std::string label =
      pin.filter < maps.count ? maps.name(pin.filter) : "filter " + std::to_string(pin.filter + 1);
  record(ui, name, "item", label + " " + place_text(pin.row, pin.col),
         {{"filter", pin.filter},
          {"row", pin.row},
          {"col", pin.col},
          {"value", reading.value ? nlohmann::json(*reading.value) : nlohmann::json()},
          {"text", reading.text},
          {"chosen", is_chosen}},
         {}, true, reading.help);
  tooltip(ui, label + " " + place_text(pin.row, pin.col) + ": " + reading.help + ".\nA click goes there.");

  const float middle = corner.y + height / 2;
  draw_badge(ui, {corner.x + 10 * s, middle}, index, is_chosen);
  const float body = font_height(ui.fonts.body);
  const float y = middle - body / 2;
  ImFont* mono = ui.fonts.mono;
  const float mono_height = font_height(mono);
  std::string shown = reading.text;
  const auto width_of = [&](const std::string& text) {
    return mono->CalcTextSizeA(mono_height, FLT_MAX, 0, text.c_str()).x;
  };
  for (int digits = 5; reading.value && digits >= 2 && width_of(shown) > text_width - 30 * s; --digits) {
    shown = number_text(static_cast<double>(*reading.value), digits);
  }
  const float value_width = width_of(shown);
  const float value_x = corner.x + text_width - value_width - 4 * s;
  const float place_width = ImGui::CalcTextSize(place_text(pin.row, pin.col).c_str()).x;
  const float label_x = corner.x + 22 * s;
  const float label_room = value_x - 10 * s - place_width - 6 * s - label_x;
  draw.PushClipRect(corner, {value_x - 4 * s, corner.y + height}, true);
  float place_x = label_x;
  if (label_room > 24 * s) {
    const float label_width = std::min(label_room, ImGui::CalcTextSize(label.c_str()).x);
    draw.PushClipRect({label_x, corner.y}, {label_x + label_width, corner.y + height}, true);
    draw.AddText({label_x, y}, ui.palette.text, label.c_str());
    draw.PopClipRect();
    place_x += label_width + 6 * s;
  }
  if (place_x + place_width <= value_x - 4 * s) {
    draw.AddText({place_x, y}, ui.palette.text_dim, place_text(pin.row, pin.col).c_str());
  }
  draw.PopClipRect();
  draw.AddText(mono, mono_height, {value_x, middle - mono_height / 2},
               reading.value ? ui.palette.text : ui.palette.warning, shown.c_str());

  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(5 * s, 1 * s));
  ImGui::SameLine(0, 2 * s);
  const float lower = std::max(0.0F, (height - ImGui::GetFrameHeight()) / 2);
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() + lower);
  if (button(ui, name + "/why", "Why?", "Shows the sum that makes this number: every input value, weight and product",
             reading.value.has_value(), reading.help)) {
    choose_value(document, pin);
    go_to_depth(document, model::Depth::kNumber);
  }
  ImGui::SameLine(0, 2 * s);
  ImGui::SetCursorScreenPos({ImGui::GetCursorScreenPos().x, corner.y + lower});
  const bool is_removed = button(ui, name + "/remove", "×", "Watches this value no longer");
  ImGui::PopStyleVar();
  ImGui::PopID();
  ImGui::SetCursorScreenPos({corner.x, corner.y + height});
  return is_removed;
}

}  // namespace

float pins_height(const Ui& ui) {
  const auto count = static_cast<float>(std::clamp<std::size_t>(ui.document.probe.pins.size(), 1, kRowsShown));
  return count * row_height(ui) + 2 * ui.scale;
}

void draw_pin_list(Ui& ui, const ShownMaps& maps) {
  model::ProbeState& probe = ui.document.probe;
  const ImVec2 size{ImGui::GetContentRegionAvail().x, pins_height(ui)};
  if (probe.pins.empty()) {
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    ImGui::Dummy(size);
    ImFont* font = ui.fonts.small;
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.PushClipRect(corner, {corner.x + size.x, corner.y + size.y}, true);
    const bool fits = width_of(font, kHint) <= size.x;
    draw.AddText(font, font_height(font), {corner.x, corner.y + (size.y - font_height(font)) / 2}, ui.palette.text_dim,
                 fits ? kHint : kShortHint);
    draw.PopClipRect();
    const std::string help = std::string(kHint) + "\nP watches what the pointer is on; Ctrl+click watches one more.";
    record(ui, "maps/pins/hint", "text", kHint, kHint, {}, true, help);
    tooltip(ui, help);
    return;
  }
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {ImGui::GetStyle().ItemSpacing.x, 0});
  const bool scrolls = probe.pins.size() > static_cast<std::size_t>(kRowsShown);
  ImGui::BeginChild("pins", size, false, scrolls ? ImGuiWindowFlags_None : ImGuiWindowFlags_NoScrollbar);
  std::size_t removed = probe.pins.size();
  for (std::size_t i = 0; i < probe.pins.size(); ++i) {
    if (draw_row(ui, maps, i)) removed = i;
  }
  model::remove_pin(probe, removed);
  ImGui::EndChild();
  ImGui::PopStyleVar(2);
}

void draw_pins_on_map(Ui& ui, const CanvasState& canvas, const conv::Geometry& geometry, int map) {
  const model::ProbeState& probe = ui.document.probe;
  const view::Rect& area = canvas.placement.canvas;
  for (std::size_t i = 0; i < probe.pins.size(); ++i) {
    const model::Pin& pin = probe.pins[i];
    if (pin.filter != map || pin.row >= geometry.p || pin.col >= geometry.q) continue;
    const auto x = static_cast<double>(pin.col), y = static_cast<double>(pin.row);
    const bool is_strong = has_focus(ui.document, pin);
    const ImU32 colour = is_strong ? ui.palette.output_outline : kWeak;
    mark_pixels(canvas, x, y, x + 1, y + 1, colour, ui.scale, 5 * ui.scale);
    const view::Point at = canvas.placement.to_screen({x + 1, y});
    const float reach = 8 * ui.scale;
    // Beside the cell, inside the canvas.
    const ImVec2 middle{std::clamp(static_cast<float>(at.x) + reach, static_cast<float>(area.x0) + reach,
                                   static_cast<float>(area.x1) - reach),
                        std::clamp(static_cast<float>(at.y) - reach, static_cast<float>(area.y0) + reach,
                                   static_cast<float>(area.y1) - reach)};
    if (at.x < area.x0 || at.x > area.x1 + 1 || at.y < area.y0 - 1 || at.y > area.y1) continue;
    draw_badge(ui, middle, i, is_strong);
  }
}

void draw_pins_on_input(Ui& ui, const CanvasState& canvas, const conv::Geometry& geometry) {
  for (const model::Pin& pin : ui.document.probe.pins) {
    if (pin.row >= geometry.p || pin.col >= geometry.q) continue;
    const explain::InputWindow window = explain::input_window(geometry, pin.row, pin.col);
    const bool is_strong = has_focus(ui.document, pin);
    const ImU32 colour = is_strong ? ui.palette.output_outline : kWeak;
    mark_pixels(canvas, static_cast<double>(window.cols.front().position),
                static_cast<double>(window.rows.front().position), static_cast<double>(window.cols.back().position) + 1,
                static_cast<double>(window.rows.back().position) + 1, colour, ui.scale, 5 * ui.scale);
  }
}

}  // namespace convlens::ui
