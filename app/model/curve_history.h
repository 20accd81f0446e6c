// The curves of a run as plots read them: kept on the frame thread while snapshots come, with what forks and resets
// left behind. Draws nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "app/model/curve_reading.h"
#include "app/model/train_session.h"
#include "app/model/train_snapshot.h"

namespace convlens::model {

// At step s: what the batch of the step after s steps came to, before its update.
struct StepCurves {
  CurveSeries loss, accuracy, rate;
};

// At step s: a test after s steps.
struct TestCurves {
  CurveSeries loss, accuracy;
};

enum class LayerQuantity { kGradientNorm, kWeightNorm, kUpdateRatio, kDeadShare };
inline constexpr std::size_t kLayerQuantities = 4;

// At the steps of the snapshots that were seen.
struct LayerCurves {
  std::size_t layer = 0;  // in ModelSpec::layers
  std::string name;
  std::array<CurveSeries, kLayerQuantities> series;
  const CurveSeries& of(LayerQuantity quantity) const { return series[static_cast<std::size_t>(quantity)]; }
};

class CurveHistory {
 public:
  static constexpr std::size_t kGhosts = 6;

  // Once a frame: takes in what came, was cut off or replaced. Cheap where nothing did.
  void follow(const TrainSnapshot& snapshot, const TrainCurves& curves);

  const StepCurves& steps() const { return steps_; }
  const TestCurves& tests() const { return tests_; }
  // One for each layer that has something to measure, in the order of the model.
  const std::vector<LayerCurves>& layers() const { return layers_; }
  // What forks and resets left behind, newest last; of at most kGhosts of them.
  const std::vector<std::shared_ptr<const StepCurves>>& ghosts() const { return ghosts_; }

 private:
  void forget_run();
  void follow_points(const TrainCurves& curves);
  void follow_layers(const TrainSnapshot& snapshot);
  void follow_tests(const TrainSnapshot& snapshot);
  void leave_ghost(std::size_t from);
  void drop_revived_ghosts();

  StepCurves steps_;
  TestCurves tests_;
  std::vector<LayerCurves> layers_;
  std::vector<std::shared_ptr<const StepCurves>> ghosts_;
  std::uint64_t run_ = 0;
  std::uint64_t generation_ = 0;
  std::uint64_t version_ = 0;
  std::shared_ptr<const std::vector<training::TestPoint>> tests_seen_;
};

}  // namespace convlens::model
