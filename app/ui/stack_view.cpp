// The focus and its caches.
#include "app/ui/stack_view.h"

#include <algorithm>
#include <cmath>

#include "app/ui/widgets.h"
#include "app/view/map_range.h"

namespace convlens::ui {

bool has_unit(const model::StackResult& result, const UnitRef& ref) {
  if (!result.stack || !result.has(ref.level)) return false;
  const Shape& shape = result.levels[ref.level]->maps.shape();
  const explain::Unit& u = ref.unit;
  return u.c >= 0 && u.c < shape.c && u.y >= 0 && u.y < shape.h && u.x >= 0 && u.x < shape.w;
}

float value_of(const model::StackResult& result, const UnitRef& ref) {
  return result.levels[ref.level]->maps.at(0, ref.unit.c, ref.unit.y, ref.unit.x);
}

bool is_flat(const model::StackResult& result, std::size_t level) {
  const Shape shape = result.stack->level_shape(level);
  return level > 0 && shape.h == 1 && shape.w == 1;
}

std::optional<UnitRef> StackView::focus() const {
  const std::optional<UnitRef>& ref = pinned ? pinned : hovered;
  if (!ref || !result() || !has_unit(*result(), *ref)) return std::nullopt;
  return ref;
}

model::UnitFactsPtr StackView::facts() const {
  const std::optional<UnitRef> ref = focus();
  const model::UnitFactsPtr& known = units.facts();
  if (!ref || !known || known->level != ref->level || !(known->unit == ref->unit)) return nullptr;
  if (is_live) return known->result->stack->model == result()->stack->model ? known : nullptr;
  // The same values: levels of an older result that are still shown.
  const bool is_same = known->result->levels[ref->level] == result()->levels[ref->level];
  return is_same ? known : nullptr;
}

const std::vector<explain::Reach>& StackView::reach(const UnitRef& unit) {
  if (reach_of_ != unit || reach_result_ != result()) {
    reach_of_ = unit;
    reach_result_ = result();
    const explain::Stack& stack = *result()->stack;
    reach_ = explain::reach_of(stack.model, shapes_of(stack), unit.level, unit.unit);
  }
  return reach_;
}

LevelColours level_colours(const Ui& ui, const model::StackResult& result, std::size_t level, std::int64_t channel) {
  const model::StackLevel& values = *result.levels[level];
  const model::ViewSettings& view = ui.document.settings.view;
  LevelColours colours;
  // What cannot be negative has the map of its own: the sign of the values decides, layers of all kinds being shown.
  const bool is_signed = values.all.min < 0;
  colours.map = &view::find_colormap(is_signed ? view.map_colormap : view.unsigned_colormap);
  const bool is_own = view.range == model::RangeMode::kPerMap && !is_flat(result, level);
  const auto one = static_cast<std::size_t>(channel);
  const std::span<const model::MapStats> stats = values.stats;
  model::ViewSettings mode = view;
  mode.range = is_own ? model::RangeMode::kPerMap : model::RangeMode::kLayer;
  colours.range = view::map_range(mode, *colours.map, stats, static_cast<int>(one), {0, 0});
  return colours;
}

std::string level_name(const model::StackResult& result, std::size_t level) {
  return level == 0 ? "picture" : result.stack->layers[level - 1]->spec.name;
}

std::vector<Shape> shapes_of(const explain::Stack& stack) {
  std::vector<Shape> levels;
  for (std::size_t i = 0; i < stack.levels(); ++i) levels.push_back(stack.level_shape(i));
  return levels;
}

std::string shape_text(const Shape& shape) {
  if (shape.h == 1 && shape.w == 1) return std::to_string(shape.c);
  return std::to_string(shape.c) + " × " + std::to_string(shape.h) + " × " + std::to_string(shape.w);
}

}  // namespace convlens::ui
