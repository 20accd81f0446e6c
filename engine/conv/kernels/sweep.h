// A convolution as a sweep: what every task of one call shares, and the loop over them. See sweep_plan.h.
#pragma once

#include <cstdint>
#include <string>

#include "engine/conv/kernels/kernel.h"
#include "engine/conv/kernels/sweep_plan.h"

namespace convlens::conv {

struct SweepCall {
  const Job& job;
  const SweepPlan& plan;
  // Offset of every tap, in the order c, r, s: within the copy of a rectangle, and within the picture.
  const std::int64_t* copy_offsets;
  const std::int64_t* picture_offsets;
  const float* weights;  // [group][block][tap][filter of the block], rotated for a true convolution
  const float* bias;     // K values, zeros where there is no bias
  float* scratch;        // plan.scratch_floats for each worker
};

// Plans, packs the weights and runs all tasks; returns the name of the instruction set.
std::string run_sweep(const Job& job, const TileLimits& limits,
                      void (*run_task)(const SweepCall& call, std::int64_t task, int worker));

}  // namespace convlens::conv
