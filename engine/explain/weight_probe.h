// The probe of one weight: every input cell it ever multiplies, every output it feeds, and its gradient as a sum over
// positions.
#pragma once

#include <cstdint>
#include <string>

#include "engine/conv/params.h"
#include "engine/core/tensor.h"
#include "engine/explain/window.h"

namespace convlens::explain {

// Which weight: filter, channel within the filter's group, row, column.
struct WeightIndex {
  std::int64_t k = 0, c = 0, r = 0, s = 0;
  bool operator==(const WeightIndex&) const = default;
};

// Outputs [row0, row1) x [col0, col1).
struct OutputRange {
  std::int64_t row0 = 0, row1 = 0;
  std::int64_t col0 = 0, col1 = 0;
  std::int64_t count() const { return (row1 - row0) * (col1 - col0); }
  bool operator==(const OutputRange&) const = default;
};

struct WeightProbe {
  WeightIndex at;
  std::int64_t channel = 0;    // of the input
  WeightFootprint footprint;   // the cells it multiplies, output by output: cell (i, j) feeds output (i, j)
  OutputRange inside;          // the outputs for which that cell lies in the picture
  std::int64_t positions = 0;  // N * P * Q, one product each
  std::int64_t padding_positions = 0;
  // The sum of the values it multiplies, border values included: its gradient where dL/dz is 1 everywhere, and how
  // much the sum of the map (before the activation) changes when the weight grows by 1.
  double input_sum = 0;
};

WeightProbe probe_weight(const conv::Geometry& geometry, ConstView input, const WeightIndex& at);

// dL/dw = sum over images and positions of (value it multiplies) * dL/dz there; `gradient` is dL/dz (N,K,P,Q), before
// the activation. Rumelhart, Hinton and Williams, 1986, with the weight shared by all positions (LeCun et al., 1989).
double weight_gradient(const conv::Geometry& geometry, ConstView input, ConstView gradient, const WeightIndex& at);

// "w(2,0) of filter 1, channel 0 multiplies 12 x 16 cells: rows -1, 1, ..., 21, ..." and what that means, in lines.
std::string to_text(const WeightProbe& probe, const conv::Geometry& geometry);

}  // namespace convlens::explain
