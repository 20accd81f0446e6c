// Box averages of a product are products of box averages, so rows and columns are reduced apart.
#include "app/view/separable_picture.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace convlens::view {

Rgba Ramp::at(double value) const {
  const double t = hi > lo ? std::clamp((value - lo) / (hi - lo), 0.0, 1.0) : (value >= hi ? 1.0 : 0.0);
  return colours[static_cast<std::size_t>(255 * t + 0.5)];
}

Ramp linear_ramp(Rgba from, Rgba to, double lo, double hi) {
  Ramp ramp{.lo = lo, .hi = hi};
  for (int i = 0; i < 256; ++i) {
    const auto mix = [i](std::uint8_t a, std::uint8_t b) {
      return static_cast<std::uint8_t>((a * (255 - i) + b * i + 127) / 255);
    };
    ramp.colours[static_cast<std::size_t>(i)] = {mix(from.r, to.r), mix(from.g, to.g), mix(from.b, to.b),
                                                 mix(from.a, to.a)};
  }
  return ramp;
}

std::vector<double> block_means(std::span<const double> values, std::int64_t factor, std::int64_t first,
                                std::int64_t last) {
  const std::int64_t size = std::ssize(values);
  std::vector<double> means;
  means.reserve(static_cast<std::size_t>(last - first));
  for (std::int64_t block = first; block < last; ++block) {
    const std::int64_t from = block * factor, to = std::min(from + factor, size);
    assert(from < to);
    double sum = 0;
    for (std::int64_t i = from; i < to; ++i) sum += values[static_cast<std::size_t>(i)];
    means.push_back(sum / static_cast<double>(to - from));
  }
  return means;
}

Drawable SeparablePicture::update(std::span<const double> rows, std::span<const double> cols, const Ramp& ramp,
                                  std::uint64_t version, const Placement& placement) {
  const Rect seen = placement.visible();
  if (seen.width() <= 0 || seen.height() <= 0) return {};
  std::int64_t factor = 1;
  while (static_cast<double>(factor) * placement.scale < 1) factor *= 2;
  const auto f = static_cast<double>(factor);
  // Canvases of one size see the same texels, whatever rounding their corners went through.
  constexpr double kNoise = 1e-6;
  const auto block = [&](double at) { return static_cast<std::int64_t>(std::floor(at / f + kNoise)); };
  const auto end = [&](double at) { return static_cast<std::int64_t>(std::ceil(at / f - kNoise)); };
  const Window window{factor, block(seen.x0), block(seen.y0), end(seen.x1), end(seen.y1)};
  if (window != window_ || version != version_) {
    const std::vector<double> y_means = block_means(rows, factor, window.y0, window.y1);
    const std::vector<double> x_means = block_means(cols, factor, window.x0, window.x1);
    texels_.clear();
    texels_.reserve(y_means.size() * x_means.size() * 4);
    for (const double y : y_means) {
      for (const double x : x_means) {
        const Rgba colour = ramp.at(y * x);
        texels_.insert(texels_.end(), {colour.r, colour.g, colour.b, colour.a});
      }
    }
    image_.set(texels_, static_cast<int>(x_means.size()), static_cast<int>(y_means.size()), true);
    window_ = window;
    version_ = version;
  }
  return {image_.texture(),
          {static_cast<double>(window.x0) * f, static_cast<double>(window.y0) * f, static_cast<double>(window.x1) * f,
           static_cast<double>(window.y1) * f}};
}

}  // namespace convlens::view
