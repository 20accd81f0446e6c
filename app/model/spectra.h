// What the frequency view says of one filter on one input channel: the filter taken apart, its response, and the
// product rule on a window of the picture. Computing it takes tens of milliseconds: off the frame thread, by
// LatestWorker.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/model/conv_result.h"
#include "app/model/newest_answer.h"
#include "engine/conv/rank.h"
#include "engine/core/tensor.h"
#include "engine/explain/fourier.h"
#include "engine/explain/portrait.h"
#include "engine/explain/response.h"
#include "engine/explain/spectrum.h"

namespace convlens::model {

struct SpectraJob {
  ConvResultPtr result;
  int filter = 0;
  int channel = 0;              // slice of the filter: a channel of its group
  bool has_soft_edges = false;  // the window of the picture fades to 0 at its edges (Hann), which hides their cross
};

// A square part of the picture, in its middle. Its side is a multiple of both strides and of small factors beside.
struct SpectrumWindow {
  std::int64_t y = 0, x = 0, size = 0;
  bool is_folding = true;  // false where no such multiple fits: the strides' folding is then not shown
  bool operator==(const SpectrumWindow&) const = default;
};
inline constexpr std::int64_t kLargestSpectrumWindow = 512;
SpectrumWindow spectrum_window(const conv::Geometry& geometry);

// The layer on the window of the picture alone, padded with its border to the same size.
struct PictureSpectra {
  SpectrumWindow window;
  // Decibels below the largest magnitude of each, down to kSpectrumFloor; frequency 0 in the middle, (1,1,rows,cols)
  // with cells of 1/size cycles per pixel.
  Tensor input;    // of the channel
  Tensor product;  // of input and response, summed over the channels: the map at stride 1 before bias and activation
  Tensor map;      // of what comes out: window.size / stride rows and columns
  // Root of the energy that product and map are apart, relative to the map's, before bias and activation and after the
  // stride: float rounding on circular borders.
  double rule_error = 0;
  double folded_share = 0;      // of the product's energy without its mean, beyond what the stride keeps apart
  double activation_share = 0;  // of the map's energy without its mean: what is not a multiple of the sum before
};
inline constexpr double kSpectrumFloor = -120;

struct Spectra {
  std::uint64_t generation = 0;  // of the maps they were made from
  int filter = 0;
  int channel = 0;
  bool has_soft_edges = false;
  std::string name;  // of the filter
  conv::Geometry geometry;

  // The slice alone.
  Tensor weights;    // (1,1,R,S)
  Tensor nearest;    // the rank-1 filter nearest to it
  Tensor left_over;  // weights - nearest
  conv::RankOne rank_one;
  explain::Portrait portrait;
  std::vector<std::string> words;
  std::vector<double> mix;  // as explain::channel_mix

  // Its response, with dilation.
  Tensor response;  // gains, frequency 0 in the middle, as many cells as the spectra of the picture
  explain::Peak peak;
  // Gains from 0 to (fy, fx), where one of the two is 1/2.
  struct Line {
    double fy = 0, fx = 0;
    std::vector<double> gains;
    std::optional<explain::Band> band;
  };
  Line across, down;
  std::optional<Line> through_peak;  // where the peak is on neither

  std::optional<PictureSpectra> picture;
  std::string no_picture;  // why not, as a sentence
};
using SpectraPtr = std::shared_ptr<const Spectra>;

// Whether the product rule holds here and why not, and what the stride folds; one sentence each.
std::string rule_in_words(const PictureSpectra& picture, const conv::Geometry& geometry);
std::string folding_in_words(const PictureSpectra& picture, const conv::Geometry& geometry);  // empty at stride 1

// One wave, looked up in all of it.
struct WaveReading {
  double fy = 0, fx = 0;  // cycles per input pixel
  double gain = 0;
  // Decibels of the cell it falls in; the map's where the alias lands.
  std::optional<double> input, product, map;
  bool is_folded = false;  // the stride cannot tell it from its alias
  double alias_fy = 0, alias_fx = 0;
  bool is_mean() const { return fy == 0 && fx == 0; }
  double period() const;  // pixels from crest to crest; infinite for the mean
};
WaveReading read_wave(const Spectra& spectra, double fy, double fx);
// A line each: the wave; what the filter does to it; how much of it is there; where the stride puts it.
std::vector<std::string> in_words(const WaveReading& reading, double largest_gain);

// Makes them; keeps the input's spectra, which an edit of a weight does not change. For one thread. A job is never
// given up for a newer one: it is short, and the view is to follow a drag.
class SpectraMaker {
 public:
  SpectraPtr run(const SpectraJob& job);

 private:
  void prepare_input(const SpectraJob& job, const SpectrumWindow& window);
  void add_picture(const SpectraJob& job, Spectra& spectra);

  std::shared_ptr<const Tensor> source_;
  SpectrumWindow window_;
  bool has_soft_edges_ = false;
  Tensor input_;                               // (1,C,size,size)
  std::vector<explain::ComplexGrid> spectra_;  // one per channel
  bool is_finite_ = true;
};

// The newest spectra of what is looked at, made on a worker.
class SpectraSession {
 public:
  explicit SpectraSession(std::function<void()> wake);
  // Asks for them unless these are there or under way. Never waits.
  void follow(const ConvResultPtr& result, int filter, int channel, bool has_soft_edges);
  // True if there are new ones, or a complaint.
  bool collect() { return answer_.collect(); }
  SpectraPtr spectra() const { return answer_.value().value_or(nullptr); }  // null until the first are there
  std::uint64_t serial() const { return answer_.serial(); }                 // grows with every other spectra
  // Why there are none for what is looked at; empty where there are.
  const std::string& complaint() const { return answer_.complaint(); }

 private:
  struct Key {
    std::uint64_t generation = 0;
    int filter = 0, channel = 0;
    bool has_soft_edges = false;
    bool operator==(const Key&) const = default;
  };
  NewestAnswer<Key, SpectraJob, SpectraPtr> answer_;
};

}  // namespace convlens::model
