// The public convolution call: picks a kernel from the table, runs it, says what ran.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/conv/params.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/tensor.h"

namespace convlens::conv {

// Which kernel and which instruction set to use; "auto" lets the engine choose. A forced choice that cannot run is an
// error, never a silent fallback.
struct KernelChoice {
  std::string kernel = "auto";
  std::string isa = "auto";
  bool operator==(const KernelChoice&) const = default;
};

// What ran.
struct Report {
  std::string kernel;
  std::string isa;
  int threads = 0;
  double milliseconds = 0;
  double gflops = 0;  // 2 * multiply-adds / time
};

// Scratch memory kept between calls so that a repeated call of the same shape allocates nothing. One per caller.
class Workspace {
 public:
  Workspace();
  ~Workspace();
  Workspace(Workspace&&) noexcept;
  Workspace& operator=(Workspace&&) noexcept;
  // At least `count` floats, 64-byte aligned, contents unspecified; slots keep separate blocks.
  float* floats(int slot, std::int64_t count);
  // At least `count` offsets, contents unspecified; slots of their own.
  std::int64_t* offsets(int slot, std::int64_t count);

 private:
  struct Blocks;
  std::unique_ptr<Blocks> blocks_;
};

// Shared with whoever watches a long call. The kernel adds to `done` as parts of the work finish; once the watcher has
// set `is_cancelled` it leaves the other parts out, and forward() returns an error.
struct Progress {
  std::atomic<bool> is_cancelled{false};
  std::atomic<std::int64_t> done{0};
  std::atomic<std::int64_t> total{0};
};

struct KernelInfo {
  std::string_view name;
  std::string_view summary;
  bool uses_simd;  // whether the ISA choice means anything to it
  // Whether the bits of a map depend on its own filter alone: computed without the other filters, or from its group's
  // channels without the other groups, it comes out the same. `direct` and `depthwise` keep more than that: both add
  // the products of a value in the order channel, filter row, filter column, begun with the bias, so on one instruction
  // set they give the same bits as each other, and a part of a picture the same as the whole.
  bool maps_are_independent = false;
};
// In the order in which engine/conv/README.md explains them.
std::span<const KernelInfo> kernels();

// One kernel's answer to one convolution.
struct Candidate {
  std::string_view kernel;
  // Why it cannot do it, as the end of a sentence that begins with its name; empty where it can.
  std::string_view refusal;
  // Expected on one core of the machine that the cost models were measured on; 0 where it refuses. For comparing
  // kernels: the choice must not depend on the machine's load, so that the same call always gives the same bits.
  double milliseconds = 0;
};
// All kernels, in the order of kernels(). Some of them study every weight for their answer.
std::vector<Candidate> candidates(const Geometry& geometry, ConstView weights);
// The refusal alone, of the kernel of that name; empty also where there is none of that name.
std::string_view refusal(std::string_view kernel, const Geometry& geometry, ConstView weights);
// The candidate that a choice means: the one of that name, or for "auto" the one with the least time, which is what
// forward() takes. Null where it refuses or there is none.
const Candidate* chosen(std::span<const Candidate> candidates, std::string_view kernel);
// The automatic choice in words: "direct: about 2.4 ms; next separable with 3.1 ms; winograd needs filters of 3 x 3".
std::string choice_in_words(std::span<const Candidate> candidates);
// Highway targets this machine can run, best first, by Highway's names ("AVX3_DL", "AVX3", "AVX2", "SSE4", ...).
std::vector<std::string> isa_targets();

// output = activation(conv(input, weights) + bias).
// input (N,C,H,W), weights (K,C/groups,R,S), bias K values or empty, output (N,K,P,Q) with the geometry's shapes.
// Same bits for every number of threads. Errors: a kernel or ISA name that is unknown or not available here; a forced
// kernel that refuses; cancelled.
Result<Report> forward(const Geometry& geometry, ConstView input, ConstView weights, std::span<const float> bias,
                       View output, const KernelChoice& choice, Workspace& workspace, const Parallel& parallel,
                       Progress* progress = nullptr);

// The activation alone, as used by every kernel's definition, in double.
double activate(double x, Activation activation);

}  // namespace convlens::conv
