// A run's state in a file, from which training goes on as if it had never stopped. The file is a .safetensors file with
// the model's parameters under PyTorch's names, the optimizer's means beside them and the rest as notes, so that it can
// be evaluated, too (model_file.h).
#pragma once

#include <filesystem>
#include <string>

#include "engine/core/error.h"
#include "engine/io/safetensors.h"
#include "engine/training/run.h"
#include "engine/training/state.h"

namespace convlens::training {

struct Checkpoint {
  RunDescription run;
  Frame frame;  // a key frame
};

// Replaces the file at once or leaves it as it was.
Status save_checkpoint(const std::filesystem::path& path, const RunDescription& run, const Frame& frame);
// Errors: what cannot be read, no checkpoint, or parts that do not fit together.
Result<Checkpoint> load_checkpoint(const std::filesystem::path& path);
// The same from a file in memory; `name` is how messages call it.
Result<Checkpoint> parse_checkpoint(const io::Safetensors& file, const std::string& name);

}  // namespace convlens::training
