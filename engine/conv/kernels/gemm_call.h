// What the parts of the gemm kernel share during a call.
#pragma once

#include <cstdint>

#include "engine/conv/kernels/gemm_plan.h"
#include "engine/conv/kernels/kernel.h"

namespace convlens::conv {

// A call of the kernel, prepared: what every task of it shares.
struct GemmCall {
  const Job& job;
  const GemmPlan& plan;
  const std::int64_t* offsets;  // of the taps of a channel
  const float* weights;         // packed
  const float* bias;            // K values, zeros where there is no bias
  float* scratch;               // plan.scratch_floats() for each worker
};

}  // namespace convlens::conv
