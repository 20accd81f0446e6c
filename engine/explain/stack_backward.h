// One step back through one layer of a stack: from a gradient at what it makes to the gradient at what it reads.
// Internal to engine/explain.
#pragma once

#include <cstdint>

#include "engine/core/parallel.h"
#include "engine/core/tensor.h"
#include "engine/explain/stack.h"
#include "engine/explain/stack_gradient.h"
#include "engine/explain/window.h"

namespace convlens::explain {

// A gradient of the whole level, zero where `from` does not cover it.
LevelGradient widened(const LevelGradient& from, const Shape& level);

// What batch norm divides a channel by: the root of its running variance, epsilon included.
double deviation_of(const ReadyLayer& layer, std::int64_t channel);

// All it is made with must outlive it.
class StackBackward {
 public:
  StackBackward(const Stack& stack, LevelValues values, conv::Workspace& workspace, const Parallel& parallel)
      : stack_(stack), values_(values), workspace_(workspace), parallel_(parallel) {}

  // Through layer `index`, from its outputs to its inputs. `sums`, where given, becomes the gradient at the sums of a
  // conv or dense layer, before its activation, over the same rows and columns as `gradient`.
  LevelGradient through(std::size_t index, LevelGradient gradient, Tensor* sums = nullptr);

  // The sum behind an output of a conv or dense layer, before its activation.
  double sum_behind(const ReadyLayer& layer, std::size_t index, const Unit& unit) const;

  // Calls f(input unit, input * weight) for every product of one output; cells that read a zero are left out.
  template <class F>
  void for_each_product(const conv::Geometry& g, const ReadyLayer& layer, std::size_t index, const Unit& unit,
                        const F& f) const {
    const InputWindow window = input_window(g, unit.y, unit.x);
    const std::int64_t first = unit.c / g.filters_per_group() * g.channels_per_group();
    for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
      for (const Tap& row : window.rows) {
        for (const Tap& col : window.cols) {
          if (row.source < 0 || col.source < 0) continue;
          const Unit input{first + c, row.source, col.source};
          f(input, double{value(index, input.c, input.y, input.x)} *
                       double{layer.weights.at(unit.c, c, row.weight, col.weight)});
        }
      }
    }
  }

  float value(std::size_t level, std::int64_t c, std::int64_t y, std::int64_t x) const {
    return values_[level]->at(0, c, y, x);
  }

  // The first of the largest values; a NaN is larger than anything.
  Unit winner_of(std::size_t level, const PoolWindow& window, const Unit& corner) const;

 private:
  LevelGradient through_conv(const ReadyLayer& layer, std::size_t index, LevelGradient gradient, Tensor* sums);
  void multiply_by_slopes(const ReadyLayer& layer, const conv::Geometry& geometry, ConstView input,
                          LevelGradient& gradient);
  LevelGradient through_pool(const ReadyLayer& layer, std::size_t index, const LevelGradient& gradient);

  const Stack& stack_;
  LevelValues values_;
  conv::Workspace& workspace_;
  const Parallel& parallel_;
};

}  // namespace convlens::explain
