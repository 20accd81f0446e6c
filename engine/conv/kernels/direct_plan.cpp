// The cutting rules of the direct kernel. All numbers here are about caches and balance, never about correctness.
#include "engine/conv/kernels/direct_plan.h"

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
// Maps of this many floats (16 MiB) leave the caches before anyone reads them, so writing them past the caches saves
// reading the lines that are about to be overwritten. Smaller ones are read sooner than memory could give them back.
constexpr std::int64_t kStreamFloats = 4 * 1024 * 1024;
// Up to this many filters a group, sharing input between rows saves more loads than sharing it between filters.
constexpr std::int64_t kFewFilters = 2;

constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }
constexpr std::int64_t round_up(std::int64_t a, std::int64_t to) { return ceil_div(a, to) * to; }

void lay_out(const Geometry& g, const TileLimits& limits, DirectPlan& plan) {
  plan.input_rows = (plan.band_rows - 1) * g.stride_y + dilated_size(g.r, g.dilation_y);
  plan.input_columns = (plan.strip_columns - 1) * g.stride_x + dilated_size(g.s, g.dilation_x);
  // The last vector of a row may read past its last output. An odd number of cache lines keeps rows from falling on
  // the same cache sets.
  const std::int64_t phase_floats = ceil_div(plan.input_columns, g.stride_x) + limits.vector_floats;
  plan.phase_pitch = (ceil_div(phase_floats, 16) | 1) * 16;
  plan.row_pitch = plan.phase_pitch * g.stride_x;
  plan.channel_pitch = plan.row_pitch * plan.input_rows;
  const std::int64_t split_row = g.stride_x > 1 ? round_up(plan.row_pitch, 16) : 0;
  plan.scratch_floats = plan.channel_pitch * g.channels_per_group() + split_row;
}

void choose_rectangle(const Geometry& g, const TileLimits& limits, DirectPlan& plan) {
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

DirectPlan plan_direct(const Geometry& g, const TileLimits& limits) {
  DirectPlan plan;
  plan.taps = g.channels_per_group() * g.r * g.s;
  choose_rectangle(g, limits, plan);

  const std::int64_t filters = g.filters_per_group();
  plan.rows_together = filters <= kFewFilters && g.r > 1 && g.stride_y == 1 && g.dilation_y == 1;
  plan.blocks = plan.rows_together ? filters : ceil_div(filters, limits.max_filters);
  plan.stream = g.output_shape().size() >= kStreamFloats &&
                (g.activation == Activation::kNone || g.activation == Activation::kRelu);
  const std::int64_t rectangles = g.n * g.groups * plan.bands * plan.strips;
  plan.chunks = std::clamp<std::int64_t>(ceil_div(kEnoughTasks, rectangles), 1, plan.blocks);
  plan.tasks = rectangles * plan.chunks;
  return plan;
}

void fill_tap_offsets(const Geometry& g, const DirectPlan& plan, std::int64_t* offsets) {
  for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
    for (std::int64_t r = 0; r < g.r; ++r) {
      for (std::int64_t s = 0; s < g.s; ++s) {
        const std::int64_t column = s * g.dilation_x;
        *offsets++ = c * plan.channel_pitch + r * g.dilation_y * plan.row_pitch +
                     column % g.stride_x * plan.phase_pitch + column / g.stride_x;
      }
    }
  }
}

void pack_direct_weights(const Job& job, const DirectPlan& plan, float* packed) {
  const Geometry& g = job.geometry;
  const std::int64_t filters = g.filters_per_group();
  job.parallel.for_each(g.groups * plan.blocks, [&](std::int64_t i) {
    const std::int64_t group = i / plan.blocks;
    const std::int64_t begin = plan.block_begin(i % plan.blocks, filters);
    const std::int64_t count = plan.block_begin(i % plan.blocks + 1, filters) - begin;
    float* block = packed + (group * filters + begin) * plan.taps;
    for (std::int64_t f = 0; f < count; ++f) {
      float* out = block + f;
      for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
        for (std::int64_t r = 0; r < g.r; ++r) {
          const float* row = job.weights.row(group * filters + begin + f, c, g.flip ? g.r - 1 - r : r);
          for (std::int64_t s = 0; s < g.s; ++s, out += count) *out = row[g.flip ? g.s - 1 - s : s];
        }
      }
    }
  });
}

}  // namespace convlens::conv
