// `convlens train`: trains a model and keeps what it came to.
#pragma once

#include <string>

#include "app/cli/train_options.h"
#include "engine/core/error.h"

namespace convlens::cli {

// Prints a line for each epoch unless one JSON object is asked for; what to print at the end. Ctrl+C ends it after the
// step, with everything saved. Errors: see prepare_training; training that diverged, which leaves checkpoint and model
// files as they were; files that cannot be written, after all others have been.
Result<std::string> run_train(const TrainOptions& options);

}  // namespace convlens::cli
