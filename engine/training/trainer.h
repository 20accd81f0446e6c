// Trains a network: one step at a time or phase by phase, evaluates it, measures it, and notices when it diverges.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/nn/network.h"
#include "engine/training/image_source.h"
#include "engine/training/optimizer.h"

namespace convlens::training {

struct TrainerSettings {
  OptimizerSettings optimizer;
  float label_smoothing = 0;
  std::uint64_t seed = 1;  // of first weights, order and dropout
  // A loss above this is an explosion.
  double largest_loss = 1e4;
  bool operator==(const TrainerSettings&) const = default;
};

// What one step came to.
struct StepReport {
  std::int64_t step = 0;  // counted from 0
  std::int64_t images = 0;
  double loss = 0;
  double accuracy = 0;  // of this batch, before the update
  float learning_rate = 0;
};

struct Evaluation {
  std::int64_t images = 0;
  double loss = 0;
  double accuracy = 0;
  std::vector<std::int64_t> class_sizes;
  std::vector<double> class_accuracy;  // 0 for classes without pictures
  // confusion[label * classes + predicted]: how many.
  std::vector<std::int64_t> confusion;
};

// Runs a network over all pictures of a source. `logits`, if given, becomes (pictures, classes).
Evaluation evaluate(nn::Network& network, ImageSource& source, std::vector<float>* logits = nullptr);
// The same, given up with nothing where `goes_on` says no between two batches.
std::optional<Evaluation> evaluate(nn::Network& network, ImageSource& source, std::vector<float>* logits,
                                   const std::function<bool()>& goes_on);

// One layer after a step.
struct LayerMetrics {
  std::string name;
  double gradient_norm = 0;
  double weight_norm = 0;
  // Size of the last update over the size of the parameters; about 1e-3 is healthy. Absent where nothing was measured.
  std::optional<double> update_ratio;
  std::optional<double> dead_units;  // share of units behind a ReLU that gave zero for the whole batch
};

class Trainer {
 public:
  // With first weights from the seed. Errors: those of nn::Network.
  static Result<Trainer> create(const nn::ModelSpec& model, const nn::NetworkOptions& options,
                                const TrainerSettings& settings);

  nn::Network& network() { return network_; }
  const nn::Network& network() const { return network_; }
  Optimizer& optimizer() { return optimizer_; }
  const Optimizer& optimizer() const { return optimizer_; }
  // May change between steps.
  TrainerSettings& settings() { return settings_; }
  const TrainerSettings& settings() const { return settings_; }
  std::int64_t steps_done() const { return steps_; }
  void set_steps_done(std::int64_t steps) { steps_ = steps; }

  // One whole step on a batch: images (n,C,H,W), n labels. Error: it diverged; the sentence names the step and the
  // layer, and the parameters are as they were before this step.
  Result<StepReport> step(const float* images, std::span<const std::int32_t> labels);
  // The next batch of a source: the order of an epoch depends on (seed, epoch) alone, the last batch of an epoch may be
  // smaller.
  Result<StepReport> step(ImageSource& source);
  std::int64_t steps_per_epoch(const ImageSource& source) const;
  // The pictures of any step.
  std::vector<std::int64_t> batch_indices(const ImageSource& source, std::int64_t step) const;

  // The same in phases, in this order.
  void forward(const float* images, std::int64_t n);
  Result<StepReport> loss(std::span<const std::int32_t> labels);
  void backward();
  void update();

  Evaluation evaluate(ImageSource& source) { return training::evaluate(network_, source); }

  // After a step. update_ratio is there where `measures_updates` was on during the step: it keeps a copy of the
  // parameters.
  std::vector<LayerMetrics> metrics() const;
  void measure_updates(bool on) { measures_updates_ = on; }

 private:
  Trainer(nn::Network network, const TrainerSettings& settings);
  Result<StepReport> report(const nn::BatchResult& result, std::int64_t images);
  void remember_statistics();
  Error divergence(double loss) const;

  nn::Network network_;
  Optimizer optimizer_;
  TrainerSettings settings_;
  std::int64_t steps_ = 0;
  std::int64_t last_images_ = 0;
  bool measures_updates_ = false;
  std::vector<float> before_;      // parameters before the last update
  std::vector<float> statistics_;  // of batch norm, before the last pass
  // The next batch of a source.
  std::vector<std::int64_t> order_;
  std::int64_t order_epoch_ = -1;
  std::uint64_t order_seed_ = 0;
  std::vector<float> images_;
  std::vector<std::int32_t> labels_;
};

}  // namespace convlens::training
