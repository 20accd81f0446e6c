// Pooling as a step after the activation, with its probe, and the experiment of an activation before the convolution.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/conv/params.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/tensor.h"
#include "engine/explain/decimal.h"

namespace convlens::explain {

enum class PoolKind { kMax, kAverage };

// Cells outside the map never take part: they do not win a maximum and are not counted in an average.
struct PoolParams {
  PoolKind kind = PoolKind::kMax;
  int size_y = 2, size_x = 2;
  int stride_y = 2, stride_x = 2;
  conv::Padding pad;
  bool operator==(const PoolParams&) const = default;
};

// (N,K,P,Q) -> the pooled shape, by conv::output_size(). Errors: sizes or strides below 1, a window that does not fit,
// padding of a window's size or more (a window could then lie outside altogether).
Result<Shape> pooled_shape(const PoolParams& params, const Shape& maps);
// `params` fit `maps` (pooled_shape() has a value).
Tensor pool(const PoolParams& params, ConstView maps, const Parallel& parallel = Parallel(1));

struct PoolCell {
  std::int64_t row = 0, col = 0;  // in the map
  float value = 0;
  Decimal shown;
  bool wins = false;  // the first of the largest; NaN wins over everything, as in the kernel's own comparison
};

struct PoolProbe {
  PoolKind kind = PoolKind::kMax;
  std::vector<PoolCell> cells;  // those inside the map, row by row
  std::int64_t outside = 0;     // cells of the window that lie outside
  Decimal sum;                  // of the shown values (average)
  Decimal value;                // the winner's, or sum / cells as shown
  float pooled = 0;             // as pool() computes it
};
// Of pooled value (n, k, p, q), with `digits` significant digits of the largest value in the window. The shown values
// add up to the shown sum; the shown value is the sum divided by the number of cells, rounded.
PoolProbe probe_pool(const PoolParams& params, ConstView maps, std::int64_t n, std::int64_t k, std::int64_t p,
                     std::int64_t q, int digits = 5);
std::string to_text(const PoolProbe& probe);

// Activation first, then convolution and bias, in place of the usual order: what the experiment compares with the
// usual maps. Same arguments as conv::forward() has; the kernel is the automatic choice.
Result<Tensor> activation_first(const conv::Geometry& geometry, ConstView input, ConstView weights,
                                std::span<const float> bias);

}  // namespace convlens::explain
