// The drag benchmark: one weight changes every frame, as under a hand, on a 1080p picture with 8 filters 3x3x3.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/bench.h"

namespace convlens {

class BenchDrag final : public Bench {
 public:
  // updates: edits to make after warming up. threads as in ConvSettings.
  BenchDrag(int updates, int threads) : updates_(updates), threads_(threads) {}

  // Opens the picture. Error: the temporary folder cannot be written.
  Status start(model::Document& document, model::Preferences& preferences) override;
  // Makes the next edit once the picture is there.
  void before_panels(model::Document& document, double now) override;
  void after_frame(const model::Document& document, double now, double milliseconds) override;
  bool is_over() const override { return shown_.size() >= 2 && edits_ >= updates_; }
  // Edits and maps shown a second, frame and computing times, and the stages of the last edits.
  std::string report(const model::Document& document, const model::EditHistory& edits) const override;
  bool draws_always() const override { return true; }

 private:
  struct Shown {
    double time;
    double milliseconds;
    int maps;
  };
  bool is_ready(const model::Document& document) const;

  int updates_;
  int threads_;
  int edits_ = 0;
  double begin_ = 0;
  double end_ = 0;
  std::uint64_t last_generation_ = 0;
  std::vector<Shown> shown_;  // one for each different result on the screen
  std::vector<double> frames_;
};

}  // namespace convlens
