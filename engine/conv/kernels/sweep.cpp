// The part of a sweep that is the same for every instruction set: packed weights, scratch memory, the loop over tasks.
#include "engine/conv/kernels/sweep.h"

#include <hwy/targets.h>

namespace convlens::conv {
namespace {

enum FloatSlot { kWeightsSlot, kBiasSlot, kScratchSlot };
enum OffsetSlot { kCopySlot, kPictureSlot };

void pack_weights(const Job& job, const SweepPlan& plan, float* packed) {
  const Geometry& g = job.geometry;
  const std::int64_t filters = g.filters_per_group();
  job.parallel.for_each(g.groups * plan.blocks, [&](std::int64_t i) {
    const std::int64_t group = i / plan.blocks;
    const std::int64_t begin = plan.block_begin(i % plan.blocks, filters);
    const std::int64_t count = plan.block_begin(i % plan.blocks + 1, filters) - begin;
    float* block = packed + (group * filters + begin) * plan.taps;
    for (std::int64_t f = 0; f < count; ++f) {
      float* out = block + f;
      for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
        for (std::int64_t r = 0; r < g.r; ++r) {
          const float* row = job.weights.row(group * filters + begin + f, c, g.flip ? g.r - 1 - r : r);
          for (std::int64_t s = 0; s < g.s; ++s, out += count) *out = row[g.flip ? g.s - 1 - s : s];
        }
      }
    }
  });
}

}  // namespace

std::string run_sweep(const Job& job, const TileLimits& limits,
                      void (*run_task)(const SweepCall& call, std::int64_t task, int worker)) {
  const Geometry& g = job.geometry;
  const SweepPlan plan = plan_sweep(g, limits);

  std::int64_t* copy_offsets = job.workspace.offsets(kCopySlot, plan.taps);
  fill_tap_offsets(g, plan.copy, copy_offsets);
  std::int64_t* picture_offsets = job.workspace.offsets(kPictureSlot, plan.taps);
  fill_tap_offsets(g, {job.input.row_stride, job.input.plane_stride}, picture_offsets);
  float* weights = job.workspace.floats(kWeightsSlot, g.k * plan.taps);
  pack_weights(job, plan, weights);
  float* bias = job.workspace.floats(kBiasSlot, g.k);
  job.copy_bias(bias);
  float* scratch = job.workspace.floats(kScratchSlot, plan.scratch_floats * job.parallel.threads());

  const SweepCall call{job, plan, copy_offsets, picture_offsets, weights, bias, scratch};
  job.start_progress(plan.tasks);
  job.for_each_task(plan.tasks, [&](std::int64_t task, int worker) { run_task(call, task, worker); });
  return hwy::TargetName(limits.target);
}

}  // namespace convlens::conv
