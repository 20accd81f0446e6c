// Everything a person can set in a document: plain structs with defaults and ==. Undo snapshots and saves are copies.
#pragma once

#include <string>
#include <vector>

#include "app/model/stack_settings.h"
#include "app/model/train_settings.h"
#include "engine/conv/conv.h"
#include "engine/conv/params.h"
#include "engine/explain/pooling.h"

namespace convlens::model {

// Where the picture comes from. A pasted picture lives in memory only and is named "pasted-1", ...
struct PictureRef {
  enum class Kind { kBuiltin, kFile, kPasted };
  Kind kind = Kind::kBuiltin;
  std::string name = "scene";  // built-in name, absolute path, or paste name
  bool operator==(const PictureRef&) const = default;
};

// Which channels of the picture are convolved: three of them (RGB) or one.
enum class Channels { kRgb, kGrey, kRed, kGreen, kBlue };

// One filter of the bank. weights has channels * rows * cols values of its bank, in (C/groups, R, S) order.
// strength blends identity (0) into the filter (1); it may exceed 1. See effective_weights().
struct Filter {
  std::string name;
  std::vector<float> weights;
  float bias = 0;
  float strength = 1;
  bool operator==(const Filter&) const = default;
};

// K filters of one shape. `channels` is C/groups of the convolution they take part in.
struct FilterBank {
  int channels = 3;
  int rows = 3;
  int cols = 3;
  std::vector<Filter> filters;
  bool operator==(const FilterBank&) const = default;
};

// All that the feature maps depend on.
struct ConvSettings {
  PictureRef picture;
  Channels channels = Channels::kRgb;
  conv::Params params;
  FilterBank bank;
  conv::KernelChoice kernel;
  int threads = 0;  // 0: every core
  bool operator==(const ConvSettings&) const = default;
};

enum class RangeMode { kPerMap, kLayer, kGlobal, kFixed };  // global: widest range seen since the picture was opened
enum class MapLayout { kTiles, kSingle };

// How things are shown. Changing these never recomputes a map.
struct ViewSettings {
  std::string map_colormap = "red-blue";         // signed feature maps
  std::string unsigned_colormap = "viridis";     // maps known to be >= 0 (after ReLU, abs, sigmoid, softplus)
  std::string weight_colormap = "purple-green";  // never shared with the maps
  RangeMode range = RangeMode::kPerMap;
  bool clip_outliers = true;  // per map and layer: the strongest few values take the colours of the ends
  float fixed_lo = -1;
  float fixed_hi = 1;
  MapLayout layout = MapLayout::kTiles;
  bool link_views = true;   // input and maps zoom and pan together
  bool show_grid = true;    // pixel grid when large
  bool show_values = true;  // numbers printed in pixels when large
  bool show_histogram = true;
  float animation_speed = 8;  // output positions per second
  // Drawn over input and maps: app/ui/geometry_overlay.
  bool show_coverage = false;
  bool show_padding_share = false;
  bool show_gridding = false;
  bool show_sampling = false;
  bool show_alignment = false;
  bool activation_first = false;  // the experiment: beside the usual order
  bool soft_edges = false;        // spectra: of the picture faded out towards its edges
  bool operator==(const ViewSettings&) const = default;
};

// The optional step after the activation: square windows without padding.
inline constexpr int kMaxPool = 16;
struct PoolSettings {
  bool is_on = false;
  explain::PoolKind kind = explain::PoolKind::kMax;
  int size = 2;
  int stride = 2;
  bool operator==(const PoolSettings&) const = default;
};
explain::PoolParams pool_params(const PoolSettings& settings);

struct Settings {
  ConvSettings conv;
  ViewSettings view;
  PoolSettings pool;
  StackSettings stack;
  TrainSettings train;
  bool operator==(const Settings&) const = default;
};

// The first launch: the default scene, RGB, 3x3 same, six to eight telling filters (Sobel x first).
Settings default_settings();

}  // namespace convlens::model
