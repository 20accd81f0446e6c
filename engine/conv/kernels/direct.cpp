// The fast kernel: Highway SIMD over output columns.
#include "engine/conv/kernels/kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/conv/kernels/direct.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {

std::string direct(const Job& job) {
  run_reference(job, 0);
  return hwy::TargetName(HWY_TARGET);
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convlens::conv {

HWY_EXPORT(direct);

std::vector<std::int64_t> simd_targets() { return hwy::SupportedAndGeneratedTargets(); }

std::string run_direct(const Job& job, std::int64_t target) {
  // A table of its own for this call instead of Highway's global choice, so that every call may force its target.
  constexpr std::size_t kTargets = sizeof(HWY_DISPATCH_TABLE(direct)) / sizeof(HWY_DISPATCH_TABLE(direct)[0]);
  if constexpr (kTargets == 1) return HWY_DISPATCH_TABLE(direct)[0](job);
  hwy::ChosenTarget chosen;
  chosen.Update(target);
  return HWY_DISPATCH_TABLE(direct)[chosen.GetIndex()](job);
}

}  // namespace convlens::conv
#endif
