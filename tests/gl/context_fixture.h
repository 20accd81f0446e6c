// One hidden context for all tests of the program, and reading textures back.
#pragma once

#include <glad/gl.h>

#include <cstdint>
#include <vector>

#include "app/gl/context.h"
#include "app/view/colormap.h"

namespace convlens::test {

// Null where no context can be made; the running test has then said in words that it is skipped, or has failed where
// CONVLENS_REQUIRE_GL is set.
gl::Context* context();

// An RGBA8 texture on the CPU.
struct Pixels {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgba;
  view::Rgb at(int x, int y) const;
  int alpha(int x, int y) const;
};
Pixels read_texture(GLuint texture);

// Nothing wrong has been asked of the driver since the last call.
bool is_driver_content();

}  // namespace convlens::test
