// Trained models on disk: weights in PyTorch's names and layouts, their description as JSON beside them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/nn/network.h"
#include "engine/training/preprocessing.h"

namespace convlens::training {

struct TrainedModel {
  nn::ModelSpec model;
  Preprocessing preprocessing;
  std::vector<float> values;  // as Frame::values
};

// Where the description of the weights in `path` stands: the same name ending in .json.
std::filesystem::path description_path(const std::filesystem::path& path);

// Error: a name that save_model() does not write.
Status check_model_path(const std::filesystem::path& path);

// By the ending: .safetensors (with the description in its notes, too) or .npz. Each of the two files is replaced at
// once or left as it was. Errors: as check_model_path(), or what the disk says.
Status save_model(const std::filesystem::path& path, const TrainedModel& model);

// What save_model wrote, a checkpoint, or weights from elsewhere with a description beside them. Without preprocessing
// in it the pictures' values in [0,1] are taken as they are. Errors: what cannot be read, a description that is
// missing, weights of another architecture.
Result<TrainedModel> load_model(const std::filesystem::path& path);

// Ready to run with these weights.
Result<nn::Network> make_network(const TrainedModel& model, const nn::NetworkOptions& options);

// What the weights in a .safetensors file are of, by its notes or the description beside it; nothing where neither
// tells. The weights themselves are not read. Errors: a file or a description that cannot be read.
Result<std::optional<nn::ModelSpec>> find_description(const std::filesystem::path& path);

// Just a description, without weights.
Result<nn::ModelSpec> read_description(const std::filesystem::path& path);

}  // namespace convlens::training
