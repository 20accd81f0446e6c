// The fused convolution's entry points, compiled for each instruction set. The loops stand in the two -inl files.
#include "engine/nn/fused_conv.h"

#include <algorithm>
#include <array>

#include "engine/conv/kernels/simd.h"

#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS CONVLENS_UNSIZED_TARGETS
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/nn/fused_conv.cpp"
#include <hwy/foreach_target.h>
// The lines below are compiled once for each instruction set.
#include <hwy/highway.h>

#include "engine/nn/fused_backward-inl.h"
#include "engine/nn/fused_forward-inl.h"
#include "engine/nn/fused_winograd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::nn {
namespace HWY_NAMESPACE {

void pack_from(const FusedConvShape& shape, const float* weights, const SumLayout& from, float* packed) {
  shape.is_winograd() ? pack_winograd(shape, weights, from, packed) : pack_strided(shape, weights, from, packed);
}

void pack(const FusedConvShape& shape, const float* weights, float* packed) {
  pack_from(shape, weights, {shape.taps(), shape.r * shape.s, shape.s, 1, 0}, packed);
}

// The same weights seen from the other side: the filters turned, their maps and channels exchanged.
void pack_flipped(const FusedConvShape& shape, const float* weights, float* packed) {
  const std::int64_t taps = shape.r * shape.s;
  pack_from(shape, weights + taps - 1, {taps, shape.k * taps, -shape.s, -1, 0}, packed);
}

void forward(const FusedConvShape& shape, const float* input, const float* packed, const float* bias, float* output,
             std::uint8_t* codes, float* scratch, std::int64_t begin, std::int64_t end) {
  if (shape.is_winograd()) {
    forward_winograd(shape, input, packed, bias, output, codes, scratch, begin, end);
  } else {
    forward_direct(shape, input, packed, bias, output, codes, begin, end);
  }
}

FusedConvFunctions functions() {
  return {pack, pack_flipped, forward, sum_layout, backward_floats, pack_backward, backward};
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::nn
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convlens::nn {
namespace {
HWY_EXPORT(functions);
}
FusedConvFunctions fused_conv(std::int64_t target) {
  return conv::function_for(HWY_DISPATCH_TABLE(functions), target)();
}
}  // namespace convlens::nn
#endif
