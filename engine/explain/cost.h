// What a layer costs, as numbers and as written arithmetic: parameters, multiply-adds, bytes, intensity, the dense
// layer in its place, and the time of each kernel. Formulas of parameters and multiply-adds are conv/params' own.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/conv/conv.h"
#include "engine/conv/params.h"
#include "engine/core/error.h"

namespace convlens::explain {

// One line of the table: "parameters", 224, "8 × 3 × 3 × 3 + 8 = 224".
struct CostLine {
  std::string_view name;
  double value = 0;
  std::string_view unit;  // empty for counts
  std::string arithmetic;
};

struct Cost {
  CostLine parameters;        // weights and one bias for each filter
  CostLine multiply_adds;     // of the whole layer
  CostLine per_output;        // multiply-adds of one output value
  CostLine bytes;             // float32 that must move at least once: input, weights and bias in, maps out
  CostLine intensity;         // floating-point operations per byte: 2 multiply-adds / bytes
  CostLine dense_parameters;  // of a dense layer between the same shapes, one image
  CostLine dense_multiply_adds;
  CostLine sharing;  // how many times fewer parameters the convolution needs
};
Cost cost_of(const conv::Geometry& geometry);
// The lines in the order in which they are shown.
std::vector<CostLine> lines_of(const Cost& cost);

struct KernelTime {
  std::string_view kernel;
  std::string_view refusal;  // as in conv::Candidate; empty where it can
  double expected_ms = 0;    // of the cost model, on one core of the machine it was measured on
  double measured_ms = 0;    // the least of the runs; 0 where it was not run
  std::string isa;           // of the measured run
  bool is_choice = false;    // what "auto" takes
};
// Expectations alone.
std::vector<KernelTime> kernel_times(const conv::Geometry& geometry, ConstView weights);
// Told what is known so far and which kernel runs next (an index of it); false stops the measuring there.
using MeasureWatch = std::function<bool(std::span<const KernelTime> so_far, std::size_t next)>;
// Runs every kernel that can do it, `repeats` times each; one whose expectation is above `most_ms` is left out.
// `watch` may be empty, `progress` is that of the run under way. Errors: as conv::forward(), cancelled among them.
Result<std::vector<KernelTime>> measure_kernels(const conv::Geometry& geometry, ConstView input, ConstView weights,
                                                std::span<const float> bias, const Parallel& parallel, int repeats,
                                                double most_ms, const MeasureWatch& watch = {},
                                                conv::Progress* progress = nullptr);

}  // namespace convlens::explain
