// How gradients change parameters: the update rules, decay, and learning-rate schedules. Knows no data and no layers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/conv/params.h"
#include "engine/core/tensor.h"
#include "engine/nn/network.h"

namespace convlens::training {

enum class Rule { kSgd, kMomentum, kNesterov, kRmsProp, kAdam, kAdamW };
// sgd, momentum, nesterov, rmsprop, adam, adamw
std::span<const conv::ChoiceName> rule_names();
std::optional<Rule> parse_rule(std::string_view name);
// Whether the rule keeps a running mean of gradients (or their sum), and one of their squares.
bool keeps_first(Rule rule);
bool keeps_second(Rule rule);

enum class Course { kConstant, kSteps, kCosine };
// constant, steps, cosine
std::span<const conv::ChoiceName> course_names();
std::optional<Course> parse_course(std::string_view name);

// The learning rate over the steps, as a factor.
struct Schedule {
  Course course = Course::kConstant;
  std::int64_t warm_up = 0;     // steps over which it rises from zero, before the course
  std::int64_t every = 1000;    // steps: the factor falls after so many
  float factor = 0.1f;          // steps: by this
  std::int64_t total = 10'000;  // cosine: step at which it has fallen to `floor`
  float floor = 0;              // cosine
  bool operator==(const Schedule&) const = default;
};
// (Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017, without restarts, for cosine.)
float schedule_factor(const Schedule& schedule, std::int64_t step);

// Everything may change from one step to the next.
struct OptimizerSettings {
  Rule rule = Rule::kAdam;
  float learning_rate = 0.001f;
  float momentum = 0.9f;   // momentum, nesterov
  float smoothing = 0.9f;  // rmsprop: how slowly the mean square follows
  float beta1 = 0.9f;      // adam, adamw
  float beta2 = 0.999f;
  float epsilon = 1e-8f;  // rmsprop, adam, adamw
  // Added to the gradients of weights, not of biases: l1 sign(w) and l2 w.
  float l1 = 0;
  float l2 = 0;
  float decay = 0;  // adamw: share of a weight, times the learning rate, taken off at each step
  Schedule schedule;
  bool operator==(const OptimizerSettings&) const = default;
};

// Holds the running means of the rule. A change of rule begins them anew.
class Optimizer {
 public:
  // One step on everything that may be trained, in one pass over the parameters. `step` counts the network's steps and
  // only decides the schedule. The same bits for every number of threads.
  // (Formulas as in PyTorch 2: torch.optim.SGD, RMSprop, Adam, AdamW.)
  void update(nn::Network& network, const OptimizerSettings& settings, std::int64_t step);

  // For saving and going back: the two running means, laid out like the network's trainable parameters (empty before
  // the first step, or where the rule has none), the rule they are of, and the number of steps since they began.
  std::span<const float> first() const { return first_.values(); }
  std::span<const float> second() const { return second_.values(); }
  std::int64_t age() const { return age_; }
  Rule rule() const { return rule_; }
  void restore(Rule rule, std::int64_t age, std::span<const float> first, std::span<const float> second);

 private:
  struct Block {
    std::int64_t offset, count;
    bool is_weight;
  };
  void plan(nn::Network& network);
  void begin(Rule rule, std::int64_t floats);

  Rule rule_ = Rule::kSgd;
  std::int64_t age_ = 0;
  Tensor first_, second_;
  std::vector<Block> blocks_;
  std::uint64_t version_ = 0;
};

}  // namespace convlens::training
