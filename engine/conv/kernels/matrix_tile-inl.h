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
  const float* columns;  // [depth][column_pitch]
  std::int64_t column_pitch;
  std::int64_t depth;
  const float* bias;
  const float* start;  // rows start_pitch apart; may be out itself
  std::int64_t start_pitch;
  float* out;  // rows out_pitch apart
  std::int64_t out_pitch;
  bool relu;
};

template <int F, int V>
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
  const float* HWY_RESTRICT columns = tile.columns;
  const std::int64_t pitch = tile.column_pitch;
  for (std::int64_t i = 0; i < tile.depth; ++i, filters += F, columns += pitch) {
    Vec x[V];
    HWY_UNROLL(8)
    for (int v = 0; v < V; ++v) x[v] = hn::LoadU(d, columns + v * kMatrixLanes);
    HWY_UNROLL(8)
    for (int f = 0; f < F; ++f) {
      const auto weight = hn::Set(d, filters[f]);
      HWY_UNROLL(8)
      for (int v = 0; v < V; ++v) sums[f][v] = hn::MulAdd(x[v], weight, sums[f][v]);
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

// The tile of `filters` in [1, kMatrixFilters] and `vectors` in [1, kMatrixVectors].
template <int F = kMatrixFilters, int V = kMatrixVectors>
MultiplyTile pick_multiply_tile(std::int64_t filters, std::int64_t vectors) {
  if constexpr (F > 1) {
    if (filters < F) return pick_multiply_tile<F - 1, V>(filters, vectors);
  }
  if constexpr (V > 1) {
    if (vectors < V) return pick_multiply_tile<F, V - 1>(filters, vectors);
  }
  return multiply_tile<F, V>;
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
