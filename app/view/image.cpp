// Small pictures made on the CPU.
#include <glad/gl.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "app/gl/objects.h"
#include "app/view/picture.h"

namespace convlens::view {

Image::~Image() {
  if (texture_ != 0) gl::TextureKind::destroy(texture_);
}

Image::Image(Image&& other) noexcept
    : texture_(std::exchange(other.texture_, 0)),
      width_(std::exchange(other.width_, 0)),
      height_(std::exchange(other.height_, 0)) {}

Image& Image::operator=(Image&& other) noexcept {
  std::swap(texture_, other.texture_);
  std::swap(width_, other.width_);
  std::swap(height_, other.height_);
  return *this;
}

void Image::set(std::span<const std::uint8_t> rgba, int width, int height, bool is_crisp) {
  assert(width > 0 && height > 0);
  assert(rgba.size() == static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 4);
  GLint bound = 0;
  glGetIntegerv(GL_TEXTURE_BINDING_2D, &bound);
  if (texture_ == 0) texture_ = gl::TextureKind::create();
  glBindTexture(GL_TEXTURE_2D, texture_);
  glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
  glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
  if (width == width_ && height == height_) {
    glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, rgba.data());
  } else {
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, width, height, 0, GL_RGBA, GL_UNSIGNED_BYTE, rgba.data());
  }
  gl::set_sampling(GL_TEXTURE_2D, is_crisp ? GL_NEAREST : GL_LINEAR);
  glBindTexture(GL_TEXTURE_2D, static_cast<GLuint>(bound));
  width_ = width;
  height_ = height;
}

namespace {

bool are_slices_equal(std::span<const float> weights, std::size_t plane) {
  return std::equal(weights.begin() + static_cast<std::ptrdiff_t>(plane), weights.end(), weights.begin());
}

// Each slice in its own colour, zero at mid-grey.
std::vector<std::uint8_t> opponent_thumbnail(std::span<const float> weights, std::size_t plane) {
  float reach = 0;
  for (const float weight : weights) {
    if (std::isfinite(weight)) reach = std::max(reach, std::fabs(weight));
  }
  const ValueRange range{-reach, reach};
  std::vector<std::uint8_t> rgba;
  rgba.reserve(plane * 4);
  for (std::size_t i = 0; i < plane; ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      rgba.push_back(static_cast<std::uint8_t>(colour_index(range, weights[c * plane + i])));
    }
    rgba.push_back(255);
  }
  return rgba;
}

}  // namespace

std::vector<std::uint8_t> filter_thumbnail(std::span<const float> weights, int channels, int rows, int cols,
                                           const Colormap& map) {
  const auto plane = static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols);
  assert(channels > 0 && weights.size() == plane * static_cast<std::size_t>(channels));
  if (channels == 3 && !are_slices_equal(weights, plane)) return opponent_thumbnail(weights, plane);
  std::vector<float> means(plane, 0.0f);
  for (std::size_t i = 0; i < weights.size(); ++i) means[i % plane] += weights[i] / static_cast<float>(channels);
  float reach = 0;
  for (const float mean : means) {
    if (std::isfinite(mean)) reach = std::max(reach, std::fabs(mean));
  }
  const ValueRange range = display_range(map, -reach, reach);
  std::vector<std::uint8_t> rgba;
  rgba.reserve(plane * 4);
  for (const float mean : means) {
    const Rgb colour = colour_of(map, range, mean);
    rgba.insert(rgba.end(), {colour.r, colour.g, colour.b, 255});
  }
  return rgba;
}

}  // namespace convlens::view
