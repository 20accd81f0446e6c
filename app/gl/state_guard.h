// Saves the GL state that our drawing changes and puts it back: code around it need not know that we drew.
#pragma once

#include <glad/gl.h>

#include <array>

namespace convlens::gl {

// Between its birth and death anything here may be set freely: framebuffer, viewport, program, vertex array, textures
// and samplers of units 0 and 1, blending, scissor, depth, stencil, culling, colour mask, sRGB writes, polygon mode.
class StateGuard {
 public:
  StateGuard();
  ~StateGuard();
  StateGuard(const StateGuard&) = delete;
  StateGuard& operator=(const StateGuard&) = delete;

 private:
  static constexpr std::array<GLenum, 6> kSwitches = {GL_BLEND,        GL_SCISSOR_TEST, GL_DEPTH_TEST,
                                                      GL_STENCIL_TEST, GL_CULL_FACE,    GL_FRAMEBUFFER_SRGB};
  struct Unit {
    GLint texture_2d = 0;
    GLint texture_2d_array = 0;
    GLint sampler = 0;
  };
  std::array<GLboolean, kSwitches.size()> switches_{};
  std::array<Unit, 2> units_;
  std::array<GLint, 4> viewport_{};
  std::array<GLboolean, 4> colour_mask_{};
  std::array<GLint, 2> polygon_mode_{};
  GLint draw_framebuffer_ = 0;
  GLint read_framebuffer_ = 0;
  GLint program_ = 0;
  GLint vertex_array_ = 0;
  GLint active_texture_ = 0;
};

// Sets what a plain overwrite of a colour target needs, whatever was set before.
void set_plain_drawing_state();

}  // namespace convlens::gl
