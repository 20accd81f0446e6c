// The cutting rules of a sweep. All numbers here are about caches and balance, never about correctness.
#include "engine/conv/kernels/sweep_plan.h"

#include <algorithm>

namespace convlens::conv {
namespace {

// Floats of a task's copy of the input: 384 KiB stay in the second-level cache beside the weights.
constexpr std::int64_t kBudgetFloats = 96 * 1024;
constexpr std::int64_t kMaxBandRows = 64;
// Bands are whole groups of the rows that a rows-together tile computes at once.
constexpr std::int64_t kBandStep = 4;
// Enough tasks to keep many cores busy to the end.
constexpr std::int64_t kEnoughTasks = 32;
// Maps of this many floats (8 MiB) and their input leave the caches before anyone reads them, so writing them past the
// caches saves reading the lines that are about to be overwritten. Smaller ones are read sooner than memory could give
// them back.
constexpr std::int64_t kStreamFloats = 2 * 1024 * 1024;
// Tasks beyond which more only cost their starts: small rectangles are then bundled.
constexpr std::int64_t kManyTasks = 128;
// Up to this many channels a picture is read in place: more planes at once are more pages than the processor remembers
// the addresses of, and a copy that many filters share costs little beside them.
constexpr std::int64_t kFewChannels = 8;

void lay_out(const Geometry& g, const TileLimits& limits, SweepPlan& plan) {
  const std::int64_t input_rows = (plan.band_rows - 1) * g.stride_y + dilated_size(g.r, g.dilation_y);
  const std::int64_t input_columns = (plan.strip_columns - 1) * g.stride_x + dilated_size(g.s, g.dilation_x);
  // The last vector of a row may read past its last output. An odd number of cache lines keeps rows from falling on
  // the same cache sets.
  const std::int64_t phase_floats = ceil_div(input_columns, g.stride_x) + limits.vector_floats;
  plan.copy.phases = g.stride_x;
  plan.copy.phase_pitch = (ceil_div(phase_floats, 16) | 1) * 16;
  plan.copy.row_pitch = plan.copy.phase_pitch * g.stride_x;
  plan.copy.channel_pitch = plan.copy.row_pitch * input_rows;
  plan.scratch_floats = plan.copy.channel_pitch * g.channels_per_group();
}

void choose_rectangle(const Geometry& g, const TileLimits& limits, SweepPlan& plan) {
  const auto fits = [&](std::int64_t rows, std::int64_t columns) {
    plan.band_rows = std::min(rows, g.p);
    plan.strip_columns = columns;
    lay_out(g, limits, plan);
    return plan.scratch_floats <= kBudgetFloats;
  };
  constexpr std::int64_t kMinStrip = 64;
  std::int64_t strip = g.q;
  while (strip > kMinStrip && !fits(kBandStep, strip)) strip = round_up(strip / 2, kMinStrip);
  std::int64_t rows = kBandStep;
  while (rows < kMaxBandRows && fits(rows + kBandStep, strip)) rows += kBandStep;

  plan.strips = ceil_div(g.q, strip);
  const auto tasks = [&] { return g.n * g.groups * plan.strips * ceil_div(g.p, rows); };
  while (tasks() < kEnoughTasks && rows > kBandStep) rows = round_up(rows / 2, kBandStep);
  plan.bands = ceil_div(g.p, rows);
  fits(rows, strip);
}

}  // namespace

SweepPlan plan_sweep(const Geometry& g, const TileLimits& limits) {
  SweepPlan plan;
  plan.taps = g.channels_per_group() * g.r * g.s;
  choose_rectangle(g, limits, plan);

  plan.blocks = ceil_div(g.filters_per_group(), limits.max_filters);
  plan.stream = g.output_shape().size() >= kStreamFloats &&
                (g.activation == Activation::kNone || g.activation == Activation::kRelu);
  plan.reads_picture = g.stride_x <= kMaxPictureStride && g.channels_per_group() <= kFewChannels;
  const std::int64_t places = g.n * g.groups * plan.bands * plan.strips;
  plan.chunks = std::clamp<std::int64_t>(ceil_div(kEnoughTasks, places), 1, plan.blocks);
  plan.rectangles = places * plan.chunks;
  plan.task_rectangles = std::max<std::int64_t>(1, plan.rectangles / kManyTasks);
  plan.tasks = ceil_div(plan.rectangles, plan.task_rectangles);
  return plan;
}

void fill_tap_offsets(const Geometry& g, const InputLayout& layout, std::int64_t* offsets) {
  for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
    for (std::int64_t r = 0; r < g.r; ++r) {
      for (std::int64_t s = 0; s < g.s; ++s) {
        const std::int64_t column = s * g.dilation_x;
        *offsets++ = c * layout.channel_pitch + r * g.dilation_y * layout.row_pitch +
                     column % layout.phases * layout.phase_pitch + column / layout.phases;
      }
    }
  }
}

Span inside(Span all, std::int64_t n, std::int64_t pad, std::int64_t window, std::int64_t stride, std::int64_t step,
            bool whole) {
  // Output i reads [i stride - pad, i stride - pad + window).
  const std::int64_t first = std::max(all.begin, ceil_div(pad, stride));
  const std::int64_t begin = all.begin + round_up(first - all.begin, step);
  const std::int64_t room = n + pad - window;
  std::int64_t end = std::min(all.end, room < 0 ? 0 : room / stride + 1);
  if (end <= begin) return {all.begin, all.begin};
  if (whole || end < all.end) end = begin + (end - begin) / step * step;
  return {begin, end};
}

}  // namespace convlens::conv
