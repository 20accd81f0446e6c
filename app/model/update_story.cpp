// Formulas as engine/training/optimizer.cpp has them (PyTorch 2: torch.optim.SGD, RMSprop, Adam, AdamW).
#include "app/model/update_story.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace convlens::model {
namespace {

using explain::Decimal;
using training::Rule;

constexpr int kDigits = 7;
constexpr int kWeightDigits = 9;  // of the weight itself: a float tells so many apart
// Of the size of a step: what the roundings of its lines come to; and of a parameter: what a float rounds.
constexpr double kStepTolerance = 2e-6;
constexpr double kFloatTolerance = 2.4e-7;

// A number as it is shown, and what later lines compute with.
struct Number {
  Decimal shown;
  double value = 0;
};
Number number(double value, int digits = kDigits) {
  const Decimal shown = explain::round_to_digits(value, digits);
  return {shown, explain::to_double(shown)};
}
std::string text(const Number& n) { return explain::to_text(n.shown); }
// In brackets where a sign would stand beside an operator.
std::string term(const Number& n) { return n.value < 0 ? "(" + text(n) + ")" : text(n); }

class Teller {
 public:
  explicit Teller(const UpdateInput& input) : in_(input), o_(input.settings) {}

  UpdateStory tell() {
    rate_ = number(double{o_.learning_rate});
    const float factor = training::schedule_factor(o_.schedule, in_.step);
    if (factor != 1) {
      const Number f = number(double{factor}), base = rate_;
      rate_ = number(base.value * f.value);
      line("learning rate by the schedule", text(base) + " × " + text(f), rate_);
    }
    gradient_ = number(double{in_.gradient});
    size_ = std::abs(gradient_.value);
    decay_gradient();
    double step = 0;
    switch (o_.rule) {
      case Rule::kSgd:
        step = plain(gradient_, "gradient");
        break;
      case Rule::kMomentum:
      case Rule::kNesterov:
        step = momentum();
        break;
      case Rule::kRmsProp:
        step = rms_prop();
        break;
      case Rule::kAdam:
      case Rule::kAdamW:
        step = adam();
        break;
    }
    finish(step);
    return std::move(story_);
  }

 private:
  void line(std::string name, const std::string& arithmetic, const Number& result) {
    story_.lines.push_back({std::move(name), arithmetic + " = " + text(result)});
  }

  // L2 and L1 pull at weights through their gradient.
  void decay_gradient() {
    if (!in_.is_weight) return;
    const Number w = number(double{in_.value});
    if (o_.l2 != 0) {
      const Number l2 = number(double{o_.l2}), g = gradient_;
      gradient_ = number(g.value + l2.value * w.value);
      size_ += std::abs(l2.value * w.value);
      line("gradient with L2", text(g) + " + " + text(l2) + " × " + term(w), gradient_);
    }
    if (o_.l1 != 0) {
      const double sign = in_.value > 0 ? 1 : in_.value < 0 ? -1 : 0;
      const Number l1 = number(double{o_.l1}), g = gradient_;
      gradient_ = number(g.value + l1.value * sign);
      size_ += std::abs(l1.value);
      line("gradient with L1",
           text(g) + " + " + text(l1) + " × " +
               (sign < 0   ? "(-1)"
                : sign > 0 ? "1"
                           : "0"),
           gradient_);
    }
  }

  double plain(const Number& direction, const std::string& name) {
    const Number step = number(rate_.value * direction.value);
    line("step: rate × " + name, text(rate_) + " × " + term(direction), step);
    size_ *= rate_.value;
    return step.value;
  }

  double momentum() {
    const Number mu = number(double{o_.momentum}), before = number(in_.first);
    const Number sum = number(mu.value * before.value + gradient_.value);
    line("running sum", text(mu) + " × " + term(before) + " + " + term(gradient_), sum);
    size_ += mu.value * std::abs(before.value);
    if (o_.rule == Rule::kMomentum) return plain(sum, "running sum");
    const Number ahead = number(mu.value * sum.value + gradient_.value);
    line("one step ahead", text(mu) + " × " + term(sum) + " + " + term(gradient_), ahead);
    size_ *= 2;
    return plain(ahead, "that");
  }

  double rms_prop() {
    const Number square = mean_square(o_.smoothing);
    const Number root = number(std::sqrt(square.value)), epsilon = number(double{o_.epsilon});
    line("its root", "√" + text(square), root);
    const Number step = number(rate_.value * gradient_.value / (root.value + epsilon.value));
    line("step: rate × gradient / (root + ε)",
         text(rate_) + " × " + term(gradient_) + " / (" + text(root) + " + " + text(epsilon) + ")", step);
    size_ *= rate_.value / (root.value + epsilon.value);
    return step.value;
  }

  Number mean_square(float keep) {
    const Number k = number(double{keep}), add = number(1 - double{keep}), before = number(in_.second);
    const Number square = number(k.value * before.value + add.value * gradient_.value * gradient_.value);
    // What a float holds of it; by hand, 1 - 0.999 is 0.001.
    const bool is_plain = add.shown == explain::round_to_digits(1 - k.value, kDigits);
    const std::string note = is_plain ? "" : "; 1 - " + text(k) + " in float32 is " + text(add);
    line("running mean of squares" + note,
         text(k) + " × " + text(before) + " + " + text(add) + " × " + term(gradient_) + "²", square);
    return square;
  }

  double adam() {
    const Number b1 = number(double{o_.beta1}), add = number(1 - double{o_.beta1}), before = number(in_.first);
    const Number mean = number(b1.value * before.value + add.value * gradient_.value);
    line("running mean of gradients", text(b1) + " × " + term(before) + " + " + text(add) + " × " + term(gradient_),
         mean);
    const Number square = mean_square(o_.beta2);
    const std::int64_t age = in_.age + 1;
    const auto corrected = [&](const std::string& name, const Number& value, float beta) {
      const Number share = number(1 - std::pow(double{beta}, static_cast<double>(age)));
      const Number result = number(value.value / share.value);
      const std::string of = text(number(double{beta})) + "^" + std::to_string(age);
      line(name + ": over 1 - " + of, term(value) + " / " + text(share), result);
      return result;
    };
    const Number m = corrected("mean, made up for its start at 0", mean, o_.beta1);
    const Number v = corrected("mean square, likewise", square, o_.beta2);
    const Number root = number(std::sqrt(v.value)), epsilon = number(double{o_.epsilon});
    line("its root", "√" + text(v), root);
    const Number step = number(rate_.value * m.value / (root.value + epsilon.value));
    line("step: rate × mean / (root + ε)",
         text(rate_) + " × " + term(m) + " / (" + text(root) + " + " + text(epsilon) + ")", step);
    const double share = 1 - std::pow(double{o_.beta1}, static_cast<double>(age));
    size_ =
        rate_.value * (b1.value * std::abs(before.value) + add.value * size_) / share / (root.value + epsilon.value);
    return step.value;
  }

  void finish(double step) {
    double value = double{in_.value};
    if (o_.rule == Rule::kAdamW && in_.is_weight && o_.decay != 0) {
      const Number w = number(value, kWeightDigits), decay = number(double{o_.decay});
      const Number kept = number(w.value * (1 - rate_.value * decay.value), kWeightDigits);
      line("weight after decay", term(w) + " × (1 - " + text(rate_) + " × " + text(decay) + ")", kept);
      value = kept.value;
    }
    story_.tolerance = kStepTolerance * size_ + kFloatTolerance * std::abs(double{in_.value}) + 1e-30;
    if (!std::isfinite(value) || !std::isfinite(step)) {
      story_.value = explain::round_to_digits(value - step, kDigits);
      story_.lines.push_back({"new weight", "not a number any more"});
      return;
    }
    // So many places that the step can be seen in the weight, and no more than a float has.
    const int weight_lead = value != 0 ? explain::leading_place(value) : step != 0 ? explain::leading_place(step) : 0;
    const int step_lead = step != 0 ? explain::leading_place(step) : weight_lead;
    const int place = std::max(std::max(weight_lead, step_lead) - 10, std::min(weight_lead - 6, step_lead - 3));
    const Decimal from = explain::round_to_place(value, place), by = explain::round_to_place(step, place);
    const Decimal minus{-by.units, by.place, by.kind};
    story_.value = explain::add(from, minus);
    const std::string by_text = by.units < 0 ? " + " + explain::to_text(minus) : " - " + explain::to_text(by);
    story_.lines.push_back({"new weight", explain::to_text(from) + by_text + " = " + explain::to_text(story_.value)});
    story_.tolerance += std::pow(10.0, place);
  }

  const UpdateInput& in_;
  const training::OptimizerSettings& o_;
  Number rate_, gradient_;
  double size_ = 0;  // of the step, with absolute values in its sums
  UpdateStory story_;
};

bool has_running_mean(const training::KeyState& key, training::Rule rule) {
  // A rule that keeps other means than the one before begins them anew.
  return training::keeps_first(key.rule) == training::keeps_first(rule) &&
         training::keeps_second(key.rule) == training::keeps_second(rule);
}

}  // namespace

bool UpdateStory::agrees(float after) const {
  if (!value.is_finite() || !std::isfinite(after)) return value.is_finite() == std::isfinite(after);
  return std::abs(explain::to_double(value) - double{after}) <= tolerance;
}

UpdateStory tell_update(const UpdateInput& input) {
  if (input.is_frozen) {
    UpdateStory story;
    story.value = explain::round_to_digits(double{input.value}, 9);
    story.tolerance = 1e-8 * std::abs(double{input.value});
    story.lines.push_back({"frozen", "stays " + explain::to_text(story.value)});
    return story;
  }
  return Teller(input).tell();
}

RowPlace place_in_row(const TrainRun& run, std::int64_t index) {
  const auto after = std::ranges::upper_bound(run.offsets, index);
  RowPlace place;
  place.parameter = static_cast<std::size_t>(after - run.offsets.begin()) - 1;
  place.at = index - run.offsets[place.parameter];
  const nn::ParameterInfo& info = run.parameters[place.parameter];
  place.slice = place.at / std::max<std::int64_t>(1, info.count() / info.shape.front());
  return place;
}

std::optional<UpdateInput> update_input(const TrainSnapshot& snapshot, std::int64_t index) {
  const training::Frame& before = snapshot.before;
  if (!snapshot.run || !before.values || !before.key || !snapshot.gradients) return std::nullopt;
  const TrainRun& run = *snapshot.run;
  if (index < 0 || index >= std::ssize(*before.values)) return std::nullopt;
  const RowPlace place = place_in_row(run, index);
  const nn::ParameterInfo& info = run.parameters[place.parameter];
  if (!info.is_trainable()) return std::nullopt;
  // Among the trainable ones.
  std::int64_t position = place.at;
  for (std::size_t i = 0; i < place.parameter; ++i) {
    if (run.parameters[i].is_trainable()) position += run.parameters[i].count();
  }
  const training::KeyState& key = *before.key;
  UpdateInput input;
  input.settings = key.settings.optimizer;
  input.step = before.step;
  if (has_running_mean(key, input.settings.rule)) {
    input.age = key.age;
    const auto of = [&](const std::vector<float>& means) {
      return position < std::ssize(means) ? double{means[static_cast<std::size_t>(position)]} : 0.0;
    };
    input.first = of(key.first);
    input.second = of(key.second);
  }
  input.value = (*before.values)[static_cast<std::size_t>(index)];
  input.gradient = (*snapshot.gradients)[static_cast<std::size_t>(index)];
  input.is_weight = info.role == nn::ParameterRole::kWeight;
  const std::vector<bool>& frozen = key.frozen[info.layer];
  const auto slice = static_cast<std::size_t>(frozen.size() == 1 ? 0 : place.slice);
  input.is_frozen = slice < frozen.size() && frozen[slice];
  return input;
}

bool is_update_done(const TrainSnapshot& snapshot) { return snapshot.step > snapshot.before.step; }

}  // namespace convlens::model
