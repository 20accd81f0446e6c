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

HWY_BEFORE_NAMESPACE();
namespace convlens::nn {
namespace HWY_NAMESPACE {

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
