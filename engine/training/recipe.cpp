// One row for each preset. engine/training/README.md has what they reach.
#include "engine/training/recipe.h"

#include <algorithm>
#include <array>

#include "engine/core/text.h"

namespace convlens::training {
namespace {

struct Row {
  std::string_view model;
  std::int64_t epochs;
  Rule rule;
  float learning_rate;
  float decay;
};
constexpr std::array kRows = {
    Row{"keras-starter", 3, Rule::kAdam, 0.002f, 0},   Row{"lenet5", 8, Rule::kAdam, 0.002f, 0},
    Row{"mnist-cnn", 8, Rule::kAdamW, 0.0015f, 0.01f}, Row{"tiny-vgg", 8, Rule::kAdamW, 0.0015f, 0.01f},
    Row{"all-conv", 8, Rule::kAdamW, 0.003f, 0.01f},
};
constexpr Row kOther{"", 5, Rule::kAdam, 0.001f, 0};

std::string number(float value) { return formatted("%.4g", static_cast<double>(value)); }

}  // namespace

Recipe recipe_for(std::string_view model) {
  const auto found = std::ranges::find(kRows, model, &Row::model);
  const Row& row = found == kRows.end() ? kOther : *found;
  Recipe recipe;
  recipe.epochs = row.epochs;
  recipe.optimizer.rule = row.rule;
  recipe.optimizer.learning_rate = row.learning_rate;
  recipe.optimizer.decay = row.decay;
  recipe.optimizer.schedule.course = Course::kCosine;
  return recipe;
}

std::string in_words(const OptimizerSettings& s) {
  std::string text = std::string(rule_names()[static_cast<std::size_t>(s.rule)].name) + ", learning rate " +
                     number(s.learning_rate) + " " +
                     std::string(course_names()[static_cast<std::size_t>(s.schedule.course)].name);
  if (s.schedule.warm_up > 0) text += " after " + std::to_string(s.schedule.warm_up) + " steps of warm-up";
  if (s.decay != 0 && s.rule == Rule::kAdamW) text += ", decay " + number(s.decay);
  if (s.l1 != 0) text += ", l1 " + number(s.l1);
  if (s.l2 != 0) text += ", l2 " + number(s.l2);
  return text;
}

std::string in_words(const Recipe& recipe) {
  return in_words(recipe.optimizer) + ", batch " + std::to_string(recipe.batch) + ", " + std::to_string(recipe.epochs) +
         " epochs";
}

}  // namespace convlens::training
