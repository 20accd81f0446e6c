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
#include <array>
#include <cstdint>
#include <cstring>

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
#include "engine/conv/kernels/matrix_tile-inl.h"
#include "engine/conv/kernels/sweep_copy-inl.h"

#ifndef CONVLENS_GEMM_CALL_
#define CONVLENS_GEMM_CALL_
namespace convlens::conv {

// A call of the kernel, prepared: what every task of it shares.
struct GemmCall {
  const Job& job;
  const GemmPlan& plan;
  const std::int64_t* offsets;  // of the taps of a channel
  const float* weights;         // packed
  const float* bias;            // K values, zeros where there is no bias
  float* scratch;               // plan.scratch_floats() for each worker
};

}  // namespace convlens::conv
#endif

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {

MatrixLimits gemm_limits() { return {HWY_TARGET, kMatrixFilters, kMatrixVectors, kMatrixLanes}; }

inline constexpr std::int64_t kPanel = kMatrixVectors * kMatrixLanes;

// A run of output positions of one row: columns [first, first + count) of the line.
struct Run {
  std::int64_t n, p, q, first, count;
};

// Calls visit(Run) for the columns [begin, end) of a line, row by row.
template <class Visit>
HWY_INLINE void for_each_run(const Geometry& g, const GemmPlan& plan, std::int64_t line, std::int64_t begin,
                             std::int64_t end, const Visit& visit) {
  while (begin < end) {
    const std::int64_t row = plan.lines > 1 ? line : begin / g.q;
    const std::int64_t q = plan.lines > 1 ? begin : begin % g.q;
    const std::int64_t count = std::min(end - begin, g.q - q);
    visit(Run{row / g.p, row % g.p, q, begin, count});
    begin += count;
  }
}

// Consecutive output rows of one image, and where the copy of their input begins.
struct Part {
  std::int64_t n = 0, p0 = 0, rows = 0, base = 0;
};

// The task's columns and filters, and its memory.
struct GemmArea {
  std::int64_t line, begin, end;
  std::int64_t group, first_block, end_block;
  float *copy, *panel, *sums;
  // Of a copied row: the first output column and how many.
  std::int64_t q0, columns;
};

// Calls visit(Part) for the images that the area touches.
template <class Visit>
HWY_INLINE void for_each_part(const Geometry& g, const GemmPlan& plan, const GemmArea& area, const Visit& visit) {
  const std::int64_t first = plan.lines > 1 ? area.line : area.begin / g.q;
  const std::int64_t last = plan.lines > 1 ? area.line : (area.end - 1) / g.q;
  std::int64_t base = 0;
  for (std::int64_t row = first; row <= last;) {
    const std::int64_t rows = std::min(last + 1 - row, g.p - row % g.p);
    visit(Part{row / g.p, row % g.p, rows, base});
    base += ((rows - 1) * g.stride_y + dilated_size(g.r, g.dilation_y)) * plan.row_pitch;
    row += rows;
  }
}

// Where the first input of the window at the run's first position lies in a channel of the copy.
std::int64_t copy_offset(const Geometry& g, const GemmPlan& plan, const GemmArea& area, const Run& run) {
  std::int64_t offset = 0;
  for_each_part(g, plan, area, [&](const Part& part) {
    if (part.n == run.n && part.p0 <= run.p) {
      offset = part.base + (run.p - part.p0) * g.stride_y * plan.row_pitch + run.q - area.q0;
    }
  });
  return offset;
}

// Channels [c0, c1) of the group, borders filled in and columns split into stride phases.
void copy_area(const GemmCall& call, const GemmArea& area, std::int64_t c0, std::int64_t c1) {
  const Geometry& g = call.job.geometry;
  const GemmPlan& plan = call.plan;
  const std::int64_t input_columns = (area.columns - 1) * g.stride_x + dilated_size(g.s, g.dilation_x);
  const std::int64_t x0 = area.q0 * g.stride_x - g.pad.left;
  for_each_part(g, plan, area, [&](const Part& part) {
    const std::int64_t input_rows = (part.rows - 1) * g.stride_y + dilated_size(g.r, g.dilation_y);
    for (std::int64_t i = 0; i < input_rows; ++i) {
      if (!row_is_read(g, i, part.rows)) continue;
      const std::int64_t y = border_index(part.p0 * g.stride_y - g.pad.top + i, g.h, g.border);
      for (std::int64_t c = c0; c < c1; ++c) {
        float* out = area.copy + (c - c0) * plan.channel_pitch + part.base + i * plan.row_pitch;
        if (y < 0) {
          std::fill_n(out, plan.row_pitch, 0.0f);
          continue;
        }
        const float* row = call.job.input.row(part.n, area.group * g.channels_per_group() + c, y);
        if (g.stride_x == 1) {
          copy_row(row, g.w, g.border, x0, input_columns, out);
        } else {
          copy_phases(row, g.w, g.border, x0, input_columns, g.stride_x, plan.phase_pitch, out);
        }
      }
    }
  });
}

// The part of a run that falls into a panel.
struct Piece {
  const float* from;  // its first window in the first channel
  std::int64_t at;    // column of the panel
  std::int64_t count;
};
struct Panel {
  std::int64_t begin, columns, vectors;
  std::int64_t pieces = 0;
  std::array<Piece, kPanel> piece;

  // Whether its columns lie in one row, in whole vectors.
  bool is_whole() const { return pieces == 1 && columns == vectors * kMatrixLanes; }
};

// Whether the first tile of a panel reads it from the picture and packs it for the others.
bool packs_on_the_way(const GemmPlan& plan, const Panel& panel) { return plan.reads_input && panel.is_whole(); }

// Whole vectors: what lies behind a piece is overwritten by the next piece, the next tap, or never read.
void pack_from_copy(const GemmCall& call, const Panel& panel, std::int64_t channels, float* out) {
  const hn::ScalableTag<float> d;
  const std::int64_t pitch = panel.vectors * kMatrixLanes;
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t tap = 0; tap < call.plan.channel_taps; ++tap, out += pitch) {
      const std::int64_t offset = c * call.plan.channel_pitch + call.offsets[tap];
      for (std::int64_t i = 0; i < panel.pieces; ++i) {
        const Piece& piece = panel.piece[static_cast<std::size_t>(i)];
        for (std::int64_t j = 0; j < piece.count; j += kMatrixLanes) {
          hn::StoreU(hn::LoadU(d, piece.from + offset + j), d, out + piece.at + j);
        }
      }
    }
  }
}

// 1 x 1 windows without borders, from the picture itself: reads nothing but the pieces.
void pack_from_input(const GemmCall& call, const Panel& panel, std::int64_t channels, float* out) {
  const hn::ScalableTag<float> d;
  const std::int64_t pitch = panel.vectors * kMatrixLanes;
  for (std::int64_t c = 0; c < channels; ++c, out += pitch) {
    const std::int64_t offset = c * call.job.input.plane_stride;
    for (std::int64_t i = 0; i < panel.pieces; ++i) {
      const Piece& piece = panel.piece[static_cast<std::size_t>(i)];
      std::int64_t j = 0;
      for (; j + kMatrixLanes <= piece.count; j += kMatrixLanes) {
        hn::StoreU(hn::LoadU(d, piece.from + offset + j), d, out + piece.at + j);
      }
      for (; j < piece.count; ++j) out[piece.at + j] = piece.from[offset + j];
    }
  }
}

Panel make_panel(const GemmCall& call, const GemmArea& area, std::int64_t c0, std::int64_t begin, std::int64_t end) {
  const Geometry& g = call.job.geometry;
  const GemmPlan& plan = call.plan;
  Panel panel;
  panel.begin = begin;
  panel.columns = end - begin;
  panel.vectors = (panel.columns + kMatrixLanes - 1) / kMatrixLanes;
  for_each_run(g, plan, area.line, begin, end, [&](const Run& run) {
    const float* from = plan.reads_input
                            ? call.job.input.row(run.n, area.group * g.channels_per_group() + c0, run.p) + run.q
                            : area.copy + copy_offset(g, plan, area, run);
    panel.piece[static_cast<std::size_t>(panel.pieces++)] = {from, run.first - begin, run.count};
  });
  return panel;
}

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
// pieces); weights packed, and maps written, dearer where they leave the caches.
double estimate(const Geometry& g, ConstView) {
  const MatrixLimits limits{0, 8, 3, 16};
  const GemmPlan plan = plan_gemm(g, limits);
  const double columns = static_cast<double>((g.n * g.p * g.q + limits.vector_floats - 1) / limits.vector_floats * 16);
  const double taps = static_cast<double>(g.channels_per_group() * plan.channel_taps);
  const double groups = g.groups;
  const double filters = groups * static_cast<double>(std::max(g.filters_per_group(), 3 * plan.filter_blocks));
  const double tiles = columns / 48 * groups * static_cast<double>(plan.filter_blocks * plan.channel_blocks);
  const double row = static_cast<double>(g.r * g.s == 1 ? g.p * g.q : g.q);
  const double outputs = static_cast<double>(g.output_shape().size());
  const double weights = static_cast<double>(g.weights_shape().size());
  return 0.0088e-6 * columns * taps * filters + 25e-6 * tiles + (0.083e-6 + 1.2e-6 / row) * columns * taps * groups +
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
