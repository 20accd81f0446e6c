// Gradients of the fused convolution's weights and bias: sums over an image's positions. With pooling only one of four
// has a gradient, and the loops go from one such position to the next instead of over all of them. Per-target code: see
// Highway.

#if defined(CONVLENS_FUSED_SUMS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_FUSED_SUMS_INL_H_
#undef CONVLENS_FUSED_SUMS_INL_H_
#else
#define CONVLENS_FUSED_SUMS_INL_H_
#endif

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include <hwy/highway.h>

#include "engine/nn/fused_forward-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::nn {
namespace HWY_NAMESPACE {

// Where the four positions of a window stand in the input; a dead one may read anywhere, its gradient is zero.
struct WindowOffsets {
  explicit WindowOffsets(const FusedConvShape& shape) : at{0, shape.c, shape.pitch(), shape.pitch() + shape.c, 0} {}
  std::int64_t at[5];
};

// A filter row's taps (s, c) as floats, and that in whole vectors.
inline std::int64_t span_floats(const FusedConvShape& shape) { return vectors_of(shape.s * shape.c) * kLanes; }

// Two ways to sum the weights' gradients. Few taps: filters are the lanes, [tap (r, s, c)][padded_k]. Many, and pooled:
// a filter row's taps are the lanes, [k][r][span].
inline bool filters_are_lanes(const FusedConvShape& shape) {
  return !shape.pool || (shape.taps() == 9 && shape.k >= 8);
}

SumLayout sum_layout(const FusedConvShape& shape) {
  if (filters_are_lanes(shape)) {
    const std::int64_t k = shape.padded_k();
    return {1, k, shape.s * shape.c * k, shape.c * k, shape.taps() * k};
  }
  const std::int64_t span = span_floats(shape);
  return {shape.r * span, 1, span, shape.c, shape.k * shape.r * span};
}

// [k][r][span], zero behind the last tap of a row.
std::int64_t backward_floats(const FusedConvShape& shape) { return shape.k * shape.r * span_floats(shape); }
void pack_backward(const FusedConvShape& shape, const float* weights, float* packed) {
  const std::int64_t span = span_floats(shape);
  for (std::int64_t k = 0; k < shape.k; ++k) {
    for (std::int64_t r = 0; r < shape.r; ++r, packed += span) {
      for (std::int64_t s = 0; s < shape.s; ++s) {
        const float* from = weights + (k * shape.c * shape.r + r) * shape.s + s;
        for (std::int64_t c = 0; c < shape.c; ++c) packed[s * shape.c + c] = from[c * shape.r * shape.s];
      }
      std::fill(packed + shape.s * shape.c, packed + span, 0.0f);
    }
  }
}

// The gradient before ReLU, in place, and its sums over the image.
HWY_NOINLINE void pass_relu(const FusedConvShape& shape, const FusedBackward& io) {
  const FloatTag d;
  const std::int64_t positions = shape.out_h() * shape.out_w();
  for (std::int64_t v = 0; v < vectors_of(shape.k); ++v) {
    Vec sum = hn::LoadU(d, io.bias_sums + v * kLanes);
    for (std::int64_t i = 0; i < positions; ++i) {
      float* at = io.gradient + i * shape.k;
      Vec g = hn::LoadU(d, at + v * kLanes);
      if (shape.relu) {
        if (shape.pool) {
          const auto bytes = hn::LoadU(ByteTag(), io.codes + i * shape.padded_k() + v * kLanes);
          const auto code = hn::PromoteTo(IntTag(), bytes);
          const auto is_dead = hn::Eq(code, hn::Set(IntTag(), kDead));
          g = hn::IfThenZeroElse(hn::RebindMask(d, is_dead), g);
        } else {
          const Vec y = hn::LoadU(d, io.output + i * shape.k + v * kLanes);
          g = hn::IfThenElseZero(hn::Gt(y, hn::Zero(d)), g);
        }
        store_filters(g, v, shape.k, at);
      }
      sum = hn::Add(sum, g);
    }
    hn::StoreU(sum, d, io.bias_sums + v * kLanes);
  }
}

// Without pooling: TAPS taps x KV vectors of filters in registers, over all positions.
template <int TAPS, int KV>
HWY_NOINLINE void dense_sums(const FusedConvShape& shape, const float* input, const float* gradient,
                             const std::int64_t* offsets, float* sums) {
  const FloatTag d;
  const std::int64_t k = shape.padded_k();
  Vec total[TAPS][KV];
  HWY_UNROLL(12)
  for (int t = 0; t < TAPS; ++t) {
    HWY_UNROLL(2)
    for (int v = 0; v < KV; ++v) total[t][v] = hn::LoadU(d, sums + t * k + v * kLanes);
  }
  for (std::int64_t p = 0; p < shape.p(); ++p) {
    const float* x = input + p * shape.pitch();
    for (std::int64_t q = 0; q < shape.q(); ++q, x += shape.c, gradient += shape.k) {
      Vec g[KV];
      HWY_UNROLL(2)
      for (int v = 0; v < KV; ++v) g[v] = hn::LoadU(d, gradient + v * kLanes);
      HWY_UNROLL(12)
      for (int t = 0; t < TAPS; ++t) {
        const Vec value = hn::Set(d, x[offsets[t]]);
        HWY_UNROLL(2)
        for (int v = 0; v < KV; ++v) total[t][v] = hn::MulAdd(value, g[v], total[t][v]);
      }
    }
  }
  HWY_UNROLL(12)
  for (int t = 0; t < TAPS; ++t) {
    HWY_UNROLL(2)
    for (int v = 0; v < KV; ++v) hn::StoreU(total[t][v], d, sums + t * k + v * kLanes);
  }
}

template <int KV>
HWY_INLINE void dense_weight_sums(const FusedConvShape& shape, const FusedBackward& io, std::int64_t k0) {
  std::int64_t offsets[12] = {};
  std::int64_t t = 0;
  while (t < shape.taps()) {
    const std::int64_t left = shape.taps() - t;
    const std::int64_t taps = left >= 12 ? 12 : left >= 9 ? 9 : left >= 3 ? 3 : 1;
    for (std::int64_t i = 0; i < taps; ++i) {
      const std::int64_t tap = t + i, row = shape.s * shape.c;
      offsets[i] = tap / row * shape.pitch() + tap % row;
    }
    float* sums = io.weight_sums + t * shape.padded_k() + k0;
    const float* gradient = io.gradient + k0;
    if (taps == 12) {
      dense_sums<12, KV>(shape, io.input, gradient, offsets, sums);
    } else if (taps == 9) {
      dense_sums<9, KV>(shape, io.input, gradient, offsets, sums);
    } else if (taps == 3) {
      dense_sums<3, KV>(shape, io.input, gradient, offsets, sums);
    } else {
      dense_sums<1, KV>(shape, io.input, gradient, offsets, sums);
    }
    t += taps;
  }
}

// Pooled, nine taps: filters are the lanes, each window's gradient is masked into its four positions.
template <int KV>
HWY_NOINLINE void masked_sums(const FusedConvShape& shape, const FusedBackward& io, std::int64_t k0) {
  constexpr int kTaps = 9;
  const FloatTag d;
  const std::int64_t k = shape.padded_k(), pitch = shape.pitch();
  const std::int64_t row = shape.s * shape.c;
  std::int64_t offsets[kTaps];
  for (std::int64_t t = 0; t < kTaps; ++t) offsets[t] = t / row * pitch + t % row;
  Vec total[kTaps][KV];
  HWY_UNROLL(9)
  for (int t = 0; t < kTaps; ++t) {
    HWY_UNROLL(2)
    for (int v = 0; v < KV; ++v) total[t][v] = hn::LoadU(d, io.weight_sums + t * k + k0 + v * kLanes);
  }
  for (std::int64_t p = 0; p < shape.out_h(); ++p) {
    for (std::int64_t q = 0; q < shape.out_w(); ++q) {
      const std::int64_t i = p * shape.out_w() + q;
      const float* x = io.input + 2 * p * pitch + 2 * q * shape.c;
      Vec g[4][KV];
      HWY_UNROLL(2)
      for (int v = 0; v < KV; ++v) {
        const Vec whole = hn::LoadU(d, io.gradient + i * shape.k + k0 + v * kLanes);
        const auto code = hn::PromoteTo(IntTag(), hn::LoadU(ByteTag(), io.codes + i * k + k0 + v * kLanes));
        HWY_UNROLL(4)
        for (int j = 0; j < 4; ++j) {
          const auto here = hn::RebindMask(d, hn::Eq(code, hn::Set(IntTag(), j)));
          g[j][v] = hn::IfThenElseZero(here, whole);
        }
      }
      HWY_UNROLL(9)
      for (int t = 0; t < kTaps; ++t) {
        const float* from = x + offsets[t];
        HWY_UNROLL(4)
        for (int j = 0; j < 4; ++j) {
          const Vec value = hn::Set(d, from[(j / 2) * pitch + (j % 2) * shape.c]);
          HWY_UNROLL(2)
          for (int v = 0; v < KV; ++v) total[t][v] = hn::MulAdd(value, g[j][v], total[t][v]);
        }
      }
    }
  }
  HWY_UNROLL(9)
  for (int t = 0; t < kTaps; ++t) {
    HWY_UNROLL(2)
    for (int v = 0; v < KV; ++v) hn::StoreU(total[t][v], d, io.weight_sums + t * k + k0 + v * kLanes);
  }
}

// Pooled, many taps: a filter row's taps are the lanes.

// A rectangle of filter rows x vectors of a row's taps, so small that its sums stay in registers.
struct Patch {
  std::int64_t r = 0, rows = 1;
  std::int64_t v = 0, vectors = 1;
};

// Calls patch(Patch) over all filter rows and vectors, in rectangles of at most `most_vectors` by what fits.
template <class Function>
HWY_INLINE void for_each_patch(const FusedConvShape& shape, std::int64_t most_vectors, std::int64_t most,
                               const Function& patch) {
  const std::int64_t vectors = span_floats(shape) / kLanes;
  for (std::int64_t v = 0; v < vectors;) {
    std::int64_t width = 1;
    for (const std::int64_t candidate : {6, 3, 2}) {
      if (candidate <= most_vectors && candidate <= vectors - v) {
        width = candidate;
        break;
      }
    }
    for (std::int64_t r = 0; r < shape.r;) {
      std::int64_t height = 1;
      for (const std::int64_t candidate : {5, 3, 2}) {
        if (candidate * width <= most && candidate <= shape.r - r) {
          height = candidate;
          break;
        }
      }
      patch(Patch{r, height, v, width});
      r += height;
    }
    v += width;
  }
}

// Calls function(integral constants ROWS, VECTORS) for the patch's size.
template <class Function>
HWY_INLINE void with_patch_size(const Patch& patch, const Function& function) {
  const auto with_rows = [&](auto vectors) {
    constexpr int kV = decltype(vectors)::value;
    if constexpr (kV <= 3) {
      if (patch.rows == 5) return function(std::integral_constant<int, 5>(), vectors);
    }
    if (patch.rows == 3) return function(std::integral_constant<int, 3>(), vectors);
    if (patch.rows == 2) return function(std::integral_constant<int, 2>(), vectors);
    return function(std::integral_constant<int, 1>(), vectors);
  };
  if (patch.vectors == 6) return with_rows(std::integral_constant<int, 6>());
  if (patch.vectors == 3) return with_rows(std::integral_constant<int, 3>());
  if (patch.vectors == 2) return with_rows(std::integral_constant<int, 2>());
  return with_rows(std::integral_constant<int, 1>());
}

// FILTERS filters from k on, windows of rows [p_begin, p_end).
template <int FILTERS, int ROWS, int VECTORS>
HWY_NOINLINE void sparse_sums(const FusedConvShape& shape, const FusedBackward& io, const Patch& patch, std::int64_t k,
                              std::int64_t p_begin, std::int64_t p_end) {
  const FloatTag d;
  const WindowOffsets offsets(shape);
  const std::int64_t span = span_floats(shape), pitch = shape.pitch();
  float* sums = io.weight_sums + (k * shape.r + patch.r) * span + patch.v * kLanes;
  Vec total[FILTERS][ROWS][VECTORS];
  HWY_UNROLL(4)
  for (int f = 0; f < FILTERS; ++f) {
    HWY_UNROLL(5)
    for (int r = 0; r < ROWS; ++r) {
      HWY_UNROLL(6)
      for (int v = 0; v < VECTORS; ++v) {
        total[f][r][v] = hn::LoadU(d, sums + (f * shape.r + r) * span + v * kLanes);
      }
    }
  }
  for (std::int64_t p = p_begin; p < p_end; ++p) {
    const float* x = io.input + (2 * p + patch.r) * pitch + patch.v * kLanes;
    const float* gradient = io.gradient + p * shape.out_w() * shape.k + k;
    const std::uint8_t* codes = io.codes + p * shape.out_w() * shape.padded_k() + k;
    for (std::int64_t q = 0; q < shape.out_w(); ++q) {
      HWY_UNROLL(4)
      for (int f = 0; f < FILTERS; ++f) {
        const Vec g = hn::Set(d, gradient[f]);
        const float* from = x + offsets.at[codes[f]];
        HWY_UNROLL(5)
        for (int r = 0; r < ROWS; ++r) {
          HWY_UNROLL(6)
          for (int v = 0; v < VECTORS; ++v) {
            total[f][r][v] = hn::MulAdd(g, hn::LoadU(d, from + r * pitch + v * kLanes), total[f][r][v]);
          }
        }
      }
      x += 2 * shape.c;
      gradient += shape.k;
      codes += shape.padded_k();
    }
  }
  HWY_UNROLL(4)
  for (int f = 0; f < FILTERS; ++f) {
    HWY_UNROLL(5)
    for (int r = 0; r < ROWS; ++r) {
      HWY_UNROLL(6)
      for (int v = 0; v < VECTORS; ++v) {
        hn::StoreU(total[f][r][v], d, sums + (f * shape.r + r) * span + v * kLanes);
      }
    }
  }
}

void sparse_weight_sums(const FusedConvShape& shape, const FusedBackward& io) {
  constexpr std::int64_t kMost = kManyRegisters ? 18 : 9;
  constexpr std::int64_t kBandFloats = 6144;  // of input that stays in the first-level cache while the filters pass
  const std::int64_t band = std::max<std::int64_t>(1, kBandFloats / (2 * shape.pitch()));
  for (std::int64_t p = 0; p < shape.out_h(); p += band) {
    const std::int64_t end = std::min(shape.out_h(), p + band);
    for_each_patch(shape, kManyRegisters ? 6 : 3, kMost, [&](const Patch& patch) {
      with_patch_size(patch, [&](auto rows, auto vectors) {
        constexpr int kRows = decltype(rows)::value, kVectors = decltype(vectors)::value;
        // Sums that do not wait for one another: at least eight where the registers hold them.
        constexpr int kFilters = kRows * kVectors >= 8 ? 1 : kRows * kVectors >= 4 ? 2 : 4;
        std::int64_t k = 0;
        for (; k + kFilters <= shape.k; k += kFilters)
          sparse_sums<kFilters, kRows, kVectors>(shape, io, patch, k, p, end);
        for (; k < shape.k; ++k) sparse_sums<1, kRows, kVectors>(shape, io, patch, k, p, end);
      });
    });
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::nn
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
