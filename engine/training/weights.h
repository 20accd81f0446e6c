// Parameters by name, as weight files have them, and as the rows that frames have. Internal to engine/training.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/io/named_tensor.h"
#include "engine/nn/model.h"

namespace convlens::training {

// Tensors PREFIX + name for all parameters, or for those that training changes; views on `row`.
std::vector<io::NamedTensorView> tensors_of(const nn::ModelSpec& model, std::span<const float> row,
                                            const std::string& prefix, bool only_trainable);

// The way back. Error, naming the file: a tensor is missing or has another shape.
Result<std::vector<float>> row_of(const nn::ModelSpec& model, std::span<const io::NamedTensor> tensors,
                                  const std::string& prefix, bool only_trainable, const std::string& file);

// Error: a tensor that is neither a parameter nor begins with one of the prefixes. What PyTorch counts in batch norm
// layers may be there.
Status check_names(const nn::ModelSpec& model, std::span<const io::NamedTensor> tensors,
                   std::span<const std::string> prefixes, const std::string& file);

}  // namespace convlens::training
