// Sums are engine/explain's; here they are asked for and kept.
#include "app/model/gradient_session.h"

#include <utility>
#include <vector>

namespace convlens::model {
namespace {

std::vector<const Tensor*> values_of(const SampleFacts& facts) {
  std::vector<const Tensor*> values;
  for (const StackLevelPtr& level : facts.result->levels) values.push_back(&level->maps);
  return values;
}

}  // namespace

std::optional<std::int64_t> row_index(const TrainRun& run, const WeightRef& ref) {
  for (std::size_t i = 0; i < run.parameters.size(); ++i) {
    const nn::ParameterInfo& info = run.parameters[i];
    if (info.layer != ref.layer || info.role != nn::ParameterRole::kWeight) continue;
    const Shape shape = filter_shape(run, ref.layer);
    const explain::WeightIndex& at = ref.at;
    const bool is_inside = at.k >= 0 && at.k < info.shape.front() && at.c >= 0 && at.c < shape.c && at.r >= 0 &&
                           at.r < shape.h && at.s >= 0 && at.s < shape.w;
    if (!is_inside) return std::nullopt;
    return run.offsets[i] + ((at.k * shape.c + at.c) * shape.h + at.r) * shape.w + at.s;
  }
  return std::nullopt;
}

GradientSession::GradientSession(const std::function<void()>& wake)
    : weights_(wake,
               [this](const Job<WeightRef>& job, const std::atomic<bool>&) {
                 const SampleFacts& facts = *job.facts;
                 auto reason = std::make_shared<WeightReason>();
                 reason->facts = job.facts;
                 reason->weight = job.ref;
                 const std::size_t layer = job.ref.layer;
                 const auto index = static_cast<std::size_t>(*row_index(*facts.run, job.ref));
                 reason->why = explain::weight_gradient_map(
                     *facts.result->stack->layers[layer], facts.result->levels[layer]->maps.view(),
                     facts.back->sums[layer].view(), job.ref.at, (*facts.gradients)[index]);
                 reason->products = make_level(reason->why.products.clone(), 0, ++versions_, Parallel(1));
                 return std::optional(Result<WeightReasonPtr>(std::move(reason)));
               }),
      values_(wake, [](const Job<UnitRef>& job, const std::atomic<bool>&) {
        auto reason = std::make_shared<ValueReason>();
        reason->facts = job.facts;
        reason->value = job.ref;
        reason->why = explain::pixel_delta(*job.facts->result->stack, values_of(*job.facts), *job.facts->back,
                                           job.ref.level, job.ref.unit);
        return std::optional(Result<ValueReasonPtr>(std::move(reason)));
      }) {}

void GradientSession::follow(const SampleFactsPtr& facts, const WeightRef& weight) {
  weights_.ask({facts->result->generation, weight}, {facts, weight});
}

void GradientSession::follow(const SampleFactsPtr& facts, const UnitRef& value) {
  values_.ask({facts->result->generation, value}, {facts, value});
}

bool GradientSession::collect() {
  const bool has_weight = weights_.collect();
  return values_.collect() || has_weight;
}

}  // namespace convlens::model
