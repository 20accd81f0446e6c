// A trainer's state as plain data: all that decides, bit by bit, how training goes on. Reads and writes no files.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/nn/network.h"
#include "engine/training/optimizer.h"
#include "engine/training/trainer.h"

namespace convlens::training {

// frozen[layer][filter]: as many as nn::filter_count says.
using Frozen = std::vector<std::vector<bool>>;

// What goes on needs beside the parameters. The random generators have no state of their own: what order, augmentation
// and dropout draw is a function of (seed, step), and so is the place in the epoch.
struct KeyState {
  TrainerSettings settings;
  // The optimizer's running means: trainable parameters one after another, each in PyTorch order; empty where it has
  // none.
  Rule rule = Rule::kSgd;
  std::int64_t age = 0;
  std::vector<float> first, second;
  Frozen frozen;
  bool operator==(const KeyState&) const = default;
};

// The state after `step` steps. Whoever holds one may look at it while training goes on: nothing in it changes.
struct Frame {
  std::int64_t step = 0;
  // All parameters one after another, in the order of nn::list_parameters, each in PyTorch order.
  std::shared_ptr<const std::vector<float>> values;
  std::shared_ptr<const KeyState> key;  // absent: a frame to look at, not to go on from
};

Frame take_frame(const Trainer& trainer, bool is_key);
// The trainer goes on as the one did that the frame was taken of: same model, same batch, frame.key is there.
void put_back(Trainer& trainer, const Frame& frame);

// The network's parameters as in Frame::values.
std::vector<float> read_values(const nn::Network& network);
void write_values(nn::Network& network, std::span<const float> values);
Frozen read_frozen(const nn::Network& network);
void write_frozen(nn::Network& network, const Frozen& frozen);

// How many values a model's frames and running means have.
std::int64_t count_values(const nn::ModelSpec& model);
std::int64_t count_trainable(const nn::ModelSpec& model);
// For what comes from a file: sizes that the model does not have.
Status check_frame(const nn::ModelSpec& model, const Frame& frame);

}  // namespace convlens::training
