// `convlens explain --model`: one value of one layer of a chain of layers.
#pragma once

#include <string>

#include "app/cli/explain_command.h"
#include "engine/core/error.h"
#include "engine/nn/model.h"

namespace convlens::cli {

// A named stack or a JSON file. Error: neither.
Result<nn::ModelSpec> read_model(const std::string& name);

// options.model, layer and at are set.
Result<std::string> explain_in_model(const ExplainOptions& options);

}  // namespace convlens::cli
