// The texels of a window as floats on the GPU, for the heat-map pass: uploaded, or where they stand already. No
// colours.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "app/gl/objects.h"
#include "app/view/texel_window.h"

namespace convlens::view {

class ValueTexture {
 public:
  // Sends the tracked window, one layer for each channel.
  void upload(const Source& source, const WindowTracker& tracker, int texture_limit, UploadMeter& meter);

  // Takes the tracked window from a texture that holds the whole picture, one layer for each channel; it is read as
  // long as nothing else is taken.
  void borrow(GLuint texture, const WindowTracker& tracker);
  // Room for the tracked window, for who fills it.
  void reserve_window(const WindowTracker& tracker, int texture_limit);

  GLuint name() const { return borrowed_ != 0 ? borrowed_ : texture_.name(); }  // GL_TEXTURE_2D_ARRAY of R32F
  const TexelWindow& window() const { return window_; }
  // Where in the texture the window begins: x, y and layer.
  const std::array<GLint, 3>& corner() const { return corner_; }
  int layers() const { return layers_; }

 private:
  void reserve(std::int64_t width, std::int64_t height, int layers, int texture_limit);

  gl::Texture texture_;
  std::int64_t capacity_width_ = 0;
  std::int64_t capacity_height_ = 0;
  int capacity_layers_ = 0;
  GLuint borrowed_ = 0;
  TexelWindow window_;
  std::array<GLint, 3> corner_{};
  int layers_ = 0;
  std::vector<float> reduced_;
};

}  // namespace convlens::view
