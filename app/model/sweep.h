// The path of the sliding window over an output: a walk of exact positions that stays visible. Knows no time.
#pragma once

#include <cstdint>
#include <optional>

namespace convlens::model {

// An output position.
struct OutputCell {
  std::int64_t row = 0;
  std::int64_t col = 0;
  bool operator==(const OutputCell&) const = default;
};

// The part of an output that is walked over: rows [row0, row1), columns [col0, col1); at least one cell.
// On a picture of 640 x 480 a window that visits each of 307200 positions would seem to stand still and take hours, so
// the walk makes at most kSweepLines x kSweepStops evenly spaced stops, the first and the last row and column among
// them (where the padding is). Areas of up to that many cells are walked cell by cell.
struct Sweep {
  std::int64_t row0 = 0, row1 = 1;
  std::int64_t col0 = 0, col1 = 1;
};
inline constexpr std::int64_t kSweepLines = 20;
inline constexpr std::int64_t kSweepStops = 30;

OutputCell first_stop(const Sweep& sweep);
// The stop that follows `cell` in reading order; the first one where `cell` lies outside; nothing after the last one.
std::optional<OutputCell> next_stop(const Sweep& sweep, OutputCell cell);

}  // namespace convlens::model
