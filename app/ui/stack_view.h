// What the panels that look at a stack share: its values, the chosen layer, the unit that is pointed at or pinned, and
// where it can look. Whoever has the panels puts the values here; where they come from is a session's business.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/model/stack_look.h"
#include "app/model/stack_session.h"
#include "app/ui/ui.h"
#include "app/view/colormap.h"
#include "engine/explain/receptive_field.h"

namespace convlens::ui {

using model::UnitRef;

struct StackView {
  explicit StackView(const std::function<void()>& wake) : units(wake), patches(wake) {}

  model::StackResultPtr shown;  // null before the first
  bool is_computing = false;    // a newer one is under way
  // One result follows the other: a unit's facts of the one before stay until the new ones have come.
  bool is_live = false;
  model::UnitSession units;
  model::PatchSession patches;
  std::size_t selected = 0;        // layer in the list
  std::optional<UnitRef> hovered;  // in this frame or the last
  std::optional<UnitRef> pinned;
  model::SumPlayback sum;  // of the focus

  const model::StackResultPtr& result() const { return shown; }
  // The pinned unit where there is one, else the hovered one; none where the result does not have it.
  std::optional<UnitRef> focus() const;
  // Facts of the focus, if they have come; those of another unit are not shown, nor those of other values unless
  // is_live.
  model::UnitFactsPtr facts() const;
  // Which rows and columns of each level below it the unit reads.
  const std::vector<explain::Reach>& reach(const UnitRef& unit);

 private:
  std::optional<UnitRef> reach_of_;
  model::StackResultPtr reach_result_;
  std::vector<explain::Reach> reach_;
};

// Whether the result has this unit.
bool has_unit(const model::StackResult& result, const UnitRef& ref);
float value_of(const model::StackResult& result, const UnitRef& ref);
// Rows of a single column: dense layers, global averages, flatten.
bool is_flat(const model::StackResult& result, std::size_t level);

// Colour map and range of a level's channel.
struct LevelColours {
  const view::Colormap* map = nullptr;
  view::ValueRange range;
};
LevelColours level_colours(const Ui& ui, const model::StackResult& result, std::size_t level, std::int64_t channel);

// "conv2"; "picture" for level 0.
std::string level_name(const model::StackResult& result, std::size_t level);
std::vector<Shape> shapes_of(const explain::Stack& stack);

// "6 × 28 × 28", or "120" for flat ones
std::string shape_text(const Shape& shape);

}  // namespace convlens::ui
