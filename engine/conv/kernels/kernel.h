// What every convolution kernel implements, and the table they stand in. Internal to engine/conv.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
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
  // Calls body(task, worker) for the tasks of a call, one step of progress each; leaves out what is left once the call
  // is cancelled.
  template <class Body>
  void for_each_task(std::int64_t tasks, const Body& body) const {
    parallel.for_each_with_worker(tasks, [&](std::int64_t task, int worker) {
      if (is_cancelled()) return;
      body(task, worker);
      advance_progress();
    });
  }
  bool is_cancelled() const { return progress && progress->is_cancelled.load(std::memory_order_relaxed); }
  // K values, zeros where there is no bias.
  void copy_bias(float* out) const {
    for (std::int64_t k = 0; k < geometry.k; ++k) out[k] = bias_of(k);
  }
  float bias_of(std::int64_t k) const { return bias.empty() ? 0.0f : bias[static_cast<std::size_t>(k)]; }
};

// One way to convolve. Each stands in a file of its own name as a constant below; conv.cpp holds the table of them.
struct Kernel {
  KernelInfo info;
  // Why it cannot do this convolution, as the end of a sentence that begins with its name ("needs filters of 3 x 3");
  // empty where it can. Both questions are asked at every call: cheap beside the convolution, and without allocating.
  std::string_view (*refusal)(const Geometry& geometry, ConstView weights);
  // Expected milliseconds on one core of the machine that the constants in the kernels' cost models were measured on.
  // Depends on shapes and weights only, never on threads or load: the same call always gets the same kernel.
  double (*estimate)(const Geometry& geometry, ConstView weights);
  // For kernels that study every weight to answer the two questions: a time that no estimate is below, from the shapes
  // alone, so that they are not asked where another kernel is faster anyway. Null for the others.
  double (*least_estimate)(const Geometry& geometry);
  // Writes every output value and returns the name of the instruction set that did it. `target` is one of
  // simd_targets() for kernels that use SIMD and means nothing to the others. Only called where refusal() is empty.
  std::string (*run)(const Job& job, std::int64_t target);
};

extern const Kernel kReference;
extern const Kernel kIm2col;
extern const Kernel kDepthwise;
extern const Kernel kDirect;
extern const Kernel kWinograd;
extern const Kernel kGemm;
extern const Kernel kSeparable;
extern const Kernel kFft;

// A refusal() for kernels that can do everything.
inline std::string_view never_refuses(const Geometry&, ConstView) { return {}; }

}  // namespace convlens::conv
