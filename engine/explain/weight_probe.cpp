// Walks a weight's footprint, which is one cell for each output.
#include "engine/explain/weight_probe.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdio>
#include <tuple>
#include <vector>

namespace convlens::explain {
namespace {

// The outputs whose cell lies in [0, size): a range, since positions ascend.
std::pair<std::int64_t, std::int64_t> inside_range(const Positions& positions, std::int64_t size) {
  const auto outputs_before = [&](std::int64_t limit) {
    const std::int64_t distance = limit - positions.first;
    return std::clamp<std::int64_t>(distance <= 0 ? 0 : (distance + positions.step - 1) / positions.step, 0,
                                    positions.count);
  };
  return {outputs_before(0), outputs_before(size)};
}

std::vector<std::int64_t> sources(const Positions& positions, std::int64_t size, conv::Border border) {
  std::vector<std::int64_t> result;
  result.reserve(static_cast<std::size_t>(positions.count));
  for (std::int64_t i = 0; i < positions.count; ++i) {
    result.push_back(conv::border_index(positions.first + i * positions.step, size, border));
  }
  return result;
}

// Sum over all images and positions of the value that the weight multiplies times scale(n, p, q).
template <class Scale>
double sum_over_positions(const conv::Geometry& g, ConstView input, const WeightProbe& probe, const Scale& scale) {
  const std::vector<std::int64_t> rows = sources(probe.footprint.rows, g.h, g.border);
  const std::vector<std::int64_t> cols = sources(probe.footprint.cols, g.w, g.border);
  double sum = 0;
  for (std::int64_t n = 0; n < g.n; ++n) {
    for (std::int64_t p = 0; p < g.p; ++p) {
      const std::int64_t y = rows[static_cast<std::size_t>(p)];
      if (y < 0) continue;
      const float* row = input.row(n, probe.channel, y);
      for (std::int64_t q = 0; q < g.q; ++q) {
        const std::int64_t x = cols[static_cast<std::size_t>(q)];
        if (x >= 0) sum += static_cast<double>(row[x]) * scale(n, p, q);
      }
    }
  }
  return sum;
}

WeightProbe locate(const conv::Geometry& g, const WeightIndex& at) {
  assert(at.k >= 0 && at.k < g.k && at.c >= 0 && at.c < g.channels_per_group());
  WeightProbe probe;
  probe.at = at;
  probe.channel = at.k / g.filters_per_group() * g.channels_per_group() + at.c;
  probe.footprint = weight_footprint(g, at.r, at.s);
  std::tie(probe.inside.row0, probe.inside.row1) = inside_range(probe.footprint.rows, g.h);
  std::tie(probe.inside.col0, probe.inside.col1) = inside_range(probe.footprint.cols, g.w);
  probe.positions = g.n * g.p * g.q;
  probe.padding_positions = probe.positions - g.n * probe.inside.count();
  return probe;
}

std::string progression(const Positions& positions) {
  std::string text = std::to_string(positions.first);
  if (positions.count > 1) text += ", " + std::to_string(positions.first + positions.step);
  if (positions.count > 3) text += ", ...";
  if (positions.count > 2) text += ", " + std::to_string(positions.last());
  return text;
}

}  // namespace

WeightProbe probe_weight(const conv::Geometry& geometry, ConstView input, const WeightIndex& at) {
  assert(input.shape == geometry.input_shape());
  WeightProbe probe = locate(geometry, at);
  probe.input_sum =
      sum_over_positions(geometry, input, probe, [](std::int64_t, std::int64_t, std::int64_t) { return 1.0; });
  return probe;
}

double weight_gradient(const conv::Geometry& geometry, ConstView input, ConstView gradient, const WeightIndex& at) {
  assert(input.shape == geometry.input_shape() && gradient.shape == geometry.output_shape());
  return sum_over_positions(geometry, input, locate(geometry, at), [&](std::int64_t n, std::int64_t p, std::int64_t q) {
    return static_cast<double>(gradient.at(n, at.k, p, q));
  });
}

std::string to_text(const WeightProbe& probe, const conv::Geometry& g) {
  const auto number = [](std::int64_t value) { return std::to_string(value); };
  std::string text = "w(" + number(probe.at.r) + "," + number(probe.at.s) + ") of filter " + number(probe.at.k) +
                     " on channel " + number(probe.channel) + " multiplies " + number(g.p) + " x " + number(g.q) +
                     " cells: rows " + progression(probe.footprint.rows) + "; columns " +
                     progression(probe.footprint.cols) + "\n";
  text += "it feeds every value of map " + number(probe.at.k) + ", cell (i,j) to output (i,j)";
  if (probe.padding_positions > 0) {
    text += "; " + number(probe.padding_positions) + " of " + number(probe.positions) + " products read padding";
  }
  text += "\n";
  std::array<char, 64> sum;
  std::snprintf(sum.data(), sum.size(), "%.9g", probe.input_sum);
  text += "its gradient is a sum over " + number(g.n) + " × " + number(g.p) + " × " + number(g.q) + " = " +
          number(probe.positions) + " positions: value × dL/dz; with dL/dz = 1 everywhere it is " + sum.data() + "\n";
  return text;
}

}  // namespace convlens::explain
