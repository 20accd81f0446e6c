// Which part of a source is on the screen, and at which reduction. Numbers only: no GL.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "app/view/picture.h"

namespace convlens::view {

// Texels [x0, x1) x [y0, y1) of a picture reduced by `factor` (a power of two) in both directions.
struct TexelWindow {
  std::int64_t factor = 1;
  std::int64_t x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  std::int64_t width() const { return x1 - x0; }
  std::int64_t height() const { return y1 - y0; }
  bool contains(const TexelWindow& other) const {
    return factor == other.factor && x0 <= other.x0 && y0 <= other.y0 && x1 >= other.x1 && y1 >= other.y1;
  }
  bool operator==(const TexelWindow&) const = default;
};

// The largest reduction that is not magnified by more than a quarter at `scale` screen pixels per picture pixel.
std::int64_t factor_for_scale(double scale, std::int64_t width, std::int64_t height);

// The most reduced copy of a source that divides a reduction; 1 is the source itself.
struct Level {
  const Tensor* tensor = nullptr;
  std::int64_t factor = 1;
};
Level level_for(const Source& source, std::int64_t factor);

// Writes the window's texels to `out`, row by row: box averages over what lies inside the picture.
// `plane` is the picture reduced by `plane_factor`, which divides window.factor.
void reduce_window(const float* plane, std::int64_t plane_width, std::int64_t plane_height, std::int64_t plane_factor,
                   const TexelWindow& window, float* out);

// Remembers what was last taken from which source.
class WindowTracker {
 public:
  // Chooses the window for what `placement` shows of `channels`. False while the last one still serves.
  bool follow(const Source& source, std::span<const int> channels, const Placement& placement, int texture_limit);
  const TexelWindow& window() const { return window_; }
  std::span<const int> channels() const { return std::span(channels_).first(channel_count_); }

 private:
  TexelWindow window_;
  std::array<int, 3> channels_{};
  std::size_t channel_count_ = 0;
  std::uint64_t generation_ = 0;
  const void* data_ = nullptr;  // the tensor's, or the maps on the GPU
  Shape shape_;
};

}  // namespace convlens::view
