// Defaults of a run, which model suits which pictures, and what a change of settings means and is called.
#include "app/model/train_settings.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "app/model/stack_edits.h"
#include "engine/core/text.h"
#include "engine/nn/presets.h"
#include "engine/training/recipe.h"

namespace convlens::model {
namespace {

std::string number(float value) { return formatted("%.4g", static_cast<double>(value)); }
std::string number(std::int64_t value) { return std::to_string(value); }

std::string from_to(const std::string& what, const std::string& before, const std::string& after) {
  return what + " " + before + " → " + after;
}

template <class Names, class Enum>
std::string choice(const Names& names, Enum value) {
  return std::string(names[static_cast<std::size_t>(value)].label);
}

// "synthetic digits", or a folder's name.
std::string data_name(const std::string& data) {
  const std::size_t colon = data.find(':');
  if (data.starts_with("synthetic")) {
    return colon == std::string::npos ? "synthetic digits" : data.substr(colon + 1) + " synthetic digits";
  }
  return colon == std::string::npos ? data : std::filesystem::path(data.substr(colon + 1)).filename().string();
}

std::string model_change(const nn::ModelSpec& before, const nn::ModelSpec& after) {
  if (before.name != after.name) return from_to("Model", before.name, after.name);
  StackSettings old, now;
  old.model = before;
  now.model = after;
  return describe_stack_change(old, now);
}

std::string part_name(const nn::ModelSpec& model, const FrozenPart& part) {
  const std::vector<nn::LayerSpec> layers = nn::named_layers(model);
  if (part.layer >= layers.size()) return "layer " + std::to_string(part.layer + 1);
  const nn::LayerSpec& layer = layers[part.layer];
  if (!part.filter) return layer.name;
  return layer.name + (layer.kind == nn::LayerKind::kConv ? " filter " : " output ") + std::to_string(*part.filter + 1);
}

std::vector<FrozenPart> parts_only_in(const std::vector<FrozenPart>& here, const std::vector<FrozenPart>& there) {
  std::vector<FrozenPart> parts;
  for (const FrozenPart& part : here) {
    if (std::ranges::find(there, part) == there.end()) parts.push_back(part);
  }
  return parts;
}

std::string frozen_change(const TrainSettings& before, const TrainSettings& after) {
  const auto added = parts_only_in(after.frozen, before.frozen), gone = parts_only_in(before.frozen, after.frozen);
  const auto in_words = [&](const std::string& verb, const std::vector<FrozenPart>& parts) {
    return verb + " " + (parts.size() == 1 ? part_name(after.model, parts[0]) : number(std::ssize(parts)) + " parts");
  };
  if (added.empty()) return in_words("Unfreeze", gone);
  return in_words("Freeze", added);
}

class Changes {
 public:
  template <class Number>
  void add_number(const std::string& what, const Number& before, const Number& after) {
    if (before != after) add(from_to(what, number(before), number(after)));
  }
  void add(std::string words) { words_.push_back(std::move(words)); }
  std::string text() const {
    constexpr std::size_t kMost = 3;
    std::string text;
    for (std::size_t i = 0; i < std::min(words_.size(), kMost); ++i) text += (i > 0 ? ", " : "") + words_[i];
    return words_.size() > kMost ? text + ", …" : text;
  }

 private:
  std::vector<std::string> words_;
};

void add_optimizer(const training::OptimizerSettings& a, const training::OptimizerSettings& b, Changes& changes) {
  const auto rules = training::rule_names();
  if (a.rule != b.rule) changes.add(from_to("Optimizer", choice(rules, a.rule), choice(rules, b.rule)));
  changes.add_number("Learning rate", a.learning_rate, b.learning_rate);
  changes.add_number("Momentum", a.momentum, b.momentum);
  changes.add_number("Smoothing", a.smoothing, b.smoothing);
  changes.add_number("Beta 1", a.beta1, b.beta1);
  changes.add_number("Beta 2", a.beta2, b.beta2);
  changes.add_number("Epsilon", a.epsilon, b.epsilon);
  changes.add_number("L1", a.l1, b.l1);
  changes.add_number("L2", a.l2, b.l2);
  changes.add_number("Weight decay", a.decay, b.decay);
  const auto courses = training::course_names();
  const training::Schedule &from = a.schedule, &to = b.schedule;
  if (from.course != to.course) {
    changes.add(from_to("Schedule", choice(courses, from.course), choice(courses, to.course)));
  }
  changes.add_number("Warm-up", from.warm_up, to.warm_up);
  changes.add_number("Steps of the schedule", from.every, to.every);
  changes.add_number("Factor of the schedule", from.factor, to.factor);
  changes.add_number("Floor of the schedule", from.floor, to.floor);
}

bool is_preset(const nn::ModelSpec& model) {
  const auto made = nn::make_model(model.name, model.channels, model.height, model.width, model.classes);
  return made && *made == model;
}

}  // namespace

TrainSettings default_train_settings() {
  TrainSettings settings;
  choose_model(settings, "keras-starter");
  // So few digits are there within a second, and so many epochs are something to watch.
  settings.data = "synthetic:6000";
  settings.epochs = 20;
  return settings;
}

void choose_model(TrainSettings& settings, const std::string& preset) {
  const nn::ModelSpec& now = settings.model;
  auto made = nn::make_model(preset, now.channels, now.height, now.width, now.classes);
  if (!made) return;
  const training::Recipe recipe = training::recipe_for(preset);
  settings.model = std::move(*made);
  settings.batch = recipe.batch;
  settings.epochs = recipe.epochs;
  settings.optimizer = recipe.optimizer;
  settings.frozen.clear();
}

Result<nn::ModelSpec> fit_model(const nn::ModelSpec& model, const Shape& picture, std::int64_t classes) {
  const auto channels = static_cast<int>(picture.c), height = static_cast<int>(picture.h),
             width = static_cast<int>(picture.w), count = static_cast<int>(classes);
  nn::ModelSpec fitted = model;
  if (is_preset(model)) {
    auto made = nn::make_model(model.name, channels, height, width, count);
    if (!made) return made;
    fitted = std::move(*made);
  } else {
    const auto last = std::ranges::find_if(fitted.layers.rbegin(), fitted.layers.rend(), [](const nn::LayerSpec& l) {
      return l.kind == nn::LayerKind::kDense || l.kind == nn::LayerKind::kConv;
    });
    if (last != fitted.layers.rend()) {
      int& outputs = last->kind == nn::LayerKind::kDense ? last->outputs : last->filters;
      if (outputs == model.classes) outputs = count;
    }
    fitted.channels = channels;
    fitted.height = height;
    fitted.width = width;
    fitted.classes = count;
  }
  if (auto shapes = nn::layer_shapes(fitted); !shapes) return shapes.error();
  return fitted;
}

bool needs_reset(const TrainSettings& running, const TrainSettings& wanted) {
  return !what_waits(running, wanted).empty();
}

std::string what_waits(const TrainSettings& running, const TrainSettings& wanted) {
  const std::array<std::pair<bool, const char*>, 7> differences{
      {{running.data != wanted.data, "data"},
       {running.model != wanted.model, "model"},
       {running.batch != wanted.batch, "batch size"},
       {running.epochs != wanted.epochs, "epochs"},
       {running.seed != wanted.seed, "seed"},
       {running.augmentation != wanted.augmentation, "augmentation"},
       {running.threads != wanted.threads, "threads"}}};
  std::string words;
  for (const auto& [differs, name] : differences) {
    if (differs) words += (words.empty() ? "" : ", ") + std::string(name);
  }
  return words;
}

bool same_optimizer(const TrainSettings& a, const TrainSettings& b) {
  training::OptimizerSettings other = b.optimizer;
  other.schedule.total = a.optimizer.schedule.total;
  return a.optimizer == other && a.label_smoothing == b.label_smoothing;
}

bool same_frozen(const TrainSettings& a, const TrainSettings& b) {
  return parts_only_in(a.frozen, b.frozen).empty() && parts_only_in(b.frozen, a.frozen).empty();
}

std::string describe_train_change(const TrainSettings& before, const TrainSettings& after) {
  if (!after.by_hand.empty() && before.by_hand != after.by_hand && after.by_hand.size() >= before.by_hand.size()) {
    return after.by_hand.back().label;
  }
  if (after.by_hand.size() < before.by_hand.size()) return "Take back " + before.by_hand.back().label;
  // A preset brings its recipe along.
  if (before.model.name != after.model.name) return model_change(before.model, after.model);
  Changes changes;
  if (before.data != after.data) changes.add(from_to("Data", data_name(before.data), data_name(after.data)));
  if (before.model != after.model) changes.add(model_change(before.model, after.model));
  if (!same_frozen(before, after)) changes.add(frozen_change(before, after));
  add_optimizer(before.optimizer, after.optimizer, changes);
  changes.add_number("Label smoothing", before.label_smoothing, after.label_smoothing);
  changes.add_number("Batch", before.batch, after.batch);
  changes.add_number("Epochs", before.epochs, after.epochs);
  if (before.augmentation != after.augmentation) {
    changes.add(from_to("Augmentation", to_string(before.augmentation), to_string(after.augmentation)));
  }
  if (before.seed != after.seed) {
    changes.add(from_to("Seed", std::to_string(before.seed), std::to_string(after.seed)));
  }
  changes.add_number("Threads", std::int64_t{before.threads}, std::int64_t{after.threads});
  const std::string text = changes.text();
  return text.empty() ? "Training settings" : text;
}

}  // namespace convlens::model
