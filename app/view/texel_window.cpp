// Choosing levels and windows, and box averages.
#include "app/view/texel_window.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace convlens::view {

namespace {

constexpr double kMaxMagnification = 1.25;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// What is visible, in texels, with `margin` more on every side where the picture goes on.
TexelWindow texels_of(const Rect& visible, std::int64_t factor, std::int64_t margin_x, std::int64_t margin_y,
                      std::int64_t width, std::int64_t height) {
  const auto f = static_cast<double>(factor);
  const auto floor_of = [&](double v) { return static_cast<std::int64_t>(std::floor(v / f)); };
  const auto ceil_of = [&](double v) { return static_cast<std::int64_t>(std::ceil(v / f)); };
  const std::int64_t texels_x = ceil_div(width, factor);
  const std::int64_t texels_y = ceil_div(height, factor);
  TexelWindow window;
  window.factor = factor;
  window.x0 = std::clamp<std::int64_t>(floor_of(visible.x0) - margin_x, 0, texels_x - 1);
  window.y0 = std::clamp<std::int64_t>(floor_of(visible.y0) - margin_y, 0, texels_y - 1);
  window.x1 = std::clamp<std::int64_t>(ceil_of(visible.x1) + margin_x, window.x0 + 1, texels_x);
  window.y1 = std::clamp<std::int64_t>(ceil_of(visible.y1) + margin_y, window.y0 + 1, texels_y);
  return window;
}

}  // namespace

Level level_for(const Source& source, std::int64_t factor) {
  const Shape& full = source.tensor->shape();
  Level best{source.tensor, 1};
  std::int64_t level_factor = 1;
  for (const Tensor& level : source.levels) {
    level_factor *= 4;
    const Shape expected{full.n, full.c, ceil_div(full.h, level_factor), ceil_div(full.w, level_factor)};
    if (level_factor > factor || level.empty() || level.shape() != expected) break;
    best = {&level, level_factor};
  }
  return best;
}

std::int64_t factor_for_scale(double scale, std::int64_t width, std::int64_t height) {
  std::int64_t factor = 1;
  const std::int64_t side = std::max(width, height);
  while (factor < side && scale * static_cast<double>(2 * factor) <= kMaxMagnification) factor *= 2;
  return factor;
}

void reduce_window(const float* plane, std::int64_t plane_width, std::int64_t plane_height, std::int64_t plane_factor,
                   const TexelWindow& window, float* out) {
  assert(window.factor % plane_factor == 0);
  const std::int64_t step = window.factor / plane_factor;
  // Columns whose boxes lie wholly inside the plane; at most one more is cut by its edge.
  const std::int64_t whole = std::clamp(plane_width / step, window.x0, window.x1);
  for (std::int64_t y = window.y0; y < window.y1; ++y, out += window.width()) {
    const std::int64_t first = y * step;
    const std::int64_t last = std::min(first + step, plane_height);
    std::fill_n(out, window.width(), 0.0f);
    for (std::int64_t row = first; row < last; ++row) {
      const float* in = plane + row * plane_width + window.x0 * step;
      float* sum = out;
      if (step == 2) {
        for (std::int64_t x = window.x0; x < whole; ++x, in += 2) *sum++ += in[0] + in[1];
      } else {
        for (std::int64_t x = window.x0; x < whole; ++x, in += step) {
          float box = 0;
          for (std::int64_t i = 0; i < step; ++i) box += in[i];
          *sum++ += box;
        }
      }
      if (whole < window.x1) *sum = std::accumulate(in, plane + (row + 1) * plane_width, *sum);
    }
    const auto rows = static_cast<float>(last - first);
    const float mean = 1.0f / (rows * static_cast<float>(step));
    for (std::int64_t x = window.x0; x < whole; ++x) out[x - window.x0] *= mean;
    if (whole < window.x1) out[whole - window.x0] /= rows * static_cast<float>(plane_width - whole * step);
  }
}

bool WindowTracker::follow(const Source& source, std::span<const int> channels, const Placement& placement,
                           int texture_limit) {
  assert(source.tensor != nullptr && (channels.size() == 1 || channels.size() == 3));
  const Shape shape = source.shape();
  const void* data = source.device;
  if (data == nullptr) data = source.tensor->data();
  const Rect visible = placement.visible();
  std::int64_t factor = factor_for_scale(placement.scale, shape.w, shape.h);
  // The averages at a target pixel's edge reach up to two texels further.
  const auto needed_at = [&](std::int64_t f, std::int64_t margin_x, std::int64_t margin_y) {
    return texels_of(visible, f, 2 + margin_x, 2 + margin_y, shape.w, shape.h);
  };
  TexelWindow needed = needed_at(factor, 0, 0);
  while (needed.width() > texture_limit || needed.height() > texture_limit) {
    factor *= 2;
    needed = needed_at(factor, 0, 0);
  }
  const bool is_same_source =
      generation_ == source.generation && data_ == data && shape_ == shape &&
      std::equal(channels.begin(), channels.end(), this->channels().begin(), this->channels().end());
  if (is_same_source && window_.contains(needed)) return false;

  if (is_same_source) {
    // The view moves over values that stay: a margin lets the next moves pass at no cost.
    const TexelWindow generous = needed_at(factor, needed.width() / 4, needed.height() / 4);
    if (generous.width() <= texture_limit && generous.height() <= texture_limit) needed = generous;
  }
  window_ = needed;
  std::copy(channels.begin(), channels.end(), channels_.begin());
  channel_count_ = channels.size();
  generation_ = source.generation;
  data_ = data;
  shape_ = shape;
  return true;
}

}  // namespace convlens::view
