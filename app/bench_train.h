// The training benchmark: how fast the net learns with its workspace open, beside the same training without a window.
#pragma once

#include <cstdint>
#include <future>
#include <string>
#include <vector>

#include "app/bench.h"

namespace convlens {

class BenchTrain final : public Bench {
 public:
  // Rounds of both kinds in turn. threads: 0 for every core.
  BenchTrain(int rounds, int threads) : rounds_(rounds), threads_(threads) {}

  Status start(model::Document& document, model::Preferences& preferences) override;
  void before_panels(model::Document& document, double now) override;
  void after_frame(const model::Document& document, double now, double milliseconds) override;
  bool is_over() const override { return std::ssize(alone_) >= rounds_; }
  std::string report(const model::Document& document, const model::EditHistory& edits) const override;
  bool draws_always() const override { return false; }

 private:
  enum class Stage { kLoading, kWarmUp, kInWindow, kAlone };

  const int rounds_, threads_;
  Stage stage_ = Stage::kLoading;
  double since_ = 0;             // when the stage began
  std::int64_t first_step_ = 0;  // of the round in the window
  std::uint64_t first_snapshot_ = 0;
  std::future<double> running_alone_;
  std::vector<double> in_window_, alone_;  // samples a second
  std::vector<double> snapshots_;          // shown a second
  std::vector<double> frames_;             // milliseconds
};

}  // namespace convlens
