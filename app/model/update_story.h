// What an optimizer does with one parameter in one step, as lines of arithmetic: each is computed from the numbers that
// the lines before it show. The optimizer itself is engine/training's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/model/train_snapshot.h"
#include "engine/explain/decimal.h"
#include "engine/explain/stack_probe.h"
#include "engine/training/optimizer.h"

namespace convlens::model {

// A parameter as a step finds it.
struct UpdateInput {
  training::OptimizerSettings settings;
  std::int64_t step = 0;  // steps done before it: decides the schedule
  std::int64_t age = 0;   // of the running means, before it
  double first = 0;       // running mean (or sum) of gradients and of their squares; 0 where the rule has none
  double second = 0;
  float value = 0;
  float gradient = 0;
  bool is_weight = true;  // of a conv or dense layer: weight decay is for these alone
  bool is_frozen = false;
};

struct UpdateStory {
  std::vector<explain::ArithmeticLine> lines;
  explain::Decimal value;  // after the step, as the last line has it
  double tolerance = 0;    // how far the rounding of the lines may be from the optimizer's float
  bool agrees(float after) const;
};
UpdateStory tell_update(const UpdateInput& input);

// What the last step of a snapshot, or the one under way, finds of the parameter at `index` of a row; nothing where
// the snapshot has not kept it, or for running statistics.
std::optional<UpdateInput> update_input(const TrainSnapshot& snapshot, std::int64_t index);
// That step is done: the snapshot's values are those after it.
bool is_update_done(const TrainSnapshot& snapshot);

// Which parameter of a layer stands at `index` of a row.
struct RowPlace {
  std::size_t parameter = 0;  // of TrainRun::parameters
  std::int64_t at = 0;        // in it
  std::int64_t slice = 0;     // filter, dense output or channel
};
RowPlace place_in_row(const TrainRun& run, std::int64_t index);

}  // namespace convlens::model
