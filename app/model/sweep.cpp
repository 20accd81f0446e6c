// Stops of the sliding window. Not its clock: app/ui/transport.
#include "app/model/sweep.h"

#include <algorithm>
#include <cassert>

namespace convlens::model {

namespace {

// Evenly spaced stops over [first, end): stop i of `count`, both ends included.
struct Axis {
  std::int64_t first = 0;
  std::int64_t end = 1;
  std::int64_t count = 1;

  std::int64_t stop(std::int64_t i) const {
    if (count == 1) return first;
    const std::int64_t span = end - 1 - first;
    return first + (i * span + (count - 1) / 2) / (count - 1);
  }
  // Smallest stop greater than x, if there is one.
  std::optional<std::int64_t> after(std::int64_t x) const {
    for (std::int64_t i = 0; i < count; ++i) {
      if (stop(i) > x) return stop(i);
    }
    return std::nullopt;
  }
};

struct Axes {
  Axis rows;
  Axis cols;
};

Axes axes(const Sweep& sweep) {
  const std::int64_t rows = sweep.row1 - sweep.row0;
  const std::int64_t cols = sweep.col1 - sweep.col0;
  assert(rows >= 1 && cols >= 1);
  const bool is_small = rows * cols <= kSweepLines * kSweepStops;
  return {{sweep.row0, sweep.row1, is_small ? rows : std::min(rows, kSweepLines)},
          {sweep.col0, sweep.col1, is_small ? cols : std::min(cols, kSweepStops)}};
}

}  // namespace

OutputCell first_stop(const Sweep& sweep) { return {sweep.row0, sweep.col0}; }

std::optional<OutputCell> next_stop(const Sweep& sweep, OutputCell cell) {
  if (cell.row < sweep.row0 || cell.row >= sweep.row1 || cell.col < sweep.col0 || cell.col >= sweep.col1) {
    return first_stop(sweep);
  }
  const Axes walk = axes(sweep);
  if (const auto col = walk.cols.after(cell.col)) return OutputCell{cell.row, *col};
  if (const auto row = walk.rows.after(cell.row)) return OutputCell{*row, sweep.col0};
  return std::nullopt;
}

}  // namespace convlens::model
