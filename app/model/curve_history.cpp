// Finds what is new in the curves of a run, and what of them is gone.
#include "app/model/curve_history.h"

#include <algorithm>
#include <bit>

namespace convlens::model {
namespace {

bool same_bits(float a, float b) { return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b); }

bool is_point(const StepCurves& known, std::size_t i, const training::StepPoint& point) {
  return same_bits(known.loss.value(i), point.loss) && same_bits(known.accuracy.value(i), point.accuracy) &&
         same_bits(known.rate.value(i), point.learning_rate);
}

// How many points from the first one on are what was known before. Two runs that differ once stay different, so the
// last one that both have speaks for all before it.
std::size_t common_points(const StepCurves& known, const TrainCurves& curves) {
  if (known.loss.is_empty() || curves.points.empty() || known.loss.step(0) != curves.first_step) return 0;
  const std::size_t both = std::min(known.loss.size(), curves.points.size());
  if (is_point(known, both - 1, curves.points[both - 1])) return both;
  std::size_t common = 0;
  while (is_point(known, common, curves.points[common])) ++common;
  return common;
}

std::array<std::optional<double>, kLayerQuantities> measures_of(const training::LayerMetrics& metrics,
                                                                bool has_gradients) {
  const bool has_parameters = metrics.weight_norm > 0;
  std::array<std::optional<double>, kLayerQuantities> found;
  if (has_parameters) found[static_cast<std::size_t>(LayerQuantity::kWeightNorm)] = metrics.weight_norm;
  if (has_parameters && has_gradients) {
    found[static_cast<std::size_t>(LayerQuantity::kGradientNorm)] = metrics.gradient_norm;
  }
  found[static_cast<std::size_t>(LayerQuantity::kUpdateRatio)] = metrics.update_ratio;
  found[static_cast<std::size_t>(LayerQuantity::kDeadShare)] = metrics.dead_units;
  return found;
}

}  // namespace

void CurveHistory::follow(const TrainSnapshot& snapshot, const TrainCurves& curves) {
  if (!snapshot.run) return;
  if (snapshot.run->serial == run_ && snapshot.generation == generation_ && curves.version == version_) return;
  if (snapshot.run->serial != run_) forget_run();
  run_ = snapshot.run->serial;
  generation_ = snapshot.generation;
  if (curves.version != version_) follow_points(curves);
  version_ = curves.version;
  follow_layers(snapshot);
  follow_tests(snapshot);
}

void CurveHistory::forget_run() {
  leave_ghost(0);
  for (CurveSeries* series : {&steps_.loss, &steps_.accuracy, &steps_.rate, &tests_.loss, &tests_.accuracy}) {
    series->clear();
  }
  layers_.clear();
  tests_seen_ = nullptr;
  version_ = 0;
}

void CurveHistory::leave_ghost(std::size_t from) {
  if (steps_.loss.size() < from + 2) return;
  StepCurves ghost;
  // Begins where it leaves what is kept.
  for (std::size_t i = from - std::min<std::size_t>(from, 1); i < steps_.loss.size(); ++i) {
    ghost.loss.append(steps_.loss.step(i), steps_.loss.value(i));
    ghost.accuracy.append(steps_.loss.step(i), steps_.accuracy.value(i));
    ghost.rate.append(steps_.loss.step(i), steps_.rate.value(i));
  }
  ghosts_.push_back(std::make_shared<const StepCurves>(std::move(ghost)));
  if (ghosts_.size() > kGhosts) ghosts_.erase(ghosts_.begin());
}

// A branch that was taken again is no ghost.
void CurveHistory::drop_revived_ghosts() {
  std::erase_if(ghosts_, [this](const std::shared_ptr<const StepCurves>& left) {
    const StepCurves& ghost = *left;
    const std::size_t last = ghost.loss.size() - 1;
    const auto at = steps_.loss.index_at(ghost.loss.step(last));
    return at && steps_.loss.step(*at) == ghost.loss.step(last) &&
           same_bits(steps_.loss.value(*at), ghost.loss.value(last)) &&
           same_bits(steps_.accuracy.value(*at), ghost.accuracy.value(last));
  });
}

void CurveHistory::follow_points(const TrainCurves& curves) {
  const std::size_t common = common_points(steps_, curves);
  if (common < steps_.loss.size()) {
    leave_ghost(common);
    const std::int64_t cut = steps_.loss.step(common);
    for (CurveSeries* series : {&steps_.loss, &steps_.accuracy, &steps_.rate}) series->cut_from(cut);
    for (LayerCurves& layer : layers_) {
      for (CurveSeries& series : layer.series) series.cut_from(cut + 1);
    }
  }
  for (std::size_t i = steps_.loss.size(); i < curves.points.size(); ++i) {
    const std::int64_t step = curves.first_step + static_cast<std::int64_t>(i);
    steps_.loss.append(step, curves.points[i].loss);
    steps_.accuracy.append(step, curves.points[i].accuracy);
    steps_.rate.append(step, curves.points[i].learning_rate);
  }
  if (!ghosts_.empty()) drop_revived_ghosts();
}

void CurveHistory::follow_layers(const TrainSnapshot& snapshot) {
  for (std::size_t i = 0; i < snapshot.layers.size(); ++i) {
    const auto measures = measures_of(snapshot.layers[i], snapshot.gradients != nullptr);
    if (std::none_of(measures.begin(), measures.end(), [](const auto& m) { return m.has_value(); })) continue;
    auto layer = std::find_if(layers_.begin(), layers_.end(), [&](const LayerCurves& l) { return l.layer >= i; });
    if (layer == layers_.end() || layer->layer != i) {
      layer = layers_.insert(layer, LayerCurves{.layer = i, .name = snapshot.layers[i].name, .series = {}});
    }
    for (std::size_t q = 0; q < kLayerQuantities; ++q) {
      CurveSeries& series = layer->series[q];
      const bool is_new = series.is_empty() || snapshot.step > series.last_step();
      if (measures[q] && is_new) series.append(snapshot.step, static_cast<float>(*measures[q]));
    }
  }
}

void CurveHistory::follow_tests(const TrainSnapshot& snapshot) {
  if (snapshot.tests == tests_seen_) return;
  tests_seen_ = snapshot.tests;
  tests_.loss.clear();
  tests_.accuracy.clear();
  if (!tests_seen_) return;
  for (const training::TestPoint& test : *tests_seen_) {
    // Of several tests at one step the last one counts.
    tests_.loss.cut_from(test.step);
    tests_.accuracy.cut_from(test.step);
    tests_.loss.append(test.step, static_cast<float>(test.evaluation.loss));
    tests_.accuracy.append(test.step, static_cast<float>(test.evaluation.accuracy));
  }
}

}  // namespace convlens::model
