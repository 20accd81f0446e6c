// The update rules, one pass over each block of parameters, for every instruction set.

#include "engine/training/optimizer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "engine/conv/kernels/simd.h"

#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS CONVLENS_UNSIZED_TARGETS
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/training/optimizer.cpp"
#include <hwy/foreach_target.h>
// The lines below are compiled once for each instruction set.
#include <hwy/highway.h>

#ifndef CONVLENS_OPTIMIZER_UPDATE_
#define CONVLENS_OPTIMIZER_UPDATE_
namespace convlens::training {

// One block of parameters and the numbers of this step.
struct Update {
  Rule rule;
  float* p;
  const float* g;
  float* first;
  float* second;
  std::int64_t count;
  float rate;
  float l1, l2;  // zero for what does not decay
  float keep;    // adamw: what remains of a parameter before the step
  float momentum, smoothing, beta1, beta2, epsilon;
  float inverse_bias1;       // 1 / (1 - beta1^t)
  float inverse_root_bias2;  // 1 / sqrt(1 - beta2^t)
};

}  // namespace convlens::training
#endif

HWY_BEFORE_NAMESPACE();
namespace convlens::training {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::ScalableTag<float>;
using Vec = hn::Vec<FloatTag>;

// Each rule: p, m, v are the parameter and its two running means, g its gradient.
template <class Rule>
HWY_INLINE void apply(const Update& u, const Rule& rule) {
  const FloatTag d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const Vec l1 = hn::Set(d, u.l1), l2 = hn::Set(d, u.l2);
  const auto step = [&](float* p, const float* gradient, float* first, float* second) HWY_ATTR {
    Vec value = hn::LoadU(d, p);
    Vec g = hn::MulAdd(l2, value, hn::LoadU(d, gradient));
    const Vec sign = hn::IfThenElseZero(hn::Ne(value, hn::Zero(d)), hn::CopySign(hn::Set(d, 1.0f), value));
    g = hn::MulAdd(l1, sign, g);
    rule(value, g, first, second);
    hn::StoreU(value, d, p);
  };
  std::int64_t i = 0;
  for (; i + lanes <= u.count; i += lanes) {
    step(u.p + i, u.g + i, u.first ? u.first + i : nullptr, u.second ? u.second + i : nullptr);
  }
  if (i == u.count) return;
  // The rest of a block goes through copies.
  const auto rest = u.count - i;
  HWY_ALIGN float p[hn::MaxLanes(FloatTag())] = {}, g[hn::MaxLanes(FloatTag())] = {};
  HWY_ALIGN float first[hn::MaxLanes(FloatTag())] = {}, second[hn::MaxLanes(FloatTag())] = {};
  std::copy_n(u.p + i, rest, p), std::copy_n(u.g + i, rest, g);
  if (u.first) std::copy_n(u.first + i, rest, first);
  if (u.second) std::copy_n(u.second + i, rest, second);
  step(p, g, first, second);
  std::copy_n(p, rest, u.p + i);
  if (u.first) std::copy_n(first, rest, u.first + i);
  if (u.second) std::copy_n(second, rest, u.second + i);
}

void sgd(const Update& u) {
  const FloatTag d;
  const Vec rate = hn::Set(d, u.rate);
  apply(u, [&](Vec& p, Vec g, float*, float*) HWY_ATTR { p = hn::NegMulAdd(rate, g, p); });
}

void momentum(const Update& u, bool nesterov) {
  const FloatTag d;
  const Vec rate = hn::Set(d, u.rate), mu = hn::Set(d, u.momentum);
  apply(u, [&](Vec& p, Vec g, float* first, float*) HWY_ATTR {
    const Vec v = hn::MulAdd(mu, hn::LoadU(d, first), g);
    hn::StoreU(v, d, first);
    p = hn::NegMulAdd(rate, nesterov ? hn::MulAdd(mu, v, g) : v, p);
  });
}

void rms_prop(const Update& u) {
  const FloatTag d;
  const Vec rate = hn::Set(d, u.rate), keep = hn::Set(d, u.smoothing), add = hn::Set(d, 1 - u.smoothing);
  const Vec epsilon = hn::Set(d, u.epsilon);
  apply(u, [&](Vec& p, Vec g, float*, float* second) HWY_ATTR {
    const Vec s = hn::MulAdd(keep, hn::LoadU(d, second), hn::Mul(add, hn::Mul(g, g)));
    hn::StoreU(s, d, second);
    p = hn::NegMulAdd(rate, hn::Div(g, hn::Add(hn::Sqrt(s), epsilon)), p);
  });
}

// (Kingma and Ba, "Adam", 2015; Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019.)
void adam(const Update& u) {
  const FloatTag d;
  const Vec rate = hn::Set(d, u.rate * u.inverse_bias1), epsilon = hn::Set(d, u.epsilon);
  const Vec keep1 = hn::Set(d, u.beta1), add1 = hn::Set(d, 1 - u.beta1);
  const Vec keep2 = hn::Set(d, u.beta2), add2 = hn::Set(d, 1 - u.beta2);
  const Vec root_bias = hn::Set(d, u.inverse_root_bias2), keep = hn::Set(d, u.keep);
  apply(u, [&](Vec& p, Vec g, float* first, float* second) HWY_ATTR {
    const Vec m = hn::MulAdd(keep1, hn::LoadU(d, first), hn::Mul(add1, g));
    const Vec v = hn::MulAdd(keep2, hn::LoadU(d, second), hn::Mul(add2, hn::Mul(g, g)));
    hn::StoreU(m, d, first);
    hn::StoreU(v, d, second);
    const Vec scale = hn::Div(m, hn::MulAdd(hn::Sqrt(v), root_bias, epsilon));
    p = hn::NegMulAdd(rate, scale, hn::Mul(keep, p));
  });
}

void run_update(const Update& u) {
  switch (u.rule) {
    case Rule::kSgd:
      return sgd(u);
    case Rule::kMomentum:
      return momentum(u, false);
    case Rule::kNesterov:
      return momentum(u, true);
    case Rule::kRmsProp:
      return rms_prop(u);
    case Rule::kAdam:
    case Rule::kAdamW:
      return adam(u);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::training
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convlens::training {
namespace {

HWY_EXPORT(run_update);

using conv::ChoiceName;

constexpr std::array kRules = {
    ChoiceName{"sgd", "SGD", "Down the gradient"},
    ChoiceName{"momentum", "Momentum", "Down a running sum of gradients"},
    ChoiceName{"nesterov", "Nesterov", "Momentum that looks one step ahead"},
    ChoiceName{"rmsprop", "RMSProp", "Gradients divided by their running size"},
    ChoiceName{"adam", "Adam", "Running mean of gradients divided by their running size"},
    ChoiceName{"adamw", "AdamW", "Adam, with weight decay beside it instead of in the gradient"},
};
constexpr std::array kCourses = {
    ChoiceName{"constant", "Constant", "The same learning rate all the time"},
    ChoiceName{"steps", "Steps", "Falls by a factor every so many steps"},
    ChoiceName{"cosine", "Cosine", "Falls along half a cosine"},
};

constexpr std::int64_t kBlockFloats = 8192;

}  // namespace

std::span<const ChoiceName> rule_names() { return kRules; }
std::optional<Rule> parse_rule(std::string_view name) { return conv::parse_choice<Rule>(kRules, name); }
bool keeps_first(Rule rule) { return rule != Rule::kSgd && rule != Rule::kRmsProp; }
bool keeps_second(Rule rule) { return rule == Rule::kRmsProp || rule == Rule::kAdam || rule == Rule::kAdamW; }
std::span<const ChoiceName> course_names() { return kCourses; }
std::optional<Course> parse_course(std::string_view name) { return conv::parse_choice<Course>(kCourses, name); }

float schedule_factor(const Schedule& s, std::int64_t step) {
  if (step < s.warm_up) return static_cast<float>(step + 1) / static_cast<float>(s.warm_up);
  switch (s.course) {
    case Course::kConstant:
      return 1;
    case Course::kSteps:
      return std::pow(s.factor, static_cast<float>(step / std::max<std::int64_t>(1, s.every)));
    case Course::kCosine: {
      const auto length = static_cast<double>(std::max<std::int64_t>(1, s.total - s.warm_up));
      const double done = std::min(1.0, static_cast<double>(step - s.warm_up) / length);
      const double floor = static_cast<double>(s.floor);
      return static_cast<float>(floor + (1 - floor) * 0.5 * (1 + std::cos(std::numbers::pi * done)));
    }
  }
  return 1;
}

void Optimizer::begin(Rule rule, std::int64_t floats) {
  rule_ = rule;
  age_ = 0;
  first_ = keeps_first(rule) ? Tensor({1, 1, 1, floats}) : Tensor();
  second_ = keeps_second(rule) ? Tensor({1, 1, 1, floats}) : Tensor();
}

void Optimizer::restore(Rule rule, std::int64_t age, std::span<const float> first, std::span<const float> second) {
  begin(rule, static_cast<std::int64_t>(std::max(first.size(), second.size())));
  age_ = age;
  if (keeps_first(rule)) std::ranges::copy(first, first_.data());
  if (keeps_second(rule)) std::ranges::copy(second, second_.data());
}

void Optimizer::plan(nn::Network& network) {
  if (version_ == network.trainable_version()) return;
  version_ = network.trainable_version();
  blocks_.clear();
  for (const nn::TrainableRange& range : network.trainable_ranges()) {
    for (std::int64_t at = 0; at < range.count; at += kBlockFloats) {
      blocks_.push_back({range.offset + at, std::min(kBlockFloats, range.count - at), range.is_weight});
    }
  }
}

void Optimizer::update(nn::Network& network, const OptimizerSettings& s, std::int64_t step) {
  plan(network);
  const std::int64_t floats = network.store().trainable_floats();
  const bool fits =
      (!keeps_first(s.rule) || first_.size() == floats) && (!keeps_second(s.rule) || second_.size() == floats);
  // Adam and AdamW keep the same means.
  const bool is_same =
      rule_ == s.rule || (keeps_first(rule_) == keeps_first(s.rule) && keeps_second(rule_) == keeps_second(s.rule));
  if (!fits || !is_same) begin(s.rule, floats);
  rule_ = s.rule;
  ++age_;
  const double age = static_cast<double>(age_);
  const float rate = s.learning_rate * schedule_factor(s.schedule, step);
  const auto bias1 = static_cast<float>(1 / (1 - std::pow(static_cast<double>(s.beta1), age)));
  const auto bias2 = static_cast<float>(1 / std::sqrt(1 - std::pow(static_cast<double>(s.beta2), age)));
  float* values = network.store().values().data();
  const float* gradients = network.store().gradients().data();
  const auto run = conv::function_for(HWY_DISPATCH_TABLE(run_update), conv::simd_targets().front());
  network.parallel().for_each(std::ssize(blocks_), [&](std::int64_t i) {
    const Block& block = blocks_[static_cast<std::size_t>(i)];
    const bool decays = block.is_weight;
    run({s.rule, values + block.offset, gradients + block.offset,
         keeps_first(s.rule) ? first_.data() + block.offset : nullptr,
         keeps_second(s.rule) ? second_.data() + block.offset : nullptr, block.count, rate, decays ? s.l1 : 0.0f,
         decays ? s.l2 : 0.0f, s.rule == Rule::kAdamW && decays ? 1 - rate * s.decay : 1.0f, s.momentum, s.smoothing,
         s.beta1, s.beta2, s.epsilon, bias1, bias2});
  });
  network.changed();
}

}  // namespace convlens::training
#endif
