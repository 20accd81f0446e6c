// The part of a tensor that is on the screen, as float texels on the GPU, at the resolution it is seen at. No colours.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "app/gl/objects.h"
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

// Writes the window's texels to `out`, row by row: box averages over what lies inside the picture.
// `plane` is the picture reduced by `plane_factor`, which divides window.factor.
void reduce_window(const float* plane, std::int64_t plane_width, std::int64_t plane_height, std::int64_t plane_factor,
                   const TexelWindow& window, float* out);

class ValueTexture {
 public:
  // Brings the texels that `placement` shows up to date: one layer for each of `channels` (one or three of them).
  // True if something was uploaded. Nothing happens while the source and what is visible of it are the same.
  bool update(const Source& source, std::span<const int> channels, const Placement& placement, int texture_limit,
              UploadMeter& meter);

  GLuint name() const { return texture_.name(); }  // GL_TEXTURE_2D_ARRAY of R32F; may be larger than the window
  const TexelWindow& window() const { return window_; }
  int layers() const { return layers_; }

 private:
  void upload(const Source& source, std::span<const int> channels, UploadMeter& meter);
  void reserve(std::int64_t width, std::int64_t height, int layers, int texture_limit);

  gl::Texture texture_;
  std::int64_t capacity_width_ = 0;
  std::int64_t capacity_height_ = 0;
  int capacity_layers_ = 0;

  // What the texels were made from.
  TexelWindow window_;
  int layers_ = 0;
  std::array<int, 3> channels_{};
  std::uint64_t generation_ = 0;
  const float* data_ = nullptr;
  Shape shape_;
  std::vector<float> reduced_;
};

}  // namespace convlens::view
