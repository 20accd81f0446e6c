// Defaults of a run, and what a change of its settings means.
#include "app/model/train_settings.h"

#include "engine/nn/presets.h"
#include "engine/training/recipe.h"

namespace convlens::model {

TrainSettings default_train_settings() {
  TrainSettings settings;
  choose_model(settings, "keras-starter");
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

bool needs_reset(const TrainSettings& running, const TrainSettings& wanted) {
  return running.data != wanted.data || running.model != wanted.model || running.batch != wanted.batch ||
         running.epochs != wanted.epochs || running.seed != wanted.seed ||
         running.augmentation != wanted.augmentation || running.threads != wanted.threads;
}

std::string describe_train_change(const TrainSettings& before, const TrainSettings& after) {
  if (after.by_hand.size() > before.by_hand.size()) return after.by_hand.back().label;
  return "Training settings";
}

}  // namespace convlens::model
