// Conv and dense layers go through conv::backward_input(), the rest are plain loops. Only the rows and columns of the
// gradient that is given are carried along.
#include "engine/explain/stack_backward.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <optional>
#include <utility>

#include "engine/conv/backward.h"

namespace convlens::explain {
namespace {

using nn::LayerKind;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

// Rows [row0, row1) x columns [col0, col1).
struct Box {
  std::int64_t row0 = 0, row1 = 0, col0 = 0, col1 = 0;
  std::int64_t rows() const { return row1 - row0; }
  std::int64_t cols() const { return col1 - col0; }
};
Box box_of(const LevelGradient& g) { return {g.row, g.row + g.values.shape().h, g.col, g.col + g.values.shape().w}; }

Tensor cut(ConstView from, const Box& box) {
  Tensor out = Tensor::uninitialized({1, from.shape.c, box.rows(), box.cols()});
  for (std::int64_t c = 0; c < from.shape.c; ++c) {
    for (std::int64_t y = 0; y < box.rows(); ++y) {
      std::copy_n(from.row(0, c, box.row0 + y) + box.col0, box.cols(), out.view().row(0, c, y));
    }
  }
  return out;
}

// The part of one axis of a convolution that makes some of its outputs: inputs [first, end) with their padding.
struct AxisPart {
  std::int64_t first = 0, end = 0, pad0 = 0, pad1 = 0;
};
// Nothing where border pixels come from elsewhere or the part would read padding alone.
std::optional<AxisPart> axis_part(std::int64_t out0, std::int64_t out1, std::int64_t stride, std::int64_t pad,
                                  std::int64_t extent, std::int64_t size, conv::Border border) {
  const std::int64_t from = out0 * stride - pad;
  const std::int64_t to = (out1 - 1) * stride - pad + extent;
  const bool is_inside = from >= 0 && to <= size;
  if ((!is_inside && border != conv::Border::kZero) || from >= size || to <= 0) return std::nullopt;
  const AxisPart part{std::max<std::int64_t>(from, 0), std::min(to, size), std::max<std::int64_t>(-from, 0),
                      std::max<std::int64_t>(to - size, 0)};
  return part;
}

// The convolution that makes the outputs of a box from the inputs that they read.
struct PartConv {
  conv::Geometry geometry;
  Box input;
};
std::optional<PartConv> part_conv(const conv::Geometry& g, const Box& box) {
  const auto y =
      axis_part(box.row0, box.row1, g.stride_y, g.pad.top, conv::dilated_size(g.r, g.dilation_y), g.h, g.border);
  const auto x =
      axis_part(box.col0, box.col1, g.stride_x, g.pad.left, conv::dilated_size(g.s, g.dilation_x), g.w, g.border);
  if (!y || !x) return std::nullopt;
  PartConv part{g, {y->first, y->end, x->first, x->end}};
  part.geometry.h = y->end - y->first, part.geometry.w = x->end - x->first;
  part.geometry.p = box.rows(), part.geometry.q = box.cols();
  part.geometry.pad = {static_cast<int>(y->pad0), static_cast<int>(y->pad1), static_cast<int>(x->pad0),
                       static_cast<int>(x->pad1)};
  return part;
}

// Each value times slope(c, y, x), a double.
template <class Slope>
LevelGradient scaled(LevelGradient gradient, const Slope& slope) {
  const Shape& shape = gradient.values.shape();
  for (std::int64_t c = 0; c < shape.c; ++c) {
    for (std::int64_t y = 0; y < shape.h; ++y) {
      float* row = gradient.values.view().row(0, c, y);
      for (std::int64_t x = 0; x < shape.w; ++x) {
        row[x] = static_cast<float>(double{row[x]} * slope(c, gradient.row + y, gradient.col + x));
      }
    }
  }
  return gradient;
}

}  // namespace

LevelGradient widened(const LevelGradient& from, const Shape& level) {
  LevelGradient whole{0, 0, Tensor(level)};
  const Shape& part = from.values.shape();
  for (std::int64_t c = 0; c < part.c; ++c) {
    for (std::int64_t y = 0; y < part.h; ++y) {
      std::copy_n(from.values.view().row(0, c, y), part.w, whole.values.view().row(0, c, from.row + y) + from.col);
    }
  }
  return whole;
}

double deviation_of(const ReadyLayer& layer, std::int64_t channel) {
  return std::sqrt(double{layer.variance[at(channel)]} + double{layer.spec.epsilon});
}

LevelGradient StackBackward::through(std::size_t index, LevelGradient gradient, Tensor* sums) {
  const ReadyLayer& layer = *stack_.layers[index];
  switch (layer.spec.kind) {
    case LayerKind::kConv:
    case LayerKind::kDense:
      return through_conv(layer, index, std::move(gradient), sums);
    case LayerKind::kMaxPool:
    case LayerKind::kAveragePool:
    case LayerKind::kGlobalAverage:
      return through_pool(layer, index, gradient);
    case LayerKind::kActivation:
      return scaled(std::move(gradient), [&](std::int64_t c, std::int64_t y, std::int64_t x) {
        return conv::activation_slope(double{value(index, c, y, x)}, layer.spec.activation);
      });
    case LayerKind::kBatchNorm:
      return scaled(std::move(gradient), [&](std::int64_t c, std::int64_t, std::int64_t) {
        return double{layer.scale[at(c)]} / deviation_of(layer, c);
      });
    case LayerKind::kFlatten: {
      LevelGradient maps{0, 0, Tensor::uninitialized(layer.input)};
      std::ranges::copy(gradient.values.values(), maps.values.data());
      return maps;
    }
    case LayerKind::kDropout:
      return gradient;
  }
  return gradient;
}

double StackBackward::sum_behind(const ReadyLayer& layer, std::size_t index, const Unit& unit) const {
  const conv::Geometry& g = *layer.geometry;
  double sum = layer.bias.empty() ? 0 : double{layer.bias[at(unit.c)]};
  for_each_product(g, layer, index, unit, [&](const Unit&, double product) { sum += product; });
  return sum;
}

Unit StackBackward::winner_of(std::size_t level, const PoolWindow& window, const Unit& corner) const {
  Unit best = corner;
  for (std::int64_t y = corner.y; y < corner.y + window.rows; ++y) {
    for (std::int64_t x = corner.x; x < corner.x + window.cols; ++x) {
      const float v = value(level, corner.c, y, x), top = value(level, best.c, best.y, best.x);
      if (v > top || (std::isnan(v) && !std::isnan(top))) best = {corner.c, y, x};
    }
  }
  return best;
}

LevelGradient StackBackward::through_conv(const ReadyLayer& layer, std::size_t index, LevelGradient gradient,
                                          Tensor* sums) {
  const conv::Geometry& g = *layer.geometry;
  std::optional<PartConv> part = part_conv(g, box_of(gradient));
  if (!part) {
    gradient = widened(gradient, layer.output);
    part = PartConv{g, {0, g.h, 0, g.w}};
  }
  if (g.activation == conv::Activation::kRelu) {
    gradient = scaled(std::move(gradient), [&](std::int64_t c, std::int64_t y, std::int64_t x) {
      return value(index + 1, c, y, x) > 0 ? 1.0 : 0.0;
    });
  } else if (g.activation != conv::Activation::kNone) {
    multiply_by_slopes(layer, part->geometry, cut(values_[index]->view(), part->input).view(), gradient);
  }
  if (sums != nullptr) *sums = gradient.values.clone();
  LevelGradient below{part->input.row0, part->input.col0, Tensor::uninitialized(part->geometry.input_shape())};
  conv::backward_input(part->geometry, gradient.values.view(), layer.weights.view(), below.values.view(),
                       conv::BackwardMethod::kMatrix, workspace_, parallel_);
  return below;
}

// The values before the activation are not kept: they are made once more, of these inputs alone.
void StackBackward::multiply_by_slopes(const ReadyLayer& layer, const conv::Geometry& geometry, ConstView input,
                                       LevelGradient& gradient) {
  conv::Geometry linear = geometry;
  linear.activation = conv::Activation::kNone;
  Tensor sums = Tensor::uninitialized(linear.output_shape());
  const auto report =
      conv::forward(linear, input, layer.weights.view(), layer.bias, sums.view(), {}, workspace_, parallel_);
  assert(report);
  static_cast<void>(report);
  for (std::int64_t i = 0; i < sums.size(); ++i) {
    float& d = gradient.values.data()[i];
    d = static_cast<float>(double{d} * conv::activation_slope(double{sums.data()[i]}, geometry.activation));
  }
}

LevelGradient StackBackward::through_pool(const ReadyLayer& layer, std::size_t index, const LevelGradient& gradient) {
  const PoolWindow window = pool_window(layer.spec, layer.input);
  const Box from = box_of(gradient);
  const Box to{from.row0 * window.stride_y, (from.row1 - 1) * window.stride_y + window.rows,
               from.col0 * window.stride_x, (from.col1 - 1) * window.stride_x + window.cols};
  LevelGradient below{to.row0, to.col0, Tensor({1, layer.input.c, to.rows(), to.cols()})};
  const auto count = static_cast<double>(window.rows * window.cols);
  for (std::int64_t c = 0; c < layer.input.c; ++c) {
    for (std::int64_t p = from.row0; p < from.row1; ++p) {
      for (std::int64_t q = from.col0; q < from.col1; ++q) {
        const float d = gradient.values.at(0, c, p - from.row0, q - from.col0);
        if (d == 0) continue;
        const Unit corner{c, p * window.stride_y, q * window.stride_x};
        if (layer.spec.kind == LayerKind::kMaxPool) {
          const Unit winner = winner_of(index, window, corner);
          below.values.at(0, c, winner.y - to.row0, winner.x - to.col0) += d;
          continue;
        }
        for (std::int64_t y = corner.y; y < corner.y + window.rows; ++y) {
          for (std::int64_t x = corner.x; x < corner.x + window.cols; ++x) {
            below.values.at(0, c, y - to.row0, x - to.col0) += static_cast<float>(double{d} / count);
          }
        }
      }
    }
  }
  return below;
}

}  // namespace convlens::explain
