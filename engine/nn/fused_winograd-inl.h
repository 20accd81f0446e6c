// The fused convolution for 3x3 filters on many channels: Winograd's F(2x2, 3x3), whose 2x2 outputs are a pooling
// window. 16 products instead of 36 per window, channel and filter. Per-target code: see Highway. (Lavin and Gray,
// "Fast Algorithms for Convolutional Neural Networks", 2016.)

#if defined(CONVLENS_FUSED_WINOGRAD_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_FUSED_WINOGRAD_INL_H_
#undef CONVLENS_FUSED_WINOGRAD_INL_H_
#else
#define CONVLENS_FUSED_WINOGRAD_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <hwy/highway.h>

#include "engine/nn/fused_forward-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::nn {
namespace HWY_NAMESPACE {

constexpr int kPoints = 16;       // of the transformed 4x4 patch
constexpr int kMostWindows = 12;  // side by side in a tile

inline std::int64_t padded_c(const FusedConvShape& shape) { return vectors_of(shape.c) * kLanes; }

// [block of filters][point][c][lanes of the block]: G g G^T of every filter's channel g, which stands as pack_strided
// has it.
inline void pack_winograd(const FusedConvShape& shape, const float* weights, const SumLayout& from, float* packed) {
  for_each_filter_block(shape.k, [&](std::int64_t v, std::int64_t vectors) {
    const std::int64_t k0 = v * kLanes, lanes = vectors * kLanes;
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      for (std::int64_t c = 0; c < shape.c; ++c) {
        float points[kPoints] = {};
        if (k0 + lane < shape.k) {
          float g[9];
          for (std::int64_t i = 0; i < 9; ++i) {
            g[i] = weights[(k0 + lane) * from.k_stride + c * from.c_stride + i / 3 * from.r_stride +
                           i % 3 * from.s_stride];
          }
          float rows[4][3];
          for (int j = 0; j < 3; ++j) {
            const float sum = g[j] + g[6 + j];
            rows[0][j] = g[j];
            rows[1][j] = 0.5f * (sum + g[3 + j]);
            rows[2][j] = 0.5f * (sum - g[3 + j]);
            rows[3][j] = g[6 + j];
          }
          for (int i = 0; i < 4; ++i) {
            const float sum = rows[i][0] + rows[i][2];
            points[4 * i] = rows[i][0];
            points[4 * i + 1] = 0.5f * (sum + rows[i][1]);
            points[4 * i + 2] = 0.5f * (sum - rows[i][1]);
            points[4 * i + 3] = rows[i][2];
          }
        }
        for (int point = 0; point < kPoints; ++point) packed[(point * shape.c + c) * lanes + lane] = points[point];
      }
    }
    packed += kPoints * shape.c * lanes;
  });
}

// One dimension of B^T d.
HWY_INLINE void transform_four(Vec& a, Vec& b, Vec& c, Vec& e) {
  const Vec first = hn::Sub(a, c), second = hn::Add(b, c), third = hn::Sub(c, b), fourth = hn::Sub(b, e);
  a = first, b = second, c = third, e = fourth;
}

// B^T d B of the window's 4x4 patch at `input`, all channels, to out[point * point_stride + c].
HWY_INLINE void transform_patch(const FusedConvShape& shape, const float* input, float* out,
                                std::int64_t point_stride) {
  const FloatTag d;
  for (std::int64_t c = 0; c < shape.c; c += kLanes) {
    Vec x[4][4];
    HWY_UNROLL(4)
    for (int i = 0; i < 4; ++i) {
      HWY_UNROLL(4)
      for (int j = 0; j < 4; ++j) x[i][j] = hn::LoadU(d, input + i * shape.pitch() + j * shape.c + c);
    }
    HWY_UNROLL(4)
    for (int j = 0; j < 4; ++j) transform_four(x[0][j], x[1][j], x[2][j], x[3][j]);
    HWY_UNROLL(4)
    for (int i = 0; i < 4; ++i) {
      transform_four(x[i][0], x[i][1], x[i][2], x[i][3]);
      HWY_UNROLL(4)
      for (int j = 0; j < 4; ++j) hn::StoreU(x[i][j], d, out + (4 * i + j) * point_stride + c);
    }
  }
}

// sums[t][KV * kLanes] of WINDOWS windows at one point: products of channels and filters.
template <int KV, int WINDOWS>
HWY_NOINLINE void multiply_point(const float* values, std::int64_t pitch, std::int64_t channels, const float* weights,
                                 float* sums) {
  const FloatTag d;
  Vec total[WINDOWS][KV];
  HWY_UNROLL(12)
  for (int t = 0; t < WINDOWS; ++t) {
    HWY_UNROLL(2)
    for (int v = 0; v < KV; ++v) total[t][v] = hn::Zero(d);
  }
  for (std::int64_t c = 0; c < channels; ++c, weights += KV * kLanes) {
    Vec w[KV];
    HWY_UNROLL(2)
    for (int v = 0; v < KV; ++v) w[v] = hn::LoadU(d, weights + v * kLanes);
    HWY_UNROLL(12)
    for (int t = 0; t < WINDOWS; ++t) {
      const Vec value = hn::Set(d, values[t * pitch + c]);
      HWY_UNROLL(2)
      for (int v = 0; v < KV; ++v) total[t][v] = hn::MulAdd(value, w[v], total[t][v]);
    }
  }
  HWY_UNROLL(12)
  for (int t = 0; t < WINDOWS; ++t) {
    HWY_UNROLL(2)
    for (int v = 0; v < KV; ++v) hn::StoreU(total[t][v], d, sums + (t * KV + v) * kLanes);
  }
}

using MultiplyPoint = void (*)(const float*, std::int64_t, std::int64_t, const float*, float*);
template <int KV, int... WINDOWS>
constexpr std::array<MultiplyPoint, sizeof...(WINDOWS)> multiply_table(std::integer_sequence<int, WINDOWS...>) {
  return {multiply_point<KV, WINDOWS + 1>...};
}

// A^T m A of one window's points, plus bias; then what the shape says.
HWY_INLINE void finish_window(const ForwardTile& t, const float* sums, std::int64_t point_stride, std::int64_t v) {
  const FloatTag d;
  Vec rows[2][4];
  HWY_UNROLL(4)
  for (int j = 0; j < 4; ++j) {
    const Vec a = hn::LoadU(d, sums + j * point_stride), b = hn::LoadU(d, sums + (4 + j) * point_stride);
    const Vec c = hn::LoadU(d, sums + (8 + j) * point_stride), e = hn::LoadU(d, sums + (12 + j) * point_stride);
    rows[0][j] = hn::Add(hn::Add(a, b), c);
    rows[1][j] = hn::Sub(hn::Sub(b, c), e);
  }
  const Vec bias = hn::LoadU(d, t.bias + v * kLanes);
  Vec y[2][2];
  HWY_UNROLL(2)
  for (int i = 0; i < 2; ++i) {
    y[i][0] = hn::Add(bias, hn::Add(hn::Add(rows[i][0], rows[i][1]), rows[i][2]));
    y[i][1] = hn::Add(bias, hn::Sub(hn::Sub(rows[i][1], rows[i][2]), rows[i][3]));
  }
  if (t.shape.pool) return store_window(t, y[0][0], y[0][1], y[1][0], y[1][1], v, t.output, t.codes);
  HWY_UNROLL(2)
  for (int i = 0; i < 2; ++i) {
    HWY_UNROLL(2)
    for (int j = 0; j < 2; ++j) {
      store_filters(t.shape.relu ? relu(y[i][j]) : y[i][j], v, t.filters,
                    t.output + (i * t.shape.out_w() + j) * t.shape.k);
    }
  }
}

template <int KV>
HWY_INLINE void winograd_block(const FusedConvShape& shape, ForwardTile tile, const float* patches, float* sums,
                               std::int64_t windows) {
  static constexpr auto kTable = multiply_table<KV>(std::make_integer_sequence<int, kMostWindows>());
  const std::int64_t pitch = padded_c(shape), block = KV * kLanes;
  for (int point = 0; point < kPoints; ++point) {
    kTable[static_cast<std::size_t>(windows - 1)](patches + point * kMostWindows * pitch, pitch, shape.c,
                                                  tile.weights + point * shape.c * block,
                                                  sums + point * kMostWindows * block);
  }
  const std::int64_t step = shape.pool ? 1 : 2;  // output pixels from window to window
  for (std::int64_t t = 0; t < windows; ++t) {
    for (std::int64_t v = 0; v < KV; ++v) {
      finish_window(tile, sums + (t * KV + v) * kLanes, kMostWindows * block, v);
    }
    tile.output += step * shape.k;
    if (tile.codes) tile.codes += shape.padded_k();
  }
}

// Rows [begin, end) of p(). scratch: kPoints * kMostWindows * (padded_c + 2 vectors) floats.
void forward_winograd(const FusedConvShape& shape, const float* input, const float* packed, const float* bias,
                      float* output, std::uint8_t* codes, float* scratch, std::int64_t begin, std::int64_t end) {
  const std::int64_t pitch = padded_c(shape), step = shape.pool ? 1 : 2;
  float* sums = scratch + kPoints * kMostWindows * pitch;
  const std::int64_t across = shape.q() / 2;
  const std::int64_t pieces = (across + kMostWindows - 1) / kMostWindows;
  for (std::int64_t y = begin; y + 1 < end; y += 2) {
    for (std::int64_t i = 0; i < pieces; ++i) {
      const std::int64_t first = across * i / pieces, windows = across * (i + 1) / pieces - first;
      for (std::int64_t t = 0; t < windows; ++t) {
        transform_patch(shape, input + y * shape.pitch() + 2 * (first + t) * shape.c, scratch + t * pitch,
                        kMostWindows * pitch);
      }
      const std::int64_t pixel = (y / 2 * step) * shape.out_w() + first * step;
      for_each_filter_block(shape.k, [&](std::int64_t v, std::int64_t vectors) {
        const std::int64_t k0 = v * kLanes;
        const ForwardTile tile{shape,
                               nullptr,
                               packed + k0 * kPoints * shape.c,
                               bias + k0,
                               output + pixel * shape.k + k0,
                               codes ? codes + pixel * shape.padded_k() + k0 : nullptr,
                               std::min(vectors * kLanes, shape.k - k0)};
        if (vectors == 1) {
          winograd_block<1>(shape, tile, scratch, sums, windows);
        } else {
          winograd_block<kMostVectors>(shape, tile, scratch, sums, windows);
        }
      });
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::nn
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
