// Box-averaged copies of planes for display, and the statistics of maps, both in one pass over the values.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/core/parallel.h"
#include "engine/core/tensor.h"

namespace convlens::model {

// Over the finite values of one map; count of NaN and Inf values beside it. All zero where no value is finite.
struct MapStats {
  float min = 0;
  float max = 0;
  double mean = 0;
  double standard_deviation = 0;
  std::int64_t not_finite = 0;
  float bulk = 0;  // magnitude of all but the strongest values: app/model/outliers.h
};

// Level i of `tensor` (1,C,H,W) is (1, C, ceil(H / 4^(i+1)), ceil(W / 4^(i+1))): every value the mean of the block of
// pixels under it, which is smaller at the lower and right edges. Levels go on until both sides are at most
// kSmallestLevel; a tensor that small has none. NaN and Inf spread to the blocks they are in.
inline constexpr std::int64_t kSmallestLevel = 256;
int level_count(const Shape& shape);
// Same bits for every number of threads.
std::vector<Tensor> reduced_levels(const Tensor& tensor, const Parallel& parallel);

// Statistics of every plane and the levels, into buffers that are kept where they are large enough.
// Same bits for every number of threads.
void measure_and_reduce(const Tensor& maps, const Parallel& parallel, std::vector<MapStats>& stats,
                        std::vector<Tensor>& levels);

}  // namespace convlens::model
