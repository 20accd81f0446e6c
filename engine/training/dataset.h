// Labelled pictures kept as bytes, views on them by index, and batches of floats out of them. Reads no files.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/tensor.h"

namespace convlens::training {

// N pictures of one size. A byte b stands for the value b / 255.
struct Dataset {
  std::int64_t channels = 1;  // 1 (grey) or 3 (red, green, blue)
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::vector<std::uint8_t> pixels;  // (N,C,H,W) without gaps
  std::vector<std::int32_t> labels;  // N of them, each in [0, class_count())
  std::vector<std::string> class_names;
  std::string origin;                 // a sentence: where the pictures come from
  std::vector<std::string> warnings;  // sentences: what was left out while reading

  std::int64_t size() const { return std::ssize(labels); }
  std::int64_t class_count() const { return std::ssize(class_names); }
  std::int64_t picture_size() const { return channels * height * width; }
  // (1,C,H,W)
  Shape picture_shape() const { return {1, channels, height, width}; }
  std::span<const std::uint8_t> picture(std::int64_t index) const {
    return {pixels.data() + index * picture_size(), static_cast<std::size_t>(picture_size())};
  }
};

// Error: a size below 1, counts that disagree, or a label outside the classes.
Status check(const Dataset& dataset);

// Positions in a dataset, in the order in which they are used.
using Indices = std::vector<std::int64_t>;

// Some pictures of a dataset: what training, validation and test each work on.
struct Subset {
  std::shared_ptr<const Dataset> data;
  Indices indices;

  std::int64_t size() const { return std::ssize(indices); }
};

// All pictures, in the order of the dataset.
Subset whole(std::shared_ptr<const Dataset> data);

// How bytes become the values a network sees: (b / 255 - mean) / deviation.
struct Normalisation {
  float mean = 0;
  float deviation = 1;
  bool operator==(const Normalisation&) const = default;
};

// Mean and standard deviation over all pixels of the subset, in [0,1]; deviation 1 where all are equal.
Normalisation measure_normalisation(const Subset& subset);

// out(i) = picture indices[i], normalised; out is (indices.size(), C, H, W) without gaps.
void fill_batch(const Dataset& dataset, std::span<const std::int64_t> indices, const Normalisation& normalisation,
                float* out);
// The same, cut over threads; the bits are the same.
void fill_batch(const Dataset& dataset, std::span<const std::int64_t> indices, const Normalisation& normalisation,
                float* out, const Parallel& parallel);
// out[i] = label of picture indices[i].
void fill_labels(const Dataset& dataset, std::span<const std::int64_t> indices, std::span<std::int32_t> out);

// Pictures per class.
std::vector<std::int64_t> count_classes(const Subset& subset);

}  // namespace convlens::training
