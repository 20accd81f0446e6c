// Checks, counts and the way from bytes to floats.
#include "engine/training/dataset.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numeric>
#include <utility>

namespace convlens::training {
namespace {

using ByteTable = std::array<float, 256>;

ByteTable value_of_bytes(const Normalisation& normalisation) {
  ByteTable table;
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = (static_cast<float>(i) / 255.0f - normalisation.mean) / normalisation.deviation;
  }
  return table;
}

void fill_one(std::span<const std::uint8_t> picture, const ByteTable& table, float* out) {
  for (std::size_t i = 0; i < picture.size(); ++i) out[i] = table[picture[i]];
}

}  // namespace

Status check(const Dataset& dataset) {
  if (dataset.channels < 1 || dataset.height < 1 || dataset.width < 1) {
    return Error{"the pictures of a data set need at least one channel, one row and one column"};
  }
  if (dataset.labels.empty()) return Error{"the data set holds no pictures; choose another one"};
  if (std::ssize(dataset.pixels) != dataset.size() * dataset.picture_size()) {
    return Error{"the data set holds " + std::to_string(dataset.size()) + " labels, but not as many pictures"};
  }
  for (const std::int32_t label : dataset.labels) {
    if (label < 0 || label >= dataset.class_count()) {
      return Error{"the data set holds the label " + std::to_string(label) + ", and there are only " +
                   std::to_string(dataset.class_count()) + " classes"};
    }
  }
  return Done{};
}

Subset whole(std::shared_ptr<const Dataset> data) {
  Subset subset;
  subset.indices.resize(static_cast<std::size_t>(data->size()));
  std::iota(subset.indices.begin(), subset.indices.end(), std::int64_t{0});
  subset.data = std::move(data);
  return subset;
}

Normalisation measure_normalisation(const Subset& subset) {
  // Whole numbers, so that the order of summation changes no bit.
  std::uint64_t sum = 0, squares = 0;
  for (const std::int64_t index : subset.indices) {
    std::uint32_t picture_sum = 0;
    std::uint64_t picture_squares = 0;
    for (const std::uint8_t byte : subset.data->picture(index)) {
      picture_sum += byte;
      picture_squares += std::uint32_t{byte} * byte;
    }
    sum += picture_sum;
    squares += picture_squares;
  }
  const double count = static_cast<double>(subset.size()) * static_cast<double>(subset.data->picture_size());
  if (count == 0) return {};
  const double mean = static_cast<double>(sum) / count;
  const double variance = static_cast<double>(squares) / count - mean * mean;
  Normalisation normalisation;
  normalisation.mean = static_cast<float>(mean / 255);
  if (variance > 0) normalisation.deviation = static_cast<float>(std::sqrt(variance) / 255);
  return normalisation;
}

void fill_batch(const Dataset& dataset, std::span<const std::int64_t> indices, const Normalisation& normalisation,
                float* out) {
  const ByteTable table = value_of_bytes(normalisation);
  for (const std::int64_t index : indices) {
    fill_one(dataset.picture(index), table, out);
    out += dataset.picture_size();
  }
}

void fill_batch(const Dataset& dataset, std::span<const std::int64_t> indices, const Normalisation& normalisation,
                float* out, const Parallel& parallel) {
  const ByteTable table = value_of_bytes(normalisation);
  parallel.for_each(std::ssize(indices), [&](std::int64_t i) {
    fill_one(dataset.picture(indices[static_cast<std::size_t>(i)]), table, out + i * dataset.picture_size());
  });
}

void fill_labels(const Dataset& dataset, std::span<const std::int64_t> indices, std::span<std::int32_t> out) {
  assert(out.size() == indices.size());
  for (std::size_t i = 0; i < indices.size(); ++i) out[i] = dataset.labels[static_cast<std::size_t>(indices[i])];
}

std::vector<std::int64_t> count_classes(const Subset& subset) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(subset.data->class_count()), 0);
  for (const std::int64_t index : subset.indices) {
    ++counts[static_cast<std::size_t>(subset.data->labels[static_cast<std::size_t>(index)])];
  }
  return counts;
}

}  // namespace convlens::training
