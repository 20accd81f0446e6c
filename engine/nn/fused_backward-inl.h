// Backward of the fused convolution: the weights' sums, and with pooling the gradient at the input, gathered from the
// filters that won. Per-target code: see Highway.

#if defined(CONVLENS_FUSED_BACKWARD_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_FUSED_BACKWARD_INL_H_
#undef CONVLENS_FUSED_BACKWARD_INL_H_
#else
#define CONVLENS_FUSED_BACKWARD_INL_H_
#endif

#include <algorithm>
#include <cstdint>

#include <hwy/highway.h>

#include "engine/nn/fused_sums-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::nn {
namespace HWY_NAMESPACE {

// The filters that won at each of a window's positions and have a gradient: where their weights stand, and the
// gradients.
struct WindowList {
  const float* values;
  const std::uint32_t* offsets;
  const std::uint16_t* ends;  // of the four positions' entries
};

HWY_NOINLINE void list_window(const FusedConvShape& shape, const float* gradient, const std::uint8_t* codes,
                              float* values, std::uint32_t* offsets, std::uint16_t* ends) {
  const FloatTag d;
  const hn::RebindToUnsigned<FloatTag> du;
  const auto filter = static_cast<std::uint32_t>(shape.r * span_floats(shape));
  std::size_t count = 0;
  for (int j = 0; j < 4; ++j) {
    for (std::int64_t k = 0; k < shape.k; k += kLanes) {
      const Vec g = hn::LoadU(d, gradient + k);
      const auto code = hn::PromoteTo(IntTag(), hn::LoadU(ByteTag(), codes + k));
      auto here = hn::And(hn::RebindMask(d, hn::Eq(code, hn::Set(IntTag(), j))), hn::Ne(g, hn::Zero(d)));
      if (k + kLanes > shape.k) here = hn::And(here, hn::FirstN(d, static_cast<std::size_t>(shape.k - k)));
      const auto at = hn::Mul(hn::Iota(du, static_cast<std::uint32_t>(k)), hn::Set(du, filter));
      hn::StoreU(hn::Compress(g, here), d, values + count);
      hn::StoreU(hn::Compress(at, hn::RebindMask(du, here)), du, offsets + count);
      count += hn::CountTrue(d, here);
    }
    ends[j] = static_cast<std::uint16_t>(count);
  }
}

template <int ROWS, int VECTORS>
HWY_NOINLINE void scatter_window(const FusedConvShape& shape, const WindowList& list, const float* weights,
                                 const WindowOffsets& offsets, float* out) {
  const FloatTag d;
  const std::int64_t span = span_floats(shape), pitch = shape.pitch();
  std::int64_t e = 0;
  for (int j = 0; j < 4; ++j) {
    if (e == list.ends[j]) continue;
    Vec total[ROWS][VECTORS];
    HWY_UNROLL(5)
    for (int r = 0; r < ROWS; ++r) {
      HWY_UNROLL(6)
      for (int v = 0; v < VECTORS; ++v) total[r][v] = hn::Zero(d);
    }
    for (; e < list.ends[j]; ++e) {
      const Vec g = hn::Set(d, list.values[e]);
      const float* w = weights + list.offsets[e];
      HWY_UNROLL(5)
      for (int r = 0; r < ROWS; ++r) {
        HWY_UNROLL(6)
        for (int v = 0; v < VECTORS; ++v) {
          total[r][v] = hn::MulAdd(g, hn::LoadU(d, w + r * span + v * kLanes), total[r][v]);
        }
      }
    }
    float* to = out + offsets.at[j];
    HWY_UNROLL(5)
    for (int r = 0; r < ROWS; ++r) {
      HWY_UNROLL(6)
      for (int v = 0; v < VECTORS; ++v) {
        float* at = to + r * pitch + v * kLanes;
        hn::StoreU(hn::Add(hn::LoadU(d, at), total[r][v]), d, at);
      }
    }
  }
}

void sparse_input(const FusedConvShape& shape, const FusedBackward& io) {
  // Small enough for all filters' weights of a patch to stay in the first-level cache.
  constexpr std::int64_t kMost = kManyRegisters ? 12 : 9;
  const WindowOffsets offsets(shape);
  const std::int64_t windows = shape.out_h() * shape.out_w();
  const std::int64_t room = shape.padded_k() + kListSlack;
  std::fill_n(io.input_gradient, shape.h * shape.pitch(), 0.0f);
  for (std::int64_t i = 0; i < windows; ++i) {
    list_window(shape, io.gradient + i * shape.k, io.codes + i * shape.padded_k(), io.list_values + i * room,
                io.list_offsets + i * room, io.list_ends + i * 4);
  }
  for_each_patch(shape, 3, kMost, [&](const Patch& patch) {
    with_patch_size(patch, [&](auto rows, auto vectors) {
      constexpr int kRows = decltype(rows)::value, kVectors = decltype(vectors)::value;
      const float* weights = io.packed + patch.r * span_floats(shape) + patch.v * kLanes;
      float* corner = io.input_gradient + patch.r * shape.pitch() + patch.v * kLanes;
      for (std::int64_t p = 0; p < shape.out_h(); ++p) {
        for (std::int64_t q = 0; q < shape.out_w(); ++q) {
          const std::int64_t i = p * shape.out_w() + q;
          const WindowList list{io.list_values + i * room, io.list_offsets + i * room, io.list_ends + i * 4};
          scatter_window<kRows, kVectors>(shape, list, weights, offsets,
                                          corner + 2 * p * shape.pitch() + 2 * q * shape.c);
        }
      }
    });
  });
}

void backward(const FusedConvShape& shape, const FusedBackward& io) {
  pass_relu(shape, io);
  if (filters_are_lanes(shape)) {
    for_each_filter_block(shape.k, [&](std::int64_t v, std::int64_t vectors) {
      const std::int64_t k0 = v * kLanes;
      if (vectors == 1) {
        shape.pool ? masked_sums<1>(shape, io, k0) : dense_weight_sums<1>(shape, io, k0);
      } else {
        shape.pool ? masked_sums<kMostVectors>(shape, io, k0) : dense_weight_sums<kMostVectors>(shape, io, k0);
      }
    });
  } else {
    sparse_weight_sums(shape, io);
  }
  if (io.input_gradient) sparse_input(shape, io);
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::nn
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
