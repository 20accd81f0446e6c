// From a description to what runs: steps, the buffers between them, and how their parameters lie. Internal to
// engine/nn.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "engine/nn/layers.h"
#include "engine/nn/network.h"

namespace convlens::nn {

// One thing that runs. It may stand for several layers of the description.
struct Step {
  enum class Kind { kConv, kFusedConv, kDense, kActivation, kPool, kBatchNorm, kDropout };
  Kind kind = Kind::kConv;
  std::size_t layer = 0;                                  // whose parameters it has
  std::size_t last_layer = 0;                             // whose values it makes
  conv::Activation activation = conv::Activation::kNone;  // of an activation step
  bool relu = false;
  bool pool = false;
  std::string name;
};

// The steps of a valid model. Flatten layers need none: values stay where they are.
std::vector<Step> plan_steps(const ModelSpec& model, bool is_fused);

// buffers[0] holds the images, buffers[i + 1] what step i makes; shapes only, no memory.
std::deque<Buffer> plan_buffers(const ModelSpec& model, const std::vector<Step>& steps);

// Layouts for list_parameters(model).
std::vector<ParameterStore::Layout> plan_parameters(const ModelSpec& model, const std::vector<Step>& steps,
                                                    const std::deque<Buffer>& buffers);

std::unique_ptr<Layer> make_layer(const ModelSpec& model, const Step& step, const LayerSite& site);

}  // namespace convlens::nn
