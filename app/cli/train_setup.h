// From the options of `convlens train` to what a run needs: data, model, settings, and where it goes on.
#pragma once

#include <optional>

#include "app/cli/train_options.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/training/run.h"
#include "engine/training/source.h"
#include "engine/training/state.h"

namespace convlens::cli {

struct TrainSetup {
  training::DataParts data;
  training::RunDescription run;
  training::TrainerSettings settings;    // at the first step of this call
  std::optional<training::Frame> start;  // from a checkpoint
};

// Errors: data or files that cannot be read or do not fit together, folders that outputs would go to and that do not
// exist.
Result<TrainSetup> prepare_training(const TrainOptions& options, const Parallel& parallel);

}  // namespace convlens::cli
