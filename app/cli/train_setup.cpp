// A new run, or one gone on from a checkpoint.
#include "app/cli/train_setup.h"

#include <cmath>
#include <filesystem>
#include <system_error>
#include <utility>

#include "engine/nn/presets.h"
#include "engine/training/checkpoint.h"
#include "engine/training/model_file.h"
#include "engine/training/recipe.h"
#include "engine/training/run_data.h"

namespace convlens::cli {
namespace {

namespace fs = std::filesystem;

// Better said before hours of training than after.
Status check_outputs(const TrainOptions& options) {
  for (const fs::path& path : {options.save, options.checkpoint, options.timeline, options.metrics}) {
    if (path.empty() || !path.has_parent_path()) continue;
    std::error_code ignored;
    if (fs::is_directory(path.parent_path(), ignored)) continue;
    return Error{"cannot write " + path.string() + ": its folder does not exist; create the folder first"};
  }
  return options.save.empty() ? Done{} : training::check_model_path(options.save);
}

// "all" layers begin this way; a named filter can only begin convolutions.
void set_initialiser(nn::ModelSpec& model, const nn::Initialiser& init) {
  for (nn::LayerSpec& layer : model.layers) {
    const bool has_weights = layer.kind == nn::LayerKind::kConv ||
                             (layer.kind == nn::LayerKind::kDense && init.kind != nn::InitKind::kFilter);
    if (has_weights) layer.init = init;
  }
}

void set_optimizer(const TrainOptions& options, training::TrainerSettings& settings) {
  training::OptimizerSettings& o = settings.optimizer;
  if (options.rule) o.rule = *options.rule;
  if (options.learning_rate) o.learning_rate = *options.learning_rate;
  if (options.decay) o.decay = *options.decay;
  if (options.l1) o.l1 = *options.l1;
  if (options.l2) o.l2 = *options.l2;
  if (options.label_smoothing) settings.label_smoothing = *options.label_smoothing;
  if (options.schedule) o.schedule = *options.schedule;
}

Status check_numbers(const training::TrainerSettings& s) {
  const training::OptimizerSettings& o = s.optimizer;
  for (const float value : {o.learning_rate, o.decay, o.l1, o.l2, s.label_smoothing}) {
    if (!std::isfinite(value)) return Error{"--lr, --decay, --l1, --l2 and --label-smoothing need finite numbers"};
  }
  return Done{};
}

std::int64_t steps_of(const TrainOptions& options, std::int64_t epochs, std::int64_t pictures, std::int64_t batch) {
  if (options.steps) return *options.steps;
  return options.epochs.value_or(epochs) * ((pictures + batch - 1) / batch);
}

Result<TrainSetup> begin(const TrainOptions& options, const Parallel& parallel) {
  const std::string name = options.model.value_or(kDefaultModel);
  std::optional<nn::ModelSpec> model;
  const fs::path path(name);
  if (path.extension() == ".json" || path.has_parent_path()) {
    auto described = training::read_description(path);
    if (!described) return described.error();
    model = std::move(*described);
  }
  TrainSetup setup;
  setup.run.data_seed = setup.settings.seed = options.seed.value_or(1);
  auto opened = model ? training::open_data_for(options.data, setup.run.data_seed, *model, {}, parallel)
                      : training::open_data(options.data, setup.run.data_seed, {}, parallel);
  if (!opened) return opened.error();
  auto data = training::measure_data(std::move(*opened));
  if (!data) return data.error();
  setup.data = std::move(data->parts);
  if (!model) {
    const training::Dataset& d = *setup.data.train.data;
    auto made = nn::make_model(name, static_cast<int>(d.channels), static_cast<int>(d.height),
                               static_cast<int>(d.width), static_cast<int>(d.class_count()));
    if (!made) return made.error();
    model = std::move(*made);
  }
  if (options.init) set_initialiser(*model, *options.init);
  const training::Recipe recipe = training::recipe_for(model->name);
  training::RunDescription& run = setup.run;
  run.model = std::move(*model);
  run.batch = options.batch.value_or(recipe.batch);
  run.steps = steps_of(options, recipe.epochs, setup.data.train.size(), run.batch);
  run.data = options.data;
  run.fingerprint = std::move(data->fingerprint);
  run.preprocessing = std::move(data->preprocessing);
  run.augmentation = options.augment.value_or(training::Augmentation{});
  setup.settings.optimizer = recipe.optimizer;
  setup.settings.optimizer.schedule.total = 0;
  set_optimizer(options, setup.settings);
  training::Schedule& schedule = setup.settings.optimizer.schedule;
  if (schedule.total == 0) schedule.total = run.steps;
  return setup;
}

Result<TrainSetup> go_on(const TrainOptions& options, const Parallel& parallel) {
  auto checkpoint = training::load_checkpoint(options.resume);
  if (!checkpoint) return checkpoint.error();
  TrainSetup setup;
  setup.run = std::move(checkpoint->run);
  setup.start = std::move(checkpoint->frame);
  setup.settings = setup.start->key->settings;
  training::RunDescription& run = setup.run;
  const bool has_new_data = !options.data.empty();
  if (has_new_data) run.data = options.data;
  auto opened = training::open_data_for(run.data, run.data_seed, run.model, run.preprocessing.class_names, parallel);
  if (!opened) return opened.error();
  auto data = training::measure_data(std::move(*opened));
  if (!data) return data.error();
  setup.data = std::move(data->parts);
  if (data->fingerprint != run.fingerprint && !has_new_data) {
    return Error{run.data + " no longer holds the pictures that " + options.resume.string() +
                 " was trained on: put them back, or give --data to go on with others"};
  }
  run.fingerprint = std::move(data->fingerprint);
  if (options.augment) run.augmentation = *options.augment;
  const std::int64_t planned = run.steps;
  if (options.steps || options.epochs) run.steps = steps_of(options, 0, setup.data.train.size(), run.batch);
  set_optimizer(options, setup.settings);
  // A schedule that ended with the run still does.
  training::Schedule& schedule = setup.settings.optimizer.schedule;
  if (schedule.total == planned || schedule.total == 0) schedule.total = run.steps;
  if (setup.start->step >= run.steps) {
    return Error{"the run in " + options.resume.string() + " has all of its " + std::to_string(run.steps) +
                 " steps behind it: give more --epochs or --steps to go on"};
  }
  return setup;
}

}  // namespace

Result<TrainSetup> prepare_training(const TrainOptions& options, const Parallel& parallel) {
  if (auto outputs = check_outputs(options); !outputs) return outputs.error();
  auto setup = options.resume.empty() ? begin(options, parallel) : go_on(options, parallel);
  if (!setup) return setup;
  if (auto numbers = check_numbers(setup->settings); !numbers) return numbers.error();
  return setup;
}

}  // namespace convlens::cli
