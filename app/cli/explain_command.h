// `convlens explain`: one output value, one weight or one input pixel of a layer, in full.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "app/cli/options.h"
#include "engine/core/error.h"
#include "engine/explain/probe_text.h"

namespace convlens::cli {

struct ExplainOptions {
  ConvOptions layer;
  // Exactly one of these.
  std::optional<std::array<std::int64_t, 3>> at;      // map, row, column of an output value
  std::optional<std::array<std::int64_t, 4>> weight;  // filter, channel within its group, row, column
  std::optional<std::array<std::int64_t, 3>> pixel;   // channel, row, column of the input
  std::int64_t image = 0;
  // In a chain of layers: its name or file, and which layer; weights are then layer.weights or drawn with the seed.
  std::string model;
  std::string layer_name;
  std::uint64_t seed = 1;
  explain::ProbeFormat format = explain::ProbeFormat::kText;
  int depth = explain::kMaxProbeDepth;
  int digits = 5;
};

void declare_explain(CLI::App& command, ExplainOptions& options);
// What to print. Errors: files, an index outside the layer, a kernel that cannot run.
Result<std::string> run_explain(const ExplainOptions& options);

}  // namespace convlens::cli
