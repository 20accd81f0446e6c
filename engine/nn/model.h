// The description of a network: plain data. Shapes follow from it here; weights and arithmetic live elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/conv/params.h"
#include "engine/core/error.h"
#include "engine/core/tensor.h"

namespace convlens::nn {

enum class LayerKind {
  kConv,
  kDense,
  kActivation,
  kMaxPool,
  kAveragePool,
  kGlobalAverage,
  kBatchNorm,
  kDropout,
  kFlatten
};
// conv, dense, activation, max-pool, average-pool, global-average, batch-norm, dropout, flatten
std::span<const conv::ChoiceName> layer_kind_names();
std::optional<LayerKind> parse_layer_kind(std::string_view name);

enum class InitKind {
  kHeNormal,
  kHeUniform,
  kGlorotNormal,
  kGlorotUniform,
  kLecunNormal,
  kNormal,
  kConstant,
  kZero,
  kFilter
};
// he-normal, he-uniform, glorot-normal, glorot-uniform, lecun-normal, normal, constant, zero, filter
std::span<const conv::ChoiceName> init_kind_names();
std::optional<InitKind> parse_init_kind(std::string_view name);

// Where a layer's first weights come from. Biases begin at zero.
struct Initialiser {
  InitKind kind = InitKind::kHeNormal;
  float value = 0.05f;  // the deviation of normal, the value of constant
  std::string filter;   // a preset of engine/filters, in every filter of the layer
  bool operator==(const Initialiser&) const = default;
};

// One layer. Each kind uses the fields named for it and ignores the others.
struct LayerSpec {
  LayerKind kind = LayerKind::kConv;
  // In the names of its parameters ("conv1" gives "conv1.weight"). Empty: by kind and position, as conv1, fc1, bn1.
  std::string name;

  int filters = 32;  // conv
  int rows = 3;      // conv: the filter's; pools: the window's
  int cols = 3;
  conv::Params conv;  // conv: everything else, its activation included
  int outputs = 10;   // dense
  bool bias = true;   // conv, dense

  conv::Activation activation = conv::Activation::kNone;  // activation; dense: applied to its outputs
  int stride_y = 0;                                       // pools: 0 is the window's own size
  int stride_x = 0;
  float rate = 0.5f;      // dropout: the share that becomes zero, in [0, 1)
  float epsilon = 1e-5f;  // batch-norm
  float momentum = 0.1f;  // batch-norm: weight of the newest batch in the running statistics

  Initialiser init;     // conv, dense
  bool frozen = false;  // training leaves its parameters alone
  bool operator==(const LayerSpec&) const = default;
};

struct ModelSpec {
  std::string name;
  int channels = 1;  // of a picture
  int height = 28;
  int width = 28;
  int classes = 10;
  std::vector<LayerSpec> layers;  // the last gives one number per class, the logits
  bool operator==(const ModelSpec&) const = default;
};

// Largest counts a description may ask for.
inline constexpr int kMaxFilters = 4096;
inline constexpr int kMaxOutputs = 65536;
inline constexpr int kMaxPictureSide = 4096;
inline constexpr int kMaxLayers = 256;

// What each layer makes of one picture: (1,C,H,W), flat ones (1,features,1,1); layers.size() of them. The error names
// the layer, what does not fit and what would.
Result<std::vector<Shape>> layer_shapes(const ModelSpec& model);

// The same for a chain that may end with anything and need not fit: what the layers before the first misfit make, and
// the sentence about that one. A chain without layers fits.
struct ChainShapes {
  std::vector<Shape> shapes;
  std::optional<Error> error;
};
ChainShapes chain_shapes(const ModelSpec& model);

// The layers with every name filled in.
std::vector<LayerSpec> named_layers(const ModelSpec& model);
// "layer 3 (max-pool)", counted from 1.
std::string layer_in_words(const ModelSpec& model, std::size_t index);

// Weights and biases that training changes, batch norm's scale and shift included. The model must be valid.
std::int64_t count_parameters(const ModelSpec& model);

// A conv layer's convolution for `n` pictures of the given shape.
Result<conv::Geometry> conv_geometry(const LayerSpec& layer, const Shape& input);

}  // namespace convlens::nn
