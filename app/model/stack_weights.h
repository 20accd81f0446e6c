// Weights of a chain from a .safetensors file: which tensor goes where, and what is missing or too much, by name.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "engine/core/error.h"
#include "engine/explain/stack.h"
#include "engine/io/named_tensor.h"
#include "engine/nn/model.h"

namespace convlens::model {

// By the names of nn::list_parameters(). Errors: tensors that are missing, have another shape, or belong to no layer;
// the sentence names the first few. Counters of batches that PyTorch writes ("num_batches_tracked") are passed over.
Result<explain::StackParameters> match_weights(const nn::ModelSpec& model, std::span<const io::NamedTensor> tensors,
                                               const std::string& file);
Result<explain::StackParameters> read_weights(const nn::ModelSpec& model, const std::filesystem::path& path);

}  // namespace convlens::model
