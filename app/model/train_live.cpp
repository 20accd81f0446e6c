// Steps, phases, jumps and tests of one run. What is done by hand stands in train_live_edits.cpp.
#include "app/model/train_live.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "engine/nn/loss.h"
#include "engine/training/split.h"

namespace convlens::model {
namespace {

// Pictures of a test in passing.
constexpr std::int64_t kSomePictures = 1000;

std::int64_t epoch_steps(std::int64_t pictures, std::int64_t batch) { return (pictures + batch - 1) / batch; }

training::DatasetSource source_of(const training::Subset& pictures, const training::RunDescription& run,
                                  const training::Augmentation& augmentation, const training::Trainer& trainer) {
  return {pictures, run.preprocessing.normalisation, augmentation, run.data_seed, trainer.network().parallel()};
}

}  // namespace

training::TrainerSettings trainer_settings(const TrainSettings& settings, std::int64_t planned_steps) {
  training::TrainerSettings made;
  made.optimizer = settings.optimizer;
  made.optimizer.schedule.total = planned_steps;
  made.label_smoothing = settings.label_smoothing;
  made.seed = settings.seed;
  return made;
}

TrainSettings settings_of(const training::RunDescription& run, const training::Frame& state,
                          std::int64_t steps_per_epoch) {
  TrainSettings settings;
  settings.data = run.data;
  settings.model = run.model;
  settings.batch = run.batch;
  settings.epochs = std::max<std::int64_t>(1, (run.steps + steps_per_epoch - 1) / steps_per_epoch);
  settings.seed = run.data_seed;
  settings.augmentation = run.augmentation;
  const training::KeyState& key = *state.key;
  settings.optimizer = key.settings.optimizer;
  settings.label_smoothing = key.settings.label_smoothing;
  for (std::size_t layer = 0; layer < key.frozen.size(); ++layer) {
    const std::vector<bool>& filters = key.frozen[layer];
    if (run.model.layers[layer].frozen || filters.empty()) continue;
    if (std::ranges::find(filters, false) == filters.end()) {
      settings.frozen.push_back({layer, std::nullopt});
      continue;
    }
    for (std::size_t k = 0; k < filters.size(); ++k) {
      if (filters[k]) settings.frozen.push_back({layer, static_cast<std::int64_t>(k)});
    }
  }
  return settings;
}

TrainRunPtr make_train_run(training::RunDescription description, training::DataParts data, std::uint64_t serial,
                           ParameterRow first_values) {
  auto run = std::make_shared<TrainRun>();
  run->serial = serial;
  run->layers = nn::named_layers(description.model);
  if (auto shapes = nn::layer_shapes(description.model)) run->shapes = std::move(*shapes);
  run->parameters = nn::list_parameters(description.model);
  std::int64_t at = 0;
  for (const nn::ParameterInfo& parameter : run->parameters) {
    run->offsets.push_back(at);
    at += parameter.count();
  }
  run->first_values = std::move(first_values);
  run->steps_per_epoch = epoch_steps(data.train.size(), description.batch);
  run->planned_steps = description.steps;
  run->description = std::move(description);
  run->data = std::move(data);
  return run;
}

Result<std::unique_ptr<LiveRun>> LiveRun::begin(const TrainSettings& wanted, const training::RunData& data,
                                                std::uint64_t serial, std::int64_t budget,
                                                const ParameterRow& first_values) {
  const training::Dataset& pictures = *data.parts.train.data;
  auto model = fit_model(wanted.model, pictures.picture_shape(), pictures.class_count());
  if (!model) return model.error();
  if (auto fits = training::check_fit(*model, pictures); !fits) return fits.error();
  training::RunDescription description;
  description.model = std::move(*model);
  description.batch = wanted.batch;
  description.steps = wanted.epochs * epoch_steps(data.parts.train.size(), wanted.batch);
  description.data = wanted.data;
  description.data_seed = wanted.seed;
  description.fingerprint = data.fingerprint;
  description.preprocessing = data.preprocessing;
  description.augmentation = wanted.augmentation;
  auto trainer = training::Trainer::create(description.model, {.batch = description.batch, .threads = wanted.threads},
                                           trainer_settings(wanted, description.steps));
  if (!trainer) return trainer.error();
  if (first_values && std::ssize(*first_values) == training::count_values(description.model)) {
    training::write_values(trainer->network(), *first_values);
  }
  for (const FrozenPart& part : wanted.frozen) {
    if (part.layer >= description.model.layers.size()) continue;
    if (!part.filter) {
      trainer->network().freeze_layer(part.layer, true);
    } else if (*part.filter < nn::filter_count(description.model.layers[part.layer])) {
      trainer->network().freeze_filter(part.layer, *part.filter, true);
    }
  }
  training::Recording recording(*trainer, budget);
  TrainRunPtr run = make_train_run(std::move(description), data.parts, serial, recording.parts().frames.front().values);
  TrainLine line{std::move(run), wanted, std::move(recording)};
  return std::unique_ptr<LiveRun>(new LiveRun(std::move(line), std::move(*trainer), data));
}

Result<std::unique_ptr<LiveRun>> LiveRun::take_up(TrainLine line) {
  const training::RunDescription& description = line.run->description;
  const training::Frame& first = line.recording.parts().frames.front();
  auto trainer = training::Trainer::create(
      description.model, {.batch = description.batch, .threads = line.begun.threads}, first.key->settings);
  if (!trainer) return trainer.error();
  training::put_back(*trainer, first);
  const training::RunData data{line.run->data, description.fingerprint, description.preprocessing};
  return std::unique_ptr<LiveRun>(new LiveRun(std::move(line), std::move(*trainer), data));
}

LiveRun::LiveRun(TrainLine line, training::Trainer trainer, const training::RunData& data)
    : line_(std::move(line)),
      trainer_(std::move(trainer)),
      train_(source_of(data.parts.train, run().description, run().description.augmentation, trainer_)),
      test_(source_of(data.parts.test, run().description, {}, trainer_)),
      some_(source_of(training::first_balanced(data.parts.test, kSomePictures), run().description, {}, trainer_)) {}

std::vector<std::int64_t> LiveRun::batch_positions() const {
  const std::int64_t step = is_mid_step() ? head() : head() - 1;
  if (step < 0) return {};
  std::vector<std::int64_t> positions = trainer_.batch_indices(train_, step);
  for (std::int64_t& position : positions) position = train_.subset().indices[static_cast<std::size_t>(position)];
  return positions;
}

Status LiveRun::step() {
  if (is_mid_step()) {
    while (is_mid_step()) {
      if (Status done = phase(); !done) return done;
    }
    return Done{};
  }
  note_before();
  const bool was_at_end = is_at_end();
  if (!was_at_end) {
    if (Status done = line_.recording.replay_step(trainer_, train_); !done) return done;
  } else {
    const auto report = trainer_.step(train_);
    if (!report) return report.error();
    line_.recording.record(trainer_, *report);
  }
  has_gradients_ = true;
  return Done{};
}

Status LiveRun::phase() {
  switch (next_phase_) {
    case TrainPhase::kForward: {
      const nn::ModelSpec& model = run().description.model;
      const std::vector<std::int64_t> batch = trainer_.batch_indices(train_, head());
      images_.resize(batch.size() * static_cast<std::size_t>(model.channels * model.height * model.width));
      labels_.resize(batch.size());
      train_.fill(batch, static_cast<std::uint64_t>(head() / run().steps_per_epoch), images_.data(), labels_.data());
      trainer_.forward(images_.data(), std::ssize(batch));
      next_phase_ = TrainPhase::kLoss;
      return Done{};
    }
    case TrainPhase::kLoss: {
      const auto report = trainer_.loss(labels_);
      next_phase_ = report ? TrainPhase::kBackward : TrainPhase::kForward;
      if (!report) return report.error();
      report_ = *report;
      return Done{};
    }
    case TrainPhase::kBackward:
      trainer_.backward();
      has_gradients_ = true;
      note_before();
      next_phase_ = TrainPhase::kUpdate;
      return Done{};
    case TrainPhase::kUpdate:
      break;
  }
  const bool was_at_end = is_at_end();
  trainer_.update();
  next_phase_ = TrainPhase::kForward;
  if (was_at_end) {
    line_.recording.record(trainer_, report_);
  } else {
    line_.recording.repeat_changes(trainer_);
  }
  return Done{};
}

Status LiveRun::go_to(std::int64_t step, const GoesOn& goes_on) {
  assert(!is_mid_step());
  const training::Recording& recording = line_.recording;
  step = std::clamp(step, recording.first_step(), recording.last_step());
  if (step == head()) return Done{};
  before_ = {};
  const bool is_ahead = step > head() && step - head() <= recording.replay_length(step);
  if (!is_ahead) {
    has_gradients_ = recording.replay_length(step) > 0;
    return recording.restore(trainer_, train_, step, [&](std::int64_t) { return goes_on(); });
  }
  while (head() < step) {
    if (Status done = recording.replay_step(trainer_, train_); !done) return done;
    has_gradients_ = true;
    if (head() < step && !goes_on()) return Error{"stopped on the way to step " + std::to_string(step)};
  }
  return Done{};
}

TrainLine LiveRun::cut() {
  TrainLine whole = line_;
  line_.recording.cut_after(head());
  std::erase_if(line_.by_hand, [&](const HandDone& done) { return done.step > head(); });
  // The plan may have grown on the way that is left.
  const std::int64_t planned = line_.begun.epochs * run().steps_per_epoch;
  if (run().planned_steps > planned && head() < planned) {
    auto shorter = std::make_shared<TrainRun>(run());
    shorter->planned_steps = shorter->description.steps = planned;
    line_.run = std::move(shorter);
  }
  return whole;
}

void LiveRun::extend() {
  assert(is_at_end() && !is_mid_step());
  auto longer = std::make_shared<TrainRun>(run());
  longer->planned_steps = (head() / longer->steps_per_epoch + 1) * longer->steps_per_epoch;
  longer->description.steps = longer->planned_steps;
  line_.run = std::move(longer);
  line_.recording.change(trainer_, "One more epoch", [&](training::Trainer& trainer) {
    trainer.settings().optimizer.schedule.total = run().planned_steps;
  });
}

void LiveRun::take_key_frame() {
  if (is_at_end() && !is_mid_step()) line_.recording.take_key_frame(trainer_);
}

std::shared_ptr<const TestOutcome> LiveRun::test(bool on_all, bool is_recorded, const GoesOn& goes_on) {
  assert(!is_mid_step());
  training::DatasetSource& source = on_all ? test_ : some_;
  std::vector<float> logits;
  auto evaluation = training::evaluate(trainer_.network(), source, &logits, goes_on);
  if (!evaluation) return nullptr;
  auto outcome = std::make_shared<TestOutcome>();
  outcome->step = head();
  outcome->pictures = source.subset();
  const auto classes = static_cast<std::size_t>(run().description.model.classes);
  for (std::size_t i = 0; i < static_cast<std::size_t>(source.size()); ++i) {
    const auto row = std::span(logits).subspan(i * classes, classes);
    nn::softmax(row.data(), std::ssize(row));
    const auto best = static_cast<std::size_t>(std::ranges::max_element(row) - row.begin());
    const std::int64_t picture = source.subset().indices[i];
    const std::int32_t label = source.subset().data->labels[static_cast<std::size_t>(picture)];
    outcome->predicted.push_back(static_cast<std::int32_t>(best));
    outcome->probability.push_back(row[best]);
    outcome->label_probability.push_back(row[static_cast<std::size_t>(label)]);
  }
  if (is_recorded) line_.recording.record_test(head(), *evaluation);
  outcome->evaluation = std::move(*evaluation);
  return outcome;
}

}  // namespace convlens::model
