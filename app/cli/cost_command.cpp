// `convlens cost`: engine/explain's numbers as a table or as JSON.
#include "app/cli/cost_command.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "app/cli/declare.h"
#include "app/cli/layer_files.h"
#include "engine/explain/cost.h"

namespace convlens::cli {
namespace {

constexpr const char* kFooter =
    "Expected times come from the cost models by which 'auto' chooses, for one core of the machine that they were\n"
    "measured on; --measure runs the kernels here. A byte count is what must move at least once.\n"
    "Exit code: 0 done, 1 cannot, 2 usage.";

// Kernels expected to take longer are not run: the plain loops need minutes where others need milliseconds.
constexpr double kMostMilliseconds = 20000;

std::string milliseconds(double value) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.3g ms", value);
  return text.data();
}

std::string table(const conv::Geometry& g, const explain::Cost& cost, const std::vector<explain::KernelTime>& times,
                  bool was_measured) {
  std::string text =
      to_string(g.input_shape()) + " * " + to_string(g.weights_shape()) + " -> " + to_string(g.output_shape()) + "\n";
  const auto line = [&](std::string_view name, const std::string& value) {
    text += std::string(name) + std::string(name.size() < 26 ? 26 - name.size() : 1, ' ') + value + "\n";
  };
  line("output rows", conv::output_size_formula(g, conv::Axis::kY));
  line("output columns", conv::output_size_formula(g, conv::Axis::kX));
  for (const explain::CostLine& entry : explain::lines_of(cost)) {
    line(entry.name, entry.arithmetic + (entry.unit.empty() ? "" : " " + std::string(entry.unit)));
  }
  for (const explain::KernelTime& time : times) {
    std::string words = time.refusal.empty() ? "about " + milliseconds(time.expected_ms) : std::string(time.refusal);
    if (time.measured_ms > 0) {
      words += ", measured " + milliseconds(time.measured_ms) + " (" + time.isa + ")";
    } else if (was_measured && time.refusal.empty()) {
      words += ", not run";
    }
    line("kernel " + std::string(time.kernel), words + (time.is_choice ? "; the automatic choice" : ""));
  }
  return text;
}

std::string json_text(const conv::Geometry& g, const explain::Cost& cost,
                      const std::vector<explain::KernelTime>& times) {
  nlohmann::ordered_json json;
  const auto shape = [](const Shape& s) { return nlohmann::ordered_json{s.n, s.c, s.h, s.w}; };
  json["input_shape"] = shape(g.input_shape());
  json["weights_shape"] = shape(g.weights_shape());
  json["output_shape"] = shape(g.output_shape());
  for (const explain::CostLine& entry : explain::lines_of(cost)) {
    json["cost"].push_back(
        {{"name", entry.name}, {"value", entry.value}, {"unit", entry.unit}, {"arithmetic", entry.arithmetic}});
  }
  for (const explain::KernelTime& time : times) {
    nlohmann::ordered_json entry = {{"kernel", time.kernel}, {"is_choice", time.is_choice}};
    if (!time.refusal.empty()) entry["refusal"] = time.refusal;
    if (time.refusal.empty()) entry["expected_ms"] = time.expected_ms;
    if (time.measured_ms > 0) entry["measured_ms"] = time.measured_ms, entry["isa"] = time.isa;
    json["kernels"].push_back(entry);
  }
  return json.dump() + "\n";
}

}  // namespace

void declare_cost(CLI::App& command, CostOptions& options) {
  command.footer(kFooter);
  options.layer.repeat = 5;
  declare_layer_files(command, options.layer);
  declare_parameters(command, options.layer);
  command.add_flag("--measure", options.measure, "Run every kernel that can do it");
  command.add_option("--repeat", options.layer.repeat, "Runs of each kernel, of which the fastest is told (5)")
      ->type_name("N")
      ->check(CLI::Range(1, 1000));
  declare_threads(command, options.layer.threads, "Threads for --measure, 0 for every core (0)");
  command.add_flag("--json", options.layer.json, "Print one JSON object");
}

Result<std::string> run_cost(const CostOptions& options) {
  const Result<Layer> layer = read_layer(options.layer);
  if (!layer) return layer.error();
  const conv::Geometry& g = layer->geometry;
  const explain::Cost cost = explain::cost_of(g);
  std::vector<explain::KernelTime> times;
  if (options.measure) {
    const Parallel parallel(options.layer.threads);
    Result<std::vector<explain::KernelTime>> measured = explain::measure_kernels(
        g, layer->input.view(), layer->weights.view(), layer->bias, parallel, options.layer.repeat, kMostMilliseconds);
    if (!measured) return measured.error();
    times = std::move(*measured);
  } else {
    times = explain::kernel_times(g, layer->weights.view());
  }
  return options.layer.json ? json_text(g, cost, times) : table(g, cost, times, options.measure);
}

}  // namespace convlens::cli
