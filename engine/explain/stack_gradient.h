// How one unit of a stack depends on the values that were really there: d unit / d picture from the real weights (the
// effective receptive field), and the path of greatest contribution back to the picture.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/tensor.h"
#include "engine/explain/stack.h"

namespace convlens::explain {

// The values of all levels, the picture first, as run_layer() made them.
using LevelValues = std::span<const Tensor* const>;

// d unit / d values of one level; zero outside the rows and columns that `values` covers.
struct LevelGradient {
  std::int64_t row = 0, col = 0;  // of the level: where values (1,C,h,w) begins
  Tensor values;
};

// The effective receptive field of a unit. (Luo et al., "Understanding the Effective Receptive Field in Deep
// Convolutional Neural Networks", 2016, which takes the mean over pictures and weights; here it is of this one.)
struct EffectiveField {
  // The unit's own activation lets nothing through (a ReLU that is off), so the gradient is of the value before it.
  bool is_before_activation = false;
  LevelGradient picture;
  Tensor strength;   // (1,1,h,w) over the same pixels: sum over channels of |gradient|
  double total = 0;  // sum of the strengths
  // The smallest centred part of the theoretical box, in rows and columns, that holds 95 % of the total.
  double central_share = 0;  // of the box's pixels, in (0,1]
};
// Of `unit` in `level` (1 or more), whose levels below it are in `values`. Error: cancelled.
Result<EffectiveField> effective_field(const Stack& stack, LevelValues values, std::size_t level, const Unit& unit,
                                       conv::Workspace& workspace, const Parallel& parallel,
                                       const std::atomic<bool>* is_cancelled = nullptr);

// One unit on the path and what it gave to the one after it.
struct PathStep {
  std::size_t level = 0;
  Unit unit;
  float value = 0;
  // To the sum behind the unit before it in the list: input times weight (conv, dense), the winning value (max
  // pooling), its part of the mean (averages), or the value itself. 0 for the first.
  double contribution = 0;
  double share = 0;  // of the sum of absolute contributions; 1 for the first
};
// From the unit down to the picture, in each level the input with the largest absolute contribution; the first of equal
// ones. Ends early where a window reads padding alone.
std::vector<PathStep> contribution_path(const Stack& stack, LevelValues values, std::size_t level, const Unit& unit);

}  // namespace convlens::explain
