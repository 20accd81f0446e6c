// Convolution as a blocked matrix product for deep layers: columns run across rows and images, so that no lane is idle
// on small maps. No matrix of windows in memory; see gemm_plan.h for the blocks.
//
//   for each area of columns, for each chunk of filters            (tasks)
//     for each block of channels
//       copy the area's input                                      (not for 1 x 1)
//       for each panel of the area
//         pack   panel[c, r, s][column]
//         for each block of filters
//           sums[filter][column] += weights[c, r, s][filter] * panel[c, r, s][column]      (in registers)

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "engine/conv/kernels/gemm_call.h"
#include "engine/conv/kernels/gemm_plan.h"
#include "engine/conv/kernels/kernel.h"
#include "engine/conv/kernels/simd.h"

#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS CONVLENS_UNSIZED_TARGETS
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/conv/kernels/gemm.cpp"
#include <hwy/foreach_target.h>
// The lines below are compiled once for each instruction set.
#include <hwy/highway.h>

#include "engine/conv/kernels/activation-inl.h"
#include "engine/conv/kernels/gemm_panel-inl.h"
#include "engine/conv/kernels/matrix_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {

MatrixLimits gemm_limits() { return {HWY_TARGET, kMatrixFilters, kMatrixVectors, kMatrixLanes}; }

// Writes the finished tile to the runs it belongs to.
void scatter_tile(const GemmCall& call, const GemmArea& area, const Panel& panel, std::int64_t k0, std::int64_t filters,
                  const float* tile) {
  const Geometry& g = call.job.geometry;
  for_each_run(g, call.plan, area.line, panel.begin, panel.begin + panel.columns, [&](const Run& run) {
    for (std::int64_t f = 0; f < filters; ++f) {
      std::memcpy(call.job.output.row(run.n, k0 + f, run.p) + run.q,
                  tile + f * panel.vectors * kMatrixLanes + run.first - panel.begin,
                  static_cast<std::size_t>(run.count) * sizeof(float));
    }
  });
}

// All filters of the chunk times the packed panel.
void multiply_panel(const GemmCall& call, const GemmArea& area, const Panel& panel, std::int64_t c0, std::int64_t c1) {
  const Geometry& g = call.job.geometry;
  const GemmPlan& plan = call.plan;
  const std::int64_t channels = g.channels_per_group();
  const std::int64_t filters = g.filters_per_group();
  const bool is_first = c0 == 0;
  const bool is_last = c1 == channels;
  const std::int64_t sums_begin = plan.share(filters, area.first_block, plan.filter_blocks);
  const float* weights = call.weights + (area.group * filters * channels + c0 * filters) * plan.channel_taps;
  HWY_ALIGN float finished[kMatrixFilters * kPanel];

  MatrixTile tile;
  tile.columns = area.panel;
  tile.column_pitch = panel.vectors * kMatrixLanes;
  tile.depth = (c1 - c0) * plan.channel_taps;
  tile.relu = is_last && g.activation == Activation::kRelu;
  for (std::int64_t block = area.first_block; block < area.end_block; ++block) {
    const std::int64_t begin = plan.share(filters, block, plan.filter_blocks);
    const std::int64_t count = plan.share(filters, block + 1, plan.filter_blocks) - begin;
    const std::int64_t k0 = area.group * filters + begin;
    float* sums = area.sums + (begin - sums_begin) * plan.area_columns + panel.begin - area.begin;
    tile.filters = weights + begin * tile.depth;
    tile.bias = call.bias + k0;
    tile.start = is_first ? nullptr : sums;
    tile.start_pitch = plan.area_columns;
    if (plan.reads_input && panel.pieces == 1) {
      // The next panel's columns in a share of the channels.
      const std::int64_t blocks = area.end_block - area.first_block;
      const std::int64_t row = plan.share(c1 - c0, block - area.first_block, blocks);
      tile.ahead_rows = plan.share(c1 - c0, block - area.first_block + 1, blocks) - row;
      tile.ahead_pitch = call.job.input.plane_stride;
      tile.ahead = panel.piece[0].from + row * tile.ahead_pitch + kPanel;
    }
    if (!is_last) {
      tile.out = sums;
      tile.out_pitch = plan.area_columns;
    } else if (panel.is_whole()) {
      for_each_run(g, plan, area.line, panel.begin, panel.begin + panel.columns,
                   [&](const Run& run) { tile.out = call.job.output.row(run.n, k0, run.p) + run.q; });
      tile.out_pitch = call.job.output.plane_stride;
    } else {
      tile.out = finished;
      tile.out_pitch = tile.column_pitch;
    }
    if (packs_on_the_way(plan, panel) && block == area.first_block) {
      tile.source = panel.piece[0].from;
      tile.source_pitch = call.job.input.plane_stride;
      pick_multiply_tile<true>(count, panel.vectors)(tile);
    } else {
      pick_multiply_tile(count, panel.vectors)(tile);
    }
    if (!is_last) continue;
    if (g.activation != Activation::kNone && g.activation != Activation::kRelu) {
      for (std::int64_t f = 0; f < count; ++f) {
        activate_row(tile.out + f * tile.out_pitch, panel.columns, g.activation);
      }
    }
    if (!panel.is_whole()) scatter_tile(call, area, panel, k0, count, finished);
  }
}

void run_gemm_task(const GemmCall& call, std::int64_t task, int worker) {
  const Geometry& g = call.job.geometry;
  const GemmPlan& plan = call.plan;
  std::int64_t rest = task;
  const auto take = [&rest](std::int64_t count) {
    const std::int64_t index = rest % count;
    rest /= count;
    return index;
  };
  const std::int64_t chunk = take(plan.chunks);
  GemmArea area;
  area.group = take(g.groups);
  const std::int64_t index = take(plan.areas);
  const std::int64_t line_vectors = (plan.line_columns + kMatrixLanes - 1) / kMatrixLanes;
  area.begin = plan.share(line_vectors, index, plan.areas) * kMatrixLanes;
  area.end = std::min(plan.line_columns, plan.share(line_vectors, index + 1, plan.areas) * kMatrixLanes);
  area.line = rest;
  area.first_block = plan.share(plan.filter_blocks, chunk, plan.chunks);
  area.end_block = plan.share(plan.filter_blocks, chunk + 1, plan.chunks);
  area.copy = call.scratch + worker * plan.scratch_floats();
  area.panel = area.copy + plan.copy_floats;
  area.sums = area.panel + plan.panel_floats;
  area.q0 = plan.lines > 1 ? area.begin : 0;
  area.columns = plan.lines > 1 ? area.end - area.begin : g.q;

  const std::int64_t vectors = (area.end - area.begin + kMatrixLanes - 1) / kMatrixLanes;
  const std::int64_t panels = (vectors + kMatrixVectors - 1) / kMatrixVectors;
  for (std::int64_t b = 0; b < plan.channel_blocks; ++b) {
    const std::int64_t c0 = plan.share(g.channels_per_group(), b, plan.channel_blocks);
    const std::int64_t c1 = plan.share(g.channels_per_group(), b + 1, plan.channel_blocks);
    if (!plan.reads_input) copy_area(call, area, c0, c1);
    for (std::int64_t i = 0; i < panels; ++i) {
      const std::int64_t begin = area.begin + plan.share(vectors, i, panels) * kMatrixLanes;
      const std::int64_t end = std::min(area.end, area.begin + plan.share(vectors, i + 1, panels) * kMatrixLanes);
      const Panel panel = make_panel(call, area, c0, begin, end);
      if (!plan.reads_input) {
        pack_from_copy(call, panel, c1 - c0, area.panel);
      } else if (!packs_on_the_way(plan, panel)) {
        pack_from_input(call, panel, c1 - c0, area.panel);
      }
      multiply_panel(call, area, panel, c0, c1);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convlens::conv {
namespace {

HWY_EXPORT(gemm_limits);
HWY_EXPORT(run_gemm_task);

enum Slot { kWeightsSlot, kBiasSlot, kScratchSlot };
enum OffsetSlot { kTapsSlot };

// Multiply-adds at the rate of whole tiles and what each tile costs beside them; windows packed (short rows in more
// pieces, long ones of 1 x 1 windows on the way); weights packed, and maps written, dearer where they leave the caches.
double estimate(const Geometry& g, ConstView) {
  const MatrixLimits limits{0, 8, 3, 16};
  const GemmPlan plan = plan_gemm(g, limits);
  const double columns = static_cast<double>((g.n * g.p * g.q + limits.vector_floats - 1) / limits.vector_floats * 16);
  const double taps = static_cast<double>(g.channels_per_group() * plan.channel_taps);
  const double groups = g.groups;
  const double filters = groups * static_cast<double>(std::max(g.filters_per_group(), 3 * plan.filter_blocks));
  const double tiles = columns / 48 * groups * static_cast<double>(plan.filter_blocks * plan.channel_blocks);
  const double row = static_cast<double>(g.r * g.s == 1 ? g.p * g.q : g.q);
  const double pack = plan.reads_input && row >= 512 ? 0.03e-6 : 0.083e-6;
  const double outputs = static_cast<double>(g.output_shape().size());
  const double weights = static_cast<double>(g.weights_shape().size());
  return 0.0088e-6 * columns * taps * filters + 25e-6 * tiles + (pack + 1.2e-6 / row) * columns * taps * groups +
         0.25e-6 * weights + 0.6e-6 * std::max(0.0, weights - 250e3) + (outputs > 4e6 ? 0.25e-6 : 0.02e-6) * outputs +
         (g.stride_x > 1 ? 0.15e-6 * static_cast<double>(g.input_shape().size()) : 0) + 1.2e-3;
}

// 1 x 1 windows on planes without gaps: every plane is one long row.
bool is_flat(const Job& job) {
  const Geometry& g = job.geometry;
  return g.r == 1 && g.s == 1 && g.stride_y == 1 && g.stride_x == 1 && g.pad == Padding{} &&
         job.input.row_stride == g.w && job.output.row_stride == g.q;
}

std::string run(const Job& whole, std::int64_t target) {
  Geometry g = whole.geometry;
  ConstView input = whole.input;
  View output = whole.output;
  if (is_flat(whole)) {
    g.w = g.q = g.p * g.q;
    g.h = g.p = 1;
    input.shape = g.input_shape();
    output.shape = g.output_shape();
  }
  const Job job{g, input, whole.weights, whole.bias, output, whole.workspace, whole.parallel, whole.progress};

  const MatrixLimits limits = function_for(HWY_DISPATCH_TABLE(gemm_limits), target)();
  const GemmPlan plan = plan_gemm(g, limits);
  std::int64_t* offsets = job.workspace.offsets(kTapsSlot, plan.channel_taps);
  fill_window_offsets(g, plan, offsets);
  float* weights = job.workspace.floats(kWeightsSlot, g.weights_shape().size());
  pack_gemm_weights(job, plan, weights);
  float* bias = job.workspace.floats(kBiasSlot, g.k);
  job.copy_bias(bias);
  float* scratch = job.workspace.floats(kScratchSlot, plan.scratch_floats() * job.parallel.threads());

  const GemmCall call{job, plan, offsets, weights, bias, scratch};
  const auto run_task = function_for(HWY_DISPATCH_TABLE(run_gemm_task), target);
  job.start_progress(plan.tasks);
  job.for_each_task(plan.tasks, [&](std::int64_t task, int worker) { run_task(call, task, worker); });
  return hwy::TargetName(limits.target);
}

}  // namespace

constinit const Kernel kGemm{
    {"gemm", "Blocked matrix product over columns of all rows and images, for deep layers", true},
    never_refuses,
    estimate,
    nullptr,
    run};

}  // namespace convlens::conv
#endif
