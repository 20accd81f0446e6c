// Convolution, bias, ReLU and 2x2 max pooling of one image in one pass, channels last, with the filters as SIMD lanes;
// and its backward pass, which follows only the one position of each window that won. Internal to engine/nn.
#pragma once

#include <cstdint>

#include "engine/conv/row_products.h"

namespace convlens::nn {

// Stride 1, no dilation, no groups, padding already in the input.
struct FusedConvShape {
  std::int64_t h = 0, w = 0, c = 0;  // input with its padding
  std::int64_t k = 0, r = 0, s = 0;
  bool relu = false;
  bool pool = false;  // 2x2, stride 2; an odd last row or column is left out

  std::int64_t p() const { return h - r + 1; }
  std::int64_t q() const { return w - s + 1; }
  std::int64_t out_h() const { return pool ? p() / 2 : p(); }
  std::int64_t out_w() const { return pool ? q() / 2 : q(); }
  std::int64_t pitch() const { return w * c; }  // floats between input rows
  std::int64_t taps() const { return r * s * c; }
  std::int64_t padded_k() const { return conv::whole_rows(k); }
  // 3x3 on so many channels that fewer products pay for the transforms; outputs in whole 2x2 windows.
  bool is_winograd() const {
    return r == 3 && s == 3 && c >= 16 && k >= 16 && (pool ? p() >= 2 && q() >= 2 : p() % 2 == 0 && q() % 2 == 0);
  }
};

// Where the winner of a pooling window stood: 2 * row + column, or kDead where ReLU cut all four.
inline constexpr std::uint8_t kDead = 4;

// A sum for weight (k, c, r, s) stands at k * k_stride + ...
struct SumLayout {
  std::int64_t k_stride = 0, c_stride = 0, r_stride = 0, s_stride = 0;
  std::int64_t floats = 0;
};

// Gradients of one image. Everything is read or written whole vectors at a time: one row of kRowUnit floats must be
// accessible behind every block.
struct FusedBackward {
  const float* input = nullptr;         // h x w x c
  float* gradient = nullptr;            // out_h x out_w x k, becomes the gradient before ReLU
  const float* output = nullptr;        // the same shape; read where there is no pooling
  const std::uint8_t* codes = nullptr;  // out_h x out_w x padded_k, where there is
  float* weight_sums = nullptr;         // laid out by sum_layout(); added to
  float* bias_sums = nullptr;           // padded_k; added to
  // For the gradient at the input, all null where it is not wanted. With pooling: `packed` from pack_backward and
  // `input_gradient` (h x w x c) is written whole. Without: see forward() with pack_flipped().
  const float* packed = nullptr;
  float* input_gradient = nullptr;
  float* list_values = nullptr;  // out_h * out_w * (padded_k + kListSlack), as are list_offsets
  std::uint32_t* list_offsets = nullptr;
  std::uint16_t* list_ends = nullptr;  // out_h * out_w * 4
};
inline constexpr std::int64_t kListSlack = conv::kRowUnit;

// The functions of one instruction set. Weights are (K,C,R,S).
struct FusedConvFunctions {
  std::int64_t packed_floats(const FusedConvShape& shape) const {
    return shape.padded_k() * (shape.is_winograd() ? 16 * shape.c : shape.taps());
  }
  // Of forward(), for each thread.
  std::int64_t scratch_floats(const FusedConvShape& shape) const {
    return shape.is_winograd() ? 16 * 12 * (conv::whole_rows(shape.c) + 2 * conv::kRowUnit) : 0;
  }
  void (*pack)(const FusedConvShape& shape, const float* weights, float* packed);
  // The filters turned by 180 degrees with inputs and outputs exchanged, for a convolution of gradients: `shape` is
  // that one's, and weights are (C,K,R,S) in its letters.
  void (*pack_flipped)(const FusedConvShape& shape, const float* weights, float* packed);
  // bias: padded_k values. output: out_h x out_w x k. codes: null, or filled as FusedBackward wants them. Only rows
  // [begin, end) of p(); begin is even, end is even or p(). Rows do not depend on one another.
  void (*forward)(const FusedConvShape& shape, const float* input, const float* packed, const float* bias,
                  float* output, std::uint8_t* codes, float* scratch, std::int64_t begin, std::int64_t end);
  SumLayout (*sum_layout)(const FusedConvShape& shape);
  std::int64_t (*backward_floats)(const FusedConvShape& shape);  // of pack_backward
  void (*pack_backward)(const FusedConvShape& shape, const float* weights, float* packed);
  void (*backward)(const FusedConvShape& shape, const FusedBackward& io);
};

// Those of a Highway target, one of conv::simd_targets().
FusedConvFunctions fused_conv(std::int64_t target);

}  // namespace convlens::nn
