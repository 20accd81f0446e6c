// The inner loops of the direct kernel: a tile of outputs held in registers while every tap is added to it.

#if defined(CONVLENS_DIRECT_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_DIRECT_TILE_INL_H_
#undef CONVLENS_DIRECT_TILE_INL_H_
#else
#define CONVLENS_DIRECT_TILE_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include <hwy/highway.h>

#include "engine/conv/kernels/activation-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Accumulators that leave room for the inputs and a weight among 32 registers, 16 with fused multiply-add, or 16
// where the product needs a register of its own.
#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX2
inline constexpr int kAccumulators = 8;
#elif HWY_ARCH_X86 && HWY_TARGET > HWY_AVX3
inline constexpr int kAccumulators = 12;
#else
inline constexpr int kAccumulators = 24;
#endif
inline constexpr int kMaxFilters = kAccumulators == 24 ? 8 : 4;
// Beyond six vectors a tile gains nothing: loads per multiply-add hardly fall.
constexpr int max_vectors(int filters) { return std::min(6, kAccumulators / filters); }

// Output rows of a rows-together tile, and the vectors of each.
inline constexpr int kTileRows = 4;
inline constexpr int kRowsVectors = std::min(4, kAccumulators / kTileRows);

// Lanes of a vector. Vectors stand in arrays here, so their size is a constant.
inline constexpr int kLanes = static_cast<int>(hn::MaxLanes(hn::ScalableTag<float>()));

// Where a tile's results go: `outputs` rows of floats (of F filters, or of F rows), `pitch` apart.
struct TileOutput {
  float* data;
  std::int64_t pitch;
  std::int64_t columns;  // to write; at most the tile's
  bool relu;
  bool stream;  // only for whole vectors on aligned rows
};

template <int V, class Vec>
HWY_INLINE void store_row(const Vec (&row)[V], float* to, const TileOutput& out) {
  const hn::ScalableTag<float> d;

  if (HWY_LIKELY(out.columns == V * kLanes)) {
    if (out.stream) {
      HWY_UNROLL(8)
      for (int v = 0; v < V; ++v) hn::Stream(row[v], d, to + v * kLanes);
    } else {
      HWY_UNROLL(8)
      for (int v = 0; v < V; ++v) hn::StoreU(row[v], d, to + v * kLanes);
    }
    return;
  }
  HWY_ALIGN float whole[V * kLanes];
  HWY_UNROLL(8)
  for (int v = 0; v < V; ++v) hn::Store(row[v], d, whole + v * kLanes);
  std::memcpy(to, whole, static_cast<std::size_t>(out.columns) * sizeof(float));
}

template <int Rows, int V, class Vec>
HWY_INLINE void store_tile(Vec (&sums)[Rows][V], const TileOutput& out) {
  const hn::ScalableTag<float> d;
  if (out.relu) {
    HWY_UNROLL(8)
    for (int f = 0; f < Rows; ++f) {
      HWY_UNROLL(8)
      for (int v = 0; v < V; ++v) sums[f][v] = Relu()(d, sums[f][v]);
    }
  }
  HWY_UNROLL(8)
  for (int f = 0; f < Rows; ++f) {
    store_row<V>(sums[f], out.data + f * out.pitch, out);
  }
}

// F filters x V vectors of one output row. weights: [taps][F]; offsets: one per tap, from `input`.
template <int F, int V>
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
    for (int v = 0; v < V; ++v) x[v] = hn::LoadU(d, from + v * kLanes);
    HWY_UNROLL(8)
    for (int f = 0; f < F; ++f) {
      const auto weight = hn::Set(d, weights[f]);
      HWY_UNROLL(8)
      for (int v = 0; v < V; ++v) sums[f][v] = hn::MulAdd(x[v], weight, sums[f][v]);
    }
  }
  store_tile<F, V>(sums, out);
}

// What a rows-together tile reads: one filter at stride 1 and dilation 1 down the columns.
struct RowsInput {
  const float* data;            // first input row of the first output row
  const std::int64_t* offsets;  // of the S taps of a row
  const float* weights;         // [channels][R][S]
  std::int64_t channels, r, s;
  std::int64_t row_pitch, channel_pitch;
};

// Adds one input row to output rows [Lo, Hi] of the tile; weights: the row of the filter that belongs to row Lo.
template <int Lo, int Hi, int V, class Vec>
HWY_INLINE void add_input_row(const float* HWY_RESTRICT input, const std::int64_t* HWY_RESTRICT offsets, std::int64_t s,
                              const float* HWY_RESTRICT weights, Vec (&sums)[kTileRows][V]) {
  const hn::ScalableTag<float> d;

  for (std::int64_t tap = 0; tap < s; ++tap) {
    const float* from = input + offsets[tap];
    Vec x[V];
    HWY_UNROLL(8)
    for (int v = 0; v < V; ++v) x[v] = hn::LoadU(d, from + v * kLanes);
    HWY_UNROLL(8)
    for (int row = Lo; row <= Hi; ++row) {
      const auto weight = hn::Set(d, weights[tap - (row - Lo) * s]);
      HWY_UNROLL(8)
      for (int v = 0; v < V; ++v) {
        auto& sum = sums[row][v];
        sum = hn::MulAdd(x[v], weight, sum);
      }
    }
  }
}

// kTileRows output rows x V vectors of one filter: every input row is loaded once for all the output rows it feeds.
template <int V>
HWY_NOINLINE void rows_tile(const RowsInput& in, float bias, const TileOutput& out) {
  static_assert(kTileRows == 4, "the cases below name the row ranges of four rows");
  const hn::ScalableTag<float> d;
  using Vec = hn::Vec<decltype(d)>;
  Vec sums[kTileRows][V];
  HWY_UNROLL(8)
  for (int f = 0; f < kTileRows; ++f) {
    HWY_UNROLL(8)
    for (int v = 0; v < V; ++v) sums[f][v] = hn::Set(d, bias);
  }
  for (std::int64_t c = 0; c < in.channels; ++c) {
    const float* row = in.data + c * in.channel_pitch;
    const float* weights = in.weights + c * in.r * in.s;
    for (std::int64_t i = 0; i < in.r + kTileRows - 1; ++i, row += in.row_pitch) {
      const std::int64_t lo = std::max<std::int64_t>(0, i - in.r + 1);
      const std::int64_t hi = std::min<std::int64_t>(kTileRows - 1, i);
      const float* w = weights + (i - lo) * in.s;
      switch (lo * kTileRows + hi) {
        case 0:
          add_input_row<0, 0, V>(row, in.offsets, in.s, w, sums);
          break;
        case 1:
          add_input_row<0, 1, V>(row, in.offsets, in.s, w, sums);
          break;
        case 2:
          add_input_row<0, 2, V>(row, in.offsets, in.s, w, sums);
          break;
        case 3:
          add_input_row<0, 3, V>(row, in.offsets, in.s, w, sums);
          break;
        case 6:
          add_input_row<1, 2, V>(row, in.offsets, in.s, w, sums);
          break;
        case 7:
          add_input_row<1, 3, V>(row, in.offsets, in.s, w, sums);
          break;
        case 11:
          add_input_row<2, 3, V>(row, in.offsets, in.s, w, sums);
          break;
        case 15:
          add_input_row<3, 3, V>(row, in.offsets, in.s, w, sums);
          break;
      }
    }
  }
  store_tile<kTileRows, V>(sums, out);
}

using FiltersTile = void (*)(const float*, const std::int64_t*, std::int64_t, const float*, const float*,
                             const TileOutput&);
using RowsTile = void (*)(const RowsInput&, float, const TileOutput&);

template <int F, int... V>
FiltersTile pick_vectors(std::int64_t vectors, std::integer_sequence<int, V...>) {
  constexpr std::array<FiltersTile, sizeof...(V)> kTiles = {filters_tile<F, V + 1>...};
  return kTiles[static_cast<std::size_t>(vectors - 1)];
}

// The tile of `filters` in [1, kMaxFilters] and `vectors` in [1, max_vectors(filters)].
template <int F = kMaxFilters>
FiltersTile pick_filters_tile(std::int64_t filters, std::int64_t vectors) {
  if constexpr (F > 1) {
    if (filters < F) return pick_filters_tile<F - 1>(filters, vectors);
  }
  return pick_vectors<F>(vectors, std::make_integer_sequence<int, max_vectors(F)>());
}

template <int V = kRowsVectors>
RowsTile pick_rows_tile(std::int64_t vectors) {
  if constexpr (V > 1) {
    if (vectors < V) return pick_rows_tile<V - 1>(vectors);
  }
  return rows_tile<V>;
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
