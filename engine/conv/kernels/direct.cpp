// The kernel for many filters over the same channels: a tile holds some columns of one output row for several filters,
// so that every input value loaded is used by all of them. No matrix in between.
//
//   for each image n, group, band of rows, strip of columns            tasks, in any order: see sweep_plan.h
//     for each block of F filters of the group
//       for each output row p of the band
//         for each tile of V vectors of columns q of the strip
//           sums[F][V] = bias                                          in registers from here ...
//           for each tap (c, r, s)
//             x[V] = input at (c, p stride_y + r dilation_y, q stride_x + s dilation_x)
//             for each filter f of the block
//               sums[f][V] += weight[f][c][r][s] * x[V]                fused multiply-add
//           output[f][p][q] = activation(sums[f][V])                   ... to here
//
//                 V vectors of columns
//               +------+------+------+
//      filter 0 | sums | sums | sums |    F V sums, V inputs and one weight: 24 + 3 + 1 of the 32 registers of
//      filter 1 | sums | sums | sums |    AVX-512 with F = 8 and V = 3. A tap costs V + F loads for F V
//         ...   |      |      |      |    multiply-adds.
//      filter 7 | sums | sums | sums |
//               +------+------+------+
//
// Every output value is the sum of its own products alone, in the order c, r, s, begun with the bias: its bits do not
// depend on the filters, rows or columns that are computed beside it, nor on whether this kernel or `depthwise` did it.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/conv/kernels/kernel.h"
#include "engine/conv/kernels/simd.h"
#include "engine/conv/kernels/sweep.h"

#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS CONVLENS_UNSIZED_TARGETS
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/conv/kernels/direct.cpp"
#include <hwy/foreach_target.h>
// The lines below are compiled once for each instruction set.
#include <hwy/highway.h>

#include "engine/conv/kernels/direct_tile-inl.h"
#include "engine/conv/kernels/sweep-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {

TileLimits direct_limits() { return {HWY_TARGET, kMaxFilters, kLanes}; }

// Filters [k0, k0 + filters) of the area, one output row after another. Output columns read Stride input columns apart.
template <int Stride>
void compute_filters(const SweepCall& call, const Area& area, std::int64_t k0, std::int64_t filters) {
  const Geometry& g = call.job.geometry;
  const View& output = call.job.output;
  const float* weights = call.weights + k0 * call.plan.taps;
  // The rows that the next output row will be the first to read.
  const std::int64_t window = dilated_size(g.r, g.dilation_y);
  const std::int64_t first_ahead = std::max<std::int64_t>(window, g.stride_y);
  const std::int64_t rows_ahead = area.is_picture ? window + g.stride_y - first_ahead : 0;
  for (std::int64_t row = 0; row < area.rows.size(); ++row) {
    const float* input = area.input + row * g.stride_y * area.row_pitch;
    const float* ahead = input + first_ahead * area.row_pitch;
    float* out = output.row(area.n, k0, area.rows.begin + row) + area.columns.begin;
    for_each_tile(area.columns.size(), max_vectors(static_cast<int>(filters)),
                  [&](std::int64_t q, std::int64_t vectors, std::int64_t columns) {
                    for (std::int64_t i = 0; i < rows_ahead; ++i) {
                      for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
                        prefetch(ahead + i * area.row_pitch + c * area.channel_pitch + q * Stride, vectors * Stride);
                      }
                    }
                    pick_filters_tile<Stride>(filters, vectors)(
                        input + q * Stride, area.offsets, call.plan.taps, weights, call.bias + k0,
                        tile_output(call, out + q, output.plane_stride, columns));
                  });
    finish_rows(call, out, output.plane_stride, filters, area.columns.size());
  }
}

void run_direct_task(const SweepCall& call, std::int64_t task, int worker) {
  const std::int64_t filters = call.job.geometry.filters_per_group();
  run_sweep_task(call, task, worker, [&](const Area& area) {
    for (std::int64_t block = area.blocks.begin; block < area.blocks.end; ++block) {
      const std::int64_t begin = call.plan.block_begin(block, filters);
      const std::int64_t end = call.plan.block_begin(block + 1, filters);
      const auto compute = area.is_picture && call.job.geometry.stride_x == 2 ? compute_filters<2> : compute_filters<1>;
      compute(call, area, area.group * filters + begin, end - begin);
    }
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convlens::conv {
namespace {

HWY_EXPORT(direct_limits);
HWY_EXPORT(run_direct_task);

// Multiply-adds at the speed of the arithmetic units, slower where few filters share the loads; every value in and out
// once. Measured over a grid of shapes. Narrow rows leave tiles of one or two vectors, too few sums to hide the latency
// of a multiply-add; deep or strided layers pay for copying their input, row by row.
double estimate(const Geometry& g, ConstView) {
  const auto number = [](std::int64_t count) { return static_cast<double>(count); };
  const std::int64_t vectors = ceil_div(g.q, 16);
  const double filters = std::min(8.0, number(g.filters_per_group()));
  const double multiply_add = vectors >= 3   ? 8.1e-9 * (1 + 1.6 / (filters * filters))
                              : vectors == 2 ? 7e-9 + 2.3e-8 / filters
                                             : 1.5e-8 + 2.3e-8 / filters;
  const double whole_vectors = number(vectors * 16) / number(g.q);
  const double input_rows =
      number(g.n * g.c * std::min(g.h, g.p * std::min<std::int64_t>(g.stride_y, dilated_size(g.r, g.dilation_y))));
  const double input = input_rows * number(g.w);
  const bool copies = g.stride_x > kMaxPictureStride || (g.stride_x > 1 && g.q < 96) || g.channels_per_group() > 8;
  const double take_apart = g.stride_x > 1 && !copies ? 1.2 : 1;
  return multiply_add * take_apart * whole_vectors * number(g.multiply_adds()) +
         4e-8 * (input + number(g.output_shape().size())) + (copies && g.stride_x > 1 ? 1e-7 * input : 0) +
         (copies ? 2e-5 * input_rows : 0) + 1.8e-5 * number(g.n * g.k * g.p) / filters + 1.5e-3;
}

std::string run(const Job& job, std::int64_t target) {
  return run_sweep(job, function_for(HWY_DISPATCH_TABLE(direct_limits), target)(),
                   function_for(HWY_DISPATCH_TABLE(run_direct_task), target));
}

}  // namespace

std::span<const std::int64_t> simd_targets() {
  // Asked once: the question costs as much as a small convolution.
  static const std::vector<std::int64_t> targets = hwy::SupportedAndGeneratedTargets();
  return targets;
}

constinit const Kernel kDirect{
    {"direct", "SIMD over columns, several filters together, no matrix in between", true, true},
    never_refuses,
    estimate,
    nullptr,
    run};

}  // namespace convlens::conv
#endif
