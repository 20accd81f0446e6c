// The Train workspace's part of a document: what a run begins with, what may change between its steps, and what is done
// to it by hand. The run itself is train_session's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/tensor.h"
#include "engine/nn/model.h"
#include "engine/training/augmentation.h"
#include "engine/training/optimizer.h"

namespace convlens::model {

// One thing done to the parameters by hand. Undo takes the entry out of the list again, and the session writes back
// what it had replaced.
struct HandEdit {
  enum class Kind { kWrite, kRandomise, kRemove };
  std::uint64_t serial = 0;  // no two of a document share it
  Kind kind = Kind::kWrite;
  std::size_t layer = 0;        // in ModelSpec::layers
  std::int64_t filter = 0;      // of a convolution, or output of a dense layer
  std::vector<float> weights;   // kWrite: (C/groups,R,S) or inputs, in PyTorch order
  std::optional<float> bias{};  // kWrite: absent leaves it
  std::uint64_t seed = 0;       // kRandomise
  std::string label;            // "Edit conv1 filter 3"
  bool operator==(const HandEdit&) const = default;
};

// A filter that training leaves alone; all of the layer's where there is no filter.
struct FrozenPart {
  std::size_t layer = 0;
  std::optional<std::int64_t> filter{};
  bool operator==(const FrozenPart&) const = default;
};

struct TrainSettings {
  // What a run begins with. Once the run has steps behind it, a change waits for a reset.
  std::string data = "synthetic:12000";  // as training::open_data takes it
  nn::ModelSpec model;                   // picture size, channels and classes follow the data
  std::int64_t batch = 64;
  std::int64_t epochs = 5;  // planned: where the cosine ends and the run pauses
  std::uint64_t seed = 1;
  training::Augmentation augmentation;
  int threads = 0;  // 0: every core

  // What may change between two steps. The schedule's total is the planned steps'.
  training::OptimizerSettings optimizer;
  float label_smoothing = 0;
  std::vector<FrozenPart> frozen;
  std::vector<HandEdit> by_hand;  // grows by one with every gesture
  bool operator==(const TrainSettings&) const = default;
};

// keras-starter with its recipe on synthetic digits.
TrainSettings default_train_settings();
// Sets model, batch, epochs and optimizer as training::recipe_for knows them for a preset of nn::model_presets().
void choose_model(TrainSettings& settings, const std::string& preset);

// The model for pictures of this size and so many classes: a preset is made anew, another model keeps its layers and
// gets as many outputs as there are classes. Error: the pictures are too small for it.
Result<nn::ModelSpec> fit_model(const nn::ModelSpec& model, const Shape& picture, std::int64_t classes);

// Whether a run that has begun must be reset for what differs between the two.
bool needs_reset(const TrainSettings& running, const TrainSettings& wanted);
// What those differences are: "model, batch size"; empty where there are none.
std::string what_waits(const TrainSettings& running, const TrainSettings& wanted);
// Optimizer and smoothing but for the end of the schedule, which is the plan's.
bool same_optimizer(const TrainSettings& a, const TrainSettings& b);
// Whether the same parts are frozen, in whatever order.
bool same_frozen(const TrainSettings& a, const TrainSettings& b);
// "Learning rate 0.001 → 0.01", "Freeze conv1 filter 3": labels of undo entries and of marks on the timeline.
std::string describe_train_change(const TrainSettings& before, const TrainSettings& after);

}  // namespace convlens::model
