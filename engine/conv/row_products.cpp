// Register-tiled matrix products with the lanes along the rows.
#include "engine/conv/row_products.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/conv/kernels/simd.h"

#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS CONVLENS_UNSIZED_TARGETS
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/conv/row_products.cpp"
#include <hwy/foreach_target.h>
// The lines below are compiled once for each instruction set.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::ScalableTag<float>;
using Vec = hn::Vec<FloatTag>;
constexpr int kLanes = static_cast<int>(hn::MaxLanes(FloatTag()));
constexpr bool kManyRegisters = HWY_TARGET <= HWY_AVX3;
constexpr int kDotA = kManyRegisters ? 4 : 2;      // rows of a in a tile
constexpr int kDotB = kManyRegisters ? 6 : 5;      // rows of b in a tile
constexpr int kCombineA = kManyRegisters ? 4 : 3;  // rows of out in a tile
constexpr int kCombineV = kManyRegisters ? 6 : 4;  // vectors of a row in a tile

struct DotTile {
  const float* a;
  std::int64_t a_pitch;
  const float* b;
  std::int64_t b_pitch;
  std::int64_t length;
  const float* start;
  float* out;
  std::int64_t out_pitch;
  bool accumulate;
};

template <int A, int B>
HWY_NOINLINE void dot_tile(const DotTile& t) {
  const FloatTag d;
  Vec sums[A][B];
  HWY_UNROLL(8)
  for (int m = 0; m < A; ++m) {
    HWY_UNROLL(8)
    for (int n = 0; n < B; ++n) sums[m][n] = hn::Zero(d);
  }
  for (std::int64_t i = 0; i < t.length; i += kLanes) {
    Vec a[A];
    HWY_UNROLL(8)
    for (int m = 0; m < A; ++m) a[m] = hn::LoadU(d, t.a + m * t.a_pitch + i);
    HWY_UNROLL(8)
    for (int n = 0; n < B; ++n) {
      const auto b = hn::LoadU(d, t.b + n * t.b_pitch + i);
      HWY_UNROLL(8)
      for (int m = 0; m < A; ++m) sums[m][n] = hn::MulAdd(a[m], b, sums[m][n]);
    }
  }
  HWY_UNROLL(8)
  for (int m = 0; m < A; ++m) {
    HWY_UNROLL(8)
    for (int n = 0; n < B; ++n) {
      float* out = t.out + m * t.out_pitch + n;
      const float before = t.accumulate ? *out : t.start ? t.start[n] : 0.0f;
      *out = before + hn::GetLane(hn::SumOfLanes(d, sums[m][n]));
    }
  }
}

using DotFunction = void (*)(const DotTile&);
template <int A, int... B>
constexpr std::array<DotFunction, sizeof...(B)> dot_row(std::integer_sequence<int, B...>) {
  return {dot_tile<A, B + 1>...};
}
template <int... A>
constexpr auto dot_table(std::integer_sequence<int, A...>) {
  return std::array<std::array<DotFunction, kDotB>, sizeof...(A)>{
      dot_row<A + 1>(std::make_integer_sequence<int, kDotB>())...};
}

// Calls piece(begin, size) over [0, count) in pieces of at most `most`, as equal as possible.
template <class Piece>
HWY_INLINE void for_each_piece(std::int64_t count, std::int64_t most, const Piece& piece) {
  const std::int64_t pieces = (count + most - 1) / most;
  for (std::int64_t i = 0; i < pieces; ++i) {
    const std::int64_t begin = count * i / pieces;
    piece(begin, count * (i + 1) / pieces - begin);
  }
}

// Rows are cut so that the rows of a meet the first-level cache again for every tile of b.
constexpr std::int64_t kDotBlock = 1024;

void dot(ConstRows a, ConstRows b, std::int64_t length, const float* start, Rows out, bool accumulate) {
  static constexpr auto kTable = dot_table(std::make_integer_sequence<int, kDotA>());
  for (std::int64_t i0 = 0; i0 < length || i0 == 0; i0 += kDotBlock) {
    const std::int64_t part = std::min(kDotBlock, length - i0);
    const bool add = accumulate || i0 > 0;
    for_each_piece(b.count, kDotB, [&](std::int64_t n, std::int64_t columns) {
      for_each_piece(a.count, kDotA, [&](std::int64_t m, std::int64_t rows) {
        const DotTile tile{a.data + m * a.pitch + i0,
                           a.pitch,
                           b.data + n * b.pitch + i0,
                           b.pitch,
                           part,
                           start ? start + n : nullptr,
                           out.data + m * out.pitch + n,
                           out.pitch,
                           add};
        kTable[static_cast<std::size_t>(rows - 1)][static_cast<std::size_t>(columns - 1)](tile);
      });
    });
  }
}

struct CombineTile {
  const float* coefficients;
  std::int64_t row_stride;
  std::int64_t column_stride;
  const float* b;
  std::int64_t b_pitch;
  std::int64_t depth;
  float* out;
  std::int64_t out_pitch;
  bool accumulate;
};

template <int A, int V>
HWY_NOINLINE void combine_tile(const CombineTile& t) {
  const FloatTag d;
  Vec sums[A][V];
  HWY_UNROLL(8)
  for (int m = 0; m < A; ++m) {
    HWY_UNROLL(8)
    for (int v = 0; v < V; ++v) {
      sums[m][v] = t.accumulate ? hn::LoadU(d, t.out + m * t.out_pitch + v * kLanes) : hn::Zero(d);
    }
  }
  const float* coefficient = t.coefficients;
  const float* b = t.b;
  for (std::int64_t k = 0; k < t.depth; ++k, coefficient += t.column_stride, b += t.b_pitch) {
    Vec row[V];
    HWY_UNROLL(8)
    for (int v = 0; v < V; ++v) row[v] = hn::LoadU(d, b + v * kLanes);
    HWY_UNROLL(8)
    for (int m = 0; m < A; ++m) {
      const auto c = hn::Set(d, coefficient[m * t.row_stride]);
      HWY_UNROLL(8)
      for (int v = 0; v < V; ++v) sums[m][v] = hn::MulAdd(c, row[v], sums[m][v]);
    }
  }
  HWY_UNROLL(8)
  for (int m = 0; m < A; ++m) {
    HWY_UNROLL(8)
    for (int v = 0; v < V; ++v) hn::StoreU(sums[m][v], d, t.out + m * t.out_pitch + v * kLanes);
  }
}

using CombineFunction = void (*)(const CombineTile&);
template <int A, int... V>
constexpr std::array<CombineFunction, sizeof...(V)> combine_row(std::integer_sequence<int, V...>) {
  return {combine_tile<A, V + 1>...};
}
template <int... A>
constexpr auto combine_table(std::integer_sequence<int, A...>) {
  return std::array<std::array<CombineFunction, kCombineV>, sizeof...(A)>{
      combine_row<A + 1>(std::make_integer_sequence<int, kCombineV>())...};
}

void combine(Coefficients coefficients, ConstRows b, std::int64_t length, Rows out, bool accumulate) {
  static constexpr auto kTable = combine_table(std::make_integer_sequence<int, kCombineA>());
  for_each_piece(length / kLanes, kCombineV, [&](std::int64_t v, std::int64_t vectors) {
    const std::int64_t i = v * kLanes;
    for_each_piece(out.count, kCombineA, [&](std::int64_t m, std::int64_t rows) {
      const CombineTile tile{coefficients.data + m * coefficients.row_stride,
                             coefficients.row_stride,
                             coefficients.column_stride,
                             b.data + i,
                             b.pitch,
                             b.count,
                             out.data + m * out.pitch + i,
                             out.pitch,
                             accumulate};
      kTable[static_cast<std::size_t>(rows - 1)][static_cast<std::size_t>(vectors - 1)](tile);
    });
  });
}

RowProducts products() { return {dot, combine}; }

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convlens::conv {
namespace {
HWY_EXPORT(products);
}
RowProducts row_products(std::int64_t target) { return function_for(HWY_DISPATCH_TABLE(products), target)(); }
}  // namespace convlens::conv
#endif
