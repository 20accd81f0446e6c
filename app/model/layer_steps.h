// The steps behind one feature map, to be shown side by side: before and after the activation, pooled, the experiment
// with the activation first; and what the filter makes of one bright pixel. Made for a LatestWorker; no drawing.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/model/conv_result.h"
#include "app/model/feature_map.h"
#include "app/model/kept_parallel.h"
#include "app/model/settings.h"
#include "engine/conv/conv.h"
#include "engine/core/error.h"

namespace convlens::model {

// A plane (1,1,h,w) with its reduced copies, as a picture wants it. Immutable once made.
struct StepPlane {
  Tensor values;
  std::vector<Tensor> levels;
  MapStats stats;
  std::uint64_t version = 0;  // no two planes of a maker share it
};
using StepPlanePtr = std::shared_ptr<const StepPlane>;

struct StepsJob {
  ConvResultPtr result;  // has(map)
  int map = 0;
  int channel = 0;  // of the slice for the impulse response, in [0, C/groups)
  bool wants_before = false;
  bool wants_first = false;
  bool wants_impulse = false;
  std::optional<PoolSettings> pool;
};
// All that the planes of a job depend on. It does not keep the result alive: memory of maps is used again.
struct StepsKey {
  std::uint64_t map_version = 0;
  bool wants_before = false, wants_first = false;
  std::optional<PoolSettings> pool;
  // Of the impulse response; empty where it is not wanted.
  struct Slice {
    std::vector<float> weights;  // (1,1,R,S)
    std::int64_t rows = 0;
    int dilation_y = 1, dilation_x = 1;
    bool flip = false;
    bool operator==(const Slice&) const = default;
  };
  std::optional<Slice> slice;
  bool operator==(const StepsKey&) const = default;
};
StepsKey key_of(const StepsJob& job);

// All of one map of one generation. What was not asked for is null.
struct LayerSteps {
  StepsKey key;
  int index = 0;  // of the map in its layer
  std::string name;
  FeatureMapPtr map;
  StepPlanePtr after;   // the map once more, where its own values are on the GPU alone
  StepPlanePtr before;  // the sum with its bias
  // The experiment: the convolution of the activated input, without an activation after it; and how it differs from
  // the map.
  StepPlanePtr first;
  StepPlanePtr difference;                             // first - map
  double mean_difference = 0, largest_difference = 0;  // absolute, over finite values
  StepPlanePtr pooled;
  std::string pool_refusal;  // why there is none; empty where there is one
  // Of 1 in the middle of zeros, at stride 1. Large dilations are left out of it.
  StepPlanePtr impulse;
  bool is_impulse_dense = false;  // the dilation was left out

  // (1,1,P,Q): after the activation.
  ConstView map_values() const;
};
using LayerStepsPtr = std::shared_ptr<const LayerSteps>;

// Makes steps, and keeps the last ones so that only what changed is made again. Runs on one thread.
class StepMaker {
 public:
  // Nothing where the job is no longer wanted.
  std::optional<Result<LayerStepsPtr>> run(const StepsJob& job, const std::atomic<bool>& is_stale);

 private:
  // Puts into `steps` what the job wants of it.
  Status make_map_planes(const StepsJob& job, LayerSteps& steps);
  void make_pooled(LayerSteps& steps);
  Status make_response(LayerSteps& steps);

  StepPlanePtr publish(Tensor values);
  Result<StepPlanePtr> convolve(const MapRecipe& recipe, conv::Activation activation);
  Status make_first(const MapRecipe& recipe, LayerSteps& steps);

  KeptParallel parallel_;
  conv::Workspace workspace_;
  std::uint64_t last_version_ = 0;
  LayerStepsPtr last_;
};

}  // namespace convlens::model
