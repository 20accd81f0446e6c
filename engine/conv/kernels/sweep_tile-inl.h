// What the tiles of a sweep share: how an area is cut into them, and where their results go. Per-target code: see
// Highway.

#if defined(CONVLENS_SWEEP_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_SWEEP_TILE_INL_H_
#undef CONVLENS_SWEEP_TILE_INL_H_
#else
#define CONVLENS_SWEEP_TILE_INL_H_
#endif

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <hwy/highway.h>

#include "engine/conv/kernels/activation-inl.h"
#include "engine/conv/kernels/sweep.h"

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

// Lanes of a vector. Vectors stand in arrays here, so their size is a constant.
inline constexpr int kLanes = static_cast<int>(hn::MaxLanes(hn::ScalableTag<float>()));

// x, in a register while it is used: GCC would make it again from memory for every use, from two cache lines most of
// the time.
HWY_INLINE FloatVec keep(FloatVec x) {
#if HWY_ARCH_X86 && HWY_COMPILER_GCC_ACTUAL && HWY_TARGET <= HWY_AVX3
  asm("" : "+v"(x.raw));
#elif HWY_ARCH_X86 && HWY_COMPILER_GCC_ACTUAL && HWY_TARGET <= HWY_SSSE3
  asm("" : "+x"(x.raw));
#endif
  return x;
}

HWY_INLINE FloatVec load_once(const float* from) { return keep(hn::LoadU(FloatTag(), from)); }

// Every Stride-th value from `from` on, kLanes of them; reads kLanes Stride values.
template <int Stride>
HWY_INLINE FloatVec load_columns(const float* from) {
  static_assert(Stride == 1 || Stride == 2);
  if constexpr (Stride == 1) return load_once(from);
  FloatVec even, odd;
  hn::LoadInterleaved2(FloatTag(), from, even, odd);
  return keep(even);
}

// Asks for input that will be read a row of tiles later: the rows of a picture lie too far apart for the processor to
// foresee it. Reads nothing, so it may point anywhere.
HWY_INLINE void prefetch(const float* from, std::int64_t vectors) {
  for (std::int64_t v = 0; v < vectors; ++v) __builtin_prefetch(from + v * kLanes, 0, 2);
}

// Where a tile's results go: rows of floats, `pitch` apart.
struct TileOutput {
  float* data;
  std::int64_t pitch;
  std::int64_t columns;  // to write; at most the tile's
  bool relu;
  bool stream;  // only for whole vectors on aligned rows
};

inline bool is_aligned(const float* p) { return reinterpret_cast<std::uintptr_t>(p) % (kLanes * sizeof(float)) == 0; }

inline TileOutput tile_output(const SweepCall& call, float* data, std::int64_t pitch, std::int64_t columns) {
  const bool stream = call.plan.stream && is_aligned(data) && pitch % kLanes == 0;
  return {data, pitch, columns, call.job.geometry.activation == Activation::kRelu, stream};
}

// Calls tile(first column, vectors, columns) over `columns` columns in tiles as equal as possible.
template <class Tile>
HWY_INLINE void for_each_tile(std::int64_t columns, std::int64_t most_vectors, const Tile& tile) {
  const std::int64_t vectors = ceil_div(columns, kLanes);
  const std::int64_t tiles = ceil_div(vectors, most_vectors);
  for (std::int64_t i = 0; i < tiles; ++i) {
    const std::int64_t begin = vectors * i / tiles;
    const std::int64_t end = vectors * (i + 1) / tiles;
    tile(begin * kLanes, end - begin, std::min(columns, end * kLanes) - begin * kLanes);
  }
}

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

// ReLU is applied by the tiles; the others row by row while the row is in the first-level cache.
inline void finish_rows(const SweepCall& call, float* data, std::int64_t pitch, std::int64_t count,
                        std::int64_t columns) {
  const Activation activation = call.job.geometry.activation;
  if (activation == Activation::kNone || activation == Activation::kRelu) return;
  for (std::int64_t i = 0; i < count; ++i) activate_row(data + i * pitch, columns, activation);
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
