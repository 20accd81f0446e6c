// The cutting rules of the gemm kernel. All numbers here are about caches and balance, never about correctness.
#include "engine/conv/kernels/gemm_plan.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "engine/core/integers.h"

namespace convlens::conv {
namespace {

// Taps of a channel block: a panel of 48 columns of them is 36 KiB, and stays in the first-level cache.
constexpr std::int64_t kBlockTaps = 192;
// Panels of an area: enough for the rows that neighbouring areas both copy to be few. Where nothing is copied, small
// areas let all threads end together.
constexpr std::int64_t kAreaPanels = 8;
constexpr std::int64_t kUncopiedPanels = 4;
// Floats of an area's copy and of its unfinished sums: together they leave the second-level cache room for weights.
constexpr std::int64_t kCopyFloats = 64 * 1024;
constexpr std::int64_t kSumsFloats = 96 * 1024;
// Enough tasks to keep many cores busy to the end; each with enough filters to be worth its packing.
constexpr std::int64_t kEnoughTasks = 16;
constexpr std::int64_t kEnoughFilters = 64;

bool is_pointwise(const Geometry& g) {
  return g.r == 1 && g.s == 1 && g.stride_y == 1 && g.stride_x == 1 && g.pad == Padding{};
}

void lay_out_copy(const Geometry& g, const MatrixLimits& limits, std::int64_t columns, GemmPlan& plan) {
  plan.area_columns = columns;
  if (plan.reads_input) return;
  const std::int64_t row_columns = plan.lines > 1 ? columns : g.q;
  const std::int64_t input_columns = (row_columns - 1) * g.stride_x + dilated_size(g.s, g.dilation_x);
  // Vectors may read past the last column of a row.
  plan.phase_pitch = (ceil_div(ceil_div(input_columns, g.stride_x) + limits.vector_floats, 16) | 1) * 16;
  plan.row_pitch = plan.phase_pitch * g.stride_x;
  const std::int64_t rows = plan.lines > 1 ? 1 : std::min(ceil_div(columns, g.q) + 1, g.n * g.p);
  const std::int64_t images = plan.lines > 1 ? 1 : std::min(ceil_div(columns, g.p * g.q) + 1, g.n);
  plan.channel_pitch = (rows * g.stride_y + images * dilated_size(g.r, g.dilation_y)) * plan.row_pitch;
  plan.copy_floats = round_up(ceil_div(g.channels_per_group(), plan.channel_blocks) * plan.channel_pitch, 16) + 64;
}

}  // namespace

GemmPlan plan_gemm(const Geometry& g, const MatrixLimits& limits) {
  GemmPlan plan;
  const std::int64_t panel = limits.max_vectors * limits.vector_floats;
  const bool rows_are_long = g.q >= 4 * panel;
  plan.lines = rows_are_long ? g.n * g.p : 1;
  plan.line_columns = rows_are_long ? g.q : g.n * g.p * g.q;
  plan.reads_input = is_pointwise(g);

  const std::int64_t channels = g.channels_per_group();
  const std::int64_t filters = g.filters_per_group();
  plan.channel_taps = g.r * g.s;
  plan.channel_blocks = ceil_div(channels, std::max<std::int64_t>(1, kBlockTaps / plan.channel_taps));
  plan.filter_blocks = ceil_div(filters, limits.max_filters);

  std::int64_t panels = std::min(plan.reads_input ? kUncopiedPanels : kAreaPanels, ceil_div(plan.line_columns, panel));
  const auto fits = [&] {
    lay_out_copy(g, limits, panels * panel, plan);
    return plan.copy_floats <= kCopyFloats && plan.area_columns * std::min(filters, kEnoughFilters) <= kSumsFloats;
  };
  const auto tasks = [&](std::int64_t chunks) {
    return plan.lines * ceil_div(plan.line_columns, panels * panel) * g.groups * chunks;
  };
  while (panels > 1 && !fits()) --panels;
  while (panels > 1 && tasks(1) < kEnoughTasks) --panels;
  const std::int64_t most_chunks = std::max<std::int64_t>(1, filters / kEnoughFilters);
  const std::int64_t least_chunks =
      plan.channel_blocks > 1
          ? std::clamp<std::int64_t>(ceil_div(panels * panel * filters, kSumsFloats), 1, most_chunks)
          : 1;
  plan.chunks = std::clamp(ceil_div(kEnoughTasks, tasks(1)), least_chunks, most_chunks);
  lay_out_copy(g, limits, panels * panel, plan);
  plan.areas = ceil_div(plan.line_columns, plan.area_columns);
  plan.tasks = tasks(plan.chunks);

  const std::int64_t depth = ceil_div(channels, plan.channel_blocks) * plan.channel_taps;
  plan.panel_floats = round_up(depth * panel + panel, 16);
  if (plan.channel_blocks > 1) {
    const std::int64_t blocks = ceil_div(plan.filter_blocks, plan.chunks);
    plan.sums_floats = round_up(blocks * limits.max_filters * plan.area_columns, 16);
  }
  return plan;
}

void fill_window_offsets(const Geometry& g, const GemmPlan& plan, std::int64_t* offsets) {
  for (std::int64_t r = 0; r < g.r; ++r) {
    for (std::int64_t s = 0; s < g.s; ++s) {
      const std::int64_t column = s * g.dilation_x;
      *offsets++ = r * g.dilation_y * plan.row_pitch + column % g.stride_x * plan.phase_pitch + column / g.stride_x;
    }
  }
}

namespace {

// out[i][f] = rows[f][i * step] for i in [0, length). The count of filters is a constant for the counts that matter.
template <std::int64_t Count>
float* interleave(const std::array<const float*, 8>& rows, std::int64_t length, std::int64_t step, float* out) {
  for (std::int64_t i = 0; i < length; ++i, out += Count) {
    for (std::size_t f = 0; f < Count; ++f) out[f] = rows[f][i * step];
  }
  return out;
}

float* interleave(const std::array<const float*, 8>& rows, std::int64_t count, std::int64_t length, std::int64_t step,
                  float* out) {
  if (count == 8) return interleave<8>(rows, length, step, out);
  if (count == 4) return interleave<4>(rows, length, step, out);
  for (std::int64_t i = 0; i < length; ++i) {
    for (std::size_t f = 0; f < static_cast<std::size_t>(count); ++f) *out++ = rows[f][i * step];
  }
  return out;
}

}  // namespace

void pack_gemm_weights(const Job& job, const GemmPlan& plan, float* packed) {
  const Geometry& g = job.geometry;
  const std::int64_t channels = g.channels_per_group();
  const std::int64_t filters = g.filters_per_group();
  const std::int64_t taps = plan.channel_taps;
  // Weights without gaps are one run; otherwise every row is. A rotated filter is read backwards.
  const bool is_dense = job.weights.row_stride == g.s && job.weights.plane_stride == taps;
  const bool is_one_run = is_dense && !g.flip;
  const std::int64_t step = g.flip ? -1 : 1;
  job.parallel.for_each(g.groups * plan.filter_blocks, [&](std::int64_t i) {
    const std::int64_t group = i / plan.filter_blocks;
    const std::int64_t begin = plan.share(filters, i % plan.filter_blocks, plan.filter_blocks);
    const std::int64_t count = plan.share(filters, i % plan.filter_blocks + 1, plan.filter_blocks) - begin;
    for (std::int64_t b = 0; b < plan.channel_blocks; ++b) {
      const std::int64_t c0 = plan.share(channels, b, plan.channel_blocks);
      const std::int64_t c1 = plan.share(channels, b + 1, plan.channel_blocks);
      float* out = packed + (group * filters * channels + c0 * filters + begin * (c1 - c0)) * taps;
      std::array<const float*, 8> rows{};
      for (std::int64_t c = c0; c < c1; c = is_one_run ? c1 : c + 1) {
        for (std::int64_t r = 0; r < g.r; r = is_dense ? g.r : r + 1) {
          for (std::int64_t f = 0; f < count; ++f) {
            const float* row = job.weights.row(group * filters + begin + f, c, g.flip ? g.r - 1 - r : r);
            rows[static_cast<std::size_t>(f)] = g.flip ? row + g.s - 1 : row;
          }
          out = interleave(rows, count, is_one_run ? (c1 - c0) * taps : is_dense ? taps : g.s, step, out);
        }
      }
    }
  });
}

}  // namespace convlens::conv
