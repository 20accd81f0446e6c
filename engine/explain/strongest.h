// The places of the picture that excite one map most: what a filter deep in a stack looks for, shown by example.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/explain/receptive_field.h"
#include "engine/explain/stack.h"

namespace convlens::explain {

struct StrongPatch {
  Unit unit;
  float value = 0;
  // What the unit can see of the picture, padding left out.
  Span rows, cols;
};

// The largest values of map `channel` of `level`, strongest first, no two of them closer than half a field along both
// axes, so that one edge does not fill the list; values that are not finite are left out. At most `count`.
std::vector<StrongPatch> strongest_patches(const nn::ModelSpec& model, const std::vector<Shape>& levels,
                                           std::size_t level, ConstView maps, std::int64_t channel, std::size_t count);

}  // namespace convlens::explain
