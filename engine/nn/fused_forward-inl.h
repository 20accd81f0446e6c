// Forward tiles of the fused convolution: two output rows x some columns x one or two vectors of filters in registers.
// Per-target code: see Highway.

#if defined(CONVLENS_FUSED_FORWARD_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_FUSED_FORWARD_INL_H_
#undef CONVLENS_FUSED_FORWARD_INL_H_
#else
#define CONVLENS_FUSED_FORWARD_INL_H_
#endif

#include <algorithm>
#include <cstdint>

#include <hwy/highway.h>

#include "engine/nn/fused_conv.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::nn {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::ScalableTag<float>;
using IntTag = hn::RebindToSigned<FloatTag>;
using ByteTag = hn::Rebind<std::uint8_t, FloatTag>;
using Vec = hn::Vec<FloatTag>;
constexpr int kLanes = static_cast<int>(hn::MaxLanes(FloatTag()));
constexpr bool kManyRegisters = HWY_TARGET <= HWY_AVX3;
constexpr int kMostVectors = kManyRegisters ? 2 : 1;  // of filters in a tile

inline std::int64_t vectors_of(std::int64_t count) { return (count + kLanes - 1) / kLanes; }

// Calls block(first vector, vectors) over the filters' vectors.
template <class Block>
HWY_INLINE void for_each_filter_block(std::int64_t k, const Block& block) {
  const std::int64_t vectors = vectors_of(k);
  for (std::int64_t v = 0; v < vectors; v += kMostVectors) block(v, std::min<std::int64_t>(kMostVectors, vectors - v));
}

// [block of filters][r][s][c][lanes of the block]; filters beyond the last are zero. Weight (k, c, r, s) of the
// convolution stands at weights[k * k_stride + c * c_stride + r * r_stride + s * s_stride].
inline void pack_strided(const FusedConvShape& shape, const float* weights, const SumLayout& from, float* packed) {
  for_each_filter_block(shape.k, [&](std::int64_t v, std::int64_t vectors) {
    const std::int64_t k0 = v * kLanes, lanes = vectors * kLanes, filters = std::min(lanes, shape.k - k0);
    for (std::int64_t r = 0; r < shape.r; ++r) {
      for (std::int64_t s = 0; s < shape.s; ++s) {
        for (std::int64_t c = 0; c < shape.c; ++c, packed += lanes) {
          const float* at = weights + k0 * from.k_stride + c * from.c_stride + r * from.r_stride + s * from.s_stride;
          for (std::int64_t k = 0; k < filters; ++k) packed[k] = at[k * from.k_stride];
          std::fill(packed + filters, packed + lanes, 0.0f);
        }
      }
    }
  });
}

struct ForwardTile {
  const FusedConvShape& shape;
  const float* input;    // at the tile's first row and column
  const float* weights;  // of the block
  const float* bias;
  float* output;  // at the tile's first (pooled) row and column and the block's first filter
  std::uint8_t* codes;
  std::int64_t filters;  // of the block
};

// Stores a block's vector v at `to`, not beyond the last filter.
HWY_INLINE void store_filters(Vec value, std::int64_t v, std::int64_t filters, float* to) {
  const FloatTag d;
  const std::int64_t left = filters - v * kLanes;
  if (left >= kLanes) {
    hn::StoreU(value, d, to + v * kLanes);
  } else {
    hn::BlendedStore(value, hn::FirstN(d, static_cast<std::size_t>(left)), d, to + v * kLanes);
  }
}

// A NaN is not below zero and stays.
HWY_INLINE Vec relu(Vec x) { return hn::IfThenZeroElse(hn::Lt(x, hn::Zero(FloatTag())), x); }

// The largest of a window, ReLU of it, and which it was. The first of equals wins, as in PyTorch.
HWY_INLINE void store_window(const ForwardTile& t, Vec a, Vec b, Vec c, Vec e, std::int64_t v, float* to,
                             std::uint8_t* code_to) {
  const FloatTag d;
  const auto b_wins = hn::Gt(b, a);
  const Vec top = hn::IfThenElse(b_wins, b, a);
  const auto e_wins = hn::Gt(e, c);
  const Vec bottom = hn::IfThenElse(e_wins, e, c);
  const auto bottom_wins = hn::Gt(bottom, top);
  const Vec best = hn::IfThenElse(bottom_wins, bottom, top);
  store_filters(t.shape.relu ? relu(best) : best, v, t.filters, to);
  if (!code_to) return;
  const auto one = hn::Set(d, 1.0f);
  const Vec top_code = hn::IfThenElseZero(b_wins, one);
  const Vec bottom_code = hn::Add(hn::Set(d, 2.0f), hn::IfThenElseZero(e_wins, one));
  Vec code = hn::IfThenElse(bottom_wins, bottom_code, top_code);
  if (t.shape.relu) code = hn::IfThenElse(hn::Le(best, hn::Zero(d)), hn::Set(d, static_cast<float>(kDead)), code);
  hn::StoreU(hn::DemoteTo(ByteTag(), hn::ConvertTo(IntTag(), code)), ByteTag(), code_to + v * kLanes);
}

template <int ROWS, int COLS, int KV, bool POOL>
HWY_NOINLINE void forward_tile(const ForwardTile& t) {
  const FloatTag d;
  const FusedConvShape& shape = t.shape;
  const std::int64_t c_count = shape.c, pitch = shape.pitch();
  Vec sums[ROWS][COLS][KV];
  HWY_UNROLL(2)
  for (int i = 0; i < ROWS; ++i) {
    HWY_UNROLL(12)
    for (int j = 0; j < COLS; ++j) {
      HWY_UNROLL(2)
      for (int v = 0; v < KV; ++v) sums[i][j][v] = hn::LoadU(d, t.bias + v * kLanes);
    }
  }
  const float* weights = t.weights;
  for (std::int64_t r = 0; r < shape.r; ++r) {
    // A filter row's taps (s, c) lie next to one another in the input as they do in the weights.
    const float* x = t.input + r * pitch;
    for (std::int64_t i = 0; i < shape.s * c_count; ++i, ++x, weights += KV * kLanes) {
      Vec w[KV];
      HWY_UNROLL(2)
      for (int v = 0; v < KV; ++v) w[v] = hn::LoadU(d, weights + v * kLanes);
      HWY_UNROLL(2)
      for (int row = 0; row < ROWS; ++row) {
        HWY_UNROLL(12)
        for (int j = 0; j < COLS; ++j) {
          const Vec value = hn::Set(d, x[row * pitch + j * c_count]);
          HWY_UNROLL(2)
          for (int v = 0; v < KV; ++v) sums[row][j][v] = hn::MulAdd(value, w[v], sums[row][j][v]);
        }
      }
    }
  }
  if constexpr (POOL) {
    HWY_UNROLL(6)
    for (int j = 0; j < COLS / 2; ++j) {
      HWY_UNROLL(2)
      for (int v = 0; v < KV; ++v) {
        store_window(t, sums[0][2 * j][v], sums[0][2 * j + 1][v], sums[1][2 * j][v], sums[1][2 * j + 1][v], v,
                     t.output + j * shape.k, t.codes ? t.codes + j * shape.padded_k() : nullptr);
      }
    }
  } else {
    HWY_UNROLL(2)
    for (int i = 0; i < ROWS; ++i) {
      HWY_UNROLL(12)
      for (int j = 0; j < COLS; ++j) {
        HWY_UNROLL(2)
        for (int v = 0; v < KV; ++v) {
          const Vec y = shape.relu ? relu(sums[i][j][v]) : sums[i][j][v];
          store_filters(y, v, t.filters, t.output + (i * shape.out_w() + j) * shape.k);
        }
      }
    }
  }
}

using ForwardFunction = void (*)(const ForwardTile&);

// Columns in pairs: 2, 4, ... and, without pooling, one alone.
template <int ROWS, int KV, bool POOL>
ForwardFunction pick_forward(std::int64_t columns) {
  if constexpr (!POOL) {
    if (columns == 1) return forward_tile<ROWS, 1, KV, POOL>;
  }
  if (columns == 2) return forward_tile<ROWS, 2, KV, POOL>;
  if (columns == 4) return forward_tile<ROWS, 4, KV, POOL>;
  if constexpr (KV == 1 && kManyRegisters) {
    if (columns == 8) return forward_tile<ROWS, 8, KV, POOL>;
    if (columns == 10) return forward_tile<ROWS, 10, KV, POOL>;
    if (columns == 12) return forward_tile<ROWS, 12, KV, POOL>;
  }
  return forward_tile<ROWS, 6, KV, POOL>;
}

template <int KV>
HWY_INLINE void forward_rows(const FusedConvShape& shape, ForwardTile tile, std::int64_t y, std::int64_t rows) {
  constexpr std::int64_t kMostPairs = KV == 1 && kManyRegisters ? 6 : 3;
  const std::int64_t step = shape.pool ? 2 : 1;
  const float* input = tile.input + y * shape.pitch();
  float* output = tile.output + y / step * shape.out_w() * shape.k;
  std::uint8_t* codes = tile.codes ? tile.codes + y / step * shape.out_w() * shape.padded_k() : nullptr;
  const auto run = [&](std::int64_t x, std::int64_t columns) {
    tile.input = input + x * shape.c;
    tile.output = output + x / step * shape.k;
    tile.codes = codes ? codes + x / step * shape.padded_k() : nullptr;
    if (shape.pool) {
      pick_forward<2, KV, true>(columns)(tile);
    } else if (rows == 2) {
      pick_forward<2, KV, false>(columns)(tile);
    } else {
      pick_forward<1, KV, false>(columns)(tile);
    }
  };
  const std::int64_t pairs = shape.q() / 2;
  const std::int64_t pieces = (pairs + kMostPairs - 1) / kMostPairs;
  for (std::int64_t i = 0; i < pieces; ++i) {
    const std::int64_t begin = pairs * i / pieces, end = pairs * (i + 1) / pieces;
    run(2 * begin, 2 * (end - begin));
  }
  if (!shape.pool && shape.q() % 2 == 1) run(shape.q() - 1, 1);
}

void forward_direct(const FusedConvShape& shape, const float* input, const float* packed, const float* bias,
                    float* output, std::uint8_t* codes, std::int64_t begin, std::int64_t end) {
  for_each_filter_block(shape.k, [&](std::int64_t v, std::int64_t vectors) {
    const std::int64_t k0 = v * kLanes;
    const ForwardTile tile{shape,
                           input,
                           packed + k0 * shape.taps(),
                           bias + k0,
                           output + k0,
                           codes ? codes + k0 : nullptr,
                           std::min(vectors * kLanes, shape.k - k0)};
    for (std::int64_t y = begin; y < end; y += 2) {
      const std::int64_t rows = std::min<std::int64_t>(2, end - y);
      if (shape.pool && rows == 1) break;
      if (vectors == 1) {
        forward_rows<1>(shape, tile, y, rows);
      } else {
        forward_rows<kMostVectors>(shape, tile, y, rows);
      }
    }
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::nn
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
