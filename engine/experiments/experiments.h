// Named ready-made convolutions with their data: what benchmarks time and tests sample. No clock and no pictures in
// here.
#pragma once

#include <span>
#include <string_view>

#include "engine/conv/params.h"
#include "engine/core/tensor.h"

namespace convlens::experiments {

// How an experiment's filters are made.
enum class Filters {
  kRandom,     // every weight by itself: slices of full rank
  kSeparable,  // every slice an outer product of a random column and a random row: rank 1
};

struct Experiment {
  std::string_view name;
  std::string_view summary;  // what it is there to show
  Shape input;               // (N,C,H,W)
  Shape weights;             // (K,C/groups,R,S)
  conv::Params params;
  Filters filters = Filters::kRandom;
};

// All of them; names are unique.
std::span<const Experiment> experiments();

conv::Geometry geometry_of(const Experiment& experiment);
// Uniform in [-1, 1); the same at every call.
Tensor input_of(const Experiment& experiment);
Tensor weights_of(const Experiment& experiment);

}  // namespace convlens::experiments
