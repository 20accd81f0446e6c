// Which input cells feed one output position, and which ones a weight multiplies. Positions only, no values.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/conv/params.h"

namespace convlens::explain {

// One row (or column) of an input window.
struct Tap {
  int weight = 0;             // row (column) of the filter that multiplies it; counts down in a true convolution
  std::int64_t position = 0;  // input row (column) it stands on; outside [0, size) it is padding
  std::int64_t source = 0;    // input row (column) whose value is read there, by the border mode; -1 reads a zero
  bool is_padding() const { return source != position || source < 0; }
  bool operator==(const Tap&) const = default;
};

// The window of one output position: R rows by S columns of taps, top to bottom and left to right. The cell of
// rows[i] and cols[j] is padding where either is, and reads a zero where either source is -1.
struct InputWindow {
  std::vector<Tap> rows;
  std::vector<Tap> cols;
};

// The window of output row p in [0, P) and column q in [0, Q): row i stands on p * stride_y - pad.top + i * dilation_y.
InputWindow input_window(const conv::Geometry& geometry, std::int64_t p, std::int64_t q);

// Evenly spaced positions first, first + step, ... , count of them.
struct Positions {
  std::int64_t first = 0;
  std::int64_t step = 1;
  std::int64_t count = 0;
  std::int64_t last() const { return first + step * (count - 1); }
  bool operator==(const Positions&) const = default;
};

// Every input cell that one weight multiplies while the window slides, padding included: rows x cols.
struct WeightFootprint {
  Positions rows;
  Positions cols;
};

// The footprint of weight row r in [0, R) and column s in [0, S).
WeightFootprint weight_footprint(const conv::Geometry& geometry, std::int64_t r, std::int64_t s);

// The output rows (or columns) whose windows touch input row (or column) `position` inside the picture with a tap that
// stands on it: the way back from the input. Ascending.
std::vector<std::int64_t> outputs_of_row(const conv::Geometry& geometry, std::int64_t position);
std::vector<std::int64_t> outputs_of_col(const conv::Geometry& geometry, std::int64_t position);

// Which input rows (columns) any window reads, through padding or not: H (W) values. A row that is not read changes no
// output; a stride that does not divide, or is larger than the filter, leaves such rows.
std::vector<bool> rows_read(const conv::Geometry& geometry);
std::vector<bool> cols_read(const conv::Geometry& geometry);

}  // namespace convlens::explain
