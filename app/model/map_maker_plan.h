// One job on its way, for the two files of MapMaker and nobody else.
#pragma once

#include <optional>
#include <vector>

#include "app/model/map_maker.h"

namespace convlens::model {

struct MapMaker::Plan {
  explicit Plan(const ConvJob& of_job) : job(of_job) {}

  const ConvJob& job;
  conv::Geometry geometry;
  std::vector<float> weights;
  std::vector<float> biases;
  std::vector<MapRecipe> recipes;   // one per filter
  std::vector<FeatureMapPtr> made;  // one per filter; null until it is there
  bool is_independent = false;      // whether it may be computed in parts
  double map_milliseconds = 0;      // expected of one map
  int computed = 0;
  bool is_shown = false;  // from the device, all of it
  conv::Report report;
  std::vector<conv::Candidate> candidates;
  conv::KernelChoice choice;  // what runs: the kernel that was asked for or that "auto" means
  std::optional<GpuRefusal> gpu_refusal;

  std::vector<int> missing() const {
    std::vector<int> list;
    for (std::size_t k = 0; k < made.size(); ++k) {
      if (!made[k]) list.push_back(static_cast<int>(k));
    }
    return list;
  }
};

inline ConstView weights_view(const std::vector<float>& weights, const conv::Geometry& geometry) {
  return dense_view<const float>(weights.data(), geometry.weights_shape());
}

}  // namespace convlens::model
