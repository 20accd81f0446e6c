// The cutting rules of the winograd kernel, and its judgement of weights.
#include "engine/conv/kernels/winograd_plan.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace convlens::conv {
namespace {

// Floats of a block's transformed input, and of its products with the filters of a round.
constexpr std::int64_t kValuesFloats = 160 * 1024;
constexpr std::int64_t kProductsFloats = 80 * 1024;
// Enough tasks to keep many cores busy to the end; each with enough filters to be worth its transforms.
constexpr std::int64_t kEnoughTasks = 12;
constexpr std::int64_t kEnoughFilters = 64;

// With fewer channels the rounding of single products shows, and the transforms cost more than they save.
constexpr std::int64_t kFewestChannels = 16;
constexpr float kLeastTap = 0.2f;
constexpr float kMostUneven = 4.0f;
constexpr float kLeastChannelSpread = 0.6f;
// Sums of absolute weights beyond these could leave the range of float in the transforms.
constexpr float kSmallestSum = 1e-15f;
constexpr float kLargestSum = 1e15f;

constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }
constexpr std::int64_t round_up(std::int64_t a, std::int64_t to) { return ceil_div(a, to) * to; }
// A multiple of 16 floats that spreads equal places of consecutive slices over the cache sets.
constexpr std::int64_t odd_lines(std::int64_t floats) { return (ceil_div(floats, 16) | 1) * 16; }

using Taps = std::array<float, kFilterTaps>;

Taps absolute_taps(ConstView weights, std::int64_t k, std::int64_t c) {
  Taps taps;
  for (std::int64_t r = 0; r < 3; ++r) {
    const float* row = weights.row(k, c, r);
    for (std::int64_t s = 0; s < 3; ++s) taps[static_cast<std::size_t>(r * 3 + s)] = std::abs(row[s]);
  }
  return taps;
}

float sum_of(const Taps& taps) {
  return ((taps[0] + taps[1]) + (taps[2] + taps[3])) + ((taps[4] + taps[5]) + (taps[6] + taps[7])) + taps[8];
}

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

FilterSpread measure_filter(const Geometry& g, ConstView weights, std::int64_t k) {
  const std::int64_t channels = g.channels_per_group();
  Taps sums{};
  float squares = 0;
  float channel_squares = 0;
  for (std::int64_t c = 0; c < channels; ++c) {
    const Taps taps = absolute_taps(weights, k, c);
    Taps squared;
    for (std::size_t i = 0; i < taps.size(); ++i) sums[i] += taps[i];
    for (std::size_t i = 0; i < taps.size(); ++i) squared[i] = taps[i] * taps[i];
    squares += sum_of(squared);
    const float sum = sum_of(taps);
    channel_squares += sum * sum;
  }
  FilterSpread spread;
  spread.total = sum_of(sums);
  spread.least_tap = *std::ranges::min_element(sums) / spread.total * static_cast<float>(kFilterTaps);
  const float square = spread.total * spread.total / static_cast<float>(channels);
  spread.unevenness = static_cast<float>(kFilterTaps) * squares / square;
  spread.channel_spread = square / channel_squares;
  return spread;
}

void lower_channel_shares(const Geometry& g, ConstView weights, std::int64_t k, float total, float* shares) {
  const float scale = static_cast<float>(g.channels_per_group()) / total;
  for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
    shares[c] = std::min(shares[c], scale * sum_of(absolute_taps(weights, k, c)));
  }
}

std::string_view winograd_refusal(const Geometry& g, ConstView weights) {
  if (g.r != 3 || g.s != 3) return "needs filters of 3 x 3";
  if (g.stride_y != 1 || g.stride_x != 1) return "needs stride 1";
  if (g.dilation_y != 1 || g.dilation_x != 1) return "needs dilation 1";
  if (g.channels_per_group() < kFewestChannels) return "needs at least 16 input channels in each group";
  for (std::int64_t k = 0; k < g.k; ++k) {
    const FilterSpread spread = measure_filter(g, weights, k);
    if (spread.total == 0) continue;  // its outputs are exactly zero
    if (!(spread.total >= kSmallestSum && spread.total <= kLargestSum)) {
      return "needs finite weights that are neither huge nor tiny";
    }
    if (spread.least_tap < kLeastTap) return "needs filters in which every tap counts";
    if (spread.unevenness > kMostUneven) return "needs filters without a few dominant weights";
    if (spread.channel_spread < kLeastChannelSpread) return "needs filters that look at all channels";
  }
  return {};
}

}  // namespace convlens::conv
