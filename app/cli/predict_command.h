// `convlens predict`: what a trained model sees in pictures.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/core/error.h"

namespace convlens::cli {

struct PredictOptions {
  std::filesystem::path model;
  std::vector<std::filesystem::path> pictures;
  int top = 3;
  bool json = false;
  int threads = 0;
};

void declare_predict(CLI::App& command, PredictOptions& options);
// What is done to the pictures, then a line for each; or one JSON object.
Result<std::string> run_predict(const PredictOptions& options);

}  // namespace convlens::cli
