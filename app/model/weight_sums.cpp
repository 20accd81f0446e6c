// Hands the engine's probe of a weight to a worker.
#include "app/model/weight_sums.h"

#include <utility>

namespace convlens::model {

WeightSums::WeightSums(std::function<void()> wake)
    : answer_(std::move(wake), [](const Job& job, const std::atomic<bool>&) {
        const ConvResult& from = *job.result;
        WeightSum sum{job.result, explain::probe_weight(from.geometry, from.input->view(), job.at)};
        return std::optional<Result<WeightSum>>(std::move(sum));
      }) {}

const WeightSum* WeightSums::find(const ConvResultPtr& result, const explain::WeightIndex& at) {
  const conv::Geometry& g = result->geometry;
  if (!result->input || at.k < 0 || at.k >= g.k || at.c < 0 || at.c >= g.channels_per_group() || at.r < 0 ||
      at.r >= g.r || at.s < 0 || at.s >= g.s) {
    return nullptr;
  }
  const std::optional<WeightSum>& newest = answer_.value();
  if (newest && newest->result->input == result->input && newest->result->geometry == g && newest->probe.at == at) {
    return &*newest;
  }
  answer_.ask({result->input, g, at}, {result, at});
  return nullptr;
}

}  // namespace convlens::model
