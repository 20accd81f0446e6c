// What is looked into: how deep, at which output value, and which values are watched. Plain state; the numbers come
// from engine/explain.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "app/model/settings.h"

namespace convlens::model {

// A watched output value.
struct Pin {
  int filter = 0;
  std::int64_t row = 0;
  std::int64_t col = 0;
  bool operator==(const Pin&) const = default;
};
inline constexpr std::size_t kMostPins = 12;

// The way down: all maps or one; one map with its input channels; one number.
enum class Depth { kMaps = 1, kChannels = 2, kNumber = 3 };

// How far the sum of one number has been told: 0 steps to all of explain::summation_steps().
struct SumPlayback {
  static constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
  std::size_t steps = kAll;
  std::size_t count = 0;  // of all steps of the number that is shown
  bool is_playing = false;

  std::size_t taken() const { return std::min(steps, count); }
  bool is_over() const { return steps >= count; }
};

struct ProbeState {
  Depth depth = Depth::kMaps;
  // The output position that depths 2 and 3 lay open, in the map of the selected filter. None before the first.
  std::optional<Pin> focus;
  std::vector<Pin> pins;  // the oldest first
  SumPlayback sum;
  // The cell of the sum that is pointed at or being added, in the order of explain::Probe::cells.
  std::optional<std::size_t> lit_cell;
};

// Index in `pins`, or -1.
int find_pin(std::span<const Pin> pins, const Pin& pin);
// Watches `pin` in place of the focus where that is watched, else in addition; the focus goes there. When there are
// kMostPins already, the oldest goes.
void place_pin(ProbeState& state, const Pin& pin);
// Watches `pin` in addition, or no longer; the focus goes there. True if it is watched afterwards.
bool toggle_pin(ProbeState& state, const Pin& pin);
void remove_pin(ProbeState& state, std::size_t index);

// One step of the sum on or back (by = +1 or -1); stops the play.
void step_sum(SumPlayback& sum, int by);
// Play or pause; begins anew where all has been told.
void toggle_sum(SumPlayback& sum);

// Where each filter of `before` stands in `after`, or -1: one run of filters added, deleted or moved is recognised;
// for any other change filters keep their places.
std::vector<int> filter_places(std::span<const Filter> before, std::span<const Filter> after);
// Pins stay with their filters; those of deleted ones go.
void follow_filters(ProbeState& state, std::span<const Filter> before, std::span<const Filter> after);

// The position inside a map of rows x cols that is nearest to the pin's.
Pin inside(Pin pin, std::int64_t rows, std::int64_t cols);

}  // namespace convlens::model
