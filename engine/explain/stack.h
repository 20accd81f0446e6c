// A chain of layers made ready to be looked at: shapes, parameters, and one layer at a time from maps to maps, planar
// and in the open. Inference only. Fast networks that learn are engine/nn's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/conv/conv.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/tensor.h"
#include "engine/explain/pooling.h"
#include "engine/nn/model.h"
#include "engine/nn/parameters.h"

namespace convlens::explain {

// Values of all parameters: one vector for each of nn::list_parameters(model), in PyTorch order.
using StackParameters = std::vector<std::vector<float>>;

// What a layer needs besides the maps before it. Shapes are of one picture: (1,C,H,W), flat ones (1,features,1,1).
struct ReadyLayer {
  nn::LayerSpec spec;  // with its name
  Shape input, output;
  // Of conv layers; of dense layers as well, which are convolutions of 1x1 on one pixel with their inputs as channels.
  std::optional<conv::Geometry> geometry;
  Tensor weights;                                   // (K,C/groups,R,S); dense (outputs,inputs,1,1)
  std::vector<float> bias;                          // K values, or none
  std::vector<float> scale, shift, mean, variance;  // batch norm, one per channel
};

// Levels count the values between layers: level 0 is the picture, level i + 1 what layer i makes.
struct Stack {
  nn::ModelSpec model;
  std::vector<std::shared_ptr<const ReadyLayer>> layers;

  Shape level_shape(std::size_t level) const;
  std::size_t levels() const { return layers.size() + 1; }
};

// One value: channel (feature), row, column of a level.
struct Unit {
  std::int64_t c = 0, y = 0, x = 0;
  bool operator==(const Unit&) const = default;
};

// The most values that all levels of a stack may have together: a gibibyte.
inline constexpr std::int64_t kMaxStackValues = std::int64_t{1} << 28;

// First values by the layers' own initialisers. Errors: layers that do not fit, a named filter that does not.
Result<StackParameters> first_parameters(const nn::ModelSpec& model, std::uint64_t seed);

// Errors: layers that do not fit (the sentence of nn::chain_shapes), parameters of other shapes, maps beyond
// kMaxStackValues. Layers that are equal in `previous`, their inputs and parameters included, are shared with it.
Result<Stack> make_stack(const nn::ModelSpec& model, const StackParameters& parameters,
                         const Stack* previous = nullptr);

// What the layer makes of its input, by the kernel that is expected to be fastest; dropout passes everything on, batch
// norm uses its running statistics. Error: cancelled through `progress`.
Result<Tensor> run_layer(const ReadyLayer& layer, ConstView input, conv::Workspace& workspace, const Parallel& parallel,
                         conv::Progress* progress = nullptr);

// Rows, columns and strides of a pooling layer with what 0 stands for filled in; a global average is one window.
struct PoolWindow {
  std::int64_t rows = 1, cols = 1, stride_y = 1, stride_x = 1;
};
PoolWindow pool_window(const nn::LayerSpec& spec, const Shape& input);
bool is_pool(nn::LayerKind kind);
// The same as pooling.h has it.
PoolParams pool_params(const nn::LayerSpec& spec, const Shape& input);

// The unit of `maps` that a flatten layer puts at `index`.
Unit unit_of_flat(const Shape& maps, std::int64_t index);

// exp(z - max) over their sum, in double; empty for no values.
std::vector<double> softmax(std::span<const float> logits);

// What a layer costs for one picture.
struct LayerCost {
  std::int64_t parameters = 0;     // weights, biases, batch norm's scale and shift
  std::int64_t multiply_adds = 0;  // of conv and dense layers
  std::string arithmetic;  // of both: "6 × 1 × 5 × 5 + 6 = 156; 6 × 28 × 28 × 1 × 5 × 5 = 117 600"; may be empty
};
LayerCost layer_cost(const nn::LayerSpec& spec, const Shape& input, const Shape& output);

}  // namespace convlens::explain
