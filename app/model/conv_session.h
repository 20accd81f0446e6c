// Flow A: convolutions off the frame thread. One job runs, one waits; a newer request replaces the waiting one.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/model/input_channels.h"
#include "app/model/picture_loader.h"
#include "app/model/reduce.h"
#include "app/model/settings.h"
#include "engine/conv/conv.h"
#include "engine/core/tensor.h"

namespace convlens::model {

// The maps of one setting, immutable once published. maps (1,K,P,Q); input (1,C,H,W) is what was convolved.
struct ConvResult {
  std::uint64_t generation = 0;  // of the request it answers; grows
  ConvSettings settings;
  PicturePtr picture;
  std::shared_ptr<const Tensor> input;
  std::span<const Tensor> input_levels;  // as LoadedPicture::levels; empty where input is the picture itself
  std::shared_ptr<const InputChannels> input_owner;  // of input and its levels
  conv::Geometry geometry;
  std::vector<float> weights;  // packed (K, C/groups, R, S), as convolved
  std::vector<float> biases;
  Tensor maps;
  std::vector<Tensor> map_levels;
  std::vector<MapStats> stats;  // one per map
  conv::Report report;
  double total_milliseconds = 0;  // convolution, statistics and reduction
};
using ConvResultPtr = std::shared_ptr<const ConvResult>;

struct ConvJob {
  PicturePtr picture;
  ConvSettings settings;
  std::uint64_t generation = 0;
};

class ConvSession {
 public:
  // Both are called on the worker and may be empty: `wake` after every result, `before_job` before every job.
  explicit ConvSession(std::function<void()> wake, std::function<void(const ConvJob&)> before_job = {});
  ~ConvSession();

  // Never waits. Returns the generation given to the request.
  std::uint64_t request(PicturePtr picture, const ConvSettings& settings);
  bool is_busy() const;
  // Fraction of the running job in [0,1], and for how long it has run; for the progress in the status bar.
  float progress() const;
  double running_seconds() const;

  struct Outcome {
    std::uint64_t generation = 0;
    Result<ConvResultPtr> result;
  };
  std::optional<Outcome> take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// 256 equal bins over [lo, hi] of the finite values of one map. One pass over the plane: for one map at a time.
std::array<std::int64_t, 256> histogram(const ConvResult& result, int map, float lo, float hi);

}  // namespace convlens::model
