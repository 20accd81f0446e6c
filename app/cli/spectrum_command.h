// `convlens spectrum`: the frequency response of a filter, or the spectrum of an input channel or a map, as a file;
// the filter in words.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "app/cli/options.h"
#include "engine/core/error.h"

namespace convlens::cli {

enum class SpectrumOf { kFilter, kInput, kOutput };

struct SpectrumOptions {
  ConvOptions layer;  // its input may be left out for kFilter
  SpectrumOf of = SpectrumOf::kFilter;
  std::int64_t filter = 0;
  std::int64_t channel = 0;    // within the filter's group; for kInput, of the input
  int rows = 256, cols = 256;  // of the response's grid
  bool decibels = false;
};

void declare_spectrum(CLI::App& command, SpectrumOptions& options);
// Writes the file and returns what to print.
Result<std::string> run_spectrum(const SpectrumOptions& options);

}  // namespace convlens::cli
