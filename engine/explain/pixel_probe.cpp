// One axis at a time: an output reads a pixel where a row and a column of its window both do.
#include "engine/explain/pixel_probe.h"

#include <algorithm>
#include <cassert>

#include "engine/core/text.h"

namespace convlens::explain {
namespace {

struct Axis {
  std::int64_t inputs, taps, outputs, stride, dilation, pad;
  conv::Border border;
  bool flip;
};

std::vector<AxisRead> reads_along(const Axis& axis, std::int64_t source) {
  std::vector<AxisRead> reads;
  for (std::int64_t output = 0; output < axis.outputs; ++output) {
    const std::int64_t start = output * axis.stride - axis.pad;
    const std::int64_t end = start + axis.dilation * (axis.taps - 1);
    // Windows inside the picture that end before the pixel or start behind it read no copy of it either.
    if (start >= 0 && end < axis.inputs && (end < source || start > source)) continue;
    for (std::int64_t i = 0; i < axis.taps; ++i) {
      const std::int64_t position = start + i * axis.dilation;
      if (conv::border_index(position, axis.inputs, axis.border) != source) continue;
      reads.push_back({output, static_cast<int>(axis.flip ? axis.taps - 1 - i : i), position});
    }
  }
  return reads;
}

double weight_between(ConstView weights, std::int64_t k, std::int64_t c, const AxisRead& row, const AxisRead& col) {
  return static_cast<double>(weights.at(k, c, row.weight, col.weight));
}

std::int64_t channel_in_group(const conv::Geometry& g, std::int64_t c) { return c % g.channels_per_group(); }

std::string shown(double value) { return formatted("%.6g", value); }

}  // namespace

PixelReads pixel_reads(const conv::Geometry& g, std::int64_t y, std::int64_t x) {
  assert(y >= 0 && y < g.h && x >= 0 && x < g.w);
  return {reads_along({g.h, g.r, g.p, g.stride_y, g.dilation_y, g.pad.top, g.border, g.flip}, y),
          reads_along({g.w, g.s, g.q, g.stride_x, g.dilation_x, g.pad.left, g.border, g.flip}, x)};
}

FilterRange filters_of_channel(const conv::Geometry& g, std::int64_t c) {
  return {c / g.channels_per_group() * g.filters_per_group(), g.filters_per_group()};
}

double influence(const conv::Geometry& g, ConstView weights, const PixelReads& reads, std::int64_t c, std::int64_t k,
                 std::int64_t p, std::int64_t q) {
  double sum = 0;
  for (const AxisRead& row : reads.rows) {
    if (row.output != p) continue;
    for (const AxisRead& col : reads.cols) {
      if (col.output == q) sum += weight_between(weights, k, channel_in_group(g, c), row, col);
    }
  }
  return sum;
}

Influence influence_map(const conv::Geometry& g, ConstView weights, const PixelReads& reads, std::int64_t c,
                        std::int64_t k) {
  Influence map;
  if (reads.count() == 0) return map;
  map.first_row = reads.rows.front().output;
  map.first_col = reads.cols.front().output;
  map.plane =
      Tensor({1, 1, reads.rows.back().output - map.first_row + 1, reads.cols.back().output - map.first_col + 1});
  for (const AxisRead& row : reads.rows) {
    for (const AxisRead& col : reads.cols) {
      map.plane.at(0, 0, row.output - map.first_row, col.output - map.first_col) +=
          weights.at(k, channel_in_group(g, c), row.weight, col.weight);
    }
  }
  return map;
}

std::string to_text(const PixelReads& reads, const conv::Geometry& g, ConstView weights, std::int64_t c, std::int64_t y,
                    std::int64_t x, std::int64_t k) {
  const auto number = [](std::int64_t value) { return std::to_string(value); };
  const FilterRange filters = filters_of_channel(g, c);
  std::string text =
      "pixel (" + number(y) + "," + number(x) + ") of channel " + number(c) + " is read " + number(reads.count()) +
      (reads.count() == 1 ? " time" : " times") +
      (filters.count == 1 ? " in map " + number(filters.first) : " in each of " + number(filters.count) + " maps") +
      "\n";
  for (const AxisRead& row : reads.rows) {
    for (const AxisRead& col : reads.cols) {
      text += "  map " + number(k) + " (" + number(row.output) + "," + number(col.output) + ") with w(" +
              number(row.weight) + "," + number(col.weight) +
              ") = " + shown(weight_between(weights, k, channel_in_group(g, c), row, col));
      if (row.position != y || col.position != x) {
        text += " through the padding at (" + number(row.position) + "," + number(col.position) + ")";
      }
      text += "\n";
    }
  }
  return text;
}

}  // namespace convlens::explain
