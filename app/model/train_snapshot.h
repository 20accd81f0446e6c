// What the training thread publishes: the run as it stood at one moment, immutable, to be looked at while it goes on.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/model/train_settings.h"
#include "engine/core/tensor.h"
#include "engine/nn/parameters.h"
#include "engine/training/recording.h"
#include "engine/training/run.h"
#include "engine/training/source.h"
#include "engine/training/state.h"
#include "engine/training/trainer.h"

namespace convlens::model {

// All parameters in the order of nn::list_parameters, each in PyTorch order, one after another:
// training::Frame::values.
using ParameterRow = std::shared_ptr<const std::vector<float>>;

// What stays the same from a reset to the next one.
struct TrainRun {
  std::uint64_t serial = 0;  // no two runs of a session share it
  training::RunDescription description;
  training::DataParts data;
  std::vector<nn::LayerSpec> layers;          // with their names
  std::vector<Shape> shapes;                  // what each layer makes of one picture: (1,C,H,W)
  std::vector<nn::ParameterInfo> parameters;  // nn::list_parameters
  std::vector<std::int64_t> offsets;          // where each begins in a row
  ParameterRow first_values;                  // before the first step
  std::int64_t steps_per_epoch = 1;
  std::int64_t planned_steps = 0;
};
using TrainRunPtr = std::shared_ptr<const TrainRun>;

// Where a parameter of a layer stands in a row; nothing where the layer has none of that role.
std::span<const float> parameter_values(const TrainRun& run, const std::vector<float>& row, std::size_t layer,
                                        nn::ParameterRole role);
// The weights of one filter: (C/groups,R,S), or the inputs of a dense output.
std::span<const float> filter_weights(const TrainRun& run, const std::vector<float>& row, std::size_t layer,
                                      std::int64_t filter);
// Its bias; 0 where the layer has none.
float filter_bias(const TrainRun& run, const std::vector<float>& row, std::size_t layer, std::int64_t filter);
// (1,C/groups,R,S) of a convolution's filters, (1,inputs,1,1) of dense outputs.
Shape filter_shape(const TrainRun& run, std::size_t layer);

enum class TrainPhase { kForward, kLoss, kBackward, kUpdate };
enum class TrainState {
  kPreparing,  // data are being read, first weights made
  kFailed,     // they could not be; `words` says why
  kPaused,
  kRunning,
  kGoingTo,   // replays up to a step that was asked for
  kDiverged,  // stopped before the step that would have spoilt everything; `words` names step and layer
};

// Something done by hand, or another setting: a mark on curves and timeline.
struct TrainMark {
  std::int64_t step = 0;  // after so many steps
  std::string label;
};

// A test on the held-out pictures, picture by picture.
struct TestOutcome {
  std::int64_t step = 0;
  training::Subset pictures;  // that were asked; all of the test part, or some of each class
  training::Evaluation evaluation;
  std::vector<std::int32_t> predicted;   // one per picture of `pictures`, in its order
  std::vector<float> probability;        // softmax of the predicted class
  std::vector<float> label_probability;  // softmax of the right one
};

struct TrainSnapshot {
  std::uint64_t generation = 0;  // grows with every snapshot of a session
  TrainState state = TrainState::kPreparing;
  std::string words;     // what is going on, or wrong, as a sentence; empty where state says all
  double progress = -1;  // in [0,1] while preparing or going to a step; negative: not known
  TrainRunPtr run;       // null before the first one is ready

  // Where the trainer stands, and how far the recording reaches beyond.
  std::int64_t step = 0;
  std::int64_t last_step = 0;
  TrainPhase next_phase = TrainPhase::kForward;
  ParameterRow values;
  ParameterRow gradients;  // of the last step, same layout; zero for running statistics; null before it
  // The whole state that `gradients` were made in, so that what the optimizer did with them, or is about to do, can be
  // followed; no values where it was not kept: it is for steps that somebody takes one by one, and for small nets.
  training::Frame before;
  std::vector<std::int64_t> batch;  // positions in run->data.train.data of the last (or present) step's pictures
  std::vector<training::LayerMetrics> layers;  // one per layer of the model
  training::Frozen frozen;
  training::TrainerSettings settings;
  std::optional<std::uint64_t> hash{};  // of the parameters, where the run is paused

  // The timeline.
  std::vector<training::Frame> frames;  // what can be looked at without computing; by step
  std::shared_ptr<const std::vector<TrainMark>> marks;
  std::shared_ptr<const std::vector<training::TestPoint>> tests;
  std::shared_ptr<const TestOutcome> outcome;  // of the newest test of this state; null before one
  std::vector<std::string> branches;           // futures that a fork left, newest last: "to step 512"
  std::int64_t memory_bytes = 0;
  std::int64_t memory_budget = 0;

  double samples_per_second = 0;
  double seconds_left = 0;  // to the planned end; 0 when it is not known

  // Settings that wait for a reset, as words ("model, batch size"); empty: none.
  std::string waiting;

  // The newest frame not after `step`.
  const training::Frame& frame_at(std::int64_t step) const;
};
using TrainSnapshotPtr = std::shared_ptr<const TrainSnapshot>;

}  // namespace convlens::model
