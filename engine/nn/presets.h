// Named networks: ready descriptions for any picture size and number of classes that they fit.
#pragma once

#include <span>
#include <string_view>

#include "engine/core/error.h"
#include "engine/nn/model.h"

namespace convlens::nn {

struct ModelPreset {
  std::string_view name;     // "lenet5": command line, files
  std::string_view label;    // "LeNet-5"
  std::string_view summary;  // one line: what it is made of
};

// keras-starter, lenet5, mnist-cnn, tiny-vgg, all-conv
std::span<const ModelPreset> model_presets();

// Errors: an unknown name (the message lists the known ones), or a picture too small for the model.
Result<ModelSpec> make_model(std::string_view name, int channels = 1, int height = 28, int width = 28,
                             int classes = 10);

}  // namespace convlens::nn
