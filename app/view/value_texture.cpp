// Textures that grow in steps, and uploads straight from the tensor where its level fits.
#include "app/view/value_texture.h"

#include <algorithm>
#include <cassert>

namespace convlens::view {

void ValueTexture::reserve(std::int64_t width, std::int64_t height, int layers, int texture_limit) {
  if (texture_ && width <= capacity_width_ && height <= capacity_height_ && layers <= capacity_layers_) return;
  // Whole steps, so that a slowly growing panel does not get a new texture every frame.
  constexpr std::int64_t kStep = 128;
  const auto rounded = [&](std::int64_t n) {
    return std::max(n, std::min<std::int64_t>((n + kStep - 1) / kStep * kStep, texture_limit));
  };
  capacity_width_ = std::max(capacity_width_, rounded(width));
  capacity_height_ = std::max(capacity_height_, rounded(height));
  capacity_layers_ = layers;
  if (!texture_) texture_ = gl::Texture::create();
  glBindTexture(GL_TEXTURE_2D_ARRAY, texture_.name());
  glTexImage3D(GL_TEXTURE_2D_ARRAY, 0, GL_R32F, static_cast<GLsizei>(capacity_width_),
               static_cast<GLsizei>(capacity_height_), capacity_layers_, 0, GL_RED, GL_FLOAT, nullptr);
  gl::set_sampling(GL_TEXTURE_2D_ARRAY, GL_NEAREST);
}

void ValueTexture::borrow(GLuint texture, const WindowTracker& tracker) {
  assert(tracker.channels().size() == 1 && tracker.window().factor == 1);
  borrowed_ = texture;
  window_ = tracker.window();
  layers_ = 1;
  corner_ = {static_cast<GLint>(window_.x0), static_cast<GLint>(window_.y0), tracker.channels().front()};
}

void ValueTexture::reserve_window(const WindowTracker& tracker, int texture_limit) {
  borrowed_ = 0;
  window_ = tracker.window();
  corner_ = {};
  layers_ = static_cast<int>(tracker.channels().size());
  reserve(window_.width(), window_.height(), layers_, texture_limit);
}

void ValueTexture::upload(const Source& source, const WindowTracker& tracker, int texture_limit, UploadMeter& meter) {
  reserve_window(tracker, texture_limit);
  const std::span<const int> channels = tracker.channels();
  const Level level = level_for(source, window_.factor);
  const Shape& shape = level.tensor->shape();
  glBindTexture(GL_TEXTURE_2D_ARRAY, texture_.name());
  glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
  for (std::size_t layer = 0; layer < channels.size(); ++layer) {
    const float* plane = level.tensor->view().plane(0, channels[layer]);
    const float* texels = plane + window_.y0 * shape.w + window_.x0;
    std::int64_t row_length = shape.w;
    if (level.factor != window_.factor) {
      reduced_.resize(static_cast<std::size_t>(window_.width() * window_.height()));
      reduce_window(plane, shape.w, shape.h, level.factor, window_, reduced_.data());
      texels = reduced_.data();
      row_length = window_.width();
    }
    glPixelStorei(GL_UNPACK_ROW_LENGTH, static_cast<GLint>(row_length));
    glTexSubImage3D(GL_TEXTURE_2D_ARRAY, 0, 0, 0, static_cast<GLint>(layer), static_cast<GLsizei>(window_.width()),
                    static_cast<GLsizei>(window_.height()), 1, GL_RED, GL_FLOAT, texels);
  }
  glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
  meter.bytes += static_cast<std::uint64_t>(window_.width() * window_.height()) * channels.size() * sizeof(float);
}

}  // namespace convlens::view
