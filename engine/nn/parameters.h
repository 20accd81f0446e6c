// The parameters of a model: their names, shapes and first values, as PyTorch has them. Where they are kept is
// Network's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/nn/model.h"

namespace convlens::nn {

enum class ParameterRole { kWeight, kBias, kScale, kShift, kMean, kVariance };

// One tensor: conv weights (K,C/groups,R,S), dense weights (outputs,inputs), all others one dimension.
struct ParameterInfo {
  std::string name;  // "conv1.weight", "bn1.running_mean"
  std::vector<std::int64_t> shape;
  std::size_t layer = 0;  // in ModelSpec::layers
  ParameterRole role = ParameterRole::kWeight;

  std::int64_t count() const;
  // False for batch norm's running statistics, which follow the data and not the gradient.
  bool is_trainable() const { return role != ParameterRole::kMean && role != ParameterRole::kVariance; }
};

// In the order of the layers; none where they do not fit (see chain_shapes).
std::vector<ParameterInfo> list_parameters(const ModelSpec& model);

// First values in PyTorch order, from the layer's initialiser: the same for a seed and a parameter, whatever the other
// layers are. Error: a named filter that does not fit its layer.
Result<std::vector<float>> first_values(const ModelSpec& model, const ParameterInfo& parameter, std::uint64_t seed);

}  // namespace convlens::nn
