// Window arithmetic along one axis at a time; borders come from conv/params.
#include "engine/explain/window.h"

#include <algorithm>
#include <cassert>

namespace convlens::explain {
namespace {

// What one axis of a convolution needs to be known by.
struct AxisGeometry {
  std::int64_t inputs, taps, outputs;
  std::int64_t stride, dilation, pad;
  conv::Border border;
  bool flip;
};

AxisGeometry rows_of(const conv::Geometry& g) {
  return {g.h, g.r, g.p, g.stride_y, g.dilation_y, g.pad.top, g.border, g.flip};
}
AxisGeometry cols_of(const conv::Geometry& g) {
  return {g.w, g.s, g.q, g.stride_x, g.dilation_x, g.pad.left, g.border, g.flip};
}

std::vector<Tap> taps_at(const AxisGeometry& axis, std::int64_t output) {
  assert(output >= 0 && output < axis.outputs);
  std::vector<Tap> taps;
  taps.reserve(static_cast<std::size_t>(axis.taps));
  for (std::int64_t i = 0; i < axis.taps; ++i) {
    const std::int64_t position = output * axis.stride - axis.pad + i * axis.dilation;
    taps.push_back({static_cast<int>(axis.flip ? axis.taps - 1 - i : i), position,
                    conv::border_index(position, axis.inputs, axis.border)});
  }
  return taps;
}

Positions footprint(const AxisGeometry& axis, std::int64_t weight) {
  assert(weight >= 0 && weight < axis.taps);
  const std::int64_t tap = axis.flip ? axis.taps - 1 - weight : weight;
  return {tap * axis.dilation - axis.pad, axis.stride, axis.outputs};
}

std::vector<std::int64_t> outputs_of(const AxisGeometry& axis, std::int64_t position) {
  std::vector<std::int64_t> outputs;
  for (std::int64_t i = 0; i < axis.taps; ++i) {
    const std::int64_t offset = position + axis.pad - i * axis.dilation;
    if (offset >= 0 && offset % axis.stride == 0 && offset / axis.stride < axis.outputs) {
      outputs.push_back(offset / axis.stride);
    }
  }
  std::sort(outputs.begin(), outputs.end());
  return outputs;
}

std::vector<bool> positions_read(const AxisGeometry& axis) {
  std::vector<bool> is_read(static_cast<std::size_t>(axis.inputs), false);
  for (std::int64_t output = 0; output < axis.outputs; ++output) {
    for (std::int64_t i = 0; i < axis.taps; ++i) {
      const std::int64_t position = output * axis.stride - axis.pad + i * axis.dilation;
      const std::int64_t source = conv::border_index(position, axis.inputs, axis.border);
      if (source >= 0) is_read[static_cast<std::size_t>(source)] = true;
    }
  }
  return is_read;
}

}  // namespace

InputWindow input_window(const conv::Geometry& geometry, std::int64_t p, std::int64_t q) {
  return {taps_at(rows_of(geometry), p), taps_at(cols_of(geometry), q)};
}

WeightFootprint weight_footprint(const conv::Geometry& geometry, std::int64_t r, std::int64_t s) {
  return {footprint(rows_of(geometry), r), footprint(cols_of(geometry), s)};
}

std::vector<std::int64_t> outputs_of_row(const conv::Geometry& geometry, std::int64_t position) {
  return outputs_of(rows_of(geometry), position);
}
std::vector<std::int64_t> outputs_of_col(const conv::Geometry& geometry, std::int64_t position) {
  return outputs_of(cols_of(geometry), position);
}

std::vector<bool> rows_read(const conv::Geometry& geometry) { return positions_read(rows_of(geometry)); }
std::vector<bool> cols_read(const conv::Geometry& geometry) { return positions_read(cols_of(geometry)); }

}  // namespace convlens::explain
