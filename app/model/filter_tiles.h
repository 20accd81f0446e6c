// How the weights of one filter lie in a small picture: its slices side by side, or their mean. No colours.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/nn/model.h"

namespace convlens::model {

// The weights of one filter: (channels, rows, cols). Those of a dense output are what it reads: slices of the maps that
// were flattened, or numbers (rows = cols = 1).
struct FilterForm {
  std::int64_t channels = 1, rows = 1, cols = 1;
  std::int64_t plane() const { return rows * cols; }
  std::int64_t size() const { return channels * plane(); }
  bool operator==(const FilterForm&) const = default;
};
// Of a convolution or dense layer. `shapes` are what the layers make of a picture of shape `input`.
FilterForm filter_form(std::span<const nn::LayerSpec> layers, std::span<const Shape> shapes, const Shape& input,
                       std::size_t layer);

// Slices in lines, with one texel between those that have more than one weight.
struct TileForm {
  std::int64_t slices = 1, across = 1;
  std::int64_t slice_width = 1, slice_height = 1;
  std::int64_t gap = 0;
  bool is_mean = false;

  std::int64_t width() const { return across * (slice_width + gap) - gap; }
  std::int64_t height() const { return (slices + across - 1) / across * (slice_height + gap) - gap; }
  bool operator==(const TileForm&) const = default;
};
TileForm tile_form(const FilterForm& form, bool is_mean);

// What a texel of a tile shows.
struct TileTexel {
  std::int64_t channel = 0;  // 0 for a mean
  std::int64_t row = 0, col = 0;
};
// False between the slices and beyond the last one.
bool texel_at(const TileForm& tile, std::int64_t x, std::int64_t y, TileTexel& out);

// Calls put(x, y, value) for each texel that has a value; `weights` are those of one filter.
template <class Put>
void for_each_texel(const FilterForm& form, const TileForm& tile, std::span<const float> weights, const Put& put) {
  const auto at = [&](std::int64_t i) { return weights[static_cast<std::size_t>(i)]; };
  if (tile.is_mean) {
    for (std::int64_t i = 0; i < form.plane(); ++i) {
      float sum = 0;
      for (std::int64_t c = 0; c < form.channels; ++c) sum += at(c * form.plane() + i);
      put(i % form.cols, i / form.cols, sum / static_cast<float>(form.channels));
    }
    return;
  }
  for (std::int64_t c = 0; c < tile.slices; ++c) {
    const std::int64_t left = c % tile.across * (tile.slice_width + tile.gap);
    const std::int64_t top = c / tile.across * (tile.slice_height + tile.gap);
    for (std::int64_t i = 0; i < form.plane(); ++i)
      put(left + i % form.cols, top + i / form.cols, at(c * form.plane() + i));
  }
}

// The largest magnitude that a tile shows; not of what is not finite.
float tile_reach(const FilterForm& form, const TileForm& tile, std::span<const float> weights);

// The next of 1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.4, 8 times a power of ten that is not below `reach`: a range that
// stays the same while values move a little. 1 for 0.
float even_range(float reach);

}  // namespace convlens::model
