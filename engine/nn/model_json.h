// A network's description as JSON text and back. Weights are not in it.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/error.h"
#include "engine/nn/model.h"

namespace convlens::nn {

// {"name": "lenet5", "input": [1, 28, 28], "classes": 10, "layers": [{"kind": "conv", "filters": 6, ...}, ...]}
// Fields that have their default value are left out.
std::string to_json(const ModelSpec& model);

// Errors: not JSON, an unknown field or choice, a value of the wrong type, or layers that do not fit (see
// layer_shapes).
Result<ModelSpec> model_from_json(std::string_view text);
// The same without asking whether the layers fit and end with classes: a chain under construction.
Result<ModelSpec> chain_from_json(std::string_view text);

}  // namespace convlens::nn
