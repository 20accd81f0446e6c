// Where things stand in a row of parameters, and which frame shows a step.
#include "app/model/train_snapshot.h"

#include <algorithm>
#include <iterator>

namespace convlens::model {

std::span<const float> parameter_values(const TrainRun& run, const std::vector<float>& row, std::size_t layer,
                                        nn::ParameterRole role) {
  for (std::size_t i = 0; i < run.parameters.size(); ++i) {
    const nn::ParameterInfo& info = run.parameters[i];
    if (info.layer != layer || info.role != role) continue;
    return std::span(row).subspan(static_cast<std::size_t>(run.offsets[i]), static_cast<std::size_t>(info.count()));
  }
  return {};
}

std::span<const float> filter_weights(const TrainRun& run, const std::vector<float>& row, std::size_t layer,
                                      std::int64_t filter) {
  const auto all = parameter_values(run, row, layer, nn::ParameterRole::kWeight);
  const std::int64_t filters = nn::filter_count(run.layers[layer]);
  if (filter < 0 || filter >= filters) return {};
  const std::size_t each = all.size() / static_cast<std::size_t>(filters);
  return all.subspan(static_cast<std::size_t>(filter) * each, each);
}

float filter_bias(const TrainRun& run, const std::vector<float>& row, std::size_t layer, std::int64_t filter) {
  const auto all = parameter_values(run, row, layer, nn::ParameterRole::kBias);
  return filter >= 0 && filter < std::ssize(all) ? all[static_cast<std::size_t>(filter)] : 0;
}

Shape filter_shape(const TrainRun& run, std::size_t layer) {
  for (const nn::ParameterInfo& info : run.parameters) {
    if (info.layer != layer || info.role != nn::ParameterRole::kWeight) continue;
    if (info.shape.size() == 4) return {1, info.shape[1], info.shape[2], info.shape[3]};
    return {1, info.shape[1], 1, 1};
  }
  return {};
}

const training::Frame& TrainSnapshot::frame_at(std::int64_t at) const {
  const auto after = std::upper_bound(frames.begin(), frames.end(), at,
                                      [](std::int64_t s, const training::Frame& frame) { return s < frame.step; });
  return after == frames.begin() ? frames.front() : *std::prev(after);
}

}  // namespace convlens::model
