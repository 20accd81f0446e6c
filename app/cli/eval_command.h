// `convlens eval`: how good a trained model is on a data set.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <string>

#include "engine/core/error.h"

namespace convlens::cli {

struct EvalOptions {
  std::string data;
  std::filesystem::path model;
  bool on_train = false;  // the training part instead of the test part
  bool confusion = false;
  bool json = false;
  std::filesystem::path logits;  // when not empty: the network's answers are written there
  std::uint64_t seed = 1;
  int threads = 0;
};

void declare_eval(CLI::App& command, EvalOptions& options);
// Loss, accuracy, classes and, where asked for, the confusion table; or one JSON object.
Result<std::string> run_eval(const EvalOptions& options);

}  // namespace convlens::cli
