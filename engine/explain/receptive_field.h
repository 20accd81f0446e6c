// What a unit of a stack can see: size, jump and start per layer, and its exact box in every earlier level, down to the
// picture. Positions only, no values; the effective field, from real weights, is stack_gradient.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/explain/stack.h"
#include "engine/nn/model.h"

namespace convlens::explain {

// The theoretical field along one axis, in pixels of the picture: unit i sees [start + i * jump, start + i * jump +
// size). A start below 0 is padding. jump is 0 where every unit sees the same. (Araujo, Norris and Sim, "Computing
// Receptive Fields of Convolutional Neural Networks", Distill, 2019.)
struct AxisField {
  std::int64_t size = 1;
  std::int64_t jump = 1;
  std::int64_t start = 0;
  bool operator==(const AxisField&) const = default;
};
struct ReceptiveField {
  AxisField y, x;
  bool operator==(const ReceptiveField&) const = default;
};
// One for each level; the picture's own is {1, 1, 0}. `levels` are the shapes of all levels, the picture's first; a
// flatten layer keeps its units' fields.
std::vector<ReceptiveField> receptive_fields(const nn::ModelSpec& model, const std::vector<Shape>& levels);
// The shapes of the levels as far as the layers fit.
std::vector<Shape> level_shapes(const nn::ModelSpec& model);

// Rows (columns) [first, last] of a level; empty where last < first.
struct Span {
  std::int64_t first = 0;
  std::int64_t last = -1;
  std::int64_t count() const { return last - first + 1; }
  bool operator==(const Span&) const = default;
};

// Which rows and columns of a level a unit depends on: the units are rows x cols. Dilation and strides leave holes,
// border modes read pixels from elsewhere, padding with zeros reads none.
struct Reach {
  std::vector<bool> rows;
  std::vector<bool> cols;
  Span row_span() const;
  Span col_span() const;
  std::int64_t row_count() const;  // without the holes
  std::int64_t col_count() const;
};
// Of `unit` in `level`: one for each level from the picture up to `level` itself.
std::vector<Reach> reach_of(const nn::ModelSpec& model, const std::vector<Shape>& levels, std::size_t level,
                            const Unit& unit);

// Along one axis: how a layer reads the level before it. Internal to explain's stacks, and of use to tests.
struct AxisReading {
  std::int64_t inputs = 1;  // positions before and after
  std::int64_t outputs = 1;
  std::int64_t taps = 1, dilation = 1, stride = 1, pad = 0;
  conv::Border border = conv::Border::kZero;
};
struct LayerReading {
  AxisReading y, x;
};
LayerReading reading_of(const nn::LayerSpec& spec, const Shape& input, const Shape& output);

// What one plain convolution with the same field would need in place of the conv layers below `level`: "One 7 × 7
// convolution would see as much with 3136 weights; these 3 layers have 1752 parameters." Empty below two conv layers
// and where every unit sees the same.
std::string same_field_in_words(const nn::ModelSpec& model, const std::vector<Shape>& levels, std::size_t level);

}  // namespace convlens::explain
