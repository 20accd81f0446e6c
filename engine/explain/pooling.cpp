// Windows of a pooling layer, clipped to the map.
#include "engine/explain/pooling.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "engine/conv/conv.h"

namespace convlens::explain {
namespace {

// Cells [row0, row1) x [col0, col1) of one window, inside the map.
struct Window {
  std::int64_t row0 = 0, row1 = 0, col0 = 0, col1 = 0;
  std::int64_t count() const { return (row1 - row0) * (col1 - col0); }
};

Window window_at(const PoolParams& params, const Shape& maps, std::int64_t p, std::int64_t q) {
  const std::int64_t top = p * params.stride_y - params.pad.top;
  const std::int64_t left = q * params.stride_x - params.pad.left;
  return {std::max<std::int64_t>(top, 0), std::min(top + params.size_y, maps.h), std::max<std::int64_t>(left, 0),
          std::min(left + params.size_x, maps.w)};
}

// Whether b takes the place of a: a NaN does, once.
bool beats(float b, float a) { return b > a || (std::isnan(b) && !std::isnan(a)); }

// Row by row, in double for the average.
float pooled_value(PoolKind kind, ConstView maps, std::int64_t n, std::int64_t k, const Window& window) {
  float best = maps.at(n, k, window.row0, window.col0);
  double sum = 0;
  for (std::int64_t y = window.row0; y < window.row1; ++y) {
    const float* row = maps.row(n, k, y);
    for (std::int64_t x = window.col0; x < window.col1; ++x) {
      if (beats(row[x], best)) best = row[x];
      sum += static_cast<double>(row[x]);
    }
  }
  return kind == PoolKind::kMax ? best : static_cast<float>(sum / static_cast<double>(window.count()));
}

}  // namespace

Result<Shape> pooled_shape(const PoolParams& params, const Shape& maps) {
  if (std::min({params.size_y, params.size_x, params.stride_y, params.stride_x}) < 1) {
    return Error{"the pooling window and its stride must be at least 1"};
  }
  const conv::Padding& pad = params.pad;
  if (std::min({pad.top, pad.bottom, pad.left, pad.right}) < 0 || std::max(pad.top, pad.bottom) >= params.size_y ||
      std::max(pad.left, pad.right) >= params.size_x) {
    return Error{"the padding of a pooling window must be at least 0 and smaller than the window"};
  }
  const std::int64_t p = conv::output_size(maps.h, pad.top, pad.bottom, params.size_y, 1, params.stride_y);
  const std::int64_t q = conv::output_size(maps.w, pad.left, pad.right, params.size_x, 1, params.stride_x);
  if (p < 1 || q < 1) {
    return Error{"the pooling window of " + std::to_string(params.size_y) + " x " + std::to_string(params.size_x) +
                 " does not fit into maps of " + std::to_string(maps.h) + " x " + std::to_string(maps.w) +
                 ": use a smaller window"};
  }
  return Shape{maps.n, maps.c, p, q};
}

Tensor pool(const PoolParams& params, ConstView maps, const Parallel& parallel) {
  const Result<Shape> shape = pooled_shape(params, maps.shape);
  assert(shape);
  Tensor pooled = Tensor::uninitialized(*shape);
  parallel.for_each(shape->n * shape->c, [&](std::int64_t plane) {
    const std::int64_t n = plane / shape->c, k = plane % shape->c;
    for (std::int64_t p = 0; p < shape->h; ++p) {
      for (std::int64_t q = 0; q < shape->w; ++q) {
        pooled.at(n, k, p, q) = pooled_value(params.kind, maps, n, k, window_at(params, maps.shape, p, q));
      }
    }
  });
  return pooled;
}

PoolProbe probe_pool(const PoolParams& params, ConstView maps, std::int64_t n, std::int64_t k, std::int64_t p,
                     std::int64_t q, int digits) {
  const Window window = window_at(params, maps.shape, p, q);
  PoolProbe probe;
  probe.kind = params.kind;
  probe.outside = std::int64_t{params.size_y} * params.size_x - window.count();
  double largest = 0;
  std::size_t winner = 0;
  for (std::int64_t y = window.row0; y < window.row1; ++y) {
    for (std::int64_t x = window.col0; x < window.col1; ++x) {
      const float value = maps.at(n, k, y, x);
      if (std::isfinite(value)) largest = std::max(largest, std::abs(static_cast<double>(value)));
      probe.cells.push_back({y, x, value, {}, false});
      if (beats(value, probe.cells[winner].value)) winner = probe.cells.size() - 1;
    }
  }
  const int place = largest > 0 ? std::min(leading_place(largest) - digits + 1, 0) : 0;
  probe.sum = {0, place, {}};
  for (PoolCell& cell : probe.cells) {
    cell.shown = round_to_place(cell.value, place);
    probe.sum = add(probe.sum, cell.shown);
  }
  probe.pooled = pooled_value(params.kind, maps, n, k, window);
  if (params.kind == PoolKind::kMax) {
    probe.cells[winner].wins = true;
    probe.value = probe.cells[winner].shown;
  } else {
    probe.value = round_to_place(to_double(probe.sum) / static_cast<double>(probe.cells.size()), place);
  }
  return probe;
}

std::string to_text(const PoolProbe& probe) {
  std::string text;
  for (const PoolCell& cell : probe.cells) {
    text += "  (" + std::to_string(cell.row) + "," + std::to_string(cell.col) + ")  " + to_text(cell.shown) +
            (cell.wins ? "  wins" : "") + "\n";
  }
  if (probe.outside > 0) text += "  " + std::to_string(probe.outside) + " cells outside take no part\n";
  if (probe.kind == PoolKind::kMax) return text + "maximum = " + to_text(probe.value) + "\n";
  return text + "average = " + to_text(probe.sum) + " / " + std::to_string(probe.cells.size()) + " = " +
         to_text(probe.value) + "\n";
}

Result<Tensor> activation_first(const conv::Geometry& geometry, ConstView input, ConstView weights,
                                std::span<const float> bias) {
  Tensor activated = Tensor::uninitialized(geometry.input_shape());
  float* out = activated.data();
  for (std::int64_t n = 0; n < geometry.n; ++n) {
    for (std::int64_t c = 0; c < geometry.c; ++c) {
      for (std::int64_t y = 0; y < geometry.h; ++y) {
        const float* row = input.row(n, c, y);
        for (std::int64_t x = 0; x < geometry.w; ++x) {
          *out++ = static_cast<float>(conv::activate(static_cast<double>(row[x]), geometry.activation));
        }
      }
    }
  }
  conv::Geometry linear = geometry;
  linear.activation = conv::Activation::kNone;
  Tensor maps = Tensor::uninitialized(geometry.output_shape());
  conv::Workspace workspace;
  const Result<conv::Report> report =
      conv::forward(linear, activated.view(), weights, bias, maps.view(), {}, workspace, Parallel());
  if (!report) return report.error();
  return maps;
}

}  // namespace convlens::explain
