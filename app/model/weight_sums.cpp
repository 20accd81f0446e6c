// Hands the engine's probe of a weight to a worker.
#include "app/model/weight_sums.h"

#include <utility>

namespace convlens::model {

const WeightSum* WeightSums::find(const ConvResultPtr& result, const explain::WeightIndex& at) {
  const conv::Geometry& g = result->geometry;
  if (!result->input || at.k < 0 || at.k >= g.k || at.c < 0 || at.c >= g.channels_per_group() || at.r < 0 ||
      at.r >= g.r || at.s < 0 || at.s >= g.s) {
    return nullptr;
  }
  // What is multiplied depends on the picture and the geometry, not on any weight.
  const auto answers = [&](const ConvResultPtr& of, const explain::WeightIndex& index) {
    return of && of->input == result->input && of->geometry == g && index == at;
  };
  if (newest_ && answers(newest_->result, newest_->probe.at)) return &*newest_;
  if (answers(wanted_.result, wanted_.at)) return nullptr;
  wanted_ = {result, at};
  if (!worker_) {
    worker_ = std::make_unique<Worker>(wake_, [](const Job& job, const std::atomic<bool>&) {
      const ConvResult& from = *job.result;
      WeightSum sum{job.result, explain::probe_weight(from.geometry, from.input->view(), job.at)};
      return std::optional<Result<WeightSum>>(std::move(sum));
    });
  }
  worker_->request(wanted_);
  return nullptr;
}

bool WeightSums::collect() {
  if (!worker_) return false;
  auto outcome = worker_->take();
  if (!outcome || !*outcome) return false;
  newest_ = std::move(**outcome);
  return true;
}

}  // namespace convlens::model
