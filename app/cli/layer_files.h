// Reads what a layer of the command line is made of: input, weights or a named filter, bias. Writes nothing.
#pragma once

#include <vector>

#include "app/cli/options.h"
#include "engine/conv/params.h"
#include "engine/core/error.h"
#include "engine/core/tensor.h"

namespace convlens::cli {

struct Layer {
  Tensor input;
  Tensor weights;
  std::vector<float> bias;  // one value per filter, or empty
  conv::Geometry geometry;
};

// options.weights or options.preset is set. Errors: files that cannot be read or do not fit together.
Result<Layer> read_layer(const ConvOptions& options);

}  // namespace convlens::cli
