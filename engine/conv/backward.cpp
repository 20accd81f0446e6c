// The backward pass in float32: the input unrolled into columns, then products of matrices. The reference stands apart.
#include "engine/conv/backward.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

#include "engine/conv/backward_reference.h"
#include "engine/conv/kernels/simd.h"
#include "engine/conv/row_products.h"

namespace convlens::conv {
namespace {

// Slots of the workspace. Those of forward kernels may be the same: no two run at once on one workspace.
enum Slot { kGradientSlot, kColumnsSlot, kWeightsSlot, kPartialSlot };
enum OffsetSlot { kSourceSlot };

constexpr std::int64_t kMostColumnFloats = std::int64_t{1}
                                           << 16;  // unrolled input per task, about a second-level cache
constexpr std::int64_t kMostSlices = 16;           // partial sums of the weights' gradient, whatever the threads

// Where each filter tap reads along one axis: source[out * taps + tap], -1 for a zero cell.
void fill_sources(std::int64_t* source, std::int64_t outputs, std::int64_t taps, std::int64_t stride,
                  std::int64_t dilation, std::int64_t pad, std::int64_t size, Border border) {
  for (std::int64_t o = 0; o < outputs; ++o) {
    for (std::int64_t t = 0; t < taps; ++t) {
      source[o * taps + t] = border_index(o * stride + t * dilation - pad, size, border);
    }
  }
}

struct Plan {
  Plan(const Geometry& g, Workspace& workspace)
      : band_rows(std::clamp<std::int64_t>(kMostColumnFloats / (whole_rows(g.q) * g.channels_per_group() * g.r * g.s),
                                           1, g.p)),
        bands((g.p + band_rows - 1) / band_rows) {
    std::int64_t* sources = workspace.offsets(kSourceSlot, g.p * g.r + g.q * g.s);
    y_source = sources;
    x_source = sources + g.p * g.r;
    fill_sources(sources, g.p, g.r, g.stride_y, g.dilation_y, g.pad.top, g.h, g.border);
    fill_sources(sources + g.p * g.r, g.q, g.s, g.stride_x, g.dilation_x, g.pad.left, g.w, g.border);
  }
  std::int64_t band_rows;
  std::int64_t bands;
  const std::int64_t* y_source;
  const std::int64_t* x_source;
};

// Filter row and column as they stand in the weights: turned by 180 degrees for a true convolution.
std::int64_t weight_row(const Geometry& g, std::int64_t r) { return g.flip ? g.r - 1 - r : r; }
std::int64_t weight_column(const Geometry& g, std::int64_t s) { return g.flip ? g.s - 1 - s : s; }

// Output rows [p0, p0 + rows) of the group's filters, one filter a row, filled up with zeros.
void copy_gradient(const Geometry& g, ConstView grad, std::int64_t n, std::int64_t group, std::int64_t p0,
                   std::int64_t rows, float* out, std::int64_t pitch) {
  const std::int64_t filters = g.filters_per_group();
  for (std::int64_t k = 0; k < filters; ++k, out += pitch) {
    for (std::int64_t p = 0; p < rows; ++p) std::copy_n(grad.row(n, group * filters + k, p0 + p), g.q, out + p * g.q);
    std::fill(out + rows * g.q, out + pitch, 0.0f);
  }
}

// One row per (r, s) of channel c: what that tap reads at each of the outputs, filled up with zeros.
void unroll_channel(const Geometry& g, const Plan& plan, ConstView input, std::int64_t n, std::int64_t c,
                    std::int64_t p0, std::int64_t rows, float* out, std::int64_t pitch) {
  for (std::int64_t r = 0; r < g.r; ++r) {
    for (std::int64_t s = 0; s < g.s; ++s, out += pitch) {
      for (std::int64_t p = 0; p < rows; ++p) {
        float* to = out + p * g.q;
        const std::int64_t y = plan.y_source[(p0 + p) * g.r + r];
        if (y < 0) {
          std::fill_n(to, g.q, 0.0f);
          continue;
        }
        const float* from = input.row(n, c, y);
        for (std::int64_t q = 0; q < g.q; ++q) {
          const std::int64_t x = plan.x_source[q * g.s + s];
          to[q] = x < 0 ? 0.0f : from[x];
        }
      }
      std::fill(out + rows * g.q, out + pitch, 0.0f);
    }
  }
}

// The reverse: adds each tap's row to the pixels that it read.
void roll_channel(const Geometry& g, const Plan& plan, const float* columns, std::int64_t pitch, std::int64_t p0,
                  std::int64_t rows, View grad_input, std::int64_t n, std::int64_t c) {
  for (std::int64_t r = 0; r < g.r; ++r) {
    for (std::int64_t s = 0; s < g.s; ++s, columns += pitch) {
      for (std::int64_t p = 0; p < rows; ++p) {
        const std::int64_t y = plan.y_source[(p0 + p) * g.r + r];
        if (y < 0) continue;
        const float* from = columns + p * g.q;
        float* to = grad_input.row(n, c, y);
        for (std::int64_t q = 0; q < g.q; ++q) {
          const std::int64_t x = plan.x_source[q * g.s + s];
          if (x >= 0) to[x] += from[q];
        }
      }
    }
  }
}

}  // namespace

void backward_input(const Geometry& g, ConstView grad_output, ConstView weights, View grad_input, BackwardMethod method,
                    Workspace& workspace, const Parallel& parallel) {
  assert(grad_output.shape == g.output_shape());
  assert(weights.shape == g.weights_shape());
  assert(grad_input.shape == g.input_shape());
  if (method == BackwardMethod::kReference)
    return reference_backward_input(g, grad_output, weights, grad_input, parallel);

  const Plan plan(g, workspace);
  const RowProducts products = row_products(simd_targets().front());
  const std::int64_t channels = g.channels_per_group(), filters = g.filters_per_group(), taps = g.r * g.s;
  const std::int64_t pitch = whole_rows(plan.band_rows * g.q);
  // (group, c, tap, k): the coefficients of one channel's columns.
  float* packed = workspace.floats(kWeightsSlot, g.k * channels * taps);
  for (std::int64_t k = 0; k < g.k; ++k) {
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t t = 0; t < taps; ++t) {
        packed[((k / filters * channels + c) * taps + t) * filters + k % filters] =
            weights.at(k, c, weight_row(g, t / g.s), weight_column(g, t % g.s));
      }
    }
  }
  const std::int64_t gradient_floats = filters * pitch;
  float* gradients = workspace.floats(kGradientSlot, gradient_floats * parallel.threads());
  float* columns = workspace.floats(kColumnsSlot, taps * pitch * parallel.threads());
  // A task is an image's group; its channels follow one another, so that the copied gradient serves all of them.
  const std::int64_t parts = g.n * g.groups >= kMostSlices ? 1 : std::min(channels, kMostSlices);
  parallel.for_each_with_worker(g.n * g.groups * parts, [&](std::int64_t task, int worker) {
    const std::int64_t part = task % parts, group = task / parts % g.groups, n = task / parts / g.groups;
    const std::int64_t begin = channels * part / parts, end = channels * (part + 1) / parts;
    float* gradient = gradients + gradient_floats * worker;
    float* cells = columns + taps * pitch * worker;
    for (std::int64_t c = begin; c < end; ++c) {
      for (std::int64_t y = 0; y < g.h; ++y) std::fill_n(grad_input.row(n, group * channels + c, y), g.w, 0.0f);
    }
    for (std::int64_t p0 = 0; p0 < g.p; p0 += plan.band_rows) {
      const std::int64_t rows = std::min(plan.band_rows, g.p - p0);
      const std::int64_t length = whole_rows(rows * g.q);
      copy_gradient(g, grad_output, n, group, p0, rows, gradient, length);
      for (std::int64_t c = begin; c < end; ++c) {
        const Coefficients coefficients{packed + (group * channels + c) * taps * filters, filters, 1};
        products.combine(coefficients, {gradient, filters, length}, length, {cells, taps, length}, false);
        roll_channel(g, plan, cells, length, p0, rows, grad_input, n, group * channels + c);
      }
    }
  });
}

void backward_weights(const Geometry& g, ConstView input, ConstView grad_output, View grad_weights,
                      std::span<float> grad_bias, BackwardMethod method, Workspace& workspace,
                      const Parallel& parallel) {
  assert(input.shape == g.input_shape());
  assert(grad_output.shape == g.output_shape());
  assert(grad_weights.shape == g.weights_shape());
  assert(grad_bias.empty() || static_cast<std::int64_t>(grad_bias.size()) == g.k);
  if (method == BackwardMethod::kReference) {
    return reference_backward_weights(g, input, grad_output, grad_weights, grad_bias, parallel);
  }

  const Plan plan(g, workspace);
  const RowProducts products = row_products(simd_targets().front());
  const std::int64_t channels = g.channels_per_group(), filters = g.filters_per_group(), taps = g.r * g.s;
  const std::int64_t row = channels * taps;
  const std::int64_t pitch = whole_rows(plan.band_rows * g.q);
  // Slices of the (image, band) pairs; each sums (K, C/groups R S) weights and K biases on its own.
  const std::int64_t pairs = g.n * plan.bands;
  const std::int64_t slices = std::min(pairs, kMostSlices);
  const std::int64_t partial_floats = g.k * row + g.k;
  float* partials = workspace.floats(kPartialSlot, partial_floats * slices);
  float* gradients = workspace.floats(kGradientSlot, filters * pitch * parallel.threads());
  float* columns = workspace.floats(kColumnsSlot, row * pitch * parallel.threads());
  parallel.for_each_with_worker(slices, [&](std::int64_t slice, int worker) {
    float* partial = partials + partial_floats * slice;
    float* gradient = gradients + filters * pitch * worker;
    float* cells = columns + row * pitch * worker;
    std::fill_n(partial, partial_floats, 0.0f);
    for (std::int64_t pair = pairs * slice / slices; pair < pairs * (slice + 1) / slices; ++pair) {
      const std::int64_t n = pair / plan.bands, p0 = pair % plan.bands * plan.band_rows;
      const std::int64_t rows = std::min(plan.band_rows, g.p - p0);
      const std::int64_t length = whole_rows(rows * g.q);
      for (std::int64_t group = 0; group < g.groups; ++group) {
        copy_gradient(g, grad_output, n, group, p0, rows, gradient, length);
        for (std::int64_t c = 0; c < channels; ++c) {
          unroll_channel(g, plan, input, n, group * channels + c, p0, rows, cells + c * taps * length, length);
        }
        float* sums = partial + group * filters * row;
        products.dot({gradient, filters, length}, {cells, row, length}, length, nullptr, {sums, filters, row}, true);
        for (std::int64_t k = 0; k < filters; ++k) {
          double sum = 0;
          for (std::int64_t i = 0; i < length; ++i) sum += static_cast<double>(gradient[k * length + i]);
          partial[g.k * row + group * filters + k] += static_cast<float>(sum);
        }
      }
    }
  });
  for (std::int64_t k = 0; k < g.k; ++k) {
    for (std::int64_t i = 0; i < row; ++i) {
      double sum = 0;
      for (std::int64_t slice = 0; slice < slices; ++slice) {
        sum += static_cast<double>(partials[slice * partial_floats + k * row + i]);
      }
      grad_weights.at(k, i / taps, weight_row(g, i % taps / g.s), weight_column(g, i % g.s)) = static_cast<float>(sum);
    }
    if (grad_bias.empty()) continue;
    double sum = 0;
    for (std::int64_t slice = 0; slice < slices; ++slice) {
      sum += static_cast<double>(partials[slice * partial_floats + g.k * row + k]);
    }
    grad_bias[static_cast<std::size_t>(k)] = static_cast<float>(sum);
  }
}

double activation_slope(double x, Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return 1;
    case Activation::kRelu:
      return x > 0 ? 1 : 0;
    case Activation::kLeakyRelu:
      return x > 0 ? 1 : static_cast<double>(kLeakySlope);
    case Activation::kSigmoid: {
      const double y = activate(x, Activation::kSigmoid);
      return y * (1 - y);
    }
    case Activation::kTanh: {
      const double y = std::tanh(x);
      return 1 - y * y;
    }
    case Activation::kElu:
      return x > 0 ? 1 : static_cast<double>(kEluAlpha) * std::exp(x);
    case Activation::kGelu:
      // Phi(x) + x phi(x), the normal distribution and its density.
      return 0.5 * std::erfc(-x / std::numbers::sqrt2) + x * std::exp(-0.5 * x * x) / std::sqrt(2 * std::numbers::pi);
    case Activation::kSoftplus:
      return activate(x, Activation::kSigmoid);
    case Activation::kAbs:
      return x > 0 ? 1 : x < 0 ? -1 : 0;
  }
  return 1;
}

}  // namespace convlens::conv
