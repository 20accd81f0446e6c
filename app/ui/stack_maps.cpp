// Columns of levels. Sizes follow from how many maps there are; what is pointed at is found from what was drawn.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "app/ui/canvas.h"
#include "app/ui/stack_panels.h"
#include "app/ui/text.h"
#include "app/ui/widgets.h"
#include "app/view/tile_layout.h"

namespace convlens::ui {
namespace {

constexpr float kLeastTile = 18;  // at 100 % interface scale; more tiles than fit at this width scroll
constexpr float kGoodTile = 40;   // tiles are not made smaller to save columns
constexpr float kLargestTile = 118;
constexpr float kPictureColumn = 130;
constexpr float kLeastColumn = 44;
constexpr float kSharesColumn = 76;
constexpr std::int64_t kMostRows = 32;     // flat levels up to this many values stand in one column
constexpr std::int64_t kMostCells = 8192;  // drawn of a flat level

ImU32 colour_of(const LevelColours& colours, float value) {
  const view::Rgb c = view::colour_of(*colours.map, colours.range, value);
  return IM_COL32(c.r, c.g, c.b, 255);
}
ImU32 ink_on(const LevelColours& colours, float value) {
  const view::Rgb c = view::colour_of(*colours.map, colours.range, value);
  const float light =
      0.299F * static_cast<float>(c.r) + 0.587F * static_cast<float>(c.g) + 0.114F * static_cast<float>(c.b);
  return light < 140 ? IM_COL32(255, 255, 255, 235) : IM_COL32(0, 0, 0, 225);
}

// The part of a rectangle that a picture of this shape fills.
void letterbox(ImVec2& min, ImVec2& max, const Shape& shape) {
  const float w = max.x - min.x, h = max.y - min.y;
  const float scale = std::min(w / static_cast<float>(shape.w), h / static_cast<float>(shape.h));
  const float dx = (w - scale * static_cast<float>(shape.w)) / 2, dy = (h - scale * static_cast<float>(shape.h)) / 2;
  min = {min.x + dx, min.y + dy};
  max = {max.x - dx, max.y - dy};
}

// Width that a level would like, for a column of this height.
float natural_width(const model::StackResult& result, std::size_t level, float height, float s) {
  const Shape shape = result.stack->level_shape(level);
  if (shows_colours(result, level)) return kPictureColumn * s;
  if (is_flat(result, level)) return (shape.c <= kMostRows ? 58 : 46) * s;
  const auto count = static_cast<float>(shape.c);
  const float rows = std::max(1.0F, std::floor(height / (kGoodTile * s)));
  const float cols = std::min(6.0F, std::ceil(count / rows));
  const float side = std::clamp(height / std::ceil(count / cols), kLeastTile * s, kLargestTile * s);
  return std::max(cols * side, 64 * s);
}

}  // namespace

void StackMaps::draw(Ui& ui, StackView& stack) {
  heading(ui, "Layers on your picture");
  const model::StackResultPtr& result = stack.result();
  if (!result || !result->stack) {
    dim_text(ui, result && result->misfit ? *result->misfit : "The first maps are being computed.");
    return;
  }
  if (stack.is_computing && !result->is_complete) {
    const std::string sign = "computing layer " + std::to_string(result->levels.size()) + " of " +
                             std::to_string(result->stack->layers.size());
    ImGui::SameLine(0, 14 * ui.scale);
    ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(ui.palette.accent), "%s", sign.c_str());
  }
  form_ = Form::kColumns;
  forget_pictures();
  const float s = ui.scale, gap = 8 * s;
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const float caption = ImGui::GetFontSize() + font_height(ui.fonts.small) + 8 * s;
  const float legend = font_height(ui.fonts.small) + 8 * s;
  const bool has_shares = result->settings.has_softmax && result->is_complete && !result->misfit &&
                          is_flat(*result, result->stack->layers.size());
  float height = room.y - caption - legend;
  std::vector<Column> columns;
  float total = 0;
  float fixed = 0;  // flat levels need no more than their text
  for (std::size_t level = 0; level < result->stack->levels(); ++level) {
    columns.push_back({level, 0, natural_width(*result, level, height, s)});
    (is_flat(*result, level) ? fixed : total) += columns.back().width;
  }
  const float shares = has_shares ? kSharesColumn * s : 0;
  const float gaps = gap * static_cast<float>(columns.size() - 1) + (has_shares ? shares + gap : 0);
  // Maps share what is left; none becomes too narrow for its name.
  const float least = kLeastColumn * s, left_over = std::max(0.0F, room.x - gaps - fixed);
  float factor = std::clamp(left_over / std::max(total, 1.0F), 0.4F, 1.8F);
  const auto width_at = [&](const Column& column, float f) {
    return is_flat(*result, column.level) ? column.width : std::max(std::floor(column.width * f), least);
  };
  for (int round = 0; round < 4; ++round) {
    float used = 0;
    for (const Column& column : columns) used += width_at(column, factor);
    if (used <= room.x - gaps) break;
    factor *= 0.92F * (room.x - gaps) / used;
  }
  float x = 0;
  for (Column& column : columns) {
    column.x = x;
    column.width = width_at(column, factor);
    x += column.width + gap;
  }
  const float needed = x - gap + (has_shares ? gap + shares : 0);
  const bool scrolls = needed > room.x + 1;
  if (scrolls) height -= ImGui::GetStyle().ScrollbarSize;

  shown_.clear();
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::BeginChild("columns", {room.x, room.y - legend}, false,
                    scrolls ? ImGuiWindowFlags_HorizontalScrollbar
                            : ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
  ImGui::PopStyleVar();
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  std::optional<UnitRef> now;  // marks are those of the frame before, so that all columns agree
  for (Column& column : columns) {
    column.x += origin.x;
    if (const auto unit = draw_column(ui, stack, column, origin.y, height + caption)) now = unit;
  }
  if (has_shares) {
    const float left = origin.x + x;
    draw_shares(ui, stack, {left, origin.y}, {left + shares, origin.y + height + caption});
  }
  if (now != stack.hovered) ui.needs_frames = true;
  stack.hovered = now;
  draw_path(ui, stack);
  ImGui::SetCursorScreenPos({origin.x + needed - 1, origin.y});
  ImGui::Dummy({1, height + caption});
  ImGui::EndChild();

  if (const auto focus = stack.hovered; focus && has_unit(*result, *focus)) {
    ui.hovered_value = explain::unit_in_words(*result->stack, focus->level, focus->unit) + " = " +
                       number_text(static_cast<double>(value_of(*result, *focus)), 5);
  }
  // What the outlines mean.
  const ImVec2 at{ImGui::GetCursorScreenPos().x, ImGui::GetCursorScreenPos().y};
  struct Key {
    ImU32 colour;
    const char* words;
    const char* brief;  // where there is little room
  };
  const std::array<Key, 3> keys = {{{ui.palette.window_outline, "what the unit can see", "sees"},
                                    {ui.palette.output_outline, "the unit", "unit"},
                                    {ui.palette.accent, "greatest contributions", "path"}}};
  const float sign = 16 * s;
  float wanted = 0;
  for (const Key& key : keys) wanted += sign + width_of(ui.fonts.small, key.words) + sign;
  float lx = at.x;
  for (const Key& key : keys) {
    const char* words = wanted > room.x ? key.brief : key.words;
    ImGui::GetWindowDrawList()->AddRect({lx, at.y + 2 * s}, {lx + 11 * s, at.y + 13 * s}, key.colour, 0, 0, 1.5F * s);
    put_text(ui.fonts.small, {lx + sign, at.y}, ui.palette.text_dim, words);
    lx += sign + width_of(ui.fonts.small, words) + sign;
  }
  const std::string hint = stack.pinned ? "pinned: click it again or Esc to let go" : "click a value to pin it";
  const float hint_width = width_of(ui.fonts.small, hint);
  if (lx + hint_width < at.x + room.x)
    put_text(ui.fonts.small, {at.x + room.x - hint_width, at.y}, ui.palette.text_dim, hint);
}

std::optional<UnitRef> StackMaps::draw_column(Ui& ui, StackView& stack, const Column& column, float top, float height) {
  const model::StackResult& result = *stack.result();
  const float s = ui.scale;
  const Shape shape = result.stack->level_shape(column.level);
  const std::string name = level_name(result, column.level);
  const bool is_selected = column.level > 0 && stack.selected + 1 == column.level;
  put_text(ui.fonts.body, {column.x, top}, is_selected ? ui.palette.accent : ui.palette.text,
           fitted(ui.fonts.body, name, column.width + 6 * s));
  const float sub = top + ImGui::GetFontSize() + 2 * s;
  std::string sizes = shape_text(shape);
  if (width_of(ui.fonts.small, sizes) > column.width && shape.h * shape.w > 1) {
    sizes = std::to_string(shape.c) + "×" + std::to_string(shape.h) + "×" + std::to_string(shape.w);
  }
  put_text(ui.fonts.small, {column.x, sub}, ui.palette.text_dim, fitted(ui.fonts.small, sizes, column.width + 6 * s));
  const float head = ImGui::GetFontSize() + font_height(ui.fonts.small) + 8 * s;
  ImGui::SetCursorScreenPos({column.x, top});
  ImGui::PushID(static_cast<int>(column.level));
  if (ImGui::InvisibleButton("head", {column.width, head}) && column.level > 0) stack.selected = column.level - 1;
  std::string help = name + ": " + shape_text(shape);
  if (result.has(column.level)) {
    const model::StackLevel& level = *result.levels[column.level];
    help += "\nvalues " + number_text(static_cast<double>(level.all.min)) + " to " +
            number_text(static_cast<double>(level.all.max));
    if (column.level > 0) help += "\ncomputed in " + number_text(level.milliseconds, 3) + " ms";
  }
  record(ui, "stack/level/" + std::to_string(column.level), "text", name, shape_text(shape), {}, true, help);
  tooltip(ui, help);

  const ImVec2 min{column.x, top + head};
  const ImVec2 size{column.width, height - head};
  if (!result.has(column.level)) {
    ImGui::GetWindowDrawList()->AddRectFilled(min, {min.x + size.x, min.y + size.y}, ui.palette.canvas, 3 * s);
    put_text(ui.fonts.small, {min.x + 4 * s, min.y + 4 * s}, ui.palette.text_dim, "…");
    ImGui::PopID();
    return std::nullopt;
  }
  ImGui::SetCursorScreenPos(min);
  const std::optional<UnitRef> unit = draw_values(ui, stack, column.level, size);
  ImGui::PopID();
  return unit;
}

std::optional<UnitRef> StackMaps::draw_values(Ui& ui, StackView& stack, std::size_t level, const ImVec2& size) {
  Shown shown;
  shown.level = level;
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::BeginChild("values", size, false, ImGuiWindowFlags_None);
  ImGui::PopStyleVar();
  const ImVec2 inner = ImGui::GetCursorScreenPos();
  if (is_flat(*stack.result(), level)) {
    draw_cells(ui, stack, shown, inner, {inner.x + size.x, inner.y + size.y});
  } else {
    draw_tiles(ui, stack, shown, inner, {inner.x + size.x, inner.y + size.y});
  }
  draw_marks(ui, stack, shown);
  const bool is_over = ImGui::IsWindowHovered();
  const std::optional<UnitRef> unit = is_over ? unit_at(stack, shown, ImGui::GetIO().MousePos) : std::nullopt;
  if (unit && ImGui::IsMouseReleased(ImGuiMouseButton_Left) && ImGui::GetIO().MouseDragMaxDistanceSqr[0] < 25) {
    if (stack.pinned == unit) {
      stack.pinned.reset();
    } else {
      stack.pinned = unit;
    }
    if (unit->level > 0) stack.selected = unit->level - 1;
    ui.needs_frames = true;
  }
  ImGui::EndChild();
  shown_.push_back(std::move(shown));
  return unit;
}

void StackMaps::draw_tiles(Ui& ui, StackView& stack, Shown& shown, const ImVec2& min, const ImVec2& max) {
  const model::StackResult& result = *stack.result();
  const model::StackLevel& level = *result.levels[shown.level];
  const Shape& shape = level.maps.shape();
  const float s = ui.scale;
  const view::Source source{&level.maps, level.reduced, level.version};
  if (shows_colours(result, shown.level)) {
    Tile tile{0, min, max};
    letterbox(tile.min, tile.max, shape);
    const float lift = tile.min.y - min.y;  // at the top, beside the other columns' first tiles
    tile.min.y -= lift, tile.max.y -= lift;
    if (form_ == Form::kRows) {
      const float indent = tile.min.x - min.x;
      tile.min.x -= indent, tile.max.x -= indent;
    }
    const CanvasState canvas = canvas_of(tile.min, tile.max, shape);
    const model::StackLevel& colours = result.colours ? *result.colours : level;
    const view::Source picture{&colours.maps, colours.reduced, colours.version};
    draw_picture(canvas, colour_.update(ui.painter, picture, canvas.placement));
    record_rect(ui, tile.min, tile.max, "stack/tile/0/0", "tile", "picture");
    shown.tiles.push_back(tile);
    return;
  }
  const double aspect = std::clamp(static_cast<double>(shape.w) / static_cast<double>(shape.h), 0.25, 4.0);
  const auto layout = [&](float width) {
    const view::Rect area{0, 0, static_cast<double>(width), static_cast<double>(max.y - min.y)};
    return view::layout_tiles(area, static_cast<int>(shape.c), aspect, 3 * s, 0, static_cast<double>(kLeastTile * s));
  };
  view::TileGrid grid = layout(max.x - min.x);
  if (static_cast<float>(grid.content_height) > max.y - min.y + 1) {
    grid = layout(max.x - min.x - ImGui::GetStyle().ScrollbarSize);
  }
  // Rows begin at the left, below their names.
  const float left = form_ == Form::kRows ? min.x - static_cast<float>(grid.tiles.front().x0) : min.x;
  for (std::int64_t c = 0; c < shape.c; ++c) {
    const view::Rect& rect = grid.tiles[static_cast<std::size_t>(c)];
    Tile tile{c,
              {left + static_cast<float>(rect.x0), min.y + static_cast<float>(rect.y0)},
              {left + static_cast<float>(rect.x1), min.y + static_cast<float>(rect.y1)}};
    letterbox(tile.min, tile.max, shape);
    shown.tiles.push_back(tile);
    if (!ImGui::IsRectVisible(tile.min, tile.max)) continue;
    const CanvasState canvas = canvas_of(tile.min, tile.max, shape);
    const LevelColours colours = level_colours(ui, result, shown.level, c);
    view::PlanePicture& picture = pictures_[{shown.level, c}];
    draw_picture(
        canvas, picture.update(ui.painter, source, static_cast<int>(c), canvas.placement, *colours.map, colours.range));
    const model::MapStats& stats = level.stats[static_cast<std::size_t>(c)];
    record_rect(
        ui, tile.min, tile.max, "stack/tile/" + std::to_string(shown.level) + "/" + std::to_string(c), "tile",
        level_name(result, shown.level) + ", map " + std::to_string(c),
        {{"rows", shape.h}, {"columns", shape.w}, {"min", stats.min}, {"max", stats.max}, {"version", level.version}});
  }
  ImGui::Dummy({1, static_cast<float>(grid.content_height)});
}

void StackMaps::draw_cells(Ui& ui, StackView& stack, Shown& shown, const ImVec2& min, const ImVec2& max) {
  const model::StackResult& result = *stack.result();
  const model::StackLevel& level = *result.levels[shown.level];
  const float s = ui.scale;
  const std::int64_t count = level.maps.shape().c;
  const float w = max.x - min.x, h = max.y - min.y;
  shown.cells = std::min(count, kMostCells);
  shown.cells_min = min;
  if (form_ == Form::kRows) {
    const CellGrid grid = row_cells(count, w, s);
    shown.cell_cols = grid.cols;
    shown.cell_w = grid.width, shown.cell_h = grid.height;
  } else if (count <= kMostRows) {
    shown.cell_cols = 1;
    shown.cell_w = w;
    shown.cell_h = std::min(h / static_cast<float>(count), 26 * s);
  } else {
    const double cells = static_cast<double>(shown.cells) * static_cast<double>(w) / static_cast<double>(h);
    shown.cell_cols = std::max<std::int64_t>(2, static_cast<std::int64_t>(std::ceil(std::sqrt(cells))));
    shown.cell_w = w / static_cast<float>(shown.cell_cols);
    const std::int64_t rows = (shown.cells + shown.cell_cols - 1) / shown.cell_cols;
    shown.cell_h = std::min(h / static_cast<float>(rows), shown.cell_w * 1.5F);
  }
  const LevelColours colours = level_colours(ui, result, shown.level, 0);
  const bool has_text = shown.cell_h >= font_height(ui.fonts.small) && shown.cell_w >= 44 * s;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const float hair = shown.cell_h > 6 * s ? s : 0;
  for (std::int64_t i = 0; i < shown.cells; ++i) {
    const ImVec2 a{min.x + static_cast<float>(i % shown.cell_cols) * shown.cell_w,
                   min.y + static_cast<float>(i / shown.cell_cols) * shown.cell_h};
    const ImVec2 b{a.x + shown.cell_w - hair, a.y + shown.cell_h - hair};
    const float value = level.maps.data()[i];
    draw.AddRectFilled(a, b, colour_of(colours, value));
    if (has_text) {
      const std::string text = number_text(static_cast<double>(value), 3);
      put_text(ui.fonts.small, {a.x + 5 * s, a.y + (shown.cell_h - font_height(ui.fonts.small)) / 2},
               ink_on(colours, value), text);
    }
    if (count <= kMostRows) {
      record_rect(ui, a, b, "stack/cell/" + std::to_string(shown.level) + "/" + std::to_string(i), "cell",
                  level_name(result, shown.level) + ", output " + std::to_string(i), value);
    }
  }
}

void StackMaps::draw_shares(Ui& ui, StackView& stack, const ImVec2& min, const ImVec2& max) {
  const model::StackResult& result = *stack.result();
  const float s = ui.scale;
  put_text(ui.fonts.body, min, ui.palette.text, "softmax");
  put_text(ui.fonts.small, {min.x, min.y + ImGui::GetFontSize() + 2 * s}, ui.palette.text_dim, "shares");
  const float head = ImGui::GetFontSize() + font_height(ui.fonts.small) + 8 * s;
  const std::vector<double> shares = explain::softmax(result.levels.back()->maps.values());
  const auto count = std::min<std::size_t>(shares.size(), static_cast<std::size_t>(kMostRows));
  const float h = std::min((max.y - min.y - head) / static_cast<float>(std::max<std::size_t>(count, 1)), 26 * s);
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  for (std::size_t i = 0; i < count; ++i) {
    const ImVec2 a{min.x, min.y + head + static_cast<float>(i) * h}, b{max.x, a.y + h - s};
    draw.AddRectFilled(a, b, ui.palette.canvas, 2 * s);
    const ImU32 bar = (ui.palette.accent & ~IM_COL32_A_MASK) | (ImU32{0x70} << IM_COL32_A_SHIFT);  // text stands on it
    draw.AddRectFilled(a, {a.x + (b.x - a.x) * static_cast<float>(shares[i]), b.y}, bar, 2 * s);
    char text[32];
    std::snprintf(text, sizeof text, "%zu  %.1f %%", i, 100 * shares[i]);
    if (h >= font_height(ui.fonts.small))
      put_text(ui.fonts.small, {a.x + 5 * s, a.y + (h - font_height(ui.fonts.small)) / 2}, ui.palette.text, text);
    record_rect(ui, a, b, "stack/share/" + std::to_string(i), "cell", "class " + std::to_string(i), shares[i]);
  }
}

}  // namespace convlens::ui
