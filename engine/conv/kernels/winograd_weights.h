// What every task of a winograd call shares, and its judgement of weights: how far a map's values may be trusted to
// stand out from the rounding errors of its tiles.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/conv/kernels/winograd_plan.h"

namespace convlens::conv {

// How evenly a filter spreads over channels and taps. The error of a tile comes from all of its inputs and all taps; a
// filter that looks at few of them may have an output far smaller than that error.
struct FilterSpread {
  float total = 0;           // sum of absolute weights; the rest means nothing where it is 0
  float least_tap = 1;       // least share of a tap in the total, times the number of taps: 1 is even
  float unevenness = 1;      // mean square over squared mean of the absolute weights: 1 is even
  float channel_spread = 1;  // (sum)^2 over count times sum of squares of the channels' sums: 1 is even
};
FilterSpread measure_filter(const Geometry& geometry, ConstView weights, std::int64_t k);

// Whether a filter with this sum of absolute weights, not 0, stays inside the range of float while it is transformed.
bool is_fit_to_transform(float total);

// Looks at some of the filters only: whatever they are the kernel's results are right, but with filters that it would
// rather not have it is slow.
std::string_view winograd_refusal(const Geometry& geometry, ConstView weights);

// A call of the kernel, prepared: what every task of it shares.
struct WinogradCall {
  const Job& job;
  const WinogradPlan& plan;
  float* transformed;       // [group][36][filter block][channel][filter of the block]
  float* plain;             // [group][filter block][channel][tap][filter of the block], rotated for a true convolution
  float* shares;            // [group][channel]: least share of the channel in any filter, times the number of channels
  float* channel_sums;      // for some filters together [channel][filter]: first sums, then shares of their total
  float* spreads;           // [filter]: least_tap and unevenness
  float* reach;             // [group]: see is_exact_enough()
  float* bias;              // K values, zeros where there is no bias
  float* scratch;           // plan.scratch_floats() for each worker
  std::int64_t pack_lanes;  // filters packed together
};

// Sums of absolute weights of up to eight filters.
struct alignas(64) FilterSums {
  float taps[kFilterTaps][8];
  float squares[8];
};

// Turns the channel sums of filters [k0, k0 + count) into shares and fills their spreads.
void measure_packed(const WinogradCall& call, std::int64_t k0, std::int64_t count, const FilterSums& total,
                    float* channel_sums);

// Fills the call's shares and reach from the channel sums and spreads of all filters.
void judge_filters(const WinogradCall& call);

}  // namespace convlens::conv
