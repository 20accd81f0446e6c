// The inner loop of every blocked matrix product: filters x columns held in registers while the depth runs. It knows
// nothing of pictures; gemm and winograd pack its operands.

#if defined(CONVLENS_MATRIX_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_MATRIX_TILE_INL_H_
#undef CONVLENS_MATRIX_TILE_INL_H_
#else
#define CONVLENS_MATRIX_TILE_INL_H_
#endif

#include <array>
#include <cstdint>

#include <hwy/highway.h>

#include "engine/conv/kernels/activation-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Lanes of a vector. Vectors stand in arrays here, so their size is a constant.
inline constexpr int kMatrixLanes = static_cast<int>(hn::MaxLanes(hn::ScalableTag<float>()));
// Vectors of columns, and filters, that fill the registers: 24 sums of 32 registers, 12 of 16.
inline constexpr int kMatrixVectors = HWY_ARCH_X86 && HWY_TARGET > HWY_AVX2 ? 2 : 3;
#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX3
inline constexpr int kMatrixFilters = 4;
#else
inline constexpr int kMatrixFilters = 8;
#endif

// out[f][j] = start[f][j] + sum over i in [0, depth) of filters[i][f] * columns[i][j], for F filters and V vectors of
// columns. Where start is null the sums start from bias[f].
struct MatrixTile {
  const float* filters;  // [depth][F]
  float* columns;        // [depth][column_pitch]
  std::int64_t column_pitch;
  // Where the columns are read from for the first time, rows source_pitch apart, to be packed on the way; null where
  // they are packed.
  const float* source = nullptr;
  std::int64_t source_pitch = 0;
  std::int64_t depth;
  const float* bias;
  const float* start;  // rows start_pitch apart; may be out itself
  std::int64_t start_pitch;
  float* out;  // rows out_pitch apart
  std::int64_t out_pitch;
  bool relu;
  // Memory to ask for while the sums run: rows of the tile's width, ahead_pitch apart. What a tile writes, and what the
  // next panel reads, lies in more planes than the processor foresees; asked for all at once it would hold up the loop.
  const float* ahead = nullptr;
  std::int64_t ahead_pitch = 0;
  std::int64_t ahead_rows = 0;
};

// Asks for one row of each kind.
template <int V>
HWY_INLINE void ask_ahead(const MatrixTile& tile, std::int64_t row) {
  const float* out = tile.out + row * tile.out_pitch;
  HWY_UNROLL(8)
  for (int v = 0; v < V; ++v) __builtin_prefetch(out + v * kMatrixLanes, 1, 3);
  if (row >= tile.ahead_rows) return;
  const float* ahead = tile.ahead + row * tile.ahead_pitch;
  HWY_UNROLL(8)
  for (int v = 0; v < V; ++v) __builtin_prefetch(ahead + v * kMatrixLanes, 0, 2);
}

template <int F, int V, bool Packs>
HWY_NOINLINE void multiply_tile(const MatrixTile& tile) {
  const hn::ScalableTag<float> d;
  using Vec = hn::Vec<decltype(d)>;
  Vec sums[F][V];
  HWY_UNROLL(8)
  for (int f = 0; f < F; ++f) {
    HWY_UNROLL(8)
    for (int v = 0; v < V; ++v) {
      sums[f][v] =
          tile.start ? hn::LoadU(d, tile.start + f * tile.start_pitch + v * kMatrixLanes) : hn::Set(d, tile.bias[f]);
    }
  }
  const float* HWY_RESTRICT filters = tile.filters;
  float* HWY_RESTRICT columns = tile.columns;
  const float* HWY_RESTRICT source = tile.source;
  const std::int64_t pitch = tile.column_pitch;
  std::int64_t i = 0;
  for (int part = 0; part < F; ++part) {
    ask_ahead<V>(tile, part);
    for (const std::int64_t end = tile.depth * (part + 1) / F; i < end; ++i, filters += F, columns += pitch) {
      Vec x[V];
      HWY_UNROLL(8)
      for (int v = 0; v < V; ++v) x[v] = hn::LoadU(d, (Packs ? source : columns) + v * kMatrixLanes);
      if constexpr (Packs) {
        HWY_UNROLL(8)
        for (int v = 0; v < V; ++v) hn::StoreU(x[v], d, columns + v * kMatrixLanes);
        source += tile.source_pitch;
      }
      HWY_UNROLL(8)
      for (int f = 0; f < F; ++f) {
        const auto weight = hn::Set(d, filters[f]);
        HWY_UNROLL(8)
        for (int v = 0; v < V; ++v) sums[f][v] = hn::MulAdd(x[v], weight, sums[f][v]);
      }
    }
  }
  if (tile.relu) {
    HWY_UNROLL(8)
    for (int f = 0; f < F; ++f) {
      HWY_UNROLL(8)
      for (int v = 0; v < V; ++v) sums[f][v] = Relu()(d, sums[f][v]);
    }
  }
  HWY_UNROLL(8)
  for (int f = 0; f < F; ++f) {
    HWY_UNROLL(8)
    for (int v = 0; v < V; ++v) hn::StoreU(sums[f][v], d, tile.out + f * tile.out_pitch + v * kMatrixLanes);
  }
}

using MultiplyTile = void (*)(const MatrixTile&);

// The tile of `filters` in [1, kMatrixFilters] and `vectors` in [1, kMatrixVectors]. One that packs, too, is wanted
// rarely: the first of a panel.
template <bool Packs = false, int F = kMatrixFilters, int V = kMatrixVectors>
MultiplyTile pick_multiply_tile(std::int64_t filters, std::int64_t vectors) {
  if constexpr (F > 1) {
    if (filters < F) return pick_multiply_tile<Packs, F - 1, V>(filters, vectors);
  }
  if constexpr (V > 1) {
    if (vectors < V) return pick_multiply_tile<Packs, F, V - 1>(filters, vectors);
  }
  return multiply_tile<F, V, Packs>;
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
