// What the kernels that use Highway share: which instruction sets there are, and how one of them is forced.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <hwy/targets.h>

// Vectors stand in arrays in the kernels, which vectors of unknown size cannot. Every file that is compiled per
// instruction set defines HWY_DISABLED_TARGETS as this before it includes Highway's foreach_target.h.
#define CONVLENS_UNSIZED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

namespace convlens::conv {

// Highway target bits that were compiled and that this machine can run, best first.
std::span<const std::int64_t> simd_targets();

// The function of `target` in a table made by HWY_EXPORT. Unlike HWY_DYNAMIC_DISPATCH it asks no global choice, so
// that every call may force an instruction set of its own.
template <class Function, std::size_t Count>
Function* function_for(Function* const (&table)[Count], std::int64_t target) {
  if constexpr (Count == 1) return table[0];
  hwy::ChosenTarget chosen;
  chosen.Update(target);
  return table[chosen.GetIndex()];
}

}  // namespace convlens::conv
