// Why a value in a stack is what it is, whatever layer it stands in: the sum of products, the window that won, the
// table of exponentials. Text and numbers that can be checked by hand.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/explain/decimal.h"
#include "engine/explain/pooling.h"
#include "engine/explain/probe.h"
#include "engine/explain/stack.h"

namespace convlens::explain {

// One line of arithmetic: "x - mean", "0.75 - 0.5 = 0.25".
struct ArithmeticLine {
  std::string name;
  std::string arithmetic;
};

struct StackProbe {
  std::size_t level = 0;
  Unit unit;
  float value = 0;
  std::string title;  // "conv2, map 3, row 4, column 5"
  // Exactly one of the first two, or lines alone, by the kind of layer.
  std::optional<Probe> sum;       // conv, dense
  std::optional<PoolProbe> pool;  // pools; global average
  std::vector<ArithmeticLine> lines;
};
// Of `unit` in `level` (0 is the picture itself). `input` is the level below (ignored for level 0), `map_value` what
// the level holds.
StackProbe probe_unit(const Stack& stack, std::size_t level, const Unit& unit, ConstView input, float map_value);
// All of it; ends with a newline. `depth` as in probe_text.h.
std::string to_text(const StackProbe& probe, int depth);

// "conv2, map 3, row 4, column 5"; "fc1, output 7"; "picture, channel 0, row 4, column 5".
std::string unit_in_words(const Stack& stack, std::size_t level, const Unit& unit);

// The table behind a softmax: every number follows from the shown ones before it, and `sum` is the exact sum of the
// shown exponentials.
struct SoftmaxRow {
  Decimal logit;
  Decimal shifted;      // logit - largest
  Decimal exponential;  // exp(shifted), rounded
  Decimal share;        // exponential / sum, rounded
};
struct SoftmaxProbe {
  std::vector<SoftmaxRow> rows;
  Decimal largest;
  Decimal sum;
  bool is_finite = true;  // false: a logit is NaN or infinite, and so the shares mean nothing
};
SoftmaxProbe probe_softmax(std::span<const float> logits);
std::string to_text(const SoftmaxProbe& probe);

}  // namespace convlens::explain
