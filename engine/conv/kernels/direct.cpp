// The fast kernel: Highway SIMD over output columns, blocked in registers over filters or rows; no matrix in between.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/conv/kernels/direct_plan.h"
#include "engine/conv/kernels/kernel.h"
#include "engine/conv/kernels/simd.h"

#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS CONVLENS_UNSIZED_TARGETS
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/conv/kernels/direct.cpp"
#include <hwy/foreach_target.h>
// The lines below are compiled once for each instruction set.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "engine/conv/kernels/activation-inl.h"
#include "engine/conv/kernels/direct_rows-inl.h"
#include "engine/conv/kernels/direct_tile-inl.h"

#ifndef CONVLENS_DIRECT_CALL_
#define CONVLENS_DIRECT_CALL_
namespace convlens::conv {

// A call of the kernel, prepared: what every task of it shares.
struct DirectCall {
  const Job& job;
  const DirectPlan& plan;
  const std::int64_t* offsets;
  const float* weights;  // packed
  const float* bias;     // K values, zeros where there is no bias
  float* scratch;        // plan.scratch_floats for each worker
};

}  // namespace convlens::conv
#endif

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {

TileLimits tile_limits() { return {HWY_TARGET, kMaxFilters, kLanes}; }

// The outputs a task is to compute, its input copied.
struct Rectangle {
  std::int64_t n, group;
  std::int64_t p0, rows;
  std::int64_t q0, columns;
  const float* input;
};

// Calls tile(first column, vectors, columns) over the rectangle's columns in tiles as equal as possible.
template <class Tile>
HWY_INLINE void for_each_tile(std::int64_t columns, std::int64_t most_vectors, const Tile& tile) {
  const std::int64_t vectors = (columns + kLanes - 1) / kLanes;
  const std::int64_t tiles = (vectors + most_vectors - 1) / most_vectors;
  for (std::int64_t i = 0; i < tiles; ++i) {
    const std::int64_t begin = vectors * i / tiles;
    const std::int64_t end = vectors * (i + 1) / tiles;
    tile(begin * kLanes, end - begin, std::min(columns, end * kLanes) - begin * kLanes);
  }
}

bool is_aligned(const float* p) { return reinterpret_cast<std::uintptr_t>(p) % (kLanes * sizeof(float)) == 0; }

TileOutput tile_output(const DirectCall& call, float* data, std::int64_t pitch, std::int64_t columns) {
  const bool stream = call.plan.stream && is_aligned(data) && pitch % kLanes == 0;
  return {data, pitch, columns, call.job.geometry.activation == Activation::kRelu, stream};
}

// ReLU is applied by the tiles; the others row by row while the row is in the first-level cache.
void finish_rows(const DirectCall& call, float* data, std::int64_t pitch, std::int64_t count, std::int64_t columns) {
  const Activation activation = call.job.geometry.activation;
  if (activation == Activation::kNone || activation == Activation::kRelu) return;
  for (std::int64_t i = 0; i < count; ++i) activate_row(data + i * pitch, columns, activation);
}

// Filters [k0, k0 + filters) of the rectangle, one output row after another.
void compute_rows(const DirectCall& call, const Rectangle& area, std::int64_t row_begin, std::int64_t k0,
                  std::int64_t filters) {
  const Geometry& g = call.job.geometry;
  const View& output = call.job.output;
  const float* weights = call.weights + k0 * call.plan.taps;
  for (std::int64_t row = row_begin; row < area.rows; ++row) {
    const float* input = area.input + row * g.stride_y * call.plan.row_pitch;
    float* out = output.row(area.n, k0, area.p0 + row) + area.q0;
    for_each_tile(area.columns, max_vectors(static_cast<int>(filters)),
                  [&](std::int64_t q, std::int64_t vectors, std::int64_t columns) {
                    pick_filters_tile(filters, vectors)(input + q, call.offsets, call.plan.taps, weights,
                                                        call.bias + k0,
                                                        tile_output(call, out + q, output.plane_stride, columns));
                  });
    finish_rows(call, out, output.plane_stride, filters, area.columns);
  }
}

// Filter k of the rectangle, kTileRows output rows at a time.
void compute_rows_together(const DirectCall& call, const Rectangle& area, std::int64_t k) {
  const Geometry& g = call.job.geometry;
  const View& output = call.job.output;
  RowsInput in{nullptr,
               call.offsets,
               call.weights + k * call.plan.taps,
               g.channels_per_group(),
               g.r,
               g.s,
               call.plan.row_pitch,
               call.plan.channel_pitch};
  std::int64_t row = 0;
  for (; row + kTileRows <= area.rows; row += kTileRows) {
    const float* input = area.input + row * call.plan.row_pitch;
    float* out = output.row(area.n, k, area.p0 + row) + area.q0;
    for_each_tile(area.columns, kRowsVectors, [&](std::int64_t q, std::int64_t vectors, std::int64_t columns) {
      in.data = input + q;
      pick_rows_tile(vectors)(in, call.bias[k], tile_output(call, out + q, output.row_stride, columns));
    });
    finish_rows(call, out, output.row_stride, kTileRows, area.columns);
  }
  compute_rows(call, area, row, k, 1);
}

void run_task(const DirectCall& call, std::int64_t task, int worker) {
  const Geometry& g = call.job.geometry;
  const DirectPlan& plan = call.plan;
  float* copy = call.scratch + worker * plan.scratch_floats;
  std::int64_t rest = task;
  const auto take = [&rest](std::int64_t count) {
    const std::int64_t index = rest % count;
    rest /= count;
    return index;
  };
  const std::int64_t chunk = take(plan.chunks);
  const std::int64_t q0 = take(plan.strips) * plan.strip_columns;
  const std::int64_t p0 = take(plan.bands) * plan.band_rows;
  const std::int64_t group = take(g.groups);
  const Rectangle area{rest, group, p0, std::min(plan.band_rows, g.p - p0), q0, std::min(plan.strip_columns, g.q - q0),
                       copy};

  copy_input(call.job, plan, area.n, group * g.channels_per_group(), p0, area.rows, q0, area.columns, copy);
  const std::int64_t filters = g.filters_per_group();
  const std::int64_t block_end = plan.blocks * (chunk + 1) / plan.chunks;
  for (std::int64_t block = plan.blocks * chunk / plan.chunks; block < block_end; ++block) {
    const std::int64_t begin = plan.block_begin(block, filters);
    const std::int64_t k0 = group * filters + begin;
    if (plan.rows_together) {
      compute_rows_together(call, area, k0);
    } else {
      compute_rows(call, area, 0, k0, plan.block_begin(block + 1, filters) - begin);
    }
  }
  if (plan.stream) hwy::FlushStream();
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convlens::conv {
namespace {

HWY_EXPORT(tile_limits);
HWY_EXPORT(run_task);

enum Slot { kWeightsSlot, kBiasSlot, kScratchSlot };
enum OffsetSlot { kTapsSlot };

// Multiply-adds at three quarters of what the arithmetic units can do, and every byte in and out once.
double estimate(const Geometry& g, ConstView) {
  const double values = static_cast<double>(g.input_shape().size() + g.output_shape().size());
  return 0.01e-6 * static_cast<double>(g.multiply_adds()) + 0.1e-6 * values + 1e-3;
}

std::string run(const Job& job, std::int64_t target) {
  const Geometry& g = job.geometry;
  const TileLimits limits = function_for(HWY_DISPATCH_TABLE(tile_limits), target)();
  const DirectPlan plan = plan_direct(g, limits);

  std::int64_t* offsets = job.workspace.offsets(kTapsSlot, plan.taps);
  fill_tap_offsets(g, plan, offsets);
  float* weights = job.workspace.floats(kWeightsSlot, g.k * plan.taps);
  pack_direct_weights(job, plan, weights);
  float* bias = job.workspace.floats(kBiasSlot, g.k);
  for (std::int64_t k = 0; k < g.k; ++k) bias[k] = job.bias_of(k);
  float* scratch = job.workspace.floats(kScratchSlot, plan.scratch_floats * job.parallel.threads());

  const DirectCall call{job, plan, offsets, weights, bias, scratch};
  const auto run = function_for(HWY_DISPATCH_TABLE(run_task), target);
  job.start_progress(plan.tasks);
  job.parallel.for_each_with_worker(plan.tasks, [&](std::int64_t task, int worker) {
    if (job.is_cancelled()) return;
    run(call, task, worker);
    job.advance_progress();
  });
  return hwy::TargetName(limits.target);
}

}  // namespace

std::span<const std::int64_t> simd_targets() {
  // Asked once: the question costs as much as a small convolution.
  static const std::vector<std::int64_t> targets = hwy::SupportedAndGeneratedTargets();
  return targets;
}

constinit const Kernel kDirect{{"direct", "SIMD over columns, blocked over filters, no matrix in between", true, true},
                               never_refuses,
                               estimate,
                               run};

}  // namespace convlens::conv
#endif
