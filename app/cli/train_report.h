// What a training run says: the progress line, lines of epochs, the CSV of its steps. Trains nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/training/trainer.h"

namespace convlens::cli {

// One line on a terminal's stderr that changes up to ten times a second; nothing elsewhere.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  bool is_due() const;
  void show(const std::string& line);
  void clear();

 private:
  bool is_terminal_;
  bool is_open_ = false;
  std::chrono::steady_clock::time_point last_{};
};

// Sums over the steps of an epoch.
struct EpochSums {
  std::int64_t images = 0;
  double loss = 0;
  double correct = 0;
  void add(const training::StepReport& report);
  double mean_loss() const { return images ? loss / static_cast<double>(images) : 0; }
  double accuracy() const { return images ? correct / static_cast<double>(images) : 0; }
};

// What an epoch, or the beginning of one, came to.
struct EpochReport {
  std::int64_t epoch = 0;  // from 1
  std::int64_t step = 0;   // steps done
  double loss = 0;
  double accuracy = 0;
  double test_loss = 0;
  double test_accuracy = 0;
  double samples_per_second = 0;
};
std::string in_words(const EpochReport& report, std::int64_t epochs);

// "41 s", "3 min 20 s", "2 h 5 min"
std::string duration_in_words(double seconds);

// step,epoch,loss,accuracy,learning_rate,test_loss,test_accuracy and four columns for each layer with parameters, which
// are filled at every kLayerEvery-th step.
class MetricsTable {
 public:
  static constexpr std::int64_t kLayerEvery = 20;

  explicit MetricsTable(const training::Trainer& trainer);
  // Takes over the rows up to this step of a table that an earlier call wrote; those of another model are left.
  void go_on_from(const std::string& text, std::int64_t step);
  // Whether the row of the next step has layers, so that the trainer has to measure updates.
  static bool wants_layers(std::int64_t step) { return step % kLayerEvery == 0; }
  // After a step; the evaluation where there was one.
  void add(const training::Trainer& trainer, const training::StepReport& report, std::int64_t epoch);
  void add_test(const training::Evaluation& evaluation);
  std::string text() const;

 private:
  std::string header_;
  std::string rows_;
  std::vector<std::size_t> layers_;
  // The newest row, which may still get its test.
  std::string begin_, end_;
  std::string test_ = ",";
};

}  // namespace convlens::cli
