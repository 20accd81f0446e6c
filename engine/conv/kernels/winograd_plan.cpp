// The cutting rules of the winograd kernel. All numbers here are about caches and balance, never about correctness.
#include "engine/conv/kernels/winograd_plan.h"

#include <algorithm>

#include "engine/core/integers.h"

namespace convlens::conv {
namespace {

// Floats of a block's transformed input, and of its products with the filters of a round.
constexpr std::int64_t kValuesFloats = 160 * 1024;
constexpr std::int64_t kProductsFloats = 80 * 1024;
// Enough tasks to keep many cores busy to the end; each with enough filters to be worth its transforms.
constexpr std::int64_t kEnoughTasks = 6;
constexpr std::int64_t kEnoughFilters = 64;

// A multiple of 16 floats that spreads equal places of consecutive slices over the cache sets.
constexpr std::int64_t odd_lines(std::int64_t floats) { return (ceil_div(floats, 16) | 1) * 16; }

}  // namespace

WinogradPlan plan_winograd(const Geometry& g, const MatrixLimits& limits) {
  WinogradPlan plan;
  plan.tile_rows = ceil_div(g.p, kTileOutputs);
  plan.tile_columns = ceil_div(g.q, kTileOutputs);
  plan.tiles = g.n * plan.tile_rows * plan.tile_columns;
  plan.vectors = ceil_div(plan.tiles, limits.vector_floats);
  const std::int64_t channels = g.channels_per_group();
  const std::int64_t filters = g.filters_per_group();
  plan.filter_blocks = ceil_div(filters, limits.max_filters);

  std::int64_t most_vectors = limits.max_vectors;
  while (most_vectors > 1 && kTileValues * channels * most_vectors * limits.vector_floats > kValuesFloats) {
    --most_vectors;
  }
  plan.blocks = ceil_div(plan.vectors, most_vectors);
  plan.block_vectors = ceil_div(plan.vectors, plan.blocks);
  const std::int64_t most_chunks = std::max<std::int64_t>(1, filters / kEnoughFilters);
  plan.chunks = std::clamp<std::int64_t>(ceil_div(kEnoughTasks, plan.blocks * g.groups), 1, most_chunks);
  plan.tasks = plan.blocks * g.groups * plan.chunks;

  const std::int64_t pitch = plan.block_vectors * limits.vector_floats;
  const std::int64_t chunk_blocks = ceil_div(plan.filter_blocks, plan.chunks);
  const std::int64_t round_blocks =
      std::clamp<std::int64_t>(kProductsFloats / (kTileValues * pitch * limits.max_filters), 1, chunk_blocks);
  plan.rounds = ceil_div(chunk_blocks, round_blocks);

  plan.filter_pitch = odd_lines(filters * channels);
  // A row of tiles may be written and read up to a vector past its end.
  plan.value_pitch = odd_lines(channels * pitch + limits.vector_floats);
  plan.product_pitch =
      odd_lines(ceil_div(chunk_blocks, plan.rounds) * limits.max_filters * pitch + limits.vector_floats);
  plan.plain_floats = round_up(kPlainColumns * kFilterTaps * channels, 16);
  plan.row_pitch = odd_lines(kTileOutputs * (pitch + limits.vector_floats) + 2 * limits.vector_floats);
  // A segment of one tile takes its six columns and up to a vector of slack.
  const std::int64_t most_segments = std::min(pitch, pitch / plan.tile_columns + 2);
  plan.magnitude_floats =
      round_up((kTileOutputs + 1) * (kTileOutputs * pitch + most_segments * (2 + limits.vector_floats)), 16);
  return plan;
}

}  // namespace convlens::conv
