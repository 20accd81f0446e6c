// How far the parameters of two moments of one model are apart, layer by layer.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/model/train_snapshot.h"

namespace convlens::model {

struct LayerDistance {
  std::size_t layer = 0;  // in ModelSpec::layers
  std::string name;
  double distance = 0;  // |a - b| over all trainable parameters of the layer
  double size = 0;      // |b|
  double cosine = 0;    // of the angle between a and b; 0 where one of them is zero
  // Share of b that it moved; 0 where both are zero, infinite where b alone is.
  double relative() const;
};

struct MomentDistance {
  std::vector<LayerDistance> layers;  // those with parameters
  LayerDistance whole;
};

// `a` and `b` are rows of `run`.
MomentDistance distance_between(const TrainRun& run, const std::vector<float>& a, const std::vector<float>& b);
// Whether rows of one are rows of the other: the same parameters in the same shapes.
bool are_comparable(const TrainRun& a, const TrainRun& b);

}  // namespace convlens::model
