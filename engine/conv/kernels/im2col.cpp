// Convolution as a matrix product: windows become columns, strip by strip, and Eigen multiplies. The matrix of all
// windows is never held whole; a strip of it fits the cache.
#include <algorithm>

#include <Eigen/Core>

#include "engine/conv/kernels/kernel.h"

namespace convlens::conv {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Floats of a strip: half a megabyte, which second-level caches hold.
constexpr std::int64_t kStripFloats = 128 * 1024;
constexpr std::int64_t kMinStripColumns = 16;

enum Slot { kWeightsSlot, kColumnsSlot, kProductSlot };

// (K, C/groups*R*S), rotated by 180 degrees for a true convolution.
void pack_weights(const Job& job, float* packed) {
  const Geometry& g = job.geometry;
  for (std::int64_t k = 0; k < g.k; ++k) {
    for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
      for (std::int64_t r = 0; r < g.r; ++r) {
        for (std::int64_t s = 0; s < g.s; ++s) {
          *packed++ = g.flip ? job.weights.at(k, c, g.r - 1 - r, g.s - 1 - s) : job.weights.at(k, c, r, s);
        }
      }
    }
  }
}

// One row of the window matrix: what tap (c, r, s) reads for output positions [first, first + count) in row-major
// order.
void gather_tap(const Job& job, std::int64_t n, std::int64_t channel, std::int64_t r, std::int64_t s,
                std::int64_t first, std::int64_t count, float* out) {
  const Geometry& g = job.geometry;
  while (count > 0) {
    const std::int64_t p = first / g.q;
    const std::int64_t q = first % g.q;
    const std::int64_t run = std::min(count, g.q - q);
    const std::int64_t y = border_index(p * g.stride_y + r * g.dilation_y - g.pad.top, g.h, g.border);
    if (y < 0) {
      std::fill_n(out, run, 0.0f);
    } else {
      const float* row = job.input.row(n, channel, y);
      std::int64_t x = q * g.stride_x + s * g.dilation_x - g.pad.left;
      for (std::int64_t i = 0; i < run; ++i, x += g.stride_x) {
        const std::int64_t source = x >= 0 && x < g.w ? x : border_index(x, g.w, g.border);
        out[i] = source < 0 ? 0.0f : row[source];
      }
    }
    out += run;
    first += run;
    count -= run;
  }
}

// Gathering and writing values, then Eigen's product at its rate without AVX.
double estimate(const Geometry& g, ConstView) {
  const double gathered = static_cast<double>(g.n * g.c * g.r * g.s * g.p * g.q);
  return 1e-6 * gathered + 0.04e-6 * static_cast<double>(g.multiply_adds()) +
         2e-6 * static_cast<double>(g.output_shape().size()) + 0.8e-6 * static_cast<double>(g.weights_shape().size()) +
         1.5e-3;
}

std::string run(const Job& job, std::int64_t) {
  const Geometry& g = job.geometry;
  const std::int64_t taps = g.channels_per_group() * g.r * g.s;
  const std::int64_t positions = g.p * g.q;
  const std::int64_t strip = std::min(positions, std::max(kMinStripColumns, kStripFloats / taps));
  const std::int64_t strips = (positions + strip - 1) / strip;
  const std::int64_t filters = g.filters_per_group();

  float* packed = job.workspace.floats(kWeightsSlot, g.k * taps);
  pack_weights(job, packed);
  const std::int64_t workers = job.parallel.threads();
  float* all_columns = job.workspace.floats(kColumnsSlot, workers * taps * strip);
  float* all_products = job.workspace.floats(kProductSlot, workers * filters * strip);

  job.start_progress(g.n * g.groups * strips);
  job.for_each_task(g.n * g.groups * strips, [&](std::int64_t task, int worker) {
    const std::int64_t first = task % strips * strip;
    const std::int64_t group = task / strips % g.groups;
    const std::int64_t n = task / strips / g.groups;
    const std::int64_t count = std::min(strip, positions - first);
    float* columns = all_columns + worker * taps * strip;
    float* row = columns;
    for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
      for (std::int64_t r = 0; r < g.r; ++r) {
        for (std::int64_t s = 0; s < g.s; ++s, row += count) {
          gather_tap(job, n, group * g.channels_per_group() + c, r, s, first, count, row);
        }
      }
    }

    float* products = all_products + worker * filters * strip;
    Eigen::Map<Matrix>(products, filters, count).noalias() =
        Eigen::Map<const Matrix>(packed + group * filters * taps, filters, taps) *
        Eigen::Map<const Matrix>(columns, taps, count);

    for (std::int64_t f = 0; f < filters; ++f) {
      const std::int64_t k = group * filters + f;
      const float bias = job.bias_of(k);
      for (std::int64_t i = 0; i < count; ++i) {
        const float sum = products[f * count + i] + bias;
        job.output.at(n, k, (first + i) / g.q, (first + i) % g.q) =
            g.activation == Activation::kNone ? sum : static_cast<float>(activate(sum, g.activation));
      }
    }
  });
  return Eigen::SimdInstructionSetsInUse();
}

}  // namespace

constinit const Kernel kIm2col{
    {"im2col", "Windows as columns of a matrix, multiplied by Eigen", false}, never_refuses, estimate, nullptr, run};

}  // namespace convlens::conv
