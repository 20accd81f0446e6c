// What `convlens conv` was asked to do, and the readers of its option values. Touches no files.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "engine/conv/conv.h"
#include "engine/conv/params.h"
#include "engine/core/error.h"

namespace convlens::cli {

// NAME, NAME:7 or NAME:5x7.
struct PresetChoice {
  std::string name;
  int rows = 0;
  int cols = 0;
};

struct ConvOptions {
  std::filesystem::path input;
  std::optional<std::filesystem::path> weights;
  std::optional<PresetChoice> preset;
  std::optional<std::filesystem::path> bias;
  std::filesystem::path output;
  conv::Params params;
  conv::KernelChoice kernel;
  std::filesystem::path shader_dir;  // empty: the shaders that are part of the program
  bool gray = false;
  bool json = false;
  int threads = 0;  // 0: every core
  int repeat = 1;
};

// "2" or "2,3" as (y, x).
Result<std::pair<int, int>> parse_pair(const std::string& text);
// Sets params.padding and, for "1" or "0,1,2,3" (top, bottom, left, right), params.custom.
Status parse_padding(const std::string& text, conv::Params& params);
// The size is the filter's usual one when it is left out.
Result<PresetChoice> parse_preset(const std::string& text);

}  // namespace convlens::cli
