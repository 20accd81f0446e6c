// The loop around the trainer, and what happens at the end of an epoch and of the run.
#include "app/cli/train_command.h"

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "app/cli/format.h"
#include "app/cli/interrupt.h"
#include "app/cli/train_report.h"
#include "app/cli/train_setup.h"
#include "engine/io/file.h"
#include "engine/training/checkpoint.h"
#include "engine/training/dataset_source.h"
#include "engine/training/model_file.h"
#include "engine/training/recipe.h"
#include "engine/training/recording_file.h"

namespace convlens::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::string hash_in_words(std::uint64_t hash) { return format("%016llx", static_cast<unsigned long long>(hash)); }

void note(const std::string& sentence) { std::fprintf(stderr, "convlens: %s\n", sentence.c_str()); }

class Training {
 public:
  Training(const TrainOptions& options, TrainSetup setup, training::Trainer trainer)
      : options_(options),
        setup_(std::move(setup)),
        trainer_(std::move(trainer)),
        train_(setup_.data.train, setup_.run.preprocessing.normalisation, setup_.run.augmentation, setup_.run.data_seed,
               trainer_.network().parallel()),
        test_(setup_.data.test, setup_.run.preprocessing.normalisation, {}, setup_.run.data_seed,
              trainer_.network().parallel()) {
    per_epoch_ = trainer_.steps_per_epoch(train_);
    epochs_ = (setup_.run.steps + per_epoch_ - 1) / per_epoch_;
  }

  Result<std::string> run() {
    begin();
    if (!options_.json) say(header());
    while (trainer_.steps_done() < setup_.run.steps && !interrupted()) {
      if (Status stepped = step(); !stepped) return diverged(stepped.error());
      const std::int64_t done = trainer_.steps_done();
      if (done % per_epoch_ == 0 || done == setup_.run.steps) end_epoch();
    }
    progress_.clear();
    if (Status saved = save_all(); !saved) return saved.error();
    return options_.json ? json() : summary();
  }

 private:
  std::int64_t epoch() const { return (trainer_.steps_done() - 1) / per_epoch_ + 1; }
  bool is_stopped() const { return trainer_.steps_done() < setup_.run.steps; }

  // Where the run goes on, and the records of it.
  void begin() {
    if (setup_.start) training::put_back(trainer_, *setup_.start);
    if (!options_.timeline.empty()) begin_recording();
    if (trainer_.settings() != setup_.settings) {
      const auto set = [&](training::Trainer& trainer) { trainer.settings() = setup_.settings; };
      if (recording_) {
        recording_->change(trainer_, "Other options", set);
      } else {
        set(trainer_);
      }
    }
    if (options_.metrics.empty()) return;
    metrics_.emplace(trainer_);
    if (!setup_.start) return;
    const auto before = io::read_file(options_.metrics);
    if (before) metrics_->go_on_from({before->begin(), before->end()}, trainer_.steps_done());
  }

  // A recording of the same run is gone on with; whatever else stands there is replaced.
  void begin_recording() {
    if (setup_.start) {
      auto before = training::load_recording(options_.timeline);
      const std::int64_t step = trainer_.steps_done();
      if (before && before->run.model == setup_.run.model && before->run.batch == setup_.run.batch) {
        const training::Frame& frame = before->recording.frame_at(step);
        if (frame.step == step && *frame.values == *setup_.start->values) {
          recording_ = std::move(before->recording);
          recording_->cut_after(step);
          return;
        }
      }
      note("the timeline begins anew at step " + std::to_string(step) + ": " + options_.timeline.string() +
           " does not hold this run up to there");
    }
    recording_.emplace(trainer_);
  }

  Status step() {
    const auto start = Clock::now();
    trainer_.measure_updates(metrics_ && MetricsTable::wants_layers(trainer_.steps_done()));
    const auto report = trainer_.step(train_);
    if (!report) return report.error();
    seconds_ += seconds_since(start);
    images_ += report->images;
    sums_.add(*report);
    if (recording_) recording_->record(trainer_, *report);
    if (metrics_) metrics_->add(trainer_, *report, epoch());
    if (progress_.is_due()) show_progress();
    return Done{};
  }

  double samples_per_second() const { return seconds_ > 0 ? static_cast<double>(images_) / seconds_ : 0; }

  void show_progress() {
    const auto left = static_cast<double>((setup_.run.steps - trainer_.steps_done()) * setup_.run.batch);
    progress_.show(format("epoch %lld/%lld  step %lld/%lld  loss %.4f  %.2f %%  %.0f samples/s  %s left",
                          static_cast<long long>(epoch()), static_cast<long long>(epochs_),
                          static_cast<long long>(trainer_.steps_done()), static_cast<long long>(setup_.run.steps),
                          sums_.mean_loss(), 100 * sums_.accuracy(), samples_per_second(),
                          duration_in_words(left / samples_per_second()).c_str()));
  }

  void end_epoch() {
    last_test_ = trainer_.evaluate(test_);
    EpochReport report{epoch(),         trainer_.steps_done(), sums_.mean_loss(),   sums_.accuracy(),
                       last_test_.loss, last_test_.accuracy,   samples_per_second()};
    reports_.push_back(report);
    sums_ = {};
    if (metrics_) metrics_->add_test(last_test_);
    if (recording_) recording_->record_test(trainer_.steps_done(), last_test_);
    progress_.clear();
    if (!options_.json) say(in_words(report, epochs_) + "\n");
    if (!is_stopped()) return;
    // In between, a disk that is full is no reason to end.
    for (const Status& saved : {save_checkpoint(), save_metrics()}) {
      if (!saved) note(saved.error().message + "; training goes on, and it is tried again after the next epoch");
    }
  }

  Status save_checkpoint() {
    if (options_.checkpoint.empty()) return Done{};
    return training::save_checkpoint(options_.checkpoint, setup_.run, training::take_frame(trainer_, true));
  }
  Status save_metrics() {
    if (!metrics_) return Done{};
    return io::write_file(options_.metrics, metrics_->text());
  }
  Status save_timeline() {
    if (!recording_) return Done{};
    recording_->take_key_frame(trainer_);
    return training::save_recording(options_.timeline, setup_.run, *recording_);
  }
  Status save_model() {
    if (options_.save.empty()) return Done{};
    return training::save_model(
        options_.save, {setup_.run.model, setup_.run.preprocessing, training::read_values(trainer_.network())});
  }

  // Tries all, and then says what failed first.
  Status save_all() {
    Status outcome = Done{};
    const auto add = [&](Status saved, std::vector<std::filesystem::path> paths) {
      if (!saved && outcome) outcome = saved;
      if (!saved) return;
      for (std::filesystem::path& path : paths) {
        if (!path.empty()) saved_.push_back(path.string());
      }
    };
    add(save_model(), {options_.save, options_.save.empty() ? "" : training::description_path(options_.save)});
    add(save_checkpoint(), {options_.checkpoint});
    add(save_timeline(), {options_.timeline});
    add(save_metrics(), {options_.metrics});
    return outcome;
  }

  // The records tell how it came to that; models and checkpoints stay as they were.
  Error diverged(const Error& error) {
    progress_.clear();
    for (const Status& saved : {save_timeline(), save_metrics()}) {
      if (!saved) note(saved.error().message);
    }
    return error;
  }

  void say(const std::string& text) const {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
  }

  std::string header() const {
    const training::RunDescription& run = setup_.run;
    std::string text = run.model.name + ", " + std::to_string(nn::count_parameters(run.model)) + " parameters, on " +
                       std::to_string(train_.size()) + " pictures (" + run.data + "), tested on " +
                       std::to_string(test_.size()) + "\n";
    text += training::in_words(trainer_.settings().optimizer) + ", batch " + std::to_string(run.batch) + ", " +
            std::to_string(run.steps) + " steps, seed " + std::to_string(trainer_.settings().seed) + ", " +
            std::to_string(trainer_.network().parallel().threads()) + " threads";
    if (training::is_on(run.augmentation)) text += ", augmented by " + training::to_string(run.augmentation);
    if (setup_.start) text += ", from step " + std::to_string(setup_.start->step);
    return text + "\n";
  }

  std::string summary() const {
    std::string text = (is_stopped() ? "stopped after step " : "done after step ") +
                       std::to_string(trainer_.steps_done()) + " of " + std::to_string(setup_.run.steps) + " and " +
                       duration_in_words(seconds_) + "; weights " + hash_in_words(trainer_.network().parameter_hash()) +
                       "\n";
    for (std::size_t i = 0; i < saved_.size(); ++i) text += (i ? ", " : "saved ") + saved_[i];
    return saved_.empty() ? text : text + "\n";
  }

  std::string json() const {
    const training::RunDescription& run = setup_.run;
    Json json = {{"model", run.model.name},
                 {"parameters", nn::count_parameters(run.model)},
                 {"data", run.data},
                 {"train", train_.size()},
                 {"test", test_.size()},
                 {"optimizer", training::in_words(trainer_.settings().optimizer)},
                 {"augmentation", training::to_string(run.augmentation)},
                 {"batch", run.batch},
                 {"seed", trainer_.settings().seed},
                 {"threads", trainer_.network().parallel().threads()},
                 {"steps", trainer_.steps_done()},
                 {"planned_steps", run.steps},
                 {"stopped", is_stopped()},
                 {"seconds", seconds_},
                 {"samples_per_second", samples_per_second()},
                 {"weights", hash_in_words(trainer_.network().parameter_hash())}};
    json["epochs"] = Json::array();
    for (const EpochReport& r : reports_) {
      json["epochs"].push_back({{"epoch", r.epoch},
                                {"step", r.step},
                                {"loss", r.loss},
                                {"accuracy", r.accuracy},
                                {"test_loss", r.test_loss},
                                {"test_accuracy", r.test_accuracy}});
    }
    if (!is_stopped()) json["test_loss"] = last_test_.loss, json["test_accuracy"] = last_test_.accuracy;
    json["saved"] = saved_;
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }

  const TrainOptions& options_;
  TrainSetup setup_;
  training::Trainer trainer_;
  training::DatasetSource train_, test_;
  std::int64_t per_epoch_ = 1, epochs_ = 1;
  std::optional<training::Recording> recording_;
  std::optional<MetricsTable> metrics_;
  ProgressLine progress_;
  EpochSums sums_;
  std::vector<EpochReport> reports_;
  training::Evaluation last_test_;
  double seconds_ = 0;  // in steps, tests and saving not counted
  std::int64_t images_ = 0;
  std::vector<std::string> saved_;
};

}  // namespace

Result<std::string> run_train(const TrainOptions& options) {
  auto setup = [&] {
    const Parallel parallel(options.threads);
    return prepare_training(options, parallel);
  }();
  if (!setup) return setup.error();
  auto trainer = training::Trainer::create(setup->run.model, {.batch = setup->run.batch, .threads = options.threads},
                                           setup->settings);
  if (!trainer) return trainer.error();
  const InterruptGuard guard;
  return Training(options, std::move(*setup), std::move(*trainer)).run();
}

}  // namespace convlens::cli
