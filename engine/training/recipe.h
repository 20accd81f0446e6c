// How to train a model when nobody says how: settings that are known to work for each preset.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/training/optimizer.h"

namespace convlens::training {

struct Recipe {
  std::int64_t epochs = 5;
  std::int64_t batch = 64;
  OptimizerSettings optimizer;  // the schedule's total is the whole run's, and not known here
};

// For a preset of nn::model_presets(), or any other name.
Recipe recipe_for(std::string_view model);
// "adam, learning rate 0.002 cosine, batch 64, 3 epochs"
std::string in_words(const Recipe& recipe);
// "adam, learning rate 0.002 cosine"
std::string in_words(const OptimizerSettings& settings);

}  // namespace convlens::training
