// A model made ready to run and to learn: parameters, planned memory, and passes over batches. No data, no optimizer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/tensor.h"
#include "engine/nn/model.h"
#include "engine/nn/store.h"

namespace convlens::nn {

struct NetworkOptions {
  std::int64_t batch = 64;   // most images of a pass; all memory is planned for it at once
  int threads = 0;           // 0: every core
  bool is_fused = true;      // one pass for conv + ReLU + pooling where possible; off: every layer on its own
  bool can_learn = true;     // false plans no memory for gradients
  std::string isa = "auto";  // one of conv::isa_targets()
};

// What decides a training pass besides images and labels.
struct StepSeed {
  std::uint64_t seed = 1;  // of dropout
  std::uint64_t step = 0;
};

// What a pass over a batch came to.
struct BatchResult {
  double loss = 0;           // mean over the batch
  std::int64_t correct = 0;  // images whose largest logit is their label's
};

// A run of trainable values in the store.
struct TrainableRange {
  std::int64_t offset = 0;
  std::int64_t count = 0;
  bool is_weight = false;  // of a conv or dense layer; weight decay leaves the others alone
};

// Filters of a convolution or outputs of a dense layer, which can be frozen one by one; 1 for a batch norm layer, 0 for
// layers without parameters.
std::int64_t filter_count(const LayerSpec& layer);

// Results depend on parameters, images, seed and step: not on the number of threads. After the first pass of a batch
// size no pass allocates. Not for several threads at once.
class Network {
 public:
  // Errors: a model that does not fit together, an unknown instruction set, or a batch below 1.
  static Result<Network> create(const ModelSpec& model, const NetworkOptions& options = {});
  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;
  ~Network();

  const ModelSpec& model() const;
  const NetworkOptions& options() const;
  const Parallel& parallel() const;
  // What runs, one line for each step: "conv1 + relu + max-pool", "fc1".
  const std::vector<std::string>& steps() const;

  // All parameters, in the order of list_parameters(model()). Call changed() after writing.
  ParameterStore& store();
  const ParameterStore& store() const;
  void changed();
  // First values for all parameters, or for one filter (its bias zero). Error: a named filter that does not fit.
  Status initialise(std::uint64_t seed);
  Status initialise_filter(std::size_t layer, std::int64_t filter, std::uint64_t seed);
  // The weights of filter (or dense output) `filter`: (C/groups,R,S) or inputs, in PyTorch order.
  void read_filter(std::size_t layer, std::int64_t filter, std::span<float> out) const;
  void write_filter(std::size_t layer, std::int64_t filter, std::span<const float> in);
  // Sets the filter and its bias to zero and keeps them there.
  void remove_filter(std::size_t layer, std::int64_t filter);

  // Frozen layers and filters are left alone by training; a layer begins as its description says.
  void freeze_layer(std::size_t layer, bool frozen);
  void freeze_filter(std::size_t layer, std::int64_t filter, bool frozen);
  bool is_frozen(std::size_t layer, std::int64_t filter) const;
  // What training may change. The number grows by one with every change of the list.
  const std::vector<TrainableRange>& trainable_ranges() const;
  std::uint64_t trainable_version() const;

  // images (n,C,H,W) without gaps, n <= batch; labels in [0, classes).
  // One training pass: loss and gradients. `smoothing` is label smoothing in [0, 1).
  BatchResult train(const float* images, std::span<const std::int32_t> labels, const StepSeed& seed,
                    float smoothing = 0);
  // The same in three phases.
  void forward(const float* images, std::int64_t n, const StepSeed& seed);
  BatchResult loss(std::span<const std::int32_t> labels, float smoothing = 0);
  void backward();

  // Inference: logits (n, classes), any n. No dropout; batch norm uses its running statistics.
  void infer(const float* images, std::int64_t n, float* logits);

  // Logits of the last training pass's image n.
  std::span<const float> logits(std::int64_t n) const;
  // Share of the units (maps, or dense outputs) after each ReLU that were zero for all n images of the last training
  // pass; nothing for layers that no ReLU follows or whose values were not kept.
  std::vector<std::optional<double>> dead_units(std::int64_t n) const;
  // d loss / d parameters of each layer: root of the sum of squares; and the same of the parameters.
  double gradient_norm(std::size_t layer) const;
  double parameter_norm(std::size_t layer) const;

  // FNV-1a over all parameters in PyTorch order: equal for equal bits, whatever the layout.
  std::uint64_t parameter_hash() const;
  // Bytes planned for activations, gradients and parameters.
  std::int64_t memory_bytes() const;

 private:
  struct State;
  explicit Network(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace convlens::nn
