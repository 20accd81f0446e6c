// The way back from a loss: what it says to every value and every parameter of a stack, for one picture; and each of
// these gradients as a sum of products that can be checked by hand. Training is engine/training's.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "engine/conv/conv.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/tensor.h"
#include "engine/explain/decimal.h"
#include "engine/explain/stack.h"
#include "engine/explain/stack_gradient.h"
#include "engine/explain/weight_probe.h"

namespace convlens::explain {

// The loss is the cross-entropy between softmax(last level) and the label: log(sum exp(z)) - z[label], without label
// smoothing. Layers are as run_layer() has them: batch norm by its running statistics, dropout passes everything on.
struct LossGradient {
  double loss = 0;
  std::vector<double> probabilities;
  std::vector<Tensor> deltas;  // d loss / d value of every level, in its shape
  std::vector<Tensor> sums;    // per layer, before its activation; of conv and dense layers, empty for others
  // d loss / d parameter, one vector for each of nn::list_parameters; zero for running statistics.
  StackParameters parameters;
};
// `values` are all levels. Errors: the last level is not one number per class with `label` among them; cancelled.
Result<LossGradient> loss_gradient(const Stack& stack, LevelValues values, std::int64_t label,
                                   conv::Workspace& workspace, const Parallel& parallel,
                                   const std::atomic<bool>* is_cancelled = nullptr);

// One product of a gradient.
struct GradientTerm {
  Unit output;                    // of the layer's level: whose delta it is
  std::int64_t row = 0, col = 0;  // where on the level below it stands; in the padding where that is a copy of a pixel
  int weight_row = 0, weight_col = 0;  // conv: the weight between the two
  bool is_padding = false;
  float delta_value = 0, factor_value = 0;
  Decimal delta;   // of the loss by the output (conv, dense: before the activation)
  Decimal factor;  // what the output changes by: input (for a weight), weight, 1 / count, slope, ...
  Decimal product;
};
// Digits are those of probe.h: each product is that of the two shown numbers, and the sum is exact.
struct GradientSum {
  std::vector<GradientTerm> terms;
  Decimal sum;
  float gradient = 0;  // as the backward pass has it
  Decimal shown;       // what sum and gradient round to
  bool agrees = true;
  // Terms, by size of their product, largest first; equal ones in their order.
  std::vector<std::size_t> by_size() const;
};

// Why the gradient of a shared weight is what it is: one product for each position of the map.
struct WeightGradient {
  WeightIndex at;
  std::int64_t channel = 0;  // of the input
  Tensor products;           // (1,1,P,Q): value that the weight multiplies there, times delta there
  std::int64_t padding_positions = 0;
  GradientSum sum;  // positions that read a zero from the padding are left out
};
// Of a conv or dense layer; `input` is the level below, `sums` LossGradient::sums of the layer, `gradient` that of the
// weight. (LeCun et al., 1989; see weight_gradient().)
WeightGradient weight_gradient_map(const ReadyLayer& layer, ConstView input, ConstView sums, const WeightIndex& at,
                                   float gradient);

// Why d loss / d value is what it is: over all outputs that read the value, their delta times how they depend on it.
// Of a convolution that is the convolution of the deltas with the flipped filters. For a unit of the last level there
// are no terms: its gradient is share - 1 for the label and share for the others.
GradientSum pixel_delta(const Stack& stack, LevelValues values, const LossGradient& gradient, std::size_t level,
                        const Unit& unit);

}  // namespace convlens::explain
