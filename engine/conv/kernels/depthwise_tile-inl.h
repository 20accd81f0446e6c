// The inner loop of the depthwise kernel: T output rows x V vectors of one map. Per-target code: see Highway.

#if defined(CONVLENS_DEPTHWISE_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_DEPTHWISE_TILE_INL_H_
#undef CONVLENS_DEPTHWISE_TILE_INL_H_
#else
#define CONVLENS_DEPTHWISE_TILE_INL_H_
#endif

#include <algorithm>
#include <cstdint>

#include <hwy/highway.h>

#include "engine/conv/kernels/sweep_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {

// Output rows of a tile, and the most vectors of each.
inline constexpr int kTileRows = 4;
inline constexpr int kTileVectors = std::min(4, kAccumulators / kTileRows);

// What a tile reads. Its input rows are those that its output rows have in common: output row t of the tile meets
// filter row r at input row t step + r.
struct RowsInput {
  const float* data;            // input row 0
  const std::int64_t* offsets;  // of the S taps of a filter row
  const float* weights;         // [channels][R][S]
  std::int64_t channels, r, s;
  std::int64_t step;
  std::int64_t row_pitch, channel_pitch;
};

// Adds one input row to output rows [Lo, Hi] of the tile. weights: the filter row that output row Lo meets there; each
// further output row meets the one `weights_back` before.
template <int Lo, int Hi, int T, int V, class Vec>
HWY_INLINE void add_input_row(const float* HWY_RESTRICT input, const RowsInput& in, const float* HWY_RESTRICT weights,
                              std::int64_t weights_back, Vec (&sums)[T][V]) {
  const hn::ScalableTag<float> d;

  for (std::int64_t tap = 0; tap < in.s; ++tap) {
    const float* from = input + in.offsets[tap];
    Vec x[V];
    HWY_UNROLL(8)
    for (int v = 0; v < V; ++v) x[v] = hn::LoadU(d, from + v * kLanes);
    HWY_UNROLL(8)
    for (int row = Lo; row <= Hi; ++row) {
      const auto weight = hn::Set(d, weights[tap - (row - Lo) * weights_back]);
      HWY_UNROLL(8)
      for (int v = 0; v < V; ++v) sums[row][v] = hn::MulAdd(x[v], weight, sums[row][v]);
    }
  }
}

// Calls add_input_row for the output rows [lo, hi] known at run time only.
template <int Lo, int Hi, int T, int V, class Vec>
HWY_INLINE void add_input_row_to(std::int64_t lo, std::int64_t hi, const float* input, const RowsInput& in,
                                 const float* weights, std::int64_t weights_back, Vec (&sums)[T][V]) {
  if (lo == Lo && hi == Hi) {
    add_input_row<Lo, Hi, T, V>(input, in, weights, weights_back, sums);
  } else if constexpr (Lo > 0) {
    add_input_row_to<Lo - 1, Hi, T, V>(lo, hi, input, in, weights, weights_back, sums);
  } else if constexpr (Hi > 0) {
    add_input_row_to<Hi - 1, Hi - 1, T, V>(lo, hi, input, in, weights, weights_back, sums);
  }
}

template <int T, int V>
HWY_NOINLINE void rows_tile(const RowsInput& in, float bias, const TileOutput& out) {
  const hn::ScalableTag<float> d;
  using Vec = hn::Vec<decltype(d)>;
  Vec sums[T][V];
  HWY_UNROLL(8)
  for (int t = 0; t < T; ++t) {
    HWY_UNROLL(8)
    for (int v = 0; v < V; ++v) sums[t][v] = hn::Set(d, bias);
  }
  const std::int64_t weights_back = in.step * in.s;
  for (std::int64_t c = 0; c < in.channels; ++c) {
    const float* row = in.data + c * in.channel_pitch;
    const float* weights = in.weights + c * in.r * in.s;
    // Input row i meets output rows [lo, hi]: those t with 0 <= i - t step < R.
    std::int64_t lo = 0, hi = 0;
    for (std::int64_t i = 0; i < (T - 1) * in.step + in.r; ++i, row += in.row_pitch) {
      if (lo * in.step + in.r <= i) ++lo;
      if (hi < T - 1 && (hi + 1) * in.step <= i) ++hi;
      const float* met = weights + (i - lo * in.step) * in.s;
      add_input_row_to<T - 1, T - 1, T, V>(lo, hi, row, in, met, weights_back, sums);
    }
  }
  store_tile<T, V>(sums, out);
}

using RowsTile = void (*)(const RowsInput&, float, const TileOutput&);

// The tile of T rows and `vectors` in [1, kTileVectors].
template <int T, int V = kTileVectors>
RowsTile pick_rows_tile(std::int64_t vectors) {
  if constexpr (V > 1) {
    if (vectors < V) return pick_rows_tile<T, V - 1>(vectors);
  }
  return rows_tile<T, V>;
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
