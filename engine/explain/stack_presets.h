// Named chains of layers to look at. Networks to train are engine/nn/presets; some of them stand here as well.
#pragma once

#include <span>
#include <string_view>

#include "engine/core/error.h"
#include "engine/nn/model.h"

namespace convlens::explain {

struct StackPreset {
  std::string_view name;     // "lenet5": command line, files
  std::string_view label;    // "LeNet-5"
  std::string_view summary;  // what it shows
  bool has_softmax = false;  // its last values are shares of classes
};

// keras-starter, lenet5, small-vgg, three-3x3, one-7x7, dilations, two-linear
std::span<const StackPreset> stack_presets();
const StackPreset* find_stack_preset(std::string_view name);

// Error: an unknown name; the message lists the known ones.
Result<nn::ModelSpec> make_stack_model(std::string_view name);

}  // namespace convlens::explain
