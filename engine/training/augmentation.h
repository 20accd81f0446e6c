// Pictures varied anew in every epoch: moved, turned, scaled, bent and made noisy on their way into a batch.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"
#include "engine/training/dataset.h"

namespace convlens::training {

// How far each picture may be varied; all zero leaves it as it is.
struct Augmentation {
  float shift = 0;   // pixels, uniform in +-shift along each axis
  float rotate = 0;  // degrees, uniform in +-rotate
  float scale = 0;   // share, uniform in 1 +- scale along each axis
  float elastic =
      0;  // pixels: alpha of Simard, Steinkraus, Platt, "Best Practices for Convolutional Neural Networks", 2003
  float smooth = 4;  // pixels: sigma of the same
  float noise = 0;   // standard deviation of added normal noise, of values in [0,1]
  bool operator==(const Augmentation&) const = default;
};

bool is_on(const Augmentation& augmentation);
// "none", "mnist" (a good choice for digits), or "shift=2,rotate=10,scale=0.1,elastic=34,smooth=4,noise=0.05" in any
// order with any left out. Error: an unknown name, no number, or one outside its limits.
Result<Augmentation> parse_augmentation(const std::string& text);
// What parse_augmentation reads back as the same; "none" where nothing is on.
std::string to_string(const Augmentation& augmentation);

// Makes augmented batches of pictures of one size. Keeps scratch memory: one per session.
class Augmenter {
 public:
  // Batches are filled on up to `threads` threads.
  Augmenter(const Augmentation& augmentation, const Shape& picture, int threads);

  // out(i) = picture indices[i] of the dataset, varied and normalised; out is (indices.size(), C, H, W) without gaps.
  // What is drawn depends on (seed, epoch, indices[i]) alone. parallel.threads() is at most `threads`.
  void fill_batch(const Dataset& dataset, std::span<const std::int64_t> indices, const Normalisation& normalisation,
                  std::uint64_t seed, std::int64_t epoch, float* out, const Parallel& parallel);

 private:
  struct Scratch {
    std::vector<float> field_x, field_y;  // H x W each: where a pixel comes from, relative to its place
    std::vector<float> wrapped;           // a field with wrapped borders above and below
    std::vector<float> blurred;           // a field, blurred along one axis
    std::vector<float> padded;            // one plane with a border of its own edge
  };
  void bend(Random& random, Scratch& scratch, std::vector<float>& field) const;
  void blur_down(std::int64_t rows, std::int64_t columns, Scratch& scratch, float* out) const;
  void sample(std::span<const std::uint8_t> picture, Scratch& scratch, float* out) const;
  void fill_one(std::span<const std::uint8_t> picture, const Normalisation& normalisation, std::uint64_t seed,
                Scratch& scratch, float* out) const;

  Augmentation settings_;
  Shape picture_;
  std::vector<float> blur_;  // one side of the Gaussian, from its middle; sums to 1 over both
  std::vector<Scratch> scratch_;
};

}  // namespace convlens::training
