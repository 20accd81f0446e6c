// The composition of two filters: W(k, c, b * d2 * s1 + a * d1) += W2(k, m, b) W1(m, c, a), summed over m.
#include "engine/explain/composed_filter.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace convlens::explain {
namespace {

using nn::LayerKind;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

// A filter in double whose taps stand one pixel apart.
struct Plain {
  std::int64_t k = 1, c = 1, r = 1, s = 1;
  std::vector<double> weights, bias;
  double& w(std::int64_t ki, std::int64_t ci, std::int64_t y, std::int64_t x) {
    return weights[at(((ki * c + ci) * r + y) * s + x)];
  }
  double w(std::int64_t ki, std::int64_t ci, std::int64_t y, std::int64_t x) const {
    return weights[at(((ki * c + ci) * r + y) * s + x)];
  }
};

Plain zeros(std::int64_t k, std::int64_t c, std::int64_t r, std::int64_t s) {
  return {k, c, r, s, std::vector<double>(at(k * c * r * s)), std::vector<double>(at(k))};
}

Plain plain_filter(const ReadyLayer& layer) {
  const conv::Geometry& g = *layer.geometry;
  Plain plain = zeros(g.k, g.c, conv::dilated_size(g.r, g.dilation_y), conv::dilated_size(g.s, g.dilation_x));
  for (std::int64_t k = 0; k < g.k; ++k) {
    const std::int64_t first = k / g.filters_per_group() * g.channels_per_group();
    for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
      for (std::int64_t r = 0; r < g.r; ++r) {
        for (std::int64_t s = 0; s < g.s; ++s) {
          const float weight = layer.weights.at(k, c, g.flip ? g.r - 1 - r : r, g.flip ? g.s - 1 - s : s);
          plain.w(k, first + c, r * g.dilation_y, s * g.dilation_x) = double{weight};
        }
      }
    }
    if (!layer.bias.empty()) plain.bias[at(k)] = double{layer.bias[at(k)]};
  }
  return plain;
}

// `next` on the maps that `first` makes at the given strides.
Plain composed(const Plain& first, const Plain& next, std::int64_t stride_y, std::int64_t stride_x) {
  Plain both = zeros(next.k, first.c, first.r + (next.r - 1) * stride_y, first.s + (next.s - 1) * stride_x);
  for (std::int64_t k = 0; k < next.k; ++k) {
    both.bias[at(k)] = next.bias[at(k)];
    for (std::int64_t m = 0; m < next.c; ++m) {
      for (std::int64_t y = 0; y < next.r; ++y) {
        for (std::int64_t x = 0; x < next.s; ++x) {
          const double outer = next.w(k, m, y, x);
          if (outer == 0) continue;
          both.bias[at(k)] += outer * first.bias[at(m)];
          for (std::int64_t c = 0; c < first.c; ++c) {
            for (std::int64_t r = 0; r < first.r; ++r) {
              for (std::int64_t s = 0; s < first.s; ++s) {
                both.w(k, c, y * stride_y + r, x * stride_x + s) += outer * first.w(m, c, r, s);
              }
            }
          }
        }
      }
    }
  }
  return both;
}

bool has_padding(const conv::Geometry& g) { return g.pad != conv::Padding{}; }

// Why a layer is not a plain filter; empty where it is one, or where it passes everything on.
std::string obstacle(const ReadyLayer& layer) {
  if (layer.spec.kind == LayerKind::kDropout) return {};
  if (layer.spec.kind == LayerKind::kActivation && layer.spec.activation == conv::Activation::kNone) return {};
  if (layer.spec.kind != LayerKind::kConv) return "it is not a convolution";
  if (layer.geometry->activation != conv::Activation::kNone) return "its activation bends what it makes";
  if (has_padding(*layer.geometry) && layer.geometry->border != conv::Border::kZero) return "its border copies pixels";
  return {};
}

// Outputs of a layer [lo, hi) whose window lies inside the inputs [in_lo, in_hi).
std::pair<std::int64_t, std::int64_t> inside(std::int64_t in_lo, std::int64_t in_hi, std::int64_t stride,
                                             std::int64_t pad, std::int64_t extent, std::int64_t outputs) {
  const std::int64_t lo = std::max<std::int64_t>(0, (in_lo + pad + stride - 1) / stride);
  const std::int64_t room = in_hi - extent + pad;  // the last start that fits
  const std::int64_t hi = room < 0 ? 0 : std::min(outputs, room / stride + 1);
  return {std::min(lo, outputs), std::max(hi, std::min(lo, outputs))};
}

}  // namespace

Result<ComposedFilter> compose(const Stack& stack, std::size_t first, std::size_t last) {
  ComposedFilter result;
  std::optional<Plain> all;
  result.is_exact_everywhere = true;
  for (std::size_t i = first; i < last; ++i) {
    const ReadyLayer& layer = *stack.layers[i];
    if (const std::string reason = obstacle(layer); !reason.empty()) {
      return Error{nn::layer_in_words(stack.model, i) + " cannot be part of one filter: " + reason};
    }
    if (!layer.geometry) continue;
    const conv::Geometry& g = *layer.geometry;
    const std::int64_t height = conv::dilated_size(g.r, g.dilation_y), width = conv::dilated_size(g.s, g.dilation_x);
    result.layers_parameters += g.k * g.channels_per_group() * g.r * g.s + std::ssize(layer.bias);
    if (!all) {
      if (g.k * g.c * height * width > kMaxComposedValues) {
        return Error{"one filter for these layers would be too large: use fewer or smaller filters"};
      }
      all = plain_filter(layer);
      // The first layer's own padding is that of the composed one.
      result.row0 = result.col0 = 0;
      result.row1 = g.p, result.col1 = g.q;
    } else {
      const std::int64_t rows = all->r + (height - 1) * result.stride_y;
      const std::int64_t cols = all->s + (width - 1) * result.stride_x;
      if (rows > conv::kMaxKernelSize || cols > conv::kMaxKernelSize ||
          g.k * all->c * rows * cols > kMaxComposedValues) {
        return Error{"one filter for these layers would be " + std::to_string(rows) + " x " + std::to_string(cols) +
                     ", which is too large: use fewer layers, smaller filters or smaller strides"};
      }
      result.is_exact_everywhere &= !has_padding(g);
      std::tie(result.row0, result.row1) = inside(result.row0, result.row1, g.stride_y, g.pad.top, height, g.p);
      std::tie(result.col0, result.col1) = inside(result.col0, result.col1, g.stride_x, g.pad.left, width, g.q);
      all = composed(*all, plain_filter(layer), result.stride_y, result.stride_x);
    }
    result.pad.top += static_cast<int>(g.pad.top * result.stride_y);
    result.pad.bottom += static_cast<int>(g.pad.bottom * result.stride_y);
    result.pad.left += static_cast<int>(g.pad.left * result.stride_x);
    result.pad.right += static_cast<int>(g.pad.right * result.stride_x);
    result.stride_y *= g.stride_y;
    result.stride_x *= g.stride_x;
  }
  if (!all) return Error{"there is no convolution among these layers: add one"};
  result.weights = Tensor::uninitialized({all->k, all->c, all->r, all->s});
  std::ranges::transform(all->weights, result.weights.data(), [](double v) { return static_cast<float>(v); });
  for (const double b : all->bias) result.bias.push_back(static_cast<float>(b));
  result.parameters = result.weights.size() + std::ssize(result.bias);
  return result;
}

}  // namespace convlens::explain
