// What a Network holds. Internal to engine/nn.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "engine/nn/loss.h"
#include "engine/nn/network.h"
#include "engine/nn/plan.h"

namespace convlens::nn {

// One action of a pass, and the actions that a chunk goes through without meeting the other chunks.
struct Action {
  enum class Kind { kLoad, kForward, kLoss, kBackward, kLogits };
  Kind kind = Kind::kLoad;
  std::size_t step = 0;
};
struct Phase {
  std::vector<Action> actions;
  bool is_whole = false;  // a single action that wants the whole batch
};

struct Network::State {
  State(const ModelSpec& model, const NetworkOptions& options, std::int64_t target);

  ModelSpec model;
  NetworkOptions options;
  Parallel parallel;
  std::vector<Step> steps;
  std::vector<std::string> step_names;
  std::deque<Buffer> buffers;
  ParameterStore store;
  std::vector<std::unique_ptr<Layer>> layers;  // one for each step
  Tensor memory;                               // of the buffers
  bool is_prepared = false;                    // layers have seen the parameters as they are

  std::vector<Phase> training, forward_only, backward_only, inference, split_inference;
  struct GradientTasks {
    std::size_t step;
    std::int64_t begin, end;
  };
  std::vector<GradientTasks> gradient_tasks;

  // Of the pass that runs.
  Pass pass;
  const float* images = nullptr;
  std::span<const std::int32_t> labels;
  float smoothing = 0;
  float* logits_out = nullptr;
  std::vector<SampleLoss> losses;

  std::vector<std::vector<bool>> frozen;  // of each layer's filters
  std::vector<TrainableRange> ranges;
  std::uint64_t ranges_version = 0;

  void run(const std::vector<Phase>& phases);
  void act(const Action& action, const Piece& piece);
  void prepare();
  void make_gradients();
  BatchResult result() const;
  void list_ranges();

 private:
  std::vector<Phase> phases(const std::vector<Action>& actions, const Pass& kind) const;
  void plan_phases();
  void give_memory();
};

}  // namespace convlens::nn
