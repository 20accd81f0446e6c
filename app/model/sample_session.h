// One picture through the net as it is shown at this moment, off the frame thread: maps of every layer, probabilities,
// loss, and the way back: what the loss says to every value and every weight.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/model/stack_session.h"
#include "app/model/train_snapshot.h"
#include "engine/core/tensor.h"
#include "engine/explain/loss_gradient.h"

namespace convlens::model {

// A picture of the run's data, or values from elsewhere (a drawn digit), ready for the net.
struct SampleRef {
  enum class Kind { kTrain, kTest, kDrawn };
  Kind kind = Kind::kTest;
  std::int64_t index = 0;  // in the part's subset; of kDrawn: a number that changes with the drawing
  bool operator==(const SampleRef&) const = default;
};

// What somebody drew, as the net sees it.
struct DrawnPicture {
  std::vector<float> values;  // (C,H,W), normalised
  std::vector<float> shown;   // (H,W) in [0,1], before normalising
};

struct SampleFacts {
  TrainRunPtr run;
  ParameterRow values;    // of the net
  std::int64_t step = 0;  // that they are of
  SampleRef sample;
  std::optional<std::int32_t> label;  // absent for drawn ones
  // All levels, ready for the panels of the Stack workspace; the picture as the net sees it is level 0.
  StackResultPtr result;
  std::vector<double> logits, probabilities;  // one per class
  std::int32_t predicted = 0;
  // For samples with a label, or of the predicted class where there is none:
  double loss = 0;                    // cross-entropy
  std::vector<StackLevelPtr> deltas;  // d loss / d value of every level, in its shape
  ParameterRow gradients;             // d loss / d parameter of this picture alone, laid out as a row
  // The same as engine/explain has it, with the deltas before the activations; without the parameters.
  std::shared_ptr<const explain::LossGradient> back;
};
using SampleFactsPtr = std::shared_ptr<const SampleFacts>;

// The part of the run's data that holds such samples; null for drawn ones.
const training::Subset* subset_of(const TrainRun& run, SampleRef::Kind kind);

class SampleSession {
 public:
  explicit SampleSession(std::function<void()> wake);
  ~SampleSession();
  // Sends what differs from the last request; never waits. `values` belong to `run`; `drawn` is for kDrawn.
  // `is_modest`: somebody else needs the processor, so that where the values alone differ some are left out. Then the
  // seconds after which to call again; else 0.
  double follow(const TrainRunPtr& run, const ParameterRow& values, std::int64_t step, const SampleRef& sample,
                const std::shared_ptr<const DrawnPicture>& drawn, bool is_modest = false);
  bool collect();
  const SampleFactsPtr& facts() const;   // the newest, possibly of an older request; null before the first
  const std::string& complaint() const;  // why the newest request has none; empty: it has, or is under way
  bool is_busy() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::model
