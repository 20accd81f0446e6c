// The probe of one output value: every input value, weight and product behind it, the running sum, the subtotals, the
// bias and the activation, in decimal numbers that add up as shown. Text comes from probe_text.h.
//
// The rule of the digits. Every shown number is a Decimal: a whole number of units of a power of ten.
//   1. input and weight   the float's exact value, rounded to the digits shown. One place for the whole column, or
//                         nine significant digits per cell where the column spans too many magnitudes for that.
//   2. product            shown input times shown weight, rounded to the place of the products.
//   3. sums               running sum, subtotals, their sum: exact sums of the shown products.
//   4. bias               rounded to the place of the products; the pre-activation is the exact sum.
//   5. activation         of the shown pre-activation, rounded to its digits; none, ReLU and abs are exact.
//   6. value              the shown activation and the float in the map round to the same decimal; its place is the
//                         finest at which they do, from the one that was asked for (see ProbeOptions) upwards.
// Columns lose the zeros that all their numbers end in, so that short numbers stay short and exact: 3 x -2 = -6.
// The places follow from magnitudes alone: with m = |bias| + the sum of |input * weight|, the value is shown down to
// `digits` digits below m's leading one (never coarser than the ones while m is below 10^9), and products, inputs and
// weights so finely that their roundings together stay below half a unit of the value.
// NaN and infinities are named and follow IEEE 754; a cell that reads a zero from outside the picture adds nothing,
// whatever its weight.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/conv/params.h"
#include "engine/core/tensor.h"
#include "engine/explain/decimal.h"
#include "engine/explain/window.h"

namespace convlens::explain {

// Which output value: image, filter, row, column.
struct OutputIndex {
  std::int64_t n = 0, k = 0, p = 0, q = 0;
  bool operator==(const OutputIndex&) const = default;
};

inline constexpr int kMinProbeDigits = 2;
inline constexpr int kMaxProbeDigits = 7;  // float32 has no more to tell
struct ProbeOptions {
  int digits = 5;  // of the value, counted from the leading digit of the sum of absolute products
  // The float in the map, as a kernel computed it; without it, the `reference` kernel's.
  std::optional<float> map_value;
};

// One product. Cells come channel by channel, row by row: the order in which `reference` adds them.
struct ProbeCell {
  std::int64_t channel = 0;  // of the input
  Tap row, col;              // where it stands, what it reads, which weight (flip resolved)
  float input_value = 0;     // as read: 0 where is_zero
  float weight_value = 0;
  Decimal input, weight, product;
  Decimal running;  // sum of all products so far
  bool is_padding() const { return row.is_padding() || col.is_padding(); }
  bool is_zero() const { return row.source < 0 || col.source < 0; }  // nothing is read there
};

struct ProbeChannel {
  std::int64_t channel = 0;  // of the input
  Decimal subtotal;          // of its products
  Decimal running;           // of this channel's subtotal and those before
  std::size_t first_cell = 0, cell_count = 0;
};

struct Probe {
  conv::Geometry geometry;
  OutputIndex at;
  InputWindow window;
  std::vector<ProbeCell> cells;
  std::vector<ProbeChannel> channels;
  Decimal sum;  // of all products
  bool has_bias = false;
  float bias_value = 0;
  Decimal bias;
  Decimal pre_activation;
  Decimal activated;
  Decimal value;  // what activated and map_value round to; map_value alone, to nine digits, where they do not agree
  float map_value = 0;
  // Whether the map holds what these numbers give, to 1e-5 of the sum of absolute products. If not, it was made from
  // other data, or it is not finite where the decimal sum is (beyond 3.4e38 a float is infinite).
  bool agrees = true;
  std::int64_t padding_cells = 0;
  double padding_share = 0;  // of the sum of absolute products: what was read through padding
};

// input (N,C,H,W), weights (K,C/groups,R,S), bias K values or empty; `at` within the output.
Probe probe_output(const conv::Geometry& geometry, ConstView input, ConstView weights, std::span<const float> bias,
                   const OutputIndex& at, const ProbeOptions& options = {});

// The sum as a list of steps to play or scrub through.
struct SumStep {
  enum class Kind { kProduct, kSubtotal, kSum, kBias, kActivation, kValue };
  Kind kind = Kind::kProduct;
  std::size_t index = 0;  // of the cell (kProduct) or the channel (kSubtotal)
  Decimal term;           // what this step adds or names
  Decimal running;        // what stands there after it
};
std::vector<SumStep> summation_steps(const Probe& probe);

// One input channel's part of a map: what depth 2 shows as a picture. conv::forward() on these gives the partial map
// (1,1,P,Q) of image n, filter k; the partial maps of all channels of its group, plus the bias, add up to the map
// before its activation.
struct PartialMap {
  conv::Geometry geometry;
  ConstView input;    // (1,1,H,W)
  ConstView weights;  // (1,1,R,S)
};
// `channel` counts within the filter's group: 0 to C/groups - 1.
PartialMap partial_map(const conv::Geometry& geometry, ConstView input, ConstView weights, std::int64_t n,
                       std::int64_t k, std::int64_t channel);

}  // namespace convlens::explain
