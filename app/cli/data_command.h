// `convlens data fetch mnist DIR` and `convlens data info DATA`: what there is to train on. Trains nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/core/error.h"

namespace CLI {
class App;
}

namespace convlens::cli {

struct DataFetchOptions {
  std::string name = "mnist";  // the only one that can be fetched
  std::filesystem::path folder;
  std::vector<std::string> mirrors;  // empty: the public ones
};

struct DataInfoOptions {
  std::string data;             // what training::open_data takes, or just a folder
  std::filesystem::path sheet;  // when not empty: a PNG with some pictures of each class is written there
  std::uint64_t seed = 1;
  bool json = false;
};

struct DataOptions {
  bool fetches = false;  // which of the two is asked for
  DataFetchOptions fetch;
  DataInfoOptions info;
};

// Adds the two subcommands to `data`.
void declare_data(CLI::App& data, DataOptions& options);

// Either of the two: what to print at the end.
Result<std::string> run_data(const DataOptions& options);

// Fetches, with progress on a terminal's stderr; Ctrl+C leaves off and keeps what has come. What to print at the end.
Result<std::string> run_data_fetch(const DataFetchOptions& options);

// Pictures, sizes, classes and what was left out, in words or as one JSON object on one line.
Result<std::string> run_data_info(const DataInfoOptions& options);

}  // namespace convlens::cli
