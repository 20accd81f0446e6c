// One convolution made ready to be timed, and the check that it must pass before its clock starts. No clock in here.
#pragma once

#include <string>

#include "engine/conv/conv.h"
#include "engine/experiments/experiments.h"

namespace convlens::bench {

// An experiment's data and everything that a repeated call keeps.
class ConvRun {
 public:
  ConvRun(const experiments::Experiment& experiment, int threads);

  // Empty, or what is wrong: a refusal, or an output among some thousand that is too far from a float64 sum.
  std::string verify(const conv::KernelChoice& choice);
  conv::Report once(const conv::KernelChoice& choice);

  const conv::Geometry& geometry() const { return geometry_; }
  ConstView weights() const { return weights_.view(); }
  // The least memory traffic: input, weights and output once each.
  double least_bytes() const;

 private:
  conv::Geometry geometry_;
  Parallel parallel_;
  conv::Workspace workspace_;
  Tensor input_, weights_, output_;
};

}  // namespace convlens::bench
