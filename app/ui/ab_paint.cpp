// Paints B's maps and differences with the placement and the colours of A's.
#include "app/ui/ab_paint.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "app/ui/colour_bar.h"
#include "app/ui/maps_panel_marks.h"
#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

using model::AbShow;

float split_x(const model::AbSession& ab, const view::Rect& area) {
  return std::round(static_cast<float>(area.x0 + static_cast<double>(ab.swipe) * area.width()));
}

// The same canvas with a picture of another size in it.
CanvasState with_size(const Ui& ui, const CanvasState& canvas, std::int64_t rows, std::int64_t cols) {
  CanvasState other = canvas;
  other.placement =
      view::place(ui.map_view, canvas.placement.canvas, static_cast<double>(cols), static_cast<double>(rows));
  return other;
}

void clear(Ui& ui, const view::Rect& area) {
  ImGui::GetWindowDrawList()->AddRectFilled({static_cast<float>(area.x0) + 1, static_cast<float>(area.y0) + 1},
                                            {static_cast<float>(area.x1) - 1, static_cast<float>(area.y1) - 1},
                                            ui.palette.canvas);
}

// A letter in a corner of the canvas, on a plate.
void tag(Ui& ui, const view::Rect& area, const char* text, bool is_right) {
  ImFont* font = ui.fonts.small;
  const float size = font_height(font), pad = 4 * ui.scale;
  const ImVec2 extent = font->CalcTextSizeA(size, FLT_MAX, 0, text);
  if (extent.x + 4 * pad > static_cast<float>(area.width())) return;
  const float x = is_right ? static_cast<float>(area.x1) - extent.x - 3 * pad : static_cast<float>(area.x0) + pad;
  const ImVec2 corner{x, static_cast<float>(area.y0) + pad};
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.AddRectFilled(corner, {corner.x + extent.x + 2 * pad, corner.y + extent.y + pad}, IM_COL32(0, 0, 0, 150),
                     3 * ui.scale);
  draw.AddText(font, size, {corner.x + pad, corner.y + pad / 2}, IM_COL32(255, 255, 255, 235), text);
}

// "A − B ± 1.2": with how far its colours reach, where there is room.
std::string difference_tag(const Ui& ui, int map, const view::Rect& area) {
  const model::MapDifferencePtr difference = ui.document.ab.difference(map);
  if (!difference) return "A";
  if (difference->comparison.largest == 0) return "A = B";
  if (area.width() < 110 * static_cast<double>(ui.scale)) return "A − B";
  return "A − B ± " + number_text(static_cast<double>(difference_range(ui, *difference).hi), 3);
}

void draw_line(Ui& ui, const view::Rect& area, float x) {
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const auto top = static_cast<float>(area.y0), bottom = static_cast<float>(area.y1);
  draw.AddLine({x, top}, {x, bottom}, IM_COL32(0, 0, 0, 150), 4 * ui.scale);
  draw.AddLine({x, top}, {x, bottom}, IM_COL32(255, 255, 255, 255), 2 * ui.scale);
  const float middle = (top + bottom) / 2, radius = 5 * ui.scale;
  draw.AddCircleFilled({x, middle}, radius + ui.scale, IM_COL32(0, 0, 0, 150));
  draw.AddCircleFilled({x, middle}, radius, IM_COL32(255, 255, 255, 255));
}

// Words for the value under the pointer, after those about A's.
void say_pointed(Ui& ui, int map, const CanvasState& canvas) {
  const model::AbSession& ab = ui.document.ab;
  if (!canvas.is_on_picture || ui.hovered_value.empty()) return;
  const model::FeatureMapPtr b = ab.b_map(map);
  if (!b || canvas.y >= b->rows() || canvas.x >= b->cols() || !ab.mismatch(map).empty()) return;
  const auto value = static_cast<double>(b->at(canvas.y, canvas.x));
  ui.hovered_value += "; B " + number_text(value);
  if (const model::MapDifferencePtr difference = ab.difference(map)) {
    ui.hovered_value += ", A − B " + number_text(static_cast<double>(difference->values.at(0, 0, canvas.y, canvas.x)));
  }
}

}  // namespace

const view::Colormap& difference_colormap(const Ui& ui) {
  return view::find_colormap(ui.document.settings.view.map_colormap);
}

view::ValueRange difference_range(const Ui& ui, const model::MapDifference& difference) {
  const bool clips = ui.document.settings.view.clip_outliers && difference.stats.bulk > 0;
  const float reach = clips ? difference.stats.bulk : static_cast<float>(difference.comparison.largest);
  return reach > 0 ? view::ValueRange{-reach, reach} : view::ValueRange{-1, 1};
}

ColourBar difference_bar(const Ui& ui, const model::MapDifference& difference) {
  const view::ValueRange range = difference_range(ui, difference);
  const bool has_more = difference.comparison.largest > static_cast<double>(range.hi) * (1 + 1e-6);
  return {&difference_colormap(ui), range, has_more, has_more, {}};
}

std::optional<float> ShownInstead::value(std::int64_t row, std::int64_t col) const {
  if (difference) return difference->values.at(0, 0, row, col);
  if (row >= b->rows() || col >= b->cols() || !b->has_values()) return std::nullopt;
  return b->at(row, col);
}

std::optional<ShownInstead> shown_instead(const Ui& ui, int map) {
  const model::AbSession& ab = ui.document.ab;
  if (ab.kind() == model::BKind::kNone || ui.show_original) return std::nullopt;
  const AbShow show = ab.holds_b ? AbShow::kB : ab.show;
  if (show == AbShow::kDifference) {
    const model::MapDifferencePtr difference = ab.difference(map);
    if (difference) return ShownInstead{"A − B", difference->stats, difference, nullptr};
  }
  const model::FeatureMapPtr b = ab.b_map(map);
  if (show == AbShow::kB && b) {
    return ShownInstead{"B", ab.b()->stats[static_cast<std::size_t>(map)], nullptr, b};
  }
  return std::nullopt;
}

void AbPaint::grab_line(Ui& ui, int map, const ImVec2& corner, const ImVec2& size) {
  model::AbSession& ab = ui.document.ab;
  if (ab.kind() == model::BKind::kNone || ab.show != AbShow::kSwipe || ab.holds_b || ui.show_original) return;
  const ImVec2 cursor = ImGui::GetCursorScreenPos();
  const float reach = 6 * ui.scale;
  const float x = corner.x + ab.swipe * size.x;
  ImGui::SetCursorScreenPos({x - reach, corner.y});
  const std::string name = "compare/line/" + std::to_string(map);
  ImGui::InvisibleButton(name.c_str(), {2 * reach, std::max(size.y, 1.0F)});
  if (ImGui::IsItemActive()) {
    ab.swipe = std::clamp((ImGui::GetIO().MousePos.x - corner.x) / std::max(size.x, 1.0F), 0.0F, 1.0F);
  }
  if (ImGui::IsItemActive() || ImGui::IsItemHovered()) ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
  record(ui, name, "splitter", "Swipe", ab.swipe, {0, 1}, true, "Drag: A to the left of the line, B to the right");
  ImGui::SetCursorScreenPos(cursor);
}

void AbPaint::paint_b(Ui& ui, int map, const MapColours& colours, const CanvasState& canvas) {
  const model::FeatureMapPtr b = ui.document.ab.b_map(map);
  clear(ui, canvas.placement.canvas);
  if (!b) return;
  Shown& shown = b_[map];
  if (shown.map != b) {
    shown.map = b;
    ++shown.generation;
  }
  const view::Source source{.tensor = &b->block->values, .levels = b->block->levels, .generation = shown.generation};
  draw_picture(canvas,
               shown.picture.update(ui.painter, source, b->plane, canvas.placement, *colours.colormap, colours.range));
  draw_plane_values(ui, canvas, *colours.colormap, colours.range,
                    [&](std::int64_t x, std::int64_t y) { return b->at(y, x); });
}

void AbPaint::paint_difference(Ui& ui, int map, const CanvasState& canvas) {
  const model::MapDifferencePtr difference = ui.document.ab.difference(map);
  if (!difference) return;
  clear(ui, canvas.placement.canvas);
  const view::Colormap& colormap = difference_colormap(ui);
  const view::ValueRange range = difference_range(ui, *difference);
  const Tensor& values = difference->values;
  const CanvasState placed = with_size(ui, canvas, values.shape().h, values.shape().w);
  const view::Source source{.tensor = &values, .levels = difference->levels, .generation = difference->serial};
  draw_picture(placed, differences_[map].update(ui.painter, source, 0, placed.placement, colormap, range));
  draw_plane_values(ui, placed, colormap, range, [&](std::int64_t x, std::int64_t y) { return values.at(0, 0, y, x); });
}

void AbPaint::paint(Ui& ui, int map, const MapColours& colours, const CanvasState& canvas) {
  const model::AbSession& ab = ui.document.ab;
  if (ab.kind() == model::BKind::kNone) {
    b_.clear();
    differences_.clear();
    return;
  }
  if (ui.show_original) return;
  const AbShow show = ab.holds_b ? AbShow::kB : ab.show;
  const view::Rect& area = canvas.placement.canvas;
  const model::FeatureMapPtr b = ab.b_map(map);
  switch (show) {
    case AbShow::kA:
      tag(ui, area, "A", false);
      break;
    case AbShow::kB:
      if (b) {
        paint_b(ui, map, colours, with_size(ui, canvas, b->rows(), b->cols()));
      } else {
        clear(ui, area);
      }
      tag(ui, area, b ? "B" : "no B", false);
      break;
    case AbShow::kSwipe: {
      const float x = split_x(ab, area);
      if (b) {
        CanvasState part = with_size(ui, canvas, b->rows(), b->cols());
        part.placement.canvas.x0 = static_cast<double>(x);
        if (part.placement.canvas.width() > 2) paint_b(ui, map, colours, part);
      }
      draw_line(ui, area, x);
      tag(ui, area, "A", false);
      tag(ui, area, b ? "B" : "no B", true);
      break;
    }
    case AbShow::kDifference:
      paint_difference(ui, map, canvas);
      tag(ui, area, difference_tag(ui, map, area).c_str(), false);
      break;
  }
  say_pointed(ui, map, canvas);
}

}  // namespace convlens::ui
