// The context is made on first use and outlives every test.
#include "tests/gl/context_fixture.h"

#include <doctest/doctest.h>

#include <cstdlib>

namespace convlens::test {

gl::Context* context() {
  // Never destroyed: with the last context GLFW unloads the driver, and the leak checker could no longer tell the
  // driver's memory from ours (tests/lsan.supp goes by the library's name).
  static auto* const result =
      new Result<gl::Context>(gl::Context::create({.width = 320, .height = 200, .title = "test", .visible = false}));
  if (*result) return &**result;
  if (std::getenv("CONVLENS_REQUIRE_GL") != nullptr) {
    FAIL(result->error().message);
  } else {
    MESSAGE("skipped: no OpenGL context can be made here. " << result->error().message);
  }
  return nullptr;
}

view::Rgb Pixels::at(int x, int y) const {
  const std::size_t i =
      4 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x));
  return {rgba.at(i), rgba.at(i + 1), rgba.at(i + 2)};
}

int Pixels::alpha(int x, int y) const {
  return rgba.at(4 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)) + 3);
}

Pixels read_texture(GLuint texture) {
  Pixels pixels;
  glBindTexture(GL_TEXTURE_2D, texture);
  glGetTexLevelParameteriv(GL_TEXTURE_2D, 0, GL_TEXTURE_WIDTH, &pixels.width);
  glGetTexLevelParameteriv(GL_TEXTURE_2D, 0, GL_TEXTURE_HEIGHT, &pixels.height);
  pixels.rgba.resize(4 * static_cast<std::size_t>(pixels.width) * static_cast<std::size_t>(pixels.height));
  glGetTexImage(GL_TEXTURE_2D, 0, GL_RGBA, GL_UNSIGNED_BYTE, pixels.rgba.data());
  glBindTexture(GL_TEXTURE_2D, 0);
  return pixels;
}

bool is_driver_content() {
  bool is_content = true;
  for (GLenum error = glGetError(); error != GL_NO_ERROR; error = glGetError()) {
    MESSAGE("glGetError: " << error);
    is_content = false;
  }
  return is_content;
}

}  // namespace convlens::test
