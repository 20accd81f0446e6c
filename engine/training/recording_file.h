// Recordings on disk: one .safetensors file with a tensor for each frame, the curves, and the rest as notes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "engine/core/error.h"
#include "engine/io/safetensors.h"
#include "engine/training/recording.h"
#include "engine/training/run.h"

namespace convlens::training {

struct RecordedRun {
  RunDescription run;
  Recording recording;
};

// Replaces the file at once or leaves it as it was.
Status save_recording(const std::filesystem::path& path, const RunDescription& run, const Recording& recording);
// Errors: what cannot be read, no recording, or parts that do not fit together.
Result<RecordedRun> load_recording(const std::filesystem::path& path, std::int64_t budget = Recording::kDefaultBudget);
// The same from a file in memory; `name` is how messages call it.
Result<RecordedRun> parse_recording(io::Safetensors file, const std::string& name,
                                    std::int64_t budget = Recording::kDefaultBudget);

}  // namespace convlens::training
