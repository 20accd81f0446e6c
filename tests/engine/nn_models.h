// What the tests of networks share: small models, random parameters and batches, and the network's answers as the
// reference gives them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/nn/network.h"
#include "engine/nn/reference.h"

namespace convlens::test {

// Layers, one word each, as in the models of the tests; see the presets for whole ones.
nn::LayerSpec conv_layer(int filters, int rows, int cols, conv::Params params = {});
nn::LayerSpec dense_layer(int outputs, conv::Activation activation = conv::Activation::kNone);
nn::LayerSpec activation_layer(conv::Activation activation);
nn::LayerSpec pool_layer(nn::LayerKind kind, int rows, int cols, int stride_y = 0, int stride_x = 0);
nn::LayerSpec dropout_layer(float rate);
nn::LayerSpec plain_layer(nn::LayerKind kind);

// A name and a model for every layer, every convolution parameter and every pattern that runs fused.
struct NamedModel {
  std::string name;
  nn::ModelSpec model;
};
std::vector<NamedModel> test_models();

struct Batch {
  std::vector<float> images;
  std::vector<std::int32_t> labels;
};
Batch random_batch(const nn::ModelSpec& model, std::int64_t n, std::uint64_t seed);

// Parameters of a size that keeps values near one, in PyTorch order.
std::vector<std::vector<float>> random_parameters(const nn::ModelSpec& model, std::uint64_t seed);
void write_parameters(nn::Network& network, const std::vector<std::vector<float>>& parameters);
std::vector<std::vector<float>> read_gradients(const nn::Network& network);

nn::reference::Outcome reference_outcome(const nn::ModelSpec& model, const std::vector<std::vector<float>>& parameters,
                                         const Batch& batch, const nn::reference::Pass& pass);

// Largest difference over the largest value of `expected` (at least `floor`).
double relative_error(const std::vector<double>& expected, const std::vector<float>& got, double floor = 1e-3);

}  // namespace convlens::test
