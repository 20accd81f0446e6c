// The backward pass as plain loops with double sums: the definition. Internal to engine/conv; see backward.h.
#pragma once

#include <span>

#include "engine/conv/params.h"
#include "engine/core/parallel.h"
#include "engine/core/tensor.h"

namespace convlens::conv {

void reference_backward_input(const Geometry& geometry, ConstView grad_output, ConstView weights, View grad_input,
                              const Parallel& parallel);
void reference_backward_weights(const Geometry& geometry, ConstView input, ConstView grad_output, View grad_weights,
                                std::span<float> grad_bias, const Parallel& parallel);

}  // namespace convlens::conv
