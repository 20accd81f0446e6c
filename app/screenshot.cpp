// Reads the frame buffer, turns it the right way up and writes it.
#include "app/screenshot.h"

#include <glad/gl.h>
#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/io/picture.h"

namespace convlens {

Status write_screenshot(GLFWwindow* window, const std::filesystem::path& path) {
  int width = 0, height = 0;
  glfwGetFramebufferSize(window, &width, &height);
  const std::size_t line = static_cast<std::size_t>(width) * 3;
  std::vector<std::uint8_t> pixels(line * static_cast<std::size_t>(height));
  glBindFramebuffer(GL_READ_FRAMEBUFFER, 0);
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE, pixels.data());
  // OpenGL's first row is the lowest one.
  for (std::size_t top = 0, bottom = static_cast<std::size_t>(height); top + 1 < bottom; ++top) {
    --bottom;
    std::swap_ranges(pixels.data() + top * line, pixels.data() + (top + 1) * line, pixels.data() + bottom * line);
  }
  return io::write_png(path, pixels, width, height, 3);
}

}  // namespace convlens
