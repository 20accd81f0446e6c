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

// What a tile of T output rows reads: input rows 0 to R + T - 2. Output row t meets filter row r at input row t + r.
struct RowsInput {
  const float* data;     // input row 0 of channel 0
  const float* weights;  // [channels][R][S]
  std::int64_t channels, r, s;
  std::int64_t tap_pitch;  // from the input of a tap to that of the next in its row
  std::int64_t row_pitch, channel_pitch;
};

// Adds one input row to output rows [Lo, Hi]. weights: the filter row that Lo meets there; each further output row
// meets the one before.
template <int Lo, int Hi, int T, int V, class Vec>
HWY_INLINE void add_row(const RowsInput& in, const float* HWY_RESTRICT row, const float* HWY_RESTRICT weights,
                        Vec (&sums)[T][V]) {
  const hn::ScalableTag<float> d;
  for (std::int64_t tap = 0; tap < in.s; ++tap, row += in.tap_pitch) {
    Vec x[V];
    HWY_UNROLL(8)
    for (int v = 0; v < V; ++v) x[v] = load_once(row + v * kLanes);
    HWY_UNROLL(8)
    for (int t = Lo; t <= Hi; ++t) {
      const auto weight = hn::Set(d, weights[tap - (t - Lo) * in.s]);
      HWY_UNROLL(8)
      for (int v = 0; v < V; ++v) sums[t][v] = hn::MulAdd(x[v], weight, sums[t][v]);
    }
  }
}

// The first W - 1 input rows, from row I on: row i meets output rows [0, i].
template <int I, int W, int T, int V, class Vec>
HWY_INLINE void add_first_rows(const RowsInput& in, const float* input, const float* weights, Vec (&sums)[T][V]) {
  if constexpr (I < W - 1) {
    add_row<0, I>(in, input + I * in.row_pitch, weights + I * in.s, sums);
    add_first_rows<I + 1, W>(in, input, weights, sums);
  }
}

// The last T input rows, from the I-th of them on: the i-th meets output row i with the filter's last row, and the
// W - 1 output rows below it, those that the tile has, with the filter rows before.
template <int I, int W, int T, int V, class Vec>
HWY_INLINE void add_last_rows(const RowsInput& in, const float* input, const float* weights, Vec (&sums)[T][V]) {
  if constexpr (I < T) {
    // The tile below this one is the first to read that row.
    prefetch(input + (I + T) * in.row_pitch, V);
    add_row<I, std::min(I + W, T) - 1>(in, input + I * in.row_pitch, weights, sums);
    add_last_rows<I + 1, W>(in, input, weights, sums);
  }
}

// W: the filter's rows, or T where it has as many or more.
template <int T, int W, int V>
HWY_NOINLINE void rows_tile(const RowsInput& in, float bias, const TileOutput& out) {
  const hn::ScalableTag<float> d;
  using Vec = hn::Vec<decltype(d)>;
  Vec sums[T][V];
  HWY_UNROLL(8)
  for (int t = 0; t < T; ++t) {
    HWY_UNROLL(8)
    for (int v = 0; v < V; ++v) sums[t][v] = hn::Set(d, bias);
  }
  for (std::int64_t c = 0; c < in.channels; ++c) {
    const float* input = in.data + c * in.channel_pitch;
    const float* weights = in.weights + c * in.r * in.s;
    add_first_rows<0, W>(in, input, weights, sums);
    input += (W - 1) * in.row_pitch;
    weights += (W - 1) * in.s;
    if constexpr (W == T) {
      for (std::int64_t i = W; i < in.r; ++i, input += in.row_pitch, weights += in.s) {
        add_row<0, T - 1>(in, input, weights, sums);
      }
    }
    add_last_rows<0, W>(in, input, weights, sums);
  }
  store_tile(sums, out);
}

using RowsTile = void (*)(const RowsInput&, float, const TileOutput&);

// The tile of T rows and `vectors` in [1, kTileVectors] for a filter of r rows.
template <int T, int W = T, int V = kTileVectors>
RowsTile pick_rows_tile(std::int64_t r, std::int64_t vectors) {
  if constexpr (W > 1) {
    if (r < W) return pick_rows_tile<T, W - 1, V>(r, vectors);
  }
  if constexpr (V > 1) {
    if (vectors < V) return pick_rows_tile<T, W, V - 1>(r, vectors);
  }
  return rows_tile<T, W, V>;
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
