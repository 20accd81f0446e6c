// The kernel for large filters: overlapping tiles of the picture are transformed, multiplied and transformed back.
//
//   for each filter and channel   W = transform of the filter's slice
//   for each pair of tiles a, b (overlap-save: outputs of a tile are those whose windows lie in it)
//     for each channel            X = transform of a + i b, borders filled in
//     for each filter             Y = sum over channels of X conj(W), transformed back;
//                                 its real part holds the outputs of a, its imaginary part those of b
//
// Two tiles cost one complex transform because the filter is real: correlation with it keeps real and imaginary parts
// apart. The cost hardly depends on the filter's size. (Oppenheim and Schafer, "Discrete-Time Signal Processing", 8.7.)
//
// A transform goes down eight columns at a time, is transposed in blocks, and goes down eight rows at a time; spectra
// stay transposed: [block of eight vertical frequencies][horizontal frequency][real, imaginary][8].
//
// Accuracy. In double, an output is wrong by some 1e-15 of its bound max|x| sum|w| over both tiles, whatever stands in
// its window. That is less than float's rounding unless the sum of absolute products behind it is less than kWeak of
// the bound. So outputs below kWeak are looked at: one whose window is empty is exactly zero, one whose products are
// all small is summed plainly, and others are zero where they are less than kNoise of the bound. A tile with a
// value that is not finite is summed plainly as a whole.
//
// Any geometry with filters that span up to kMaxSpan pixels; a stride leaves out outputs that were computed.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "engine/conv/kernels/fft_call.h"
#include "engine/conv/kernels/fft_plan.h"
#include "engine/conv/kernels/kernel.h"
#include "engine/conv/kernels/simd.h"

#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS CONVLENS_UNSIZED_TARGETS
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/conv/kernels/fft.cpp"
#include <hwy/foreach_target.h>
// The lines below are compiled once for each instruction set.
#include <hwy/highway.h>

#include "engine/conv/kernels/activation-inl.h"
#include "engine/conv/kernels/fft_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {
namespace transform {

// Summed-area table of what is not zero in any of the tile's channels.
void count_pixels(const Call& call, const float* pixels, std::int32_t* counts) {
  const FftPlan& plan = call.plan;
  const std::int64_t pitch = plan.side_x + 1;
  std::fill_n(counts, count_corners(plan), 0);
  for (std::int64_t y = 0; y < plan.side_y; ++y) {
    std::int32_t in_row = 0;
    for (std::int64_t x = 0; x < plan.side_x; ++x) {
      for (std::int64_t c = 0; c < call.job.geometry.channels_per_group(); ++c) {
        in_row += pixels[c * plan.pixel_plane() + y * plan.pixel_pitch() + x] != 0;
      }
      counts[(y + 1) * pitch + x + 1] = counts[y * pitch + x + 1] + in_row;
    }
  }
}

// Adds the products of filter k and the window at (y, x) of a tile until their absolute values exceed `enough`. True
// where they did not: `sum` is complete.
bool sum_window(const Call& call, const float* pixels, std::int64_t k, std::int64_t y, std::int64_t x, double enough,
                double& sum) {
  const Geometry& g = call.job.geometry;
  const float* weights = call.weights + k * g.channels_per_group() * g.r * g.s;
  double size = 0;
  sum = 0;
  for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
    for (std::int64_t r = 0; r < g.r; ++r, weights += g.s) {
      const float* row = pixels + c * call.plan.pixel_plane() + (y + r * g.dilation_y) * call.plan.pixel_pitch() + x;
      for (std::int64_t s = 0; s < g.s; ++s) {
        const double product = double{weights[s]} * double{row[s * g.dilation_x]};
        sum += product;
        size += std::abs(product);
        if (size > enough) return false;
      }
    }
  }
  return true;
}

// What an output below kWeak of its bound is: see the top of the file.
double mend(const Call& call, Tile& tile, const float* pixels, std::int32_t* counts, std::int64_t k, std::int64_t y,
            std::int64_t x, double bound, double value) {
  const Geometry& g = call.job.geometry;
  const FftPlan& plan = call.plan;
  if (tile.is_finite) {
    if (!tile.has_counts) count_pixels(call, pixels, counts);
    tile.has_counts = true;
    const std::int64_t pitch = plan.side_x + 1;
    const std::int32_t* top = counts + y * pitch + x;
    const std::int32_t* bottom = top + dilated_size(g.r, g.dilation_y) * pitch;
    const std::int64_t right = dilated_size(g.s, g.dilation_x);
    if (bottom[right] - bottom[0] == top[right] - top[0]) return 0;
  }
  double sum = 0;
  const double enough = tile.is_finite ? kWeak * bound : std::numeric_limits<double>::infinity();
  if (sum_window(call, pixels, k, y, x, enough, sum)) return sum;
  return std::abs(value) < kNoise * bound ? 0 : value;
}

HWY_INLINE void store_floats(DoubleVec x, float* to) {
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
  // There DemoteTo() turns infinity into the largest float.
  HWY_ALIGN double values[kDoubles];
  hn::Store(x, DoubleTag(), values);
  for (int i = 0; i < kDoubles; ++i) to[i] = static_cast<float>(values[i]);
#else
  hn::Store(hn::DemoteTo(FloatHalf(), x), FloatHalf(), to);
#endif
}

// Outputs of filter k from Y, its columns transformed back.
void store_outputs(const Call& call, std::int64_t k, Tile (&tiles)[2], const Scratch& scratch) {
  const Job& job = call.job;
  const Geometry& g = job.geometry;
  const FftPlan& plan = call.plan;
  const std::int64_t channels = g.channels_per_group();
  // Rounding errors of one tile reach the other.
  double bound = 0;
  for (std::int64_t t = 0; t < 2; ++t) {
    for (std::int64_t c = 0; tiles[t].exists && tiles[t].is_finite && c < channels; ++c) {
      bound += scratch.largest[t * channels + c] * call.sums[k * channels + c];
    }
  }
  const double bias = double{job.bias_of(k)};
  // Where there is nothing in both tiles, sums are exactly zero as they are.
  const bool is_empty = bound == 0;
  const double noise = is_empty ? -1 : kNoise * (bound + std::abs(bias));
  const std::int64_t most_columns = std::max(tiles[0].columns, tiles[1].columns);
  for (std::int64_t x = 0; x <= (most_columns - 1) * g.stride_x; x += kWide) {
    for (std::int64_t y = 0; y < plan.side_y; y += kWide) {
      const double* from = scratch.product + (y / kWide * plan.side_x + x) * kCell;
      transpose(from, kCell, scratch.column + y * kCell, kCell);
      transpose(from + kWide, kCell, scratch.column + y * kCell + kWide, kCell);
    }
    inverse(scratch.column, plan.side_y, call.roots_y);

    for (std::int64_t t = 0; t < 2; ++t) {
      Tile& tile = tiles[t];
      const std::int64_t q_begin = (x + g.stride_x - 1) / g.stride_x;
      const std::int64_t q_end = std::min(tile.columns, (x + kWide - 1) / g.stride_x + 1);
      if (!tile.exists || q_begin >= q_end) continue;
      const double weak = !tile.is_finite ? std::numeric_limits<double>::infinity() : is_empty ? -1 : kWeak * bound;
      const float* pixels = scratch.pixels + t * channels * plan.pixel_plane();
      std::int32_t* counts = scratch.counts + t * count_corners(plan);
      for (std::int64_t p = 0; p < tile.rows; ++p) {
        double* values = scratch.column + p * g.stride_y * kCell + t * kWide;
        HWY_ALIGN float sums[kWide];
        for (int v = 0; v < kWide; v += kDoubles) {
          const auto value = hn::Load(DoubleTag(), values + v);
          auto result = hn::Add(value, hn::Set(DoubleTag(), bias));
          const auto strong = hn::And(hn::Gt(hn::Abs(value), hn::Set(DoubleTag(), weak)),
                                      hn::Gt(hn::Abs(result), hn::Set(DoubleTag(), noise)));
          if (HWY_UNLIKELY(!hn::AllTrue(DoubleTag(), strong))) {
            for (int i = v; i < v + kDoubles; ++i) {
              const std::int64_t q = (x + i) / g.stride_x;
              if ((x + i) % g.stride_x != 0 || q >= q_end) continue;
              if (!(std::abs(values[i]) > weak)) {
                values[i] = mend(call, tile, pixels, counts, k, p * g.stride_y, x + i, bound, values[i]);
              } else if (!(std::abs(values[i] + bias) > noise)) {
                values[i] = -bias;
              }
            }
            result = hn::Add(hn::Load(DoubleTag(), values + v), hn::Set(DoubleTag(), bias));
          }
          store_floats(result, sums + v);
        }
        float* out = job.output.row(tile.n, k, tile.p0 + p) + tile.q0;
        if (q_end - q_begin == kWide) {
          std::memcpy(out + q_begin, sums, sizeof sums);
        } else if (g.stride_x == 1) {
          std::copy_n(sums, q_end - q_begin, out + q_begin);
        } else {
          for (std::int64_t q = q_begin; q < q_end; ++q) out[q] = sums[q * g.stride_x - x];
        }
      }
    }
  }
  if (g.activation == Activation::kNone) return;
  for (const Tile& tile : tiles) {
    for (std::int64_t p = 0; tile.exists && p < tile.rows; ++p) {
      activate_row(job.output.row(tile.n, k, tile.p0 + p) + tile.q0, tile.columns, g.activation);
    }
  }
}

Tile tile_at(const Geometry& g, const FftPlan& plan, std::int64_t index) {
  Tile tile;
  const std::int64_t per_image = plan.tiles_y * plan.tiles_x;
  tile.exists = index < g.n * per_image;
  if (!tile.exists) return tile;
  tile.n = index / per_image;
  tile.p0 = index % per_image / plan.tiles_x * plan.rows;
  tile.q0 = index % plan.tiles_x * plan.columns;
  tile.rows = std::min(plan.rows, g.p - tile.p0);
  tile.columns = std::min(plan.columns, g.q - tile.q0);
  tile.exists = tile.rows > 0 && tile.columns > 0;
  return tile;
}

}  // namespace transform

void transform_fft_filter(const fft::Call& call, std::int64_t slice, int worker) {
  transform::transform_filter(call, slice, worker);
}

// A pair of tiles of one group through a chunk of its filters.
void run_fft_task(const fft::Call& call, std::int64_t task, int worker) {
  const Geometry& g = call.job.geometry;
  const fft::FftPlan& plan = call.plan;
  const fft::Scratch scratch = scratch_of(call, worker);
  const std::int64_t chunk = task % plan.chunks;
  const std::int64_t pair = task / plan.chunks % plan.pairs;
  const std::int64_t group = task / plan.chunks / plan.pairs;
  fft::Tile tiles[2] = {transform::tile_at(g, plan, 2 * pair), transform::tile_at(g, plan, 2 * pair + 1)};
  transform::transform_pair(call, group * g.channels_per_group(), tiles, scratch);
  const std::int64_t filters = g.filters_per_group();
  for (std::int64_t f = filters * chunk / plan.chunks; f < filters * (chunk + 1) / plan.chunks; ++f) {
    transform::multiply(call, group * filters + f, scratch);
    transform::store_outputs(call, group * filters + f, tiles, scratch);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convlens::conv {
namespace {

HWY_EXPORT(transform_fft_filter);
HWY_EXPORT(run_fft_task);

enum Slot { kWeightsSlot, kSumsSlot, kRootsSlot, kFiltersSlot, kScratchSlot };

double* doubles(Workspace& workspace, int slot, std::int64_t count) {
  return reinterpret_cast<double*>(workspace.floats(slot, 2 * count));
}

bool spans_too_much(const Geometry& g) {
  return std::max(dilated_size(g.r, g.dilation_y), dilated_size(g.s, g.dilation_x)) > fft::kMaxSpan;
}

std::string_view refusal(const Geometry& g, ConstView weights) {
  if (spans_too_much(g)) {
    return "needs filters that span 768 pixels or fewer, gaps included";
  }
  constexpr std::int64_t kMaxDoubles = std::int64_t{64} * 1024 * 1024;
  if ((g.k + 2) * g.channels_per_group() * fft::plan_fft(g).spectrum_doubles() > kMaxDoubles) {
    return "needs fewer filters and channels: their transforms would take more than half a gigabyte";
  }
  for (std::int64_t k = 0; k < g.k; ++k) {
    for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
      for (std::int64_t r = 0; r < g.r; ++r) {
        const float* row = weights.row(k, c, r);
        if (!std::all_of(row, row + g.s, [](float w) { return std::isfinite(w); })) {
          return "needs weights that are finite numbers";
        }
      }
    }
  }
  return {};
}

double least_estimate(const Geometry& g) { return spans_too_much(g) ? 0 : fft::fft_milliseconds(g, fft::plan_fft(g)); }

double estimate(const Geometry& g, ConstView) { return least_estimate(g); }

// Copies the weights without gaps, rotated for a true convolution, and adds up their absolute values.
void pack_weights(const Job& job, float* packed, double* sums) {
  const Geometry& g = job.geometry;
  for (std::int64_t k = 0; k < g.k; ++k) {
    for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
      double sum = 0;
      for (std::int64_t r = 0; r < g.r; ++r) {
        const float* row = job.weights.row(k, c, g.flip ? g.r - 1 - r : r);
        for (std::int64_t s = 0; s < g.s; ++s) {
          const float weight = row[g.flip ? g.s - 1 - s : s];
          sum += std::abs(double{weight});
          *packed++ = weight;
        }
      }
      *sums++ = sum;
    }
  }
}

std::string run(const Job& job, std::int64_t target) {
  const Geometry& g = job.geometry;
  const fft::FftPlan plan = fft::plan_fft(g);
  const std::int64_t slices = g.k * g.channels_per_group();
  float* weights = job.workspace.floats(kWeightsSlot, slices * g.r * g.s);
  double* sums = doubles(job.workspace, kSumsSlot, slices);
  pack_weights(job, weights, sums);
  const std::int64_t roots = fft::root_doubles(plan.side_y);
  double* roots_y = doubles(job.workspace, kRootsSlot, roots + fft::root_doubles(plan.side_x));
  double* roots_x = roots_y + roots;
  fft::fill_roots(plan.side_y, roots_y);
  if (plan.side_x == plan.side_y) {
    std::copy_n(roots_y, roots, roots_x);
  } else {
    fft::fill_roots(plan.side_x, roots_x);
  }
  double* filters = doubles(job.workspace, kFiltersSlot, slices * plan.spectrum_doubles());
  double* scratch =
      doubles(job.workspace, kScratchSlot, job.parallel.threads() * (fft::scratch_doubles(g, plan) + fft::kWide));

  const fft::Call call{job, plan, weights, sums, roots_y, roots_x, filters, scratch};
  const auto transform_filter = function_for(HWY_DISPATCH_TABLE(transform_fft_filter), target);
  const auto run_task = function_for(HWY_DISPATCH_TABLE(run_fft_task), target);
  const std::int64_t tasks = g.groups * plan.pairs * plan.chunks;
  job.start_progress(slices + tasks);
  job.for_each_task(slices, [&](std::int64_t slice, int worker) { transform_filter(call, slice, worker); });
  job.for_each_task(tasks, [&](std::int64_t task, int worker) { run_task(call, task, worker); });
  return hwy::TargetName(target);
}

}  // namespace

constinit const Kernel kFft{{"fft", "Fourier transforms of overlapping tiles in double, for large filters", true, true},
                            refusal,
                            estimate,
                            least_estimate,
                            run};

}  // namespace convlens::conv
#endif
