// The winograd kernel's judgement of weights: refusals, and the numbers by which tiles are judged.
#include "engine/conv/kernels/winograd_weights.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace convlens::conv {
namespace {

// With fewer channels the rounding of single products shows, and the transforms cost more than they save.
constexpr std::int64_t kFewestChannels = 16;
constexpr std::int64_t kFiltersLookedAt = 16;
constexpr float kLeastTap = 0.2f;
constexpr float kMostUneven = 4.0f;
constexpr float kLeastChannelSpread = 0.6f;
// Sums of absolute weights beyond these could leave the range of float in the transforms.
constexpr float kSmallestSum = 1e-15f;
constexpr float kLargestSum = 1e15f;

// Least square of an output's reach over its tile's sum of squares. At this limit the largest error seen on uniform,
// sparse, blocky, rectified, smooth and spiky pictures is 3e-6 of the sum of absolute products.
constexpr float kLeastReach = 0.5f;

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

bool is_fit_to_transform(float total) { return total >= kSmallestSum && total <= kLargestSum; }

std::string_view winograd_refusal(const Geometry& g, ConstView weights) {
  if (g.r != 3 || g.s != 3) return "needs filters of 3 x 3";
  if (g.stride_y != 1 || g.stride_x != 1) return "needs stride 1";
  if (g.dilation_y != 1 || g.dilation_x != 1) return "needs dilation 1";
  if (g.channels_per_group() < kFewestChannels) return "needs at least 16 input channels in each group";
  const std::int64_t looked_at = std::min(g.k, kFiltersLookedAt);
  for (std::int64_t i = 0; i < looked_at; ++i) {
    const std::int64_t k = GemmPlan::share(g.k, i, looked_at);
    const FilterSpread spread = measure_filter(g, weights, k);
    if (spread.total == 0) continue;  // its outputs are exactly zero
    if (!is_fit_to_transform(spread.total)) return "needs finite weights that are neither huge nor tiny";
    if (spread.least_tap < kLeastTap) return "needs filters in which every tap counts";
    if (spread.unevenness > kMostUneven) return "needs filters without a few dominant weights";
    if (spread.channel_spread < kLeastChannelSpread) return "needs filters that look at all channels";
  }
  return {};
}

void measure_packed(const WinogradCall& call, std::int64_t k0, std::int64_t count, const FilterSums& total,
                    float* channel_sums) {
  const std::int64_t channels = call.job.geometry.channels_per_group();
  std::array<float, 8> scale;
  for (std::int64_t f = 0; f < count; ++f) {
    float sum = 0;
    float least = std::numeric_limits<float>::infinity();
    for (const auto& tap : total.taps) {
      sum += tap[f];
      least = std::min(least, tap[f]);
    }
    float* spread = call.spreads + 2 * (k0 + f);
    if (sum == 0) {
      // An empty filter is exact everywhere.
      scale[static_cast<std::size_t>(f)] = std::numeric_limits<float>::infinity();
      spread[0] = spread[1] = 1;
      continue;
    }
    scale[static_cast<std::size_t>(f)] = static_cast<float>(channels) / sum;
    const float weights = static_cast<float>(channels * kFilterTaps);
    spread[0] = is_fit_to_transform(sum) ? least / sum * static_cast<float>(kFilterTaps) : 0;
    spread[1] = is_fit_to_transform(sum) ? weights * total.squares[f] / (sum * sum) : 1;
  }
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t f = 0; f < count; ++f, ++channel_sums) {
      const float by = scale[static_cast<std::size_t>(f)];
      *channel_sums = std::isinf(by) ? 1 : *channel_sums * by;
    }
  }
}

void judge_filters(const WinogradCall& call) {
  const Geometry& g = call.job.geometry;
  const std::int64_t channels = g.channels_per_group();
  const std::int64_t filters = g.filters_per_group();
  for (std::int64_t group = 0; group < g.groups; ++group) {
    float* shares = call.shares + group * channels;
    std::fill_n(shares, channels, 1.0f);
    float least_tap = 1;
    float unevenness = 1;
    const auto block_of = [&](std::int64_t b) { return GemmPlan::share(filters, b, call.plan.filter_blocks); };
    for (std::int64_t b = 0; b < call.plan.filter_blocks; ++b) {
      for (std::int64_t f = block_of(b); f < block_of(b + 1); f += call.pack_lanes) {
        const std::int64_t count = std::min(call.pack_lanes, block_of(b + 1) - f);
        const float* some = call.channel_sums + (group * filters + f) * channels;
        for (std::int64_t c = 0; c < channels; ++c) {
          for (std::int64_t i = 0; i < count; ++i, ++some) shares[c] = std::min(shares[c], *some);
        }
      }
    }
    for (std::int64_t k = group * filters; k < (group + 1) * filters; ++k) {
      least_tap = std::min(least_tap, call.spreads[2 * k]);
      unevenness = std::max(unevenness, call.spreads[2 * k + 1]);
    }
    // Never zero: a tile of sums zero is a tile of zeros.
    for (std::int64_t c = 0; c < channels; ++c) shares[c] = std::max(shares[c], 1e-3f);
    call.reach[group] = least_tap / std::sqrt(kLeastReach * unevenness);
  }
}

}  // namespace convlens::conv
