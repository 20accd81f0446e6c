// The Stack workspace's part of a document: a chain of layers as a person edits it. It need not fit.
#pragma once

#include <cstdint>
#include <string>

#include "engine/nn/model.h"

namespace convlens::model {

struct StackSettings {
  nn::ModelSpec model;       // its channels, height and width are what the picture is scaled to
  bool has_softmax = false;  // the last values as shares of classes
  std::uint64_t seed = 1;    // of random first weights
  std::string weights_file;  // a .safetensors file in place of them; empty: none
  bool operator==(const StackSettings&) const = default;
};

}  // namespace convlens::model
