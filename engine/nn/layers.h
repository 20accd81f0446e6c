// The layers by kind. Each stands in a file of its own name. Internal to engine/nn.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/conv/params.h"
#include "engine/nn/layer.h"
#include "engine/nn/model.h"
#include "engine/nn/store.h"

namespace convlens::nn {

// What every layer is made with. The buffers' memory is given to them after all layers have been made.
struct LayerSite {
  const LayerSpec& spec;
  std::size_t index;  // in the model
  const Buffer& input;
  const Buffer& output;
  ParameterStore& store;
  std::int64_t batch;  // most images of a pass
  int workers;
  std::int64_t target;  // Highway target
};

// Any convolution, without its activation.
std::unique_ptr<Layer> make_conv_layer(const LayerSite& site, const conv::Geometry& geometry);
// A convolution that fused_conv.h can do, with ReLU and pooling where told.
bool can_fuse(const conv::Geometry& geometry);
std::unique_ptr<Layer> make_fused_conv_layer(const LayerSite& site, const conv::Geometry& geometry, bool relu,
                                             bool pool);
std::unique_ptr<Layer> make_dense_layer(const LayerSite& site, bool relu);
std::unique_ptr<Layer> make_activation_layer(const LayerSite& site, conv::Activation activation);
// max-pool, average-pool, global-average
std::unique_ptr<Layer> make_pool_layer(const LayerSite& site);
std::unique_ptr<Layer> make_batch_norm_layer(const LayerSite& site);
std::unique_ptr<Layer> make_dropout_layer(const LayerSite& site);

// How a layer's parameter lies in the store, given what the layer reads.
ParameterStore::Layout parameter_layout(const LayerSpec& spec, const ParameterInfo& info, const Buffer& input);

}  // namespace convlens::nn
