// Where the columns of the gemm kernel come from: areas of output positions, the copy of their input, and panels packed
// of it. No arithmetic.

#if defined(CONVLENS_GEMM_PANEL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_GEMM_PANEL_INL_H_
#undef CONVLENS_GEMM_PANEL_INL_H_
#else
#define CONVLENS_GEMM_PANEL_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cstdint>

#include <hwy/highway.h>

#include "engine/conv/kernels/gemm_call.h"
#include "engine/conv/kernels/matrix_tile-inl.h"
#include "engine/conv/kernels/sweep_copy-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

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
inline std::int64_t copy_offset(const Geometry& g, const GemmPlan& plan, const GemmArea& area, const Run& run) {
  std::int64_t offset = 0;
  for_each_part(g, plan, area, [&](const Part& part) {
    if (part.n == run.n && part.p0 <= run.p) {
      offset = part.base + (run.p - part.p0) * g.stride_y * plan.row_pitch + run.q - area.q0;
    }
  });
  return offset;
}

// Channels [c0, c1) of the group, borders filled in and columns split into stride phases.
inline void copy_area(const GemmCall& call, const GemmArea& area, std::int64_t c0, std::int64_t c1) {
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
inline void pack_from_copy(const GemmCall& call, const Panel& panel, std::int64_t channels, float* out) {
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
inline void pack_from_input(const GemmCall& call, const Panel& panel, std::int64_t channels, float* out) {
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

inline Panel make_panel(const GemmCall& call, const GemmArea& area, std::int64_t c0, std::int64_t begin,
                        std::int64_t end) {
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

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
