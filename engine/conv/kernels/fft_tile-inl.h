// From pixels to spectra and from spectra to their product, for the instruction set that includes this. Per-target
// code: see Highway.

#if defined(CONVLENS_FFT_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_FFT_TILE_INL_H_
#undef CONVLENS_FFT_TILE_INL_H_
#else
#define CONVLENS_FFT_TILE_INL_H_
#endif

#include <algorithm>
#include <cstdint>
#include <limits>

#include <hwy/highway.h>

#include "engine/conv/kernels/fft_call.h"
#include "engine/conv/kernels/fft_transform-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {
namespace transform {

using FloatHalf = hn::Rebind<float, DoubleTag>;

// Down kWide columns at a time, then transposed: fill(x, cells) writes side_y cells for the columns from x on.
template <class Fill>
void transform_columns(const Call& call, std::int64_t columns, const Fill& fill, double* column, double* spectrum) {
  const FftPlan& plan = call.plan;
  for (std::int64_t x = 0; x < columns; x += kWide) {
    fill(x, column);
    forward(column, plan.side_y, call.roots_y);
    for (std::int64_t y = 0; y < plan.side_y; y += kWide) {
      double* to = spectrum + (y / kWide * plan.side_x + x) * kCell;
      transpose(column + y * kCell, kCell, to, kCell);
      transpose(column + y * kCell + kWide, kCell, to + kWide, kCell);
    }
  }
  for (std::int64_t y = 0; y < plan.side_y; y += kWide) {
    double* cells = spectrum + y / kWide * plan.side_x * kCell;
    if (columns < plan.side_x) std::fill_n(cells + columns * kCell, (plan.side_x - columns) * kCell, 0.0);
    forward(cells, plan.side_x, call.roots_x);
  }
}

void transform_filter(const Call& call, std::int64_t slice, int worker) {
  const Geometry& g = call.job.geometry;
  const FftPlan& plan = call.plan;
  const float* weights = call.weights + slice * g.r * g.s;
  const double scale = 1 / static_cast<double>(plan.side_y * plan.side_x);
  const std::int64_t span = dilated_size(g.s, g.dilation_x);
  const std::int64_t columns = (span + kWide - 1) / kWide * kWide;
  const auto fill = [&](std::int64_t x, double* cells) {
    std::fill_n(cells, plan.side_y * kCell, 0.0);
    for (std::int64_t r = 0; r < g.r; ++r) {
      double* cell = cells + r * g.dilation_y * kCell - x;
      for (std::int64_t s = (x + g.dilation_x - 1) / g.dilation_x; s < g.s && s * g.dilation_x < x + kWide; ++s) {
        cell[s * g.dilation_x] = scale * double{weights[r * g.s + s]};
      }
    }
  };
  transform_columns(call, columns, fill, scratch_of(call, worker).column,
                    call.filters + slice * plan.spectrum_doubles());
}

// Copies what a tile reads of one channel; returns the largest absolute value, or infinity where one is not finite.
double copy_tile(const Call& call, const Tile& tile, std::int64_t channel, float* pixels) {
  const Geometry& g = call.job.geometry;
  const FftPlan& plan = call.plan;
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const std::int64_t x0 = tile.q0 * g.stride_x - g.pad.left;
  const std::int64_t read_columns =
      std::min(plan.side_x, (tile.columns - 1) * g.stride_x + dilated_size(g.s, g.dilation_x));
  const std::int64_t read_rows = std::min(plan.side_y, (tile.rows - 1) * g.stride_y + dilated_size(g.r, g.dilation_y));
  const std::int64_t inside_begin = std::clamp<std::int64_t>(-x0, 0, read_columns);
  const std::int64_t inside_end = std::clamp<std::int64_t>(g.w - x0, inside_begin, read_columns);
  auto largest = hn::Zero(d);
  // What is not less than infinity here is infinite or not a number.
  const auto infinity = hn::Set(d, std::numeric_limits<float>::infinity());
  auto is_finite = hn::Eq(largest, largest);
  for (std::int64_t i = 0; i < plan.side_y; ++i, pixels += plan.pixel_pitch()) {
    const std::int64_t y = i < read_rows ? border_index(tile.p0 * g.stride_y - g.pad.top + i, g.h, g.border) : -1;
    if (y < 0) {
      std::fill_n(pixels, plan.side_x, 0.0f);
      continue;
    }
    const float* row = call.job.input.row(tile.n, channel, y);
    const auto fill_border = [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t j = begin; j < end; ++j) {
        const std::int64_t source = border_index(x0 + j, g.w, g.border);
        pixels[j] = source < 0 ? 0.0f : row[source];
      }
    };
    fill_border(0, inside_begin);
    if (inside_end > inside_begin) std::copy(row + x0 + inside_begin, row + x0 + inside_end, pixels + inside_begin);
    fill_border(inside_end, read_columns);
    std::fill(pixels + read_columns, pixels + plan.side_x, 0.0f);
    for (std::int64_t j = 0; j < plan.side_x; j += lanes) {
      const auto size = hn::Abs(hn::LoadU(d, pixels + j));
      largest = hn::Max(largest, size);
      is_finite = hn::And(is_finite, hn::Lt(size, infinity));
    }
  }
  if (!hn::AllTrue(d, is_finite)) return std::numeric_limits<double>::infinity();
  return double{hn::GetLane(hn::MaxOfLanes(d, largest))};
}

// Spectra of a pair's channels.
void transform_pair(const Call& call, std::int64_t first_channel, Tile (&tiles)[2], const Scratch& scratch) {
  const Geometry& g = call.job.geometry;
  const FftPlan& plan = call.plan;
  const std::int64_t channels = g.channels_per_group();
  const std::int64_t plane = plan.pixel_plane();
  for (std::int64_t t = 0; t < 2; ++t) {
    for (std::int64_t c = 0; c < channels; ++c) {
      double& largest = scratch.largest[t * channels + c];
      largest = 0;
      if (!tiles[t].exists) continue;
      largest = copy_tile(call, tiles[t], first_channel + c, scratch.pixels + (t * channels + c) * plane);
      tiles[t].is_finite &= largest < std::numeric_limits<double>::infinity();
    }
  }
  for (std::int64_t c = 0; c < channels; ++c) {
    const auto fill = [&](std::int64_t x, double* cells) HWY_ATTR {
      for (std::int64_t t = 0; t < 2; ++t) {
        const bool is_used = tiles[t].exists && tiles[t].is_finite;
        const float* from = scratch.pixels + (t * channels + c) * plane + x;
        double* to = cells + t * kWide;
        for (std::int64_t y = 0; y < plan.side_y; ++y, from += plan.pixel_pitch(), to += kCell) {
          for (int v = 0; v < kWide; v += kDoubles) {
            const auto value =
                is_used ? hn::PromoteTo(DoubleTag(), hn::LoadU(FloatHalf(), from + v)) : hn::Zero(DoubleTag());
            hn::Store(value, DoubleTag(), to + v);
          }
        }
      }
    };
    transform_columns(call, plan.side_x, fill, scratch.column, scratch.channels + c * plan.spectrum_doubles());
  }
}

// Y of filter k, its rows transformed back.
void multiply(const Call& call, std::int64_t k, const Scratch& scratch) {
  const FftPlan& plan = call.plan;
  const std::int64_t channels = call.job.geometry.channels_per_group();
  const double* filters = call.filters + k * channels * plan.spectrum_doubles();
  const std::int64_t row = plan.side_x * kCell;
  for (std::int64_t begin = 0; begin < plan.spectrum_doubles(); begin += row) {
    for (std::int64_t i = begin; i < begin + row; i += kCell) {
      for (int v = 0; v < kWide; v += kDoubles) {
        Complex sum{hn::Zero(DoubleTag()), hn::Zero(DoubleTag())};
        for (std::int64_t c = 0; c < channels; ++c) {
          const std::int64_t at = c * plan.spectrum_doubles() + i + v;
          const Complex x = load(scratch.channels + at);
          const Complex w = load(filters + at);
          sum.re = hn::MulAdd(x.re, w.re, hn::MulAdd(x.im, w.im, sum.re));
          sum.im = hn::MulAdd(x.im, w.re, hn::NegMulAdd(x.re, w.im, sum.im));
        }
        store(sum, scratch.product + i + v);
      }
    }
    inverse(scratch.product + begin, plan.side_x, call.roots_x);
  }
}

}  // namespace transform
}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
