// Linear layers that follow each other are one: the single filter that does what several convolutions without
// activations do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/conv/params.h"
#include "engine/core/error.h"
#include "engine/core/tensor.h"
#include "engine/explain/stack.h"

namespace convlens::explain {

struct ComposedFilter {
  Tensor weights;  // (K of the last, C of the first, R, S), cross-correlation, groups and flips resolved
  std::vector<float> bias;
  std::int64_t stride_y = 1, stride_x = 1;
  conv::Padding pad;  // as large as all the layers' together
  // Whether it gives the stack's maps everywhere: no layer after the first pads. Otherwise it does inside: where the
  // windows of all layers lie inside their maps.
  bool is_exact_everywhere = false;
  std::int64_t layers_parameters = 0;  // weights and biases of the layers
  std::int64_t parameters = 0;         // of this one
  // Outputs [row0, row1) x [col0, col1) that agree with the stack's, whatever the values.
  std::int64_t row0 = 0, row1 = 0, col0 = 0, col1 = 0;
};

// The most values a composed filter may have.
inline constexpr std::int64_t kMaxComposedValues = std::int64_t{1} << 24;

// Of the layers [first, last). Errors: no conv layer among them, a layer that is not linear in its own position (says
// which), a border that copies pixels, or a filter beyond 255 or kMaxComposedValues.
Result<ComposedFilter> compose(const Stack& stack, std::size_t first, std::size_t last);

}  // namespace convlens::explain
