// What every convolution kernel implements, and the table they stand in. Internal to engine/conv.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/conv/conv.h"

namespace convlens::conv {

// Everything a kernel is given. Shapes agree with the geometry; bias is empty or has K values.
struct Job {
  const Geometry& geometry;
  ConstView input;
  ConstView weights;
  std::span<const float> bias;
  View output;
  Workspace& workspace;
  const Parallel& parallel;
  Progress* progress;  // may be null

  void start_progress(std::int64_t total) const {
    if (!progress) return;
    progress->done = 0;
    progress->total = total;
  }
  void advance_progress() const {
    if (progress) progress->done.fetch_add(1, std::memory_order_relaxed);
  }
  bool is_cancelled() const { return progress && progress->is_cancelled.load(std::memory_order_relaxed); }
  float bias_of(std::int64_t k) const { return bias.empty() ? 0.0f : bias[static_cast<std::size_t>(k)]; }
};

struct Kernel {
  KernelInfo info;
  // Writes every output value and returns the name of the instruction set that did it. `target` is one of
  // simd_targets() for kernels that use SIMD and means nothing to the others.
  std::string (*run)(const Job& job, std::int64_t target);
};

std::string run_reference(const Job& job, std::int64_t target);
std::string run_im2col(const Job& job, std::int64_t target);
std::string run_direct(const Job& job, std::int64_t target);

// Highway target bits that were compiled and that this machine can run, best first.
std::vector<std::int64_t> simd_targets();

}  // namespace convlens::conv
