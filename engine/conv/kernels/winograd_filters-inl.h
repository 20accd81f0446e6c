// The winograd kernel's filters: transformed, packed for the matrix tile, and measured.

#if defined(CONVLENS_WINOGRAD_FILTERS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_WINOGRAD_FILTERS_INL_H_
#undef CONVLENS_WINOGRAD_FILTERS_INL_H_
#else
#define CONVLENS_WINOGRAD_FILTERS_INL_H_
#endif

#include <algorithm>
#include <cstdint>

#include <hwy/highway.h>

#include "engine/conv/kernels/winograd_transform-inl.h"
#include "engine/conv/kernels/winograd_weights.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using PackTag = hn::CappedTag<float, 8>;
inline constexpr std::int64_t kPackLanes = static_cast<std::int64_t>(hn::MaxLanes(PackTag()));

// to[0, count) of a vector.
template <class Vec>
HWY_INLINE void store_some(Vec x, std::int64_t count, float* to) {
  const PackTag d;
  if (HWY_LIKELY(count == kPackLanes)) return hn::StoreU(x, d, to);
  HWY_ALIGN float whole[kPackLanes];
  hn::Store(x, d, whole);
  for (std::int64_t i = 0; i < count; ++i) to[i] = whole[i];
}

// Packs filters [begin, begin + count) of a block of `width` both ways and measures them.
inline void pack_filters_together(const WinogradCall& call, std::int64_t group, std::int64_t block_begin,
                                  std::int64_t width, std::int64_t begin, std::int64_t count) {
  const PackTag d;
  using Vec = hn::Vec<PackTag>;
  const Job& job = call.job;
  const Geometry& g = job.geometry;
  const std::int64_t channels = g.channels_per_group();
  const std::int64_t filters = g.filters_per_group();
  const std::int64_t k0 = group * filters + begin;
  float* plain = call.plain + (group * filters + block_begin) * channels * kFilterTaps + begin - block_begin;
  float* transformed =
      call.transformed + group * kTileValues * call.plan.filter_pitch + block_begin * channels + begin - block_begin;
  float* sums = call.channel_sums + k0 * channels;  // [channel][filter]
  FilterSums total{};
  HWY_ALIGN float taps[kFilterTaps][kPackLanes] = {};
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t f = 0; f < count; ++f) {
      for (std::int64_t r = 0; r < 3; ++r) {
        const float* row = job.weights.row(k0 + f, c, g.flip ? 2 - r : r);
        for (std::int64_t s = 0; s < 3; ++s) taps[r * 3 + s][f] = row[g.flip ? 2 - s : s];
      }
    }
    auto channel_sum = hn::Zero(d);
    auto squares = hn::Load(d, total.squares);
    for (std::int64_t tap = 0; tap < kFilterTaps; ++tap, plain += width) {
      const auto w = hn::Load(d, taps[tap]);
      store_some(w, count, plain);
      channel_sum = hn::Add(channel_sum, hn::Abs(w));
      squares = hn::MulAdd(w, w, squares);
      hn::Store(hn::Add(hn::Load(d, total.taps[tap]), hn::Abs(w)), d, total.taps[tap]);
    }
    hn::Store(squares, d, total.squares);
    store_some(channel_sum, count, sums + c * count);
    Vec half[3][6];
    for (int s = 0; s < 3; ++s) {
      const Vec column[3] = {hn::Load(d, taps[s]), hn::Load(d, taps[3 + s]), hn::Load(d, taps[6 + s])};
      transform_filter(d, column, half[s]);
    }
    float* out = transformed + c * width;
    for (int i = 0; i < 6; ++i) {
      const Vec row[3] = {half[0][i], half[1][i], half[2][i]};
      Vec u[6];
      transform_filter(d, row, u);
      for (int j = 0; j < 6; ++j) store_some(u[j], count, out + (i * kTileInputs + j) * call.plan.filter_pitch);
    }
  }
  measure_packed(call, k0, count, total, sums);
}

inline std::int64_t pack_lanes() { return kPackLanes; }

inline void pack_winograd_filters(const WinogradCall& call, std::int64_t task) {
  const std::int64_t filters = call.job.geometry.filters_per_group();
  const std::int64_t blocks = call.plan.filter_blocks;
  const std::int64_t begin = GemmPlan::share(filters, task % blocks, blocks);
  const std::int64_t end = GemmPlan::share(filters, task % blocks + 1, blocks);
  for (std::int64_t f = begin; f < end; f += kPackLanes) {
    pack_filters_together(call, task / blocks, begin, end - begin, f, std::min(kPackLanes, end - f));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
