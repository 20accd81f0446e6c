// Convolution backward: from the gradient at the maps to the gradients of input, weights and bias.
// For everything that forward accepts. The activation is not part of it; activation_slope() is its derivative.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/conv/conv.h"
#include "engine/conv/params.h"
#include "engine/core/parallel.h"
#include "engine/core/tensor.h"

namespace convlens::conv {

// How to do it: plain loops in double, the definition; or matrix products in float32 with SIMD.
enum class BackwardMethod { kReference, kMatrix };

// d loss / d input from d loss / d map values (before the activation).
// grad_output (N,K,P,Q), weights (K,C/groups,R,S); writes grad_input (N,C,H,W) whole. A border pixel that several cells
// read gets the sum of what each would have got. Same bits for every number of threads.
void backward_input(const Geometry& geometry, ConstView grad_output, ConstView weights, View grad_input,
                    BackwardMethod method, Workspace& workspace, const Parallel& parallel);

// d loss / d weights and, where grad_bias is not empty (K values), d loss / d bias, summed over the images.
// input (N,C,H,W), grad_output (N,K,P,Q); writes grad_weights (K,C/groups,R,S) and grad_bias whole. Same bits for every
// number of threads.
void backward_weights(const Geometry& geometry, ConstView input, ConstView grad_output, View grad_weights,
                      std::span<float> grad_bias, BackwardMethod method, Workspace& workspace,
                      const Parallel& parallel);

// d activate(x) / dx. At a kink the value of PyTorch: 0 for ReLU and abs, the slope below zero for leaky ReLU.
double activation_slope(double x, Activation activation);

}  // namespace convlens::conv
