// The kernel for one map at a time: a tile holds some columns of several output rows, so that every input row loaded is
// used by all the output rows whose windows it lies in. For groups of one channel, single planes, single filters.
//
//   for each image n, group, band of rows, strip of columns            tasks, in any order: see sweep_plan.h
//     for each filter k of the group
//       for each T = 4 output rows that read the same input rows       p, p + 1, p + 2, p + 3 where nothing is dilated
//         for each tile of V vectors of columns q of the strip
//           sums[T][V] = bias                                          in registers from here ...
//           for each channel c, for each input row i that they read
//             for each tap s of a filter row
//               x[V] = input at (c, i, q + s dilation_x)
//               for each output row t that meets input row i, at filter row r
//                 sums[t][V] += weight[k][c][r][s] * x[V]              fused multiply-add
//           output[k][p + t][q] = activation(sums[t][V])               ... to here
//
//   A filter of 3 rows:
//
//     input row   meets output rows                 V vectors of columns
//         0       0                               +------+------+------+------+
//         1       0 1                output row 0 | sums | sums | sums | sums |   T V sums, V inputs and one weight:
//         2       0 1 2                         1 |      |      |      |      |   16 + 4 + 1 registers of AVX-512. Six
//         3         1 2 3                       2 |      |      |      |      |   input rows are loaded where four
//         4           2 3                       3 |      |      |      |      |   output rows, one after another, would
//         5             3                         +------+------+------+------+   load twelve.
//
// Every output value is the sum of its own products alone, in the order c, r, s, begun with the bias: the same bits as
// `direct`, whatever is computed beside it.

#include <algorithm>
#include <cstdint>

#include "engine/conv/kernels/kernel.h"
#include "engine/conv/kernels/simd.h"
#include "engine/conv/kernels/sweep.h"

#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS CONVLENS_UNSIZED_TARGETS
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/conv/kernels/depthwise.cpp"
#include <hwy/foreach_target.h>
// The lines below are compiled once for each instruction set.
#include <hwy/highway.h>

#include "engine/conv/kernels/depthwise_tile-inl.h"
#include "engine/conv/kernels/sweep-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {

TileLimits depthwise_limits() { return {HWY_TARGET, 1, kLanes}; }

// T output rows of filter k of the area: first, first + dilation_y, ... A dilated filter is as many that are not, each
// on every so-manieth row of input and output.
template <int T>
void compute_rows(const SweepCall& call, const Area& area, std::int64_t k, std::int64_t first) {
  const Geometry& g = call.job.geometry;
  const View& output = call.job.output;
  RowsInput in{nullptr,      call.weights + k * call.plan.taps, g.channels_per_group(), g.r, g.s,
               g.dilation_x, g.dilation_y * area.row_pitch,     area.channel_pitch};
  const float* input = area.input + first * area.row_pitch;
  float* out = output.row(area.n, k, area.rows.begin + first) + area.columns.begin;
  const std::int64_t pitch = g.dilation_y * output.row_stride;
  for_each_tile(area.columns.size(), kTileVectors, [&](std::int64_t q, std::int64_t vectors, std::int64_t columns) {
    in.data = input + q;
    pick_rows_tile<T>(g.r, vectors)(in, call.bias[k], tile_output(call, out + q, pitch, columns));
  });
  finish_rows(call, out, pitch, T, area.columns.size());
}

// Filter k of the area.
void compute_map(const SweepCall& call, const Area& area, std::int64_t k) {
  const std::int64_t rows = area.rows.size();
  const std::int64_t every = call.job.geometry.dilation_y;
  for (std::int64_t phase = 0; phase < std::min(every, rows); ++phase) {
    const std::int64_t count = ceil_div(rows - phase, every);
    if (count < kTileRows) {
      for (std::int64_t i = 0; i < count; ++i) compute_rows<1>(call, area, k, phase + i * every);
      continue;
    }
    for (std::int64_t i = 0; i < count; i += kTileRows) {
      // The last tile begins early enough to be whole: some rows are computed twice, to the same bits.
      const std::int64_t first = std::min(i, count - kTileRows);
      compute_rows<kTileRows>(call, area, k, phase + first * every);
    }
  }
}

void run_depthwise_task(const SweepCall& call, std::int64_t task, int worker) {
  const std::int64_t filters = call.job.geometry.filters_per_group();
  run_sweep_task(call, task, worker, [&](const Area& area) {
    for (std::int64_t k = area.blocks.begin; k < area.blocks.end; ++k)
      compute_map(call, area, area.group * filters + k);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convlens::conv {
namespace {

HWY_EXPORT(depthwise_limits);
HWY_EXPORT(run_depthwise_task);

std::string_view refusal(const Geometry& g, ConstView) {
  if (g.stride_y > 1 || g.stride_x > 1) return "needs stride 1";
  return {};
}

// Multiply-adds at nine tenths of the speed of the arithmetic units; every value in and out once, and the input from
// the caches for each filter, the first of one row excepted. Measured over a grid of shapes. Narrow rows leave tiles of
// one or two vectors, too few sums to hide the latency of a multiply-add.
double estimate(const Geometry& g, ConstView) {
  const auto number = [](std::int64_t count) { return static_cast<double>(count); };
  const std::int64_t vectors = ceil_div(g.q, 16);
  const double multiply_add = vectors >= 3 ? 8.8e-9 : vectors == 2 ? 1.26e-8 : 3.2e-8;
  const double whole_vectors = number(vectors * 16) / number(g.q);
  const double input = number(g.input_shape().size());
  return multiply_add * whole_vectors * number(g.multiply_adds()) + 4e-8 * (input + number(g.output_shape().size())) +
         3e-8 * input * number(g.filters_per_group() - (g.r == 1 ? 1 : 0)) +
         6e-6 * number(g.n * g.c * g.h + g.n * g.k * g.p) + 1.5e-3;
}

std::string run(const Job& job, std::int64_t target) {
  return run_sweep(job, function_for(HWY_DISPATCH_TABLE(depthwise_limits), target)(),
                   function_for(HWY_DISPATCH_TABLE(run_depthwise_task), target));
}

}  // namespace

constinit const Kernel kDepthwise{
    {"depthwise", "SIMD over columns, several rows of one map together", true, true}, refusal, estimate, nullptr, run};

}  // namespace convlens::conv
#endif
