// `convlens cost`: what a layer costs, as written arithmetic, and the time of each kernel.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "app/cli/options.h"
#include "engine/core/error.h"

namespace convlens::cli {

struct CostOptions {
  ConvOptions layer;     // json, threads and repeat among them
  bool measure = false;  // run the kernels
};

void declare_cost(CLI::App& command, CostOptions& options);
// The table, or one JSON object.
Result<std::string> run_cost(const CostOptions& options);

}  // namespace convlens::cli
