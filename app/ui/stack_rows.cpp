// The levels of a stack below each other: what a narrow place has room for. Tiles, cells and marks are the columns'
// own.
#include <algorithm>
#include <cmath>

#include "app/ui/stack_panels.h"
#include "app/ui/text.h"
#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

constexpr float kTile = 36;  // at 100 % interface scale; a level with many maps has smaller ones
constexpr float kSmallTile = 24;
constexpr float kPictureRow = 92;
constexpr float kTallestRow = 220;  // more scrolls within
constexpr float kLeastRows = 150;
constexpr std::int64_t kManyTiles = 32;
constexpr std::int64_t kNumbered = 32;       // flat levels up to this many values show numbers
constexpr float kFlatArea = 60;              // height that the cells of longer ones are cut to
constexpr std::size_t kMostPictures = 4096;  // textures kept

}  // namespace

void StackMaps::forget_pictures() {
  if (pictures_.size() > kMostPictures) pictures_.clear();
}

StackMaps::CellGrid StackMaps::row_cells(std::int64_t count, float width, float scale) {
  CellGrid grid;
  if (count <= kNumbered) {
    grid.cols = std::min(count, std::max<std::int64_t>(1, static_cast<std::int64_t>(width / (50 * scale))));
    grid.width = std::min(width / static_cast<float>(grid.cols), 66 * scale);
    grid.height = 18 * scale;
  } else {
    const float side = std::sqrt(width * kFlatArea * scale / static_cast<float>(count));
    grid.width = grid.height = std::clamp(std::floor(side), 3 * scale, 9 * scale);
    grid.cols = std::max<std::int64_t>(1, static_cast<std::int64_t>(width / grid.width));
  }
  grid.rows = (count + grid.cols - 1) / grid.cols;
  return grid;
}

float StackMaps::row_height(const Ui& ui, const model::StackResult& result, std::size_t level, float width) const {
  const float s = ui.scale;
  const Shape shape = result.stack->level_shape(level);
  if (shows_colours(result, level)) return kPictureRow * s;
  float height = 0;
  if (is_flat(result, level)) {
    const CellGrid grid = row_cells(shape.c, width, s);
    height = static_cast<float>(grid.rows) * grid.height;
  } else {
    const float gap = 3 * s, side = (shape.c > kManyTiles ? kSmallTile : kTile) * s;
    const float cols = std::max(1.0F, std::floor((width + gap) / (side + gap)));
    const auto count = static_cast<float>(shape.c);
    const float ratio = std::clamp(static_cast<float>(shape.h) / static_cast<float>(shape.w), 0.25F, 4.0F);
    // A few maps share the width.
    const float tile = count < cols ? std::min(width / count - gap, 72 * s) : width / cols - gap;
    height = std::ceil(count / cols) * (tile * ratio + gap);
  }
  return std::min(std::ceil(height) + s, kTallestRow * s);
}

void StackMaps::begin_rows(const Ui& ui) {
  if (rows_of_ == ui.frame && form_ == Form::kRows) return;
  rows_of_ = ui.frame;
  form_ = Form::kRows;
  shown_.clear();
  row_unit_.reset();
  forget_pictures();
}

void StackMaps::draw_level(Ui& ui, StackView& stack, std::size_t level, const ImVec2& min, const ImVec2& max) {
  begin_rows(ui);
  ImGui::SetCursorScreenPos(min);
  ImGui::PushID(static_cast<int>(level));
  if (const auto unit = draw_values(ui, stack, level, {max.x - min.x, max.y - min.y})) row_unit_ = unit;
  ImGui::PopID();
}

void StackMaps::draw_rows(Ui& ui, StackView& stack, std::size_t first) {
  begin_rows(ui);
  const model::StackResult& result = *stack.result();
  const float s = ui.scale;
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  // Where less is left, whatever it stands in scrolls.
  ImGui::BeginChild("rows", {0, std::max(ImGui::GetContentRegionAvail().y, kLeastRows * s)}, false);
  ImGui::PopStyleVar();
  const float width = ImGui::GetContentRegionAvail().x - 2 * s;
  for (std::size_t level = first; level < result.levels.size(); ++level) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const model::StackLevel& values = *result.levels[level];
    const std::string name = level_name(result, level), shape = shape_text(values.maps.shape());
    const std::string range = number_text(static_cast<double>(values.all.min), 3) + " … " +
                              number_text(static_cast<double>(values.all.max), 3);
    const float line = font_height(ui.fonts.small) + 3 * s;
    const float range_width = width_of(ui.fonts.small, range);
    const bool is_chosen = level > 0 && stack.selected + 1 == level;
    put_text(ui.fonts.small, at, is_chosen ? ui.palette.accent : ui.palette.text, name);
    const float x = at.x + width_of(ui.fonts.small, name) + 8 * s;
    put_text(ui.fonts.small, {x, at.y}, ui.palette.text_dim,
             fitted(ui.fonts.small, shape, at.x + width - range_width - 8 * s - x));
    put_text(ui.fonts.small, {at.x + width - range_width, at.y}, ui.palette.text_dim, range);
    const float height = row_height(ui, result, level, width);
    ImGui::Dummy({width, line - ImGui::GetStyle().ItemSpacing.y});
    record_rect(ui, at, {at.x + width, at.y + line}, "stack/level/" + std::to_string(level), "text", name, shape, {},
                true, name + ": " + shape + ", values " + range);
    ImGui::SetCursorScreenPos({at.x, at.y + line});
    if (ImGui::IsRectVisible({at.x, at.y + line}, {at.x + width, at.y + line + height})) {
      ImGui::PushID(static_cast<int>(level));
      if (const auto unit = draw_values(ui, stack, level, {width, height})) row_unit_ = unit;
      ImGui::PopID();
    }
    ImGui::SetCursorScreenPos({at.x, at.y + line});
    ImGui::Dummy({width, height + 4 * s});
  }
  ImGui::EndChild();
  if (row_unit_ != stack.hovered) ui.needs_frames = true;
  stack.hovered = row_unit_;
  if (stack.hovered && has_unit(result, *stack.hovered)) {
    ui.hovered_value = explain::unit_in_words(*result.stack, stack.hovered->level, stack.hovered->unit) + " = " +
                       number_text(static_cast<double>(value_of(result, *stack.hovered)), 5);
  }
}

}  // namespace convlens::ui
