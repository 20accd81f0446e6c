// Products of sizes, in double where they may exceed 64 bits.
#include "engine/explain/cost.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "engine/core/text.h"

namespace convlens::explain {
namespace {

constexpr double kBytesPerValue = 4;
// Beyond this a double no longer counts one by one.
constexpr double kExact = 9e15;

std::string number(std::int64_t value) { return std::to_string(value); }

std::string ratio(double value) { return formatted("%.4g", value); }

// "66 355 200"; "1.23e+19" beyond exact counts.
std::string count_text(double value) { return std::abs(value) >= kExact ? ratio(value) : grouped(std::llround(value)); }

double as_double(std::int64_t value) { return static_cast<double>(value); }

CostLine bytes_of(const conv::Geometry& g) {
  const double values =
      as_double(g.input_shape().size()) + as_double(g.parameters()) + as_double(g.output_shape().size());
  return {"bytes", kBytesPerValue * values, "B",
          "4 × (" + count_text(as_double(g.input_shape().size())) + " in + " + count_text(as_double(g.parameters())) +
              " parameters + " + count_text(as_double(g.output_shape().size())) +
              " out) = " + count_text(kBytesPerValue * values)};
}

// A dense layer reads all C·H·W values for each of its K·P·Q outputs.
CostLine dense_parameters_of(const conv::Geometry& g) {
  const double inputs = as_double(g.c * g.h * g.w);
  const double outputs = as_double(g.k * g.p * g.q);
  const double parameters = inputs * outputs + outputs;
  return {"dense parameters", parameters, "",
          "(" + number(g.c) + " × " + number(g.h) + " × " + number(g.w) + ") × (" + number(g.k) + " × " + number(g.p) +
              " × " + number(g.q) + ") + " + number(g.k) + " × " + number(g.p) + " × " + number(g.q) + " = " +
              count_text(parameters)};
}

CostLine dense_multiply_adds_of(const conv::Geometry& g) {
  const double count = as_double(g.n) * as_double(g.c * g.h * g.w) * as_double(g.k * g.p * g.q);
  return {"dense multiply-adds", count, "",
          number(g.n) + " × (" + number(g.c) + " × " + number(g.h) + " × " + number(g.w) + ") × (" + number(g.k) +
              " × " + number(g.p) + " × " + number(g.q) + ") = " + count_text(count)};
}

}  // namespace

Cost cost_of(const conv::Geometry& g) {
  Cost cost;
  cost.parameters = {"parameters", as_double(g.parameters()), "", conv::parameters_formula(g)};
  cost.multiply_adds = {"multiply-adds", as_double(g.multiply_adds()), "", conv::multiply_adds_formula(g)};
  const std::int64_t per_output = g.channels_per_group() * g.r * g.s;
  cost.per_output = {"multiply-adds per output", as_double(per_output), "",
                     number(g.channels_per_group()) + " × " + number(g.r) + " × " + number(g.s) + " = " +
                         count_text(as_double(per_output))};
  cost.bytes = bytes_of(g);
  const double intensity = 2 * cost.multiply_adds.value / cost.bytes.value;
  cost.intensity = {
      "arithmetic intensity", intensity, "FLOP/B",
      "2 × " + count_text(cost.multiply_adds.value) + " / " + count_text(cost.bytes.value) + " = " + ratio(intensity)};
  cost.dense_parameters = dense_parameters_of(g);
  cost.dense_multiply_adds = dense_multiply_adds_of(g);
  const double sharing = cost.dense_parameters.value / cost.parameters.value;
  cost.sharing = {
      "parameters saved", sharing, "times",
      count_text(cost.dense_parameters.value) + " / " + count_text(cost.parameters.value) + " = " + ratio(sharing)};
  return cost;
}

std::vector<CostLine> lines_of(const Cost& cost) {
  return {cost.parameters, cost.multiply_adds,    cost.per_output,          cost.bytes,
          cost.intensity,  cost.dense_parameters, cost.dense_multiply_adds, cost.sharing};
}

std::vector<KernelTime> kernel_times(const conv::Geometry& geometry, ConstView weights) {
  std::vector<KernelTime> times;
  for (const conv::Candidate& candidate : conv::candidates(geometry, weights)) {
    times.push_back({candidate.kernel, candidate.refusal, candidate.milliseconds, 0, "", false});
  }
  KernelTime* best = nullptr;
  for (KernelTime& time : times) {
    if (time.refusal.empty() && (!best || time.expected_ms < best->expected_ms)) best = &time;
  }
  if (best) best->is_choice = true;
  return times;
}

Result<std::vector<KernelTime>> measure_kernels(const conv::Geometry& geometry, ConstView input, ConstView weights,
                                                std::span<const float> bias, const Parallel& parallel, int repeats,
                                                double most_ms, const MeasureWatch& watch, conv::Progress* progress) {
  assert(repeats >= 1);
  std::vector<KernelTime> times = kernel_times(geometry, weights);
  Tensor output = Tensor::uninitialized(geometry.output_shape());
  conv::Workspace workspace;
  for (std::size_t index = 0; index < times.size(); ++index) {
    KernelTime& time = times[index];
    if (!time.refusal.empty() || time.expected_ms > most_ms) continue;
    if (watch && !watch(times, index)) return times;
    for (int i = 0; i < repeats; ++i) {
      const conv::KernelChoice choice{std::string(time.kernel), "auto"};
      const Result<conv::Report> report =
          conv::forward(geometry, input, weights, bias, output.view(), choice, workspace, parallel, progress);
      if (!report) return report.error();
      time.measured_ms = i == 0 ? report->milliseconds : std::min(time.measured_ms, report->milliseconds);
      time.isa = report->isa;
    }
  }
  return times;
}

}  // namespace convlens::explain
