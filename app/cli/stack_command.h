// `convlens stack`: a chain of layers as a table: shapes, parameters, multiply-adds, receptive fields.
#pragma once

#include <array>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "engine/core/error.h"

namespace convlens::cli {

struct StackOptions {
  std::string model;                        // a preset's name or a JSON file
  std::optional<std::array<int, 3>> input;  // channels, height, width in place of the model's
  bool json = false;
};

void declare_stack(CLI::App& command, StackOptions& options);
// The table, or one JSON object.
Result<std::string> run_stack(const StackOptions& options);

}  // namespace convlens::cli
