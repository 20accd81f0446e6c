// Counts along one axis at a time; borders and sizes come from conv/params.
#include "engine/explain/overlays.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/core/text.h"

namespace convlens::explain {
namespace {

struct Axis {
  std::int64_t inputs, taps, outputs, stride, dilation, pad;
  conv::Border border;
};

Axis axis_of(const conv::Geometry& g, conv::Axis axis) {
  if (axis == conv::Axis::kY) return {g.h, g.r, g.p, g.stride_y, g.dilation_y, g.pad.top, g.border};
  return {g.w, g.s, g.q, g.stride_x, g.dilation_x, g.pad.left, g.border};
}

std::vector<std::int64_t> reads_along(const Axis& axis) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(axis.inputs), 0);
  for (std::int64_t output = 0; output < axis.outputs; ++output) {
    for (std::int64_t i = 0; i < axis.taps; ++i) {
      const std::int64_t position = output * axis.stride - axis.pad + i * axis.dilation;
      const std::int64_t source = conv::border_index(position, axis.inputs, axis.border);
      if (source >= 0) ++counts[static_cast<std::size_t>(source)];
    }
  }
  return counts;
}

std::vector<double> inside_along(const Axis& axis) {
  std::vector<double> shares(static_cast<std::size_t>(axis.outputs));
  for (std::int64_t output = 0; output < axis.outputs; ++output) {
    std::int64_t inside = 0;
    for (std::int64_t i = 0; i < axis.taps; ++i) {
      const std::int64_t position = output * axis.stride - axis.pad + i * axis.dilation;
      inside += position >= 0 && position < axis.inputs;
    }
    shares[static_cast<std::size_t>(output)] = static_cast<double>(inside) / static_cast<double>(axis.taps);
  }
  return shares;
}

std::int64_t zeros_at_end(const std::vector<std::int64_t>& counts) {
  return std::find_if(counts.rbegin(), counts.rend(), [](std::int64_t n) { return n > 0; }) - counts.rbegin();
}

std::int64_t above_zero(const std::vector<std::int64_t>& counts) {
  return std::count_if(counts.begin(), counts.end(), [](std::int64_t n) { return n > 0; });
}

std::int64_t ones(const std::vector<double>& shares) { return std::count(shares.begin(), shares.end(), 1.0); }

std::string number(std::int64_t value) { return std::to_string(value); }

std::string decimal(double value) { return formatted("%g", value); }

std::string counted(std::int64_t count, const std::string& noun) {
  return number(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string direction(double shift, const char* forward, const char* back) {
  return decimal(std::abs(shift)) + " pixels " + (shift > 0 ? forward : back);
}

std::string alignment_words(const conv::Geometry& g) {
  const Alignment y = alignment(g, conv::Axis::kY);
  const Alignment x = alignment(g, conv::Axis::kX);
  std::string text = "output (0,0) is centred on input (" + decimal(y.first) + "," + decimal(x.first) +
                     "), its neighbours " + decimal(y.step) + " rows and " + decimal(x.step) + " columns on";
  if (y.shift != 0) text += "; the map lies " + direction(y.shift, "below", "above") + " the picture's middle";
  if (x.shift != 0) text += "; the map lies " + direction(x.shift, "right of", "left of") + " the picture's middle";
  return text;
}

}  // namespace

std::int64_t Coverage::largest() const {
  return *std::max_element(rows.begin(), rows.end()) * *std::max_element(cols.begin(), cols.end());
}
std::int64_t Coverage::dropped_rows() const { return zeros_at_end(rows); }
std::int64_t Coverage::dropped_cols() const { return zeros_at_end(cols); }
std::int64_t Coverage::unread_pixels() const {
  return std::ssize(rows) * std::ssize(cols) - above_zero(rows) * above_zero(cols);
}

Coverage coverage(const conv::Geometry& geometry) {
  return {reads_along(axis_of(geometry, conv::Axis::kY)), reads_along(axis_of(geometry, conv::Axis::kX))};
}

std::int64_t PaddingShare::touched_outputs() const {
  return std::ssize(rows) * std::ssize(cols) - ones(rows) * ones(cols);
}

PaddingShare padding_share(const conv::Geometry& geometry) {
  return {inside_along(axis_of(geometry, conv::Axis::kY)), inside_along(axis_of(geometry, conv::Axis::kX))};
}

Alignment alignment(const conv::Geometry& geometry, conv::Axis which) {
  const Axis axis = axis_of(geometry, which);
  Alignment result;
  result.first = 0.5 * static_cast<double>(axis.dilation * (axis.taps - 1)) - static_cast<double>(axis.pad);
  result.step = static_cast<double>(axis.stride);
  result.count = axis.outputs;
  const double middle = 0.5 * (result.first + result.centre(axis.outputs - 1));
  result.shift = middle - 0.5 * static_cast<double>(axis.inputs - 1);
  return result;
}

SamplingGrid sampling_grid(const conv::Geometry& geometry) {
  return {geometry.stride_y, geometry.stride_x, 1.0 / (geometry.stride_y * geometry.stride_x)};
}

std::vector<std::int64_t> stack_paths(std::span<const StackLayer> layers) {
  constexpr std::int64_t kMost = std::int64_t{1} << 62;
  std::vector<std::int64_t> paths = {1};
  // Offsets of one layer are `jump` input pixels apart for each of its own input's.
  std::int64_t jump = 1;
  for (const StackLayer& layer : layers) {
    const std::int64_t step = layer.dilation * jump;
    std::vector<std::int64_t> longer(paths.size() + static_cast<std::size_t>(step * (layer.taps - 1)), 0);
    for (std::int64_t tap = 0; tap < layer.taps; ++tap) {
      for (std::size_t i = 0; i < paths.size(); ++i) {
        std::int64_t& count = longer[i + static_cast<std::size_t>(tap * step)];
        count = std::min(count, kMost - paths[i]) + paths[i];
      }
    }
    paths = std::move(longer);
    jump *= layer.stride;
  }
  return paths;
}

double hole_share(std::span<const std::int64_t> paths) {
  const auto holes = std::count(paths.begin(), paths.end(), 0);
  return paths.empty() ? 0 : static_cast<double>(holes) / static_cast<double>(paths.size());
}

std::int64_t interleaved_grids(const conv::Geometry& geometry, conv::Axis which) {
  const Axis axis = axis_of(geometry, which);
  return axis.dilation / std::gcd(axis.stride, axis.dilation);
}

Tensor to_plane(const Coverage& coverage) {
  Tensor plane = Tensor::uninitialized({1, 1, std::ssize(coverage.rows), std::ssize(coverage.cols)});
  float* out = plane.data();
  for (const std::int64_t row : coverage.rows) {
    for (const std::int64_t col : coverage.cols) *out++ = static_cast<float>(row * col);
  }
  return plane;
}

Tensor to_plane(const PaddingShare& share) {
  Tensor plane = Tensor::uninitialized({1, 1, std::ssize(share.rows), std::ssize(share.cols)});
  float* out = plane.data();
  for (const double row : share.rows) {
    for (const double col : share.cols) *out++ = static_cast<float>(1 - row * col);
  }
  return plane;
}

std::string geometry_in_words(const conv::Geometry& g) {
  const Coverage reads = coverage(g);
  const PaddingShare padding = padding_share(g);
  std::string text = "a pixel is read up to " + counted(reads.largest(), "time") + " by each map";
  if (reads.unread_pixels() > 0) text += "; " + counted(reads.unread_pixels(), "pixel") + " are never read";
  if (reads.dropped_rows() > 0) text += ", the last " + counted(reads.dropped_rows(), "row") + " among them";
  if (reads.dropped_cols() > 0) text += ", the last " + counted(reads.dropped_cols(), "column") + " among them";
  text += "\n" + counted(padding.touched_outputs(), "output") + " of " + number(g.p * g.q) +
          " in each map have padding in their window\n";
  text += alignment_words(g) + "\n";
  if (g.stride_y * g.stride_x > 1) {
    text += "the stride keeps 1 of " + number(std::int64_t{g.stride_y} * g.stride_x) + " positions\n";
  }
  const std::int64_t grids = interleaved_grids(g, conv::Axis::kY) * interleaved_grids(g, conv::Axis::kX);
  if (grids > 1) {
    text += "the dilation leaves " + number(grids) + " interleaved grids of outputs that share no position\n";
  }
  return text;
}

}  // namespace convlens::explain
