// Named filters: a table with one line on what each shows, and the function that makes their weights.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/core/error.h"

namespace convlens::filters {

// One row of the table.
struct Preset {
  std::string_view name;    // "sobel-x": files, command line, text twin
  std::string_view label;   // "Sobel x"
  std::string_view family;  // "Blur", "Edge", "Sharpen", "Texture", "Colour", "Basic": how the screen groups them
  std::string_view shows;   // one line: what a person sees with it
  int default_size = 3;     // rows = columns
  bool any_size = true;     // false: only default_size makes sense
  bool colour = false;      // true: differs between the three input channels; needs channels == 3
};

struct PresetArgs {
  int rows = 3;
  int cols = 3;
  int channels = 1;
  float orientation_degrees = 0;  // Gabor, motion blur, shift
  float wavelength = 4;           // Gabor, pixels
  float phase_degrees = 0;        // Gabor
  std::uint64_t seed = 1;         // random
};

std::span<const Preset> presets();
const Preset* find_preset(std::string_view name);

// Weights (channels, rows, cols). A grey filter on several channels gets 1/channels of its weights in each, so that it
// sees their mean. Errors: unknown name, a size or channel count the preset does not make sense for.
Result<std::vector<float>> make_preset(std::string_view name, const PresetArgs& args);

}  // namespace convlens::filters
