// Chooses by the kind of layer what explains a value, and writes the small sums of the layers without a probe of their
// own.
#include "engine/explain/stack_probe.h"

#include <algorithm>
#include <cmath>

#include "engine/conv/conv.h"
#include "engine/explain/probe_text.h"

namespace convlens::explain {
namespace {

using nn::LayerKind;

constexpr int kDigits = 7;
constexpr int kLogitPlace = -5;
constexpr int kSharePlace = -6;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

std::string activation_name(conv::Activation activation) {
  return std::string(conv::activation_names()[static_cast<std::size_t>(activation)].name);
}

// Each line is computed from the numbers that the lines before it show.
std::vector<ArithmeticLine> batch_norm_lines(const ReadyLayer& layer, float x, std::int64_t channel) {
  const auto shown = [](double value) { return round_to_digits(value, kDigits); };
  const Decimal input = shown(double{x}), mean = shown(double{layer.mean[at(channel)]});
  const Decimal centred = shown(to_double(input) - to_double(mean));
  const Decimal variance = shown(double{layer.variance[at(channel)]}), epsilon = shown(double{layer.spec.epsilon});
  const Decimal deviation = shown(std::sqrt(to_double(variance) + to_double(epsilon)));
  const Decimal unit = shown(to_double(centred) / to_double(deviation));
  const Decimal scale = shown(double{layer.scale[at(channel)]}), shift = shown(double{layer.shift[at(channel)]});
  const Decimal value = shown(to_double(unit) * to_double(scale) + to_double(shift));
  return {
      {"input - running mean", to_text(input) + " - " + to_text(mean) + " = " + to_text(centred)},
      {"running deviation", "sqrt(" + to_text(variance) + " + " + to_text(epsilon) + ") = " + to_text(deviation)},
      {"normalised", to_text(centred) + " / " + to_text(deviation) + " = " + to_text(unit)},
      {"scaled and shifted", to_text(unit) + " × " + to_text(scale) + " + " + to_text(shift) + " = " + to_text(value)}};
}

std::vector<ArithmeticLine> activation_lines(conv::Activation activation, float x) {
  const Decimal input = round_to_digits(double{x}, kDigits);
  const Decimal output = round_to_digits(conv::activate(to_double(input), activation), kDigits);
  return {{activation_name(activation), activation_name(activation) + "(" + to_text(input) + ") = " + to_text(output)}};
}

std::string place_in_words(const std::string& channel, const Unit& unit) {
  return channel + " " + std::to_string(unit.c) + ", row " + std::to_string(unit.y) + ", column " +
         std::to_string(unit.x);
}

// Rows end where the longest of their column does.
std::string padded(const std::string& text, std::size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

}  // namespace

std::string unit_in_words(const Stack& stack, std::size_t level, const Unit& unit) {
  if (level == 0) return place_in_words("picture, channel", unit);
  const ReadyLayer& layer = *stack.layers[level - 1];
  const Shape& shape = layer.output;
  if (shape.h == 1 && shape.w == 1) return layer.spec.name + ", output " + std::to_string(unit.c);
  return place_in_words(layer.spec.name + ", map", unit);
}

StackProbe probe_unit(const Stack& stack, std::size_t level, const Unit& unit, ConstView input, float map_value) {
  StackProbe probe;
  probe.level = level;
  probe.unit = unit;
  probe.value = map_value;
  probe.title = unit_in_words(stack, level, unit);
  const std::string shown = to_text(round_to_digits(double{map_value}, kDigits));
  if (level == 0) {
    probe.lines = {{"pixel", shown}};
    return probe;
  }
  const ReadyLayer& layer = *stack.layers[level - 1];
  switch (layer.spec.kind) {
    case LayerKind::kConv:
    case LayerKind::kDense: {
      ProbeOptions options;
      options.map_value = map_value;
      probe.sum =
          probe_output(*layer.geometry, input, layer.weights.view(), layer.bias, {0, unit.c, unit.y, unit.x}, options);
      break;
    }
    case LayerKind::kMaxPool:
    case LayerKind::kAveragePool:
    case LayerKind::kGlobalAverage:
      probe.pool = probe_pool(pool_params(layer.spec, layer.input), input, 0, unit.c, unit.y, unit.x);
      break;
    case LayerKind::kBatchNorm:
      probe.lines = batch_norm_lines(layer, input.at(0, unit.c, unit.y, unit.x), unit.c);
      break;
    case LayerKind::kActivation:
      probe.lines = activation_lines(layer.spec.activation, input.at(0, unit.c, unit.y, unit.x));
      break;
    case LayerKind::kDropout:
      probe.lines = {{"dropout", "inactive outside training: " + shown + " passes unchanged"}};
      break;
    case LayerKind::kFlatten: {
      const Shape& maps = layer.input;
      const Unit from = unit_of_flat(maps, unit.c);
      probe.lines = {{"flatten", "(" + std::to_string(from.c) + " × " + std::to_string(maps.h) + " + " +
                                     std::to_string(from.y) + ") × " + std::to_string(maps.w) + " + " +
                                     std::to_string(from.x) + " = " + std::to_string(unit.c)},
                     {"value", place_in_words("map", from) + " holds " + shown}};
      break;
    }
  }
  return probe;
}

std::string to_text(const StackProbe& probe, int depth) {
  std::string text = probe.title + "\n";
  if (probe.sum) return text + probe_text(*probe.sum, depth);
  if (probe.pool) return text + to_text(*probe.pool);
  for (const ArithmeticLine& line : probe.lines) text += "  " + line.name + ": " + line.arithmetic + "\n";
  return text;
}

SoftmaxProbe probe_softmax(std::span<const float> logits) {
  SoftmaxProbe probe;
  double magnitude = 0;
  for (const float z : logits) {
    probe.is_finite = probe.is_finite && std::isfinite(z);
    magnitude = std::max(magnitude, std::abs(double{z}));
  }
  if (!probe.is_finite || logits.empty()) {
    for (const float z : logits) probe.rows.push_back({round_to_digits(double{z}, kDigits), {}, {}, {}});
    return probe;
  }
  const int place = magnitude > 0 ? std::max(kLogitPlace, leading_place(magnitude) - 9) : kLogitPlace;
  for (const float z : logits) probe.rows.push_back({round_to_place(double{z}, place), {}, {}, {}});
  probe.largest = std::ranges::max_element(probe.rows, {}, [](const SoftmaxRow& r) { return r.logit.units; })->logit;
  probe.sum = {0, kSharePlace, {}};
  for (SoftmaxRow& row : probe.rows) {
    row.shifted = {row.logit.units - probe.largest.units, place, {}};
    row.exponential = round_to_place(std::exp(to_double(row.shifted)), kSharePlace);
    probe.sum = add(probe.sum, row.exponential);
  }
  for (SoftmaxRow& row : probe.rows) {
    row.share = round_to_place(to_double(row.exponential) / to_double(probe.sum), kSharePlace);
  }
  return probe;
}

std::string to_text(const SoftmaxProbe& probe) {
  if (!probe.is_finite) return "  a logit is not finite: the shares mean nothing\n";
  std::string text = "  largest logit " + to_text(probe.largest) + "\n";
  std::size_t logit = 0, shifted = 0;
  for (const SoftmaxRow& row : probe.rows) {
    logit = std::max(logit, to_text(row.logit).size());
    shifted = std::max(shifted, to_text(row.shifted).size());
  }
  for (std::size_t i = 0; i < probe.rows.size(); ++i) {
    const SoftmaxRow& row = probe.rows[i];
    text += "  " + padded(std::to_string(i), 3) + "  " + padded(to_text(row.logit), logit) + "  exp(" +
            padded(to_text(row.shifted), shifted) + ") = " + to_text(row.exponential) +
            "  / sum = " + to_text(row.share) + "\n";
  }
  return text + "  sum of exponentials = " + to_text(probe.sum) + "\n";
}

}  // namespace convlens::explain
