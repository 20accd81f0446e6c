// The texels of a window as floats on the GPU, for the heat-map pass. No colours.
#pragma once

#include <cstdint>
#include <vector>

#include "app/gl/objects.h"
#include "app/view/texel_window.h"

namespace convlens::view {

class ValueTexture {
 public:
  // Sends the tracked window, one layer for each channel.
  void upload(const Source& source, const WindowTracker& tracker, int texture_limit, UploadMeter& meter);

  GLuint name() const { return texture_.name(); }  // GL_TEXTURE_2D_ARRAY of R32F; may be larger than the window
  const TexelWindow& window() const { return window_; }
  int layers() const { return layers_; }

 private:
  void reserve(std::int64_t width, std::int64_t height, int layers, int texture_limit);

  gl::Texture texture_;
  std::int64_t capacity_width_ = 0;
  std::int64_t capacity_height_ = 0;
  int capacity_layers_ = 0;
  TexelWindow window_;
  int layers_ = 0;
  std::vector<float> reduced_;
};

}  // namespace convlens::view
