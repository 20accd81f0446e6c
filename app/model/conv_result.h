// What a convolution job is and what comes of it: the maps of one setting, with everything that is said about them.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/model/feature_map.h"
#include "app/model/input_channels.h"
#include "app/model/picture_loader.h"
#include "app/model/reduce.h"
#include "app/model/settings.h"
#include "engine/conv/conv.h"
#include "engine/core/tensor.h"

namespace convlens::model {

struct ConvJob {
  PicturePtr picture;
  ConvSettings settings;
  std::uint64_t generation = 0;
};

using Clock = std::chrono::steady_clock;

// Why the GPU that was asked for did not compute, as a sentence.
struct GpuRefusal {
  std::string reason;
  bool is_for_good = false;  // there is none here: no other setting would change that
  bool operator==(const GpuRefusal&) const = default;
};

// When the worker did what for a job. A job that is done in parts has several spans of each kind.
struct JobTimes {
  enum class Stage { kConvolve, kReduce, kReadBack };  // kReduce: statistics and reduced copies
  struct Span {
    Stage stage;
    Clock::time_point begin, end;
    std::string kernel;  // of kConvolve
    int maps = 0;
  };
  std::uint64_t generation = 0;
  Clock::time_point start;
  std::vector<Span> spans;
  Clock::time_point published;

  // Milliseconds of all spans of a stage.
  double total(Stage stage) const;
};

// Immutable once published. While a long job is under way its result is published in parts: maps that are not computed
// yet are older ones. Maps that a GPU made are published before their values are read: has() is false until then.
struct ConvResult {
  std::uint64_t generation = 0;  // of the request it answers; grows
  ConvSettings settings;
  PicturePtr picture;
  std::shared_ptr<const Tensor> input;   // (1,C,H,W): what was convolved
  std::span<const Tensor> input_levels;  // as LoadedPicture::levels; empty where input is the picture itself
  std::shared_ptr<const InputChannels> input_owner;  // of input and its levels
  conv::Geometry geometry;
  std::vector<float> weights;  // packed (K, C/groups, R, S), as convolved
  std::vector<float> biases;
  std::vector<conv::Candidate> candidates;  // what each of the processor's kernels says of this convolution
  // One per filter; where has() is false an older one of any size, one without values, or null.
  std::vector<FeatureMapPtr> maps;
  std::vector<MapStats> stats;  // one per map; zeros where it is null
  std::vector<bool> is_made;    // one per map: has()
  bool is_complete = true;
  int computed_maps = 0;                  // for this job; the others were there already
  conv::Report report;                    // of what was computed; of what made the maps where nothing had to be
  std::optional<GpuRefusal> gpu_refusal;  // the processor computed in its place
  double total_milliseconds = 0;          // convolution, statistics and reduction
  JobTimes times;

  bool has(int map) const { return map >= 0 && map < geometry.k && is_made[static_cast<std::size_t>(map)]; }
  const FeatureMap& map(int index) const { return *maps[static_cast<std::size_t>(index)]; }
  // None where the map is not made yet or is smaller.
  std::optional<float> value(int map, std::int64_t row, std::int64_t col) const;
};
using ConvResultPtr = std::shared_ptr<const ConvResult>;

// 256 equal bins over [lo, hi] of the finite values of one map. One pass over the plane: for one map at a time.
std::array<std::int64_t, 256> histogram(const FeatureMap& map, float lo, float hi);

}  // namespace convlens::model
