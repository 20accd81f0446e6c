// The pictures of a run: opened by their words, checked, and measured. Trains nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/nn/model.h"
#include "engine/training/preprocessing.h"
#include "engine/training/source.h"

namespace convlens::training {

struct RunData {
  DataParts parts;
  std::string fingerprint;      // of the training pictures
  Preprocessing preprocessing;  // likewise
};

// The data for a model that is there already: pictures of folders are brought to its size, classes to its order.
// Errors: as open_data() and check_fit().
Result<DataParts> open_data_for(const std::string& data, std::uint64_t seed, const nn::ModelSpec& model,
                                const std::vector<std::string>& class_names, const Parallel& parallel);

// Opened data as training needs them. Error: all training pictures are of one class.
Result<RunData> measure_data(DataParts parts);

}  // namespace convlens::training
