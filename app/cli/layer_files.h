// Reads what a layer of the command line is made of: input, weights or a named filter, bias. Writes nothing.
#pragma once

#include <cstdint>
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

// options.input, grey where options.gray says so.
Result<Tensor> read_input(const ConvOptions& options);
// options.weights, or options.preset on this many channels; one of them is set.
Result<Tensor> read_weights(const ConvOptions& options, std::int64_t channels);
// options.weights or options.preset is set. Errors: files that cannot be read or do not fit together.
Result<Layer> read_layer(const ConvOptions& options);

}  // namespace convlens::cli
