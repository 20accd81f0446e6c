// Draws colour bars. Which map and range are used is decided elsewhere: app/view/map_range.
#include "app/ui/colour_bar.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "app/model/fields.h"
#include "app/ui/widgets.h"

namespace convlens::ui {

namespace {

ImU32 opaque(const view::Rgb& colour) { return IM_COL32(colour.r, colour.g, colour.b, 255); }

float fraction_of(const view::ValueRange& range, float value) {
  const double lo = static_cast<double>(range.lo);
  const double span = static_cast<double>(range.hi) - lo;
  return static_cast<float>(std::clamp((static_cast<double>(value) - lo) / span, 0.0, 1.0));
}

// Text below the bar, centred on x but kept inside [left, right]; nothing where it would touch what is already there.
struct TickLabels {
  ImDrawList& draw;
  ImFont* font;
  float size;
  float y;
  float left, right;
  float gap;
  float taken[3][2];
  int count = 0;

  void add(float x, const std::string& text, ImU32 colour) {
    const float width = font->CalcTextSizeA(size, FLT_MAX, 0, text.c_str()).x;
    const float from = std::clamp(x - width / 2, left, std::max(left, right - width));
    for (int i = 0; i < count; ++i) {
      if (from < taken[i][1] + gap && taken[i][0] < from + width + gap) return;
    }
    draw.AddText(font, size, {from, y}, colour, text.c_str());
    if (count < 3) {
      taken[count][0] = from;
      taken[count][1] = from + width;
      ++count;
    }
  }
};

void draw_marker(ImDrawList& draw, const Palette& palette, float x, float top, float bottom, float scale) {
  const float half = 4 * scale;
  draw.AddTriangleFilled({x - half, top - 6 * scale}, {x + half, top - 6 * scale}, {x, top}, palette.text);
  draw.AddLine({x, top}, {x, bottom}, IM_COL32(0, 0, 0, 255), 3 * scale);
  draw.AddLine({x, top}, {x, bottom}, IM_COL32(255, 255, 255, 255), 1 * scale);
}

}  // namespace

void draw_colour_strip(ImDrawList& draw, const ImVec2& min, const ImVec2& max, const view::Colormap& map) {
  // 51 steps of five entries each: more than the eye tells apart, few enough to draw every frame.
  constexpr int kSteps = 51;
  for (int i = 0; i < kSteps; ++i) {
    const ImU32 from = opaque(map.colours[static_cast<std::size_t>(i * 5)]);
    const ImU32 to = opaque(map.colours[static_cast<std::size_t>((i + 1) * 5)]);
    const float x0 = min.x + (max.x - min.x) * static_cast<float>(i) / kSteps;
    const float x1 = min.x + (max.x - min.x) * static_cast<float>(i + 1) / kSteps;
    draw.AddRectFilledMultiColor({x0, min.y}, {x1, max.y}, from, to, to, from);
  }
}

void colour_bar(Ui& ui, std::string_view name, float width, const ColourBar& bar) {
  const float s = ui.scale;
  ImFont* font = ui.fonts.small != nullptr ? ui.fonts.small : ImGui::GetFont();
  const ImVec2 start = ImGui::GetCursorScreenPos();
  const float height = 12 * s;
  const float text_y = start.y + height + 3 * s;
  ImGui::Dummy({width, height + 3 * s + font->FontSize});
  const ImVec2 end{start.x + width, start.y + height};
  ImDrawList& draw = *ImGui::GetWindowDrawList();

  draw_colour_strip(draw, start, end, *bar.map);
  const float middle = (start.y + end.y) / 2;
  const float head = height / 2;
  const auto cut_end = [&](float x, float inwards) {  // the two corners outside the arrow head
    draw.AddTriangleFilled({x, start.y}, {x + inwards, start.y}, {x, middle}, ui.palette.panel);
    draw.AddTriangleFilled({x, middle}, {x + inwards, end.y}, {x, end.y}, ui.palette.panel);
  };
  if (bar.has_more_below) cut_end(start.x, head);
  if (bar.has_more_above) cut_end(end.x, -head);

  TickLabels labels{draw, font, font->FontSize, text_y, start.x, end.x, 8 * s, {}};
  labels.add(start.x, number_text(bar.range.lo, 3), ui.palette.text_dim);
  labels.add(end.x, number_text(bar.range.hi, 3), ui.palette.text_dim);
  if (bar.range.lo < 0 && bar.range.hi > 0) {
    const float x = start.x + width * fraction_of(bar.range, 0);
    draw.AddLine({x, end.y}, {x, end.y + 3 * s}, ui.palette.text_dim, s);
    labels.add(x, "0", ui.palette.text_dim);
  }
  if (bar.marker && std::isfinite(*bar.marker)) {
    draw_marker(draw, ui.palette, start.x + width * fraction_of(bar.range, *bar.marker), start.y, end.y, s);
  }
  const std::string about =
      "Which colour means which value" + std::string(bar.map->is_diverging ? ": zero is the neutral middle." : ".") +
      (bar.has_more_below || bar.has_more_above ? " Values beyond an arrow head get the colour of that end." : "");
  record(ui, name, "colourbar", "Colour bar", {{"colormap", bar.map->name}, {"lo", bar.range.lo}, {"hi", bar.range.hi}},
         {}, true, about);
  tooltip(ui, about);
}

bool colormap_button(Ui& ui, std::string_view name, std::string_view field_name, float width) {
  const model::Field* field = model::find_field(field_name);
  IM_ASSERT(field != nullptr && field->kind == model::FieldKind::kChoice);
  model::Settings& settings = ui.document.settings;
  const auto current = static_cast<std::size_t>(field->get(settings));
  const float s = ui.scale;
  const std::string id(name);
  const std::string popup = id + "/popup";

  ImGui::PushID(id.c_str());
  const float height = ImGui::GetFrameHeight();
  if (ImGui::Button("##open", {width, height})) ImGui::OpenPopup(popup.c_str());
  const ImVec2 min = ImGui::GetItemRectMin();
  const ImVec2 max = ImGui::GetItemRectMax();
  const float inset = 5 * s;
  const float arrow = 12 * s;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw_colour_strip(draw, {min.x + inset, min.y + inset}, {max.x - inset - arrow, max.y - inset},
                    view::find_colormap(field->choices[current].name));
  const ImVec2 tip{max.x - inset - arrow / 4, (min.y + max.y) / 2 + 2 * s};
  draw.AddTriangleFilled({tip.x - 3 * s, tip.y - 4 * s}, {tip.x + 3 * s, tip.y - 4 * s}, tip, ui.palette.text_dim);

  nlohmann::json choices = nlohmann::json::array();
  for (const model::FieldChoice& choice : field->choices) choices.push_back(choice.name);
  record(ui, name, "combo", field->label, field->choices[current].name, choices, true, std::string(field->tooltip));
  tooltip(ui, std::string(field->label) + ": " + std::string(field->choices[current].label) + "\n" +
                  std::string(field->tooltip));

  bool changed = false;
  if (ImGui::BeginPopup(popup.c_str())) {
    const model::FieldLimits limits = model::field_limits(*field, settings, ui.document.picture_shape());
    const float row = ImGui::GetFrameHeight();
    const float bar_width = 160 * s;
    for (std::size_t i = 0; i < field->choices.size(); ++i) {
      const model::FieldChoice& choice = field->choices[i];
      const bool enabled = limits.choice_enabled.empty() || limits.choice_enabled[i];
      ImGui::PushID(static_cast<int>(i));
      const ImVec2 at = ImGui::GetCursorScreenPos();
      ImGui::BeginDisabled(!enabled);
      if (ImGui::Selectable("##choice", i == current, 0, {bar_width + 120 * s, row})) {
        changed |= model::set_field(settings, *field, static_cast<double>(i), ui.document.picture_shape());
      }
      ImGui::EndDisabled();
      const std::string about = enabled ? std::string(choice.summary) : limits.reason;
      record(ui, id + "/" + std::string(choice.name), "item", choice.label, i == current, {}, enabled, about);
      tooltip(ui, about);
      ImDrawList& list = *ImGui::GetWindowDrawList();
      draw_colour_strip(list, {at.x, at.y + 3 * s}, {at.x + bar_width, at.y + row - 3 * s},
                        view::find_colormap(choice.name));
      list.AddText({at.x + bar_width + 10 * s, at.y + (row - ImGui::GetTextLineHeight()) / 2},
                   enabled ? ui.palette.text : ui.palette.text_dim, choice.label.data(),
                   choice.label.data() + choice.label.size());
      ImGui::PopID();
    }
    ImGui::EndPopup();
  }
  ImGui::PopID();
  return changed;
}

}  // namespace convlens::ui
