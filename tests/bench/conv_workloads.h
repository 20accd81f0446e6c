// The convolutions that are timed, and the check that each must pass before its clock starts.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/conv/conv.h"

namespace convlens::bench {

struct Workload {
  std::string_view name;
  Shape input;
  Shape weights;
  int stride = 1;
  int dilation = 1;
  int groups = 1;
  conv::Activation activation = conv::Activation::kNone;
};
std::span<const Workload> workloads();
conv::Geometry geometry_of(const Workload& workload);

// A workload with its data and everything a repeated call keeps.
class Run {
 public:
  Run(const Workload& workload, const conv::KernelChoice& choice, int threads);

  // Empty, or what is wrong: a refusal, or the worst of some thousand outputs that are too far from a float64 sum.
  std::string verify();
  void once();

  const conv::Geometry& geometry() const { return geometry_; }
  // The least memory traffic: input, weights and output once each.
  double least_bytes() const;

 private:
  conv::Geometry geometry_;
  conv::KernelChoice choice_;
  Parallel parallel_;
  conv::Workspace workspace_;
  Tensor input_, weights_, output_;
};

}  // namespace convlens::bench
