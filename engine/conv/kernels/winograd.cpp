// 3 x 3 convolution at stride 1 with a quarter of the multiplications: Winograd's F(4x4, 3x3). For deep layers: the
// transforms must be shared by many channels and filters. See winograd_transform-inl.h for the formula.
//
//   U[i][k][c] = transformed filters, i in [0, 36)
//   for each block of tiles, for each chunk of filters                        (tasks)
//     for each channel c:  V[i][c][tile] = transformed input
//     for each i:          M[i][k][tile] = sum over c of U[i][k][c] V[i][c][tile]
//     for each filter k:   outputs = transformed M[.][k][tile] + bias, activated
//
// The outputs of a tile share the rounding errors of all its inputs. Where an output's own inputs are nearly zero
// beside the tile's others, or the tile holds a NaN or an infinity, that would show: such tiles are found by the sums
// of absolute inputs and computed by plain sums.

#include <algorithm>
#include <array>
#include <cstdint>

#include "engine/conv/kernels/kernel.h"
#include "engine/conv/kernels/simd.h"
#include "engine/conv/kernels/winograd_weights.h"

#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS CONVLENS_UNSIZED_TARGETS
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/conv/kernels/winograd.cpp"
#include <hwy/foreach_target.h>
// The lines below are compiled once for each instruction set.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "engine/conv/kernels/activation-inl.h"
#include "engine/conv/kernels/matrix_tile-inl.h"
#include "engine/conv/kernels/winograd_filters-inl.h"
#include "engine/conv/kernels/winograd_input-inl.h"
#include "engine/conv/kernels/winograd_plain-inl.h"
#include "engine/conv/kernels/winograd_transform-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {

MatrixLimits winograd_limits() { return {HWY_TARGET, kMatrixFilters, kMatrixVectors, kMatrixLanes}; }

// M of the filter blocks [first, end).
void multiply_block(const WinogradCall& call, const Block& block, std::int64_t first, std::int64_t end) {
  const Geometry& g = call.job.geometry;
  const WinogradPlan& plan = call.plan;
  const std::int64_t channels = g.channels_per_group();
  const std::int64_t filters = g.filters_per_group();
  const std::int64_t first_filter = GemmPlan::share(filters, first, plan.filter_blocks);
  constexpr std::array<float, kMatrixFilters> kNoBias{};
  MatrixTile tile;
  tile.column_pitch = tile.out_pitch = block.vectors * kMatrixLanes;
  tile.depth = channels;
  tile.bias = kNoBias.data();
  tile.start = nullptr;
  tile.start_pitch = 0;
  tile.relu = false;
  for (std::int64_t i = 0; i < kTileValues; ++i) {
    tile.columns = block.values + i * plan.value_pitch;
    for (std::int64_t b = first; b < end; ++b) {
      const std::int64_t begin = GemmPlan::share(filters, b, plan.filter_blocks);
      const std::int64_t count = GemmPlan::share(filters, b + 1, plan.filter_blocks) - begin;
      tile.filters = call.transformed + (block.group * kTileValues + i) * plan.filter_pitch + begin * channels;
      tile.out = block.products + i * plan.product_pitch + (begin - first_filter) * tile.out_pitch;
      pick_multiply_tile(count, block.vectors)(tile);
    }
  }
}

// Writes rows [0, rows) and columns [0, columns) of the outputs in y[row][column of a tile].
template <class Vec>
HWY_INLINE void store_outputs(const Vec (&y)[4][4], std::int64_t rows, std::int64_t columns, std::int64_t pitch,
                              Activation activation, float* out) {
  const hn::ScalableTag<float> d;
  constexpr std::int64_t kColumns = kTileOutputs * kMatrixLanes;
  HWY_ALIGN float whole[kColumns];
  for (std::int64_t i = 0; i < rows; ++i, out += pitch) {
    float* to = columns == kColumns ? out : whole;
    hn::StoreInterleaved4(y[i][0], y[i][1], y[i][2], y[i][3], d, to);
    if (to == whole) copy_floats(whole, columns, out);
    if (activation != Activation::kNone && activation != Activation::kRelu) activate_row(out, columns, activation);
  }
}

// The outputs of filter k of a segment. products: its row of M's first matrix; the next filter's is `ahead` floats on.
void finish_segment(const WinogradCall& call, const Segment& s, std::int64_t k, const float* products,
                    std::int64_t ahead) {
  const hn::ScalableTag<float> d;
  using Vec = hn::Vec<decltype(d)>;
  const Geometry& g = call.job.geometry;
  const std::int64_t pitch = call.plan.product_pitch;
  const std::int64_t p0 = s.tile_row * kTileOutputs;
  const std::int64_t rows = std::min(kTileOutputs, g.p - p0);
  const auto bias = hn::Set(d, call.bias[k]);
  for (std::int64_t t = 0; t < s.count; t += kMatrixLanes) {
    const float* from = products + s.first + t;
    Vec half[6][4];
    HWY_UNROLL(6)
    for (int j = 0; j < 6; ++j) {
      Vec m[6];
      HWY_UNROLL(6)
      for (int i = 0; i < 6; ++i) {
        m[i] = hn::LoadU(d, from + (i * kTileInputs + j) * pitch);
        hwy::Prefetch(from + (i * kTileInputs + j) * pitch + ahead);
      }
      transform_output(d, m, half[j]);
    }
    Vec y[4][4];
    HWY_UNROLL(4)
    for (int i = 0; i < 4; ++i) {
      const Vec m[6] = {half[0][i], half[1][i], half[2][i], half[3][i], half[4][i], half[5][i]};
      transform_output(d, m, y[i]);
      HWY_UNROLL(4)
      for (int j = 0; j < 4; ++j) {
        y[i][j] = hn::Add(y[i][j], bias);
        if (g.activation == Activation::kRelu) y[i][j] = Relu()(d, y[i][j]);
      }
    }
    const std::int64_t q0 = (s.tile_column + t) * kTileOutputs;
    const std::int64_t columns = std::min(kTileOutputs * std::min<std::int64_t>(s.count - t, kMatrixLanes), g.q - q0);
    float* out = call.job.output.row(s.n, k, p0) + q0;
    // The hardware does not foresee the next filter's plane.
    if (k + 1 < g.k) {
      for (std::int64_t i = 0; i < rows; ++i) {
        const float* next = out + call.job.output.plane_stride + i * call.job.output.row_stride;
        for (std::int64_t j = 0; j < columns; j += 16) hwy::Prefetch(next + j);
      }
    }
    store_outputs(y, rows, columns, call.job.output.row_stride, g.activation, out);
  }
}

// The tiles and filters of a task, cut into segments, and the worker's memory.
void make_block(const WinogradCall& call, std::int64_t task, int worker, Block& block) {
  const WinogradPlan& plan = call.plan;
  const std::int64_t groups = call.job.geometry.groups;
  const std::int64_t chunk = task % plan.chunks;
  const std::int64_t index = task / plan.chunks / groups;
  block.group = task / plan.chunks % groups;
  block.first_block = GemmPlan::share(plan.filter_blocks, chunk, plan.chunks);
  block.end_block = GemmPlan::share(plan.filter_blocks, chunk + 1, plan.chunks);
  const std::int64_t first_vector = GemmPlan::share(plan.vectors, index, plan.blocks);
  block.first_tile = first_vector * kMatrixLanes;
  block.vectors = GemmPlan::share(plan.vectors, index + 1, plan.blocks) - first_vector;
  block.tiles = std::min(plan.tiles - block.first_tile, block.vectors * kMatrixLanes);

  block.values = call.scratch + worker * plan.scratch_floats();
  block.products = block.values + plan.value_floats();
  block.copies = block.products + kTileValues * plan.product_pitch;
  block.rows = block.copies + kTileInputs * plan.row_pitch;
  block.zeros = block.rows + kTileInputs * plan.row_pitch;
  block.magnitudes = block.zeros + plan.row_pitch;
  std::fill_n(block.zeros, plan.row_pitch, 0.0f);
  make_segments(call, block);
}

// The products of the transformed inputs with the chunk's filters, some filters at a time, and their outputs.
void multiply_and_finish(const WinogradCall& call, const Block& block) {
  const WinogradPlan& plan = call.plan;
  const std::int64_t filters = call.job.geometry.filters_per_group();
  const std::int64_t blocks = block.end_block - block.first_block;
  const std::int64_t pitch = block.vectors * kMatrixLanes;
  for (std::int64_t round = 0; round < plan.rounds; ++round) {
    const std::int64_t first = block.first_block + GemmPlan::share(blocks, round, plan.rounds);
    const std::int64_t end = block.first_block + GemmPlan::share(blocks, round + 1, plan.rounds);
    multiply_block(call, block, first, end);
    const std::int64_t begin = GemmPlan::share(filters, first, plan.filter_blocks);
    for (std::int64_t f = begin; f < GemmPlan::share(filters, end, plan.filter_blocks); ++f) {
      for (std::int64_t i = 0; i < block.segments; ++i) {
        finish_segment(call, block.segment[static_cast<std::size_t>(i)], block.group * filters + f,
                       block.products + (f - begin) * pitch, pitch);
      }
    }
  }
}

void run_winograd_task(const WinogradCall& call, std::int64_t task, int worker) {
  Block block;
  make_block(call, task, worker, block);
  for (std::int64_t c = 0; c < call.job.geometry.channels_per_group(); ++c) {
    for (std::int64_t i = 0; i < block.segments; ++i) {
      transform_segment(call, block, block.segment[static_cast<std::size_t>(i)], c);
    }
  }
  judge_tiles(call, block);
  // Where the better part of a block is to be repaired there is no point in computing it first.
  if (2 * block.plain_tiles >= block.tiles) {
    block.plain_tiles = block.tiles;
    for (std::int64_t t = 0; t < block.tiles; ++t) {
      block.plain_tile[static_cast<std::size_t>(t)] = block.first_tile + t;
    }
  } else {
    multiply_and_finish(call, block);
  }
  for (std::int64_t i = 0; i < block.plain_tiles; i += kPlainTiles) {
    compute_plainly(call, block, i, std::min(kPlainTiles, block.plain_tiles - i));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convlens::conv {
namespace {

HWY_EXPORT(winograd_limits);
HWY_EXPORT(run_winograd_task);
HWY_EXPORT(pack_winograd_filters);
HWY_EXPORT(pack_lanes);

enum Slot {
  kTransformedSlot,
  kPlainSlot,
  kSharesSlot,
  kChannelSumsSlot,
  kSpreadSlot,
  kReachSlot,
  kBiasSlot,
  kScratchSlot
};

// Products, the transforms of inputs and outputs (dearer where rows of tiles are short) and of filters. More than is
// expected, so that it is chosen only where it wins clearly.
double least_estimate(const Geometry& g) {
  constexpr double kCaution = 1.15;
  constexpr double kCachePairs = 16384;  // of a filter and a channel: what stays in the caches, transformed
  const std::int64_t tile_columns = (g.q + kTileOutputs - 1) / kTileOutputs;
  const std::int64_t tiles = g.n * ((g.p + kTileOutputs - 1) / kTileOutputs) * tile_columns;
  const double whole_tiles = static_cast<double>((tiles + 15) / 16 * 16);
  const double channels = static_cast<double>(g.channels_per_group());
  const double filters =
      static_cast<double>(g.groups * std::max(g.filters_per_group(), 3 * ((g.filters_per_group() + 7) / 8)));
  const double pairs = static_cast<double>(g.k) * channels;
  const double split = 1 / static_cast<double>(tile_columns);
  return kCaution * (0.0092e-6 * kTileValues * whole_tiles * channels * filters +
                     (6e-6 + 40e-6 * split) * static_cast<double>(tiles * g.c) +
                     (2e-6 + 55e-6 * split) * static_cast<double>(tiles * g.k) + 8e-6 * pairs +
                     25e-6 * std::max(0.0, pairs - kCachePairs) + 2e-3);
}

double estimate(const Geometry& g, ConstView) { return least_estimate(g); }

std::string run(const Job& job, std::int64_t target) {
  const Geometry& g = job.geometry;
  const MatrixLimits limits = function_for(HWY_DISPATCH_TABLE(winograd_limits), target)();
  const WinogradPlan plan = plan_winograd(g, limits);
  const std::int64_t pairs = g.weights_shape().size() / kFilterTaps;
  const std::int64_t filter_tasks = g.groups * plan.filter_blocks;
  const WinogradCall call{job,
                          plan,
                          job.workspace.floats(kTransformedSlot, g.groups * kTileValues * plan.filter_pitch),
                          job.workspace.floats(kPlainSlot, pairs * kFilterTaps),
                          job.workspace.floats(kSharesSlot, g.c),
                          job.workspace.floats(kChannelSumsSlot, pairs),
                          job.workspace.floats(kSpreadSlot, 2 * g.k),
                          job.workspace.floats(kReachSlot, g.groups),
                          job.workspace.floats(kBiasSlot, g.k),
                          job.workspace.floats(kScratchSlot, plan.scratch_floats() * job.parallel.threads()),
                          function_for(HWY_DISPATCH_TABLE(pack_lanes), target)()};
  job.copy_bias(call.bias);
  job.start_progress(plan.tasks);
  if (job.is_cancelled()) return hwy::TargetName(limits.target);

  const auto pack_filters = function_for(HWY_DISPATCH_TABLE(pack_winograd_filters), target);
  job.parallel.for_each(filter_tasks, [&](std::int64_t task) { pack_filters(call, task); });
  judge_filters(call);
  const auto run_task = function_for(HWY_DISPATCH_TABLE(run_winograd_task), target);
  job.for_each_task(plan.tasks, [&](std::int64_t task, int worker) { run_task(call, task, worker); });
  return hwy::TargetName(limits.target);
}

}  // namespace

constinit const Kernel kWinograd{
    {"winograd", "F(4x4, 3x3): a quarter of the multiplications, for deep 3 x 3 layers", true},
    winograd_refusal,
    estimate,
    least_estimate,
    run};

}  // namespace convlens::conv
#endif
