// The yardstick of the convolution tests: a float64 convolution written apart from the engine, random cases for it, and
// a run of the engine on memory with guarded gaps. Shares no size arithmetic with engine/conv.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/conv/conv.h"
#include "engine/core/random.h"

namespace convlens::test {

// Everything that decides a convolution's numbers.
struct Case {
  conv::Params params;
  Shape input;
  Shape weights;
  bool has_bias = false;
  std::uint64_t seed = 1;  // of the values
  // Small integers whose sums are exact in float32; otherwise uniform in [-1, 1).
  bool integers = false;
  // Rank of every channel's slice of every filter, as a sum of that many outer products; 0 leaves it to chance.
  int rank = 0;
};
std::string describe(const Case& c);

// A random case over all parameters that does at most about `max_multiply_adds`. Its filter always fits.
Case random_case(Random& random, std::int64_t max_multiply_adds);

struct Data {
  Tensor input;
  Tensor weights;
  std::vector<float> bias;
};
Data make_data(const Case& c);

// What the output must be, and for each value the sum of the absolute products behind it (bias included).
struct Expected {
  Shape shape;
  std::vector<double> values;
  std::vector<double> magnitudes;
};
Expected oracle(const Case& c, const Data& data);

// All kernels on all instruction sets that this machine has: those that use SIMD once for each of isa_targets().
std::vector<conv::KernelChoice> all_choices();
// Those of them that do not refuse the case. Never empty: some kernels can do everything.
std::vector<conv::KernelChoice> choices_for(const Case& c, const Data& data);

// The engine's answer on strided views with gaps.
struct Outcome {
  conv::Report report;
  Shape shape;
  std::vector<float> values;
  bool guards_intact = false;  // nothing outside the output was written
  bool wrote_all = false;      // every output value was written
};
Outcome run_engine(const Case& c, const Data& data, const conv::KernelChoice& choice, const Parallel& parallel);

// Largest error in units of the tolerance (1e-5 of the sum of absolute products); at most 1 is right. NaN counts as
// infinite.
double worst_error(const Expected& expected, const std::vector<float>& values);

}  // namespace convlens::test
