// Lets the Train workspace train for some seconds, then the engine alone, and so on in turn.
#include "app/bench_train.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "app/model/frame_times.h"
#include "engine/training/dataset_source.h"
#include "engine/training/recording.h"

namespace convlens {
namespace {

constexpr double kWarmUp = 2, kRound = 5;  // seconds

// Steps as `convlens train --timeline` makes them, for kRound seconds; samples a second.
double train_alone(const model::TrainRunPtr& run, const training::TrainerSettings& settings, int threads) {
  using Clock = std::chrono::steady_clock;
  const training::RunDescription& d = run->description;
  auto trainer = training::Trainer::create(d.model, {.batch = d.batch, .threads = threads}, settings);
  if (!trainer) return 0;
  training::DatasetSource source(run->data.train, d.preprocessing.normalisation, d.augmentation, d.data_seed,
                                 trainer->network().parallel());
  training::Recording recording(*trainer);
  double seconds = 0, images = 0;
  for (const auto begin = Clock::now(); seconds < kRound;) {
    const auto report = trainer->step(source);
    if (!report) return 0;
    recording.record(*trainer, *report);
    images += static_cast<double>(report->images);
    seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  }
  return images / seconds;
}

}  // namespace

Status BenchTrain::start(model::Document& document, model::Preferences& preferences) {
  preferences.workspace = model::Workspace::kTrain;
  document.settings.train.threads = threads_;
  document.settings.train.epochs = 1'000'000;
  document.animation.is_playing = false;
  return Done{};
}

void BenchTrain::before_panels(model::Document& document, double now) {
  const model::TrainSnapshot& snapshot = *document.train.snapshot();
  const double elapsed = now - since_;
  const auto go_on = [&](Stage stage) {
    stage_ = stage;
    since_ = now;
    first_step_ = snapshot.step;
    first_snapshot_ = snapshot.generation;
  };
  switch (stage_) {
    case Stage::kLoading:
      if (!snapshot.run) return;
      document.train.run();
      return go_on(Stage::kWarmUp);
    case Stage::kWarmUp:
      if (elapsed >= kWarmUp) go_on(Stage::kInWindow);
      return;
    case Stage::kInWindow:
      if (elapsed < kRound) return;
      in_window_.push_back(static_cast<double>((snapshot.step - first_step_) * snapshot.run->description.batch) /
                           elapsed);
      snapshots_.push_back(static_cast<double>(snapshot.generation - first_snapshot_) / elapsed);
      document.train.pause();
      running_alone_ = std::async(std::launch::async, [run = snapshot.run, settings = snapshot.settings, t = threads_] {
        return train_alone(run, settings, t);
      });
      return go_on(Stage::kAlone);
    case Stage::kAlone:
      if (running_alone_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
      alone_.push_back(running_alone_.get());
      document.train.run();
      return go_on(Stage::kWarmUp);
  }
}

void BenchTrain::after_frame(const model::Document&, double, double milliseconds) {
  if (stage_ == Stage::kInWindow) frames_.push_back(milliseconds);
}

std::string BenchTrain::report(const model::Document& document, const model::EditHistory&) const {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < alone_.size() && i < in_window_.size(); ++i) ratios.push_back(in_window_[i] / alone_[i]);
  const auto spread = [](const std::vector<double>& values) {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    return nlohmann::json{{"median", model::quantile(values, 0.5)}, {"least", *low}, {"most", *high}};
  };
  const model::TrainSnapshot& snapshot = *document.train.snapshot();
  const nlohmann::json json = {
      {"workload", snapshot.run->description.model.name + ", batch " + std::to_string(snapshot.run->description.batch) +
                       ", " + snapshot.run->description.data},
      {"samples_per_second_in_window", spread(in_window_)},
      {"samples_per_second_alone", spread(alone_)},
      {"ratio", spread(ratios)},
      {"snapshots_per_second", spread(snapshots_)},
      {"frame_ms", {{"median", model::quantile(frames_, 0.5)}, {"p99", model::quantile(frames_, 0.99)}}}};
  return json.dump(2);
}

}  // namespace convlens
