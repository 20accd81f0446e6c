// What is drawn over the tiles of a stack, and what the pointer is on.
#include <algorithm>

#include "app/ui/canvas.h"
#include "app/ui/stack_panels.h"
#include "app/ui/widgets.h"

namespace convlens::ui {

CanvasState canvas_of(const ImVec2& min, const ImVec2& max, const Shape& shape) {
  CanvasState canvas;
  canvas.placement = view::place(
      {},
      {static_cast<double>(min.x), static_cast<double>(min.y), static_cast<double>(max.x), static_cast<double>(max.y)},
      static_cast<double>(shape.w), static_cast<double>(shape.h));
  return canvas;
}

CanvasState canvas_at_cursor(const Shape& shape, float side) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float ratio = static_cast<float>(shape.h) / static_cast<float>(shape.w);
  const ImVec2 size{ratio > 1 ? side / ratio : side, ratio > 1 ? side : side * ratio};
  ImGui::Dummy(size);
  return canvas_of(at, {at.x + size.x, at.y + size.y}, shape);
}

bool shows_colours(const model::StackResult& result, std::size_t level) {
  const std::int64_t channels = result.stack->level_shape(0).c;
  return level == 0 && result.has_picture && (channels == 3 || channels == 1);
}

std::optional<UnitRef> StackMaps::unit_at(const StackView& stack, const Shown& shown, const ImVec2& pointer) const {
  const Shape& shape = stack.result()->levels[shown.level]->maps.shape();
  for (const Tile& tile : shown.tiles) {
    if (pointer.x < tile.min.x || pointer.x >= tile.max.x || pointer.y < tile.min.y || pointer.y >= tile.max.y)
      continue;
    const auto x =
        static_cast<std::int64_t>((pointer.x - tile.min.x) / (tile.max.x - tile.min.x) * static_cast<float>(shape.w));
    const auto y =
        static_cast<std::int64_t>((pointer.y - tile.min.y) / (tile.max.y - tile.min.y) * static_cast<float>(shape.h));
    return UnitRef{shown.level, {tile.channel, std::min(y, shape.h - 1), std::min(x, shape.w - 1)}};
  }
  if (shown.cells == 0 || pointer.x < shown.cells_min.x || pointer.y < shown.cells_min.y) return std::nullopt;
  const auto col = static_cast<std::int64_t>((pointer.x - shown.cells_min.x) / shown.cell_w);
  const auto row = static_cast<std::int64_t>((pointer.y - shown.cells_min.y) / shown.cell_h);
  const std::int64_t cell = row * shown.cell_cols + col;
  if (col >= shown.cell_cols || cell >= shown.cells) return std::nullopt;
  return UnitRef{shown.level, {cell, 0, 0}};
}

std::optional<ImVec2> StackMaps::place_of(const StackView& stack, const UnitRef& ref) const {
  for (const Shown& shown : shown_) {
    if (shown.level != ref.level) continue;
    if (shown.cells > 0) {
      if (ref.unit.c >= shown.cells) return std::nullopt;
      return ImVec2{shown.cells_min.x + (static_cast<float>(ref.unit.c % shown.cell_cols) + 0.5F) * shown.cell_w,
                    shown.cells_min.y + (static_cast<float>(ref.unit.c / shown.cell_cols) + 0.5F) * shown.cell_h};
    }
    const Shape& shape = stack.result()->levels[ref.level]->maps.shape();
    for (const Tile& tile : shown.tiles) {
      if (tile.channel != ref.unit.c && !shows_colours(*stack.result(), ref.level)) continue;
      return ImVec2{tile.min.x + (static_cast<float>(ref.unit.x) + 0.5F) / static_cast<float>(shape.w) *
                                     (tile.max.x - tile.min.x),
                    tile.min.y + (static_cast<float>(ref.unit.y) + 0.5F) / static_cast<float>(shape.h) *
                                     (tile.max.y - tile.min.y)};
    }
  }
  return std::nullopt;
}

void StackMaps::draw_marks(Ui& ui, StackView& stack, const Shown& shown) {
  const float s = ui.scale;
  const model::StackResult& result = *stack.result();
  const auto mark_unit = [&](const UnitRef& ref, ImU32 colour) {
    if (ref.level != shown.level || !has_unit(result, ref)) return;
    if (shown.cells > 0) {
      const ImVec2 a{shown.cells_min.x + static_cast<float>(ref.unit.c % shown.cell_cols) * shown.cell_w,
                     shown.cells_min.y + static_cast<float>(ref.unit.c / shown.cell_cols) * shown.cell_h};
      ImGui::GetWindowDrawList()->AddRect({a.x - s, a.y - s}, {a.x + shown.cell_w + s, a.y + shown.cell_h + s}, colour,
                                          0, 0, 2 * s);
      return;
    }
    const Shape& shape = result.levels[ref.level]->maps.shape();
    for (const Tile& tile : shown.tiles) {
      if (tile.channel != ref.unit.c && !shows_colours(*stack.result(), ref.level)) continue;
      const CanvasState canvas = canvas_of(tile.min, tile.max, shape);
      const auto x = static_cast<double>(ref.unit.x), y = static_cast<double>(ref.unit.y);
      mark_pixels(canvas, x, y, x + 1, y + 1, colour, 1.5F * s, 5 * s);
    }
  };
  const std::optional<UnitRef> focus = stack.focus();
  if (stack.hovered && stack.hovered != focus) mark_unit(*stack.hovered, ui.palette.text);
  if (!focus) return;
  mark_unit(*focus, ui.palette.output_outline);
  if (shown.level >= focus->level) return;
  const explain::Reach& reach = stack.reach(*focus)[shown.level];
  const explain::Span rows = reach.row_span(), cols = reach.col_span();
  if (rows.count() <= 0 || cols.count() <= 0) return;
  const Shape& shape = result.levels[shown.level]->maps.shape();
  if (shown.cells > 0) {
    // Dense layers read all of them; anything else one.
    const bool is_one = result.stack->layers[shown.level]->spec.kind != nn::LayerKind::kDense;
    const bool is_last = focus->level == shown.level + 1;
    if (is_one && is_last) {
      mark_unit({shown.level, focus->unit}, ui.palette.window_outline);
    } else {
      const std::int64_t cell_rows = (shown.cells + shown.cell_cols - 1) / shown.cell_cols;
      ImGui::GetWindowDrawList()->AddRect({shown.cells_min.x, shown.cells_min.y},
                                          {shown.cells_min.x + shown.cell_w * static_cast<float>(shown.cell_cols),
                                           shown.cells_min.y + shown.cell_h * static_cast<float>(cell_rows)},
                                          ui.palette.window_outline, 0, 0, 1.5F * s);
    }
    return;
  }
  for (const Tile& tile : shown.tiles) {
    const CanvasState canvas = canvas_of(tile.min, tile.max, shape);
    mark_pixels(canvas, static_cast<double>(cols.first), static_cast<double>(rows.first),
                static_cast<double>(cols.last + 1), static_cast<double>(rows.last + 1), ui.palette.window_outline,
                1.5F * s, 4 * s);
  }
}

void StackMaps::draw_path(Ui& ui, StackView& stack) {
  const model::UnitFactsPtr facts = stack.facts();
  if (!facts || !stack.pinned) return;
  // Over the columns, which are windows of their own; not over menus and lists.
  if (ImGui::IsPopupOpen(static_cast<const char*>(nullptr), ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel))
    return;
  ImDrawList& draw = *ImGui::GetForegroundDrawList();
  const ImVec2 min = ImGui::GetWindowPos(), size = ImGui::GetWindowSize();
  draw.PushClipRect(min, {min.x + size.x, min.y + size.y}, true);
  const float s = ui.scale;
  const ImU32 halo = halo_of(ui.palette.accent);
  std::optional<ImVec2> last;
  for (const explain::PathStep& step : facts->path) {
    const std::optional<ImVec2> at = place_of(stack, {step.level, step.unit});
    if (!at) continue;
    if (last) {
      draw.AddLine(*last, *at, halo, 3 * s);
      draw.AddLine(*last, *at, ui.palette.accent, 1.5F * s);
    }
    last = at;
  }
  for (const explain::PathStep& step : facts->path) {
    if (const std::optional<ImVec2> at = place_of(stack, {step.level, step.unit})) {
      draw.AddCircleFilled(*at, 3.5F * s, halo);
      draw.AddCircleFilled(*at, 2.5F * s, ui.palette.accent);
    }
  }
  draw.PopClipRect();
}

}  // namespace convlens::ui
