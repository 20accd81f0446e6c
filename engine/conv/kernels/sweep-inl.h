// A task of a sweep: cuts its rectangles into areas that need a copy of their input and areas that do not. The areas
// themselves are computed by the kernel. Per-target code: see Highway.

#if defined(CONVLENS_SWEEP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_SWEEP_INL_H_
#undef CONVLENS_SWEEP_INL_H_
#else
#define CONVLENS_SWEEP_INL_H_
#endif

#include <algorithm>
#include <cstdint>

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "engine/conv/kernels/sweep.h"
#include "engine/conv/kernels/sweep_copy-inl.h"
#include "engine/conv/kernels/sweep_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {

// Outputs of one group of one image, and the input they read.
struct Area {
  std::int64_t n, group;
  Span rows, columns;
  Span blocks;                  // of the group's filters
  const float* input;           // what tap (0, 0, 0) of the first output reads
  const std::int64_t* offsets;  // of every tap from there
  std::int64_t row_pitch;       // from an input row to the next
  std::int64_t channel_pitch;
  // The input is the picture, in which output columns read stride_x columns apart; else a copy, in which they read
  // neighbours, and which is in the caches.
  bool is_picture;
};

// Begins of areas lie this many rows apart, so that tiles of several rows find whole tiles.
inline constexpr std::int64_t kAreaRows = 4;

inline Area area_of_copy(const SweepCall& call, Area area, float* copy) {
  const Geometry& g = call.job.geometry;
  copy_input(call.job, call.plan, area.n, area.group * g.channels_per_group(), area.rows, area.columns, copy);
  area.input = copy;
  area.offsets = call.copy_offsets;
  area.row_pitch = call.plan.copy.row_pitch;
  area.channel_pitch = call.plan.copy.channel_pitch;
  return area;
}

// Only for areas that read no border.
inline Area area_of_picture(const SweepCall& call, Area area) {
  const Geometry& g = call.job.geometry;
  const ConstView& input = call.job.input;
  area.input = input.row(area.n, area.group * g.channels_per_group(), area.rows.begin * g.stride_y - g.pad.top) +
               area.columns.begin * g.stride_x - g.pad.left;
  area.offsets = call.picture_offsets;
  area.row_pitch = input.row_stride;
  area.channel_pitch = input.plane_stride;
  area.is_picture = true;
  return area;
}

// Calls compute(area) until the whole rectangle is done: its inside on the picture, the rest on copies.
template <class Compute>
void sweep_rectangle(const SweepCall& call, const Area& whole, float* copy, const Compute& compute) {
  const Geometry& g = call.job.geometry;
  Span rows{}, columns{};
  if (call.plan.reads_picture) {
    rows = inside(whole.rows, g.h, g.pad.top, dilated_size(g.r, g.dilation_y), g.stride_y, kAreaRows, false);
    // Whole vectors only: a tile reads as many columns as it holds.
    const std::int64_t window = dilated_size(g.s, g.dilation_x) + g.stride_x - 1;
    columns = inside(whole.columns, g.w, g.pad.left, window, g.stride_x, kLanes, true);
  }
  // Where little of it is not inside, the small areas around cost more than a copy of the whole.
  if (4 * rows.size() * columns.size() < 3 * whole.rows.size() * whole.columns.size()) {
    compute(area_of_copy(call, whole, copy));
    return;
  }
  const auto compute_copied = [&](Span part_rows, Span part_columns) {
    if (part_rows.size() <= 0 || part_columns.size() <= 0) return;
    Area part = whole;
    part.rows = part_rows;
    part.columns = part_columns;
    compute(area_of_copy(call, part, copy));
  };
  compute_copied({whole.rows.begin, rows.begin}, whole.columns);
  compute_copied(rows, {whole.columns.begin, columns.begin});
  Area middle = whole;
  middle.rows = rows;
  middle.columns = columns;
  compute(area_of_picture(call, middle));
  compute_copied(rows, {columns.end, whole.columns.end});
  compute_copied({rows.end, whole.rows.end}, whole.columns);
}

// Runs one task: compute(area) for every area of its rectangles.
template <class Compute>
void run_sweep_task(const SweepCall& call, std::int64_t task, int worker, const Compute& compute) {
  const Geometry& g = call.job.geometry;
  const SweepPlan& plan = call.plan;
  float* copy = call.scratch + worker * plan.scratch_floats;
  const std::int64_t begin = task * plan.task_rectangles;
  const std::int64_t end = std::min(begin + plan.task_rectangles, plan.rectangles);
  for (std::int64_t rectangle = begin; rectangle < end; ++rectangle) {
    std::int64_t rest = rectangle;
    const auto take = [&rest](std::int64_t count) {
      const std::int64_t index = rest % count;
      rest /= count;
      return index;
    };
    const std::int64_t chunk = take(plan.chunks);
    const std::int64_t q0 = take(plan.strips) * plan.strip_columns;
    const std::int64_t p0 = take(plan.bands) * plan.band_rows;
    Area whole{};
    whole.group = take(g.groups);
    whole.n = rest;
    whole.rows = {p0, std::min(p0 + plan.band_rows, g.p)};
    whole.columns = {q0, std::min(q0 + plan.strip_columns, g.q)};
    whole.blocks = {plan.blocks * chunk / plan.chunks, plan.blocks * (chunk + 1) / plan.chunks};
    sweep_rectangle(call, whole, copy, compute);
  }
  if (plan.stream) hwy::FlushStream();
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
