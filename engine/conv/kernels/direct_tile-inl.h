// The inner loop of the direct kernel: F filters x V vectors of one output row. Per-target code: see Highway.

#if defined(CONVLENS_DIRECT_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_DIRECT_TILE_INL_H_
#undef CONVLENS_DIRECT_TILE_INL_H_
#else
#define CONVLENS_DIRECT_TILE_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <hwy/highway.h>

#include "engine/conv/kernels/sweep_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {

inline constexpr int kMaxFilters = kAccumulators == 24 ? 8 : 4;
// Beyond six vectors a tile gains nothing: loads per multiply-add hardly fall.
constexpr int max_vectors(int filters) { return std::min(6, kAccumulators / filters); }

// weights: [taps][F]; offsets: one per tap, from `input`. Output columns read Stride input columns apart.
template <int F, int V, int Stride>
HWY_NOINLINE void filters_tile(const float* HWY_RESTRICT input, const std::int64_t* HWY_RESTRICT offsets,
                               std::int64_t taps, const float* HWY_RESTRICT weights, const float* bias,
                               const TileOutput& out) {
  const hn::ScalableTag<float> d;
  using Vec = hn::Vec<decltype(d)>;

  Vec sums[F][V];
  HWY_UNROLL(8)
  for (int f = 0; f < F; ++f) {
    HWY_UNROLL(8)
    for (int v = 0; v < V; ++v) sums[f][v] = hn::Set(d, bias[f]);
  }
  for (std::int64_t t = 0; t < taps; ++t, weights += F) {
    const float* from = input + offsets[t];
    Vec x[V];
    HWY_UNROLL(8)
    for (int v = 0; v < V; ++v) x[v] = load_columns<Stride>(from + v * kLanes * Stride);
    HWY_UNROLL(8)
    for (int f = 0; f < F; ++f) {
      const auto weight = hn::Set(d, weights[f]);
      HWY_UNROLL(8)
      for (int v = 0; v < V; ++v) sums[f][v] = hn::MulAdd(x[v], weight, sums[f][v]);
    }
  }
  store_tile<F, V>(sums, out);
}

using FiltersTile = void (*)(const float*, const std::int64_t*, std::int64_t, const float*, const float*,
                             const TileOutput&);

template <int F, int Stride, int... V>
FiltersTile pick_vectors(std::int64_t vectors, std::integer_sequence<int, V...>) {
  constexpr std::array<FiltersTile, sizeof...(V)> kTiles = {filters_tile<F, V + 1, Stride>...};
  return kTiles[static_cast<std::size_t>(vectors - 1)];
}

// The tile of `filters` in [1, kMaxFilters] and `vectors` in [1, max_vectors(filters)].
template <int Stride, int F = kMaxFilters>
FiltersTile pick_filters_tile(std::int64_t filters, std::int64_t vectors) {
  if constexpr (F > 1) {
    if (filters < F) return pick_filters_tile<Stride, F - 1>(filters, vectors);
  }
  return pick_vectors<F, Stride>(vectors, std::make_integer_sequence<int, max_vectors(F)>());
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
