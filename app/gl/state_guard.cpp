// Reads the state at birth, writes it back at death.
#include "app/gl/state_guard.h"

namespace convlens::gl {

namespace {

void set_switch(GLenum name, bool is_on) {
  if (is_on) {
    glEnable(name);
  } else {
    glDisable(name);
  }
}

}  // namespace

StateGuard::StateGuard() {
  for (std::size_t i = 0; i < kSwitches.size(); ++i) switches_[i] = glIsEnabled(kSwitches[i]);
  glGetIntegerv(GL_ACTIVE_TEXTURE, &active_texture_);
  for (std::size_t i = 0; i < units_.size(); ++i) {
    glActiveTexture(GL_TEXTURE0 + static_cast<GLenum>(i));
    glGetIntegerv(GL_TEXTURE_BINDING_2D, &units_[i].texture_2d);
    glGetIntegerv(GL_TEXTURE_BINDING_2D_ARRAY, &units_[i].texture_2d_array);
    glGetIntegerv(GL_SAMPLER_BINDING, &units_[i].sampler);
  }
  glGetIntegerv(GL_VIEWPORT, viewport_.data());
  glGetBooleanv(GL_COLOR_WRITEMASK, colour_mask_.data());
  glGetIntegerv(GL_POLYGON_MODE, polygon_mode_.data());
  glGetIntegerv(GL_DRAW_FRAMEBUFFER_BINDING, &draw_framebuffer_);
  glGetIntegerv(GL_READ_FRAMEBUFFER_BINDING, &read_framebuffer_);
  glGetIntegerv(GL_CURRENT_PROGRAM, &program_);
  glGetIntegerv(GL_VERTEX_ARRAY_BINDING, &vertex_array_);
}

StateGuard::~StateGuard() {
  for (std::size_t i = 0; i < kSwitches.size(); ++i) set_switch(kSwitches[i], switches_[i] == GL_TRUE);
  for (std::size_t i = 0; i < units_.size(); ++i) {
    glActiveTexture(GL_TEXTURE0 + static_cast<GLenum>(i));
    glBindTexture(GL_TEXTURE_2D, static_cast<GLuint>(units_[i].texture_2d));
    glBindTexture(GL_TEXTURE_2D_ARRAY, static_cast<GLuint>(units_[i].texture_2d_array));
    glBindSampler(static_cast<GLuint>(i), static_cast<GLuint>(units_[i].sampler));
  }
  glActiveTexture(static_cast<GLenum>(active_texture_));
  glViewport(viewport_[0], viewport_[1], viewport_[2], viewport_[3]);
  glColorMask(colour_mask_[0], colour_mask_[1], colour_mask_[2], colour_mask_[3]);
  glPolygonMode(GL_FRONT_AND_BACK, static_cast<GLenum>(polygon_mode_[0]));
  glBindFramebuffer(GL_DRAW_FRAMEBUFFER, static_cast<GLuint>(draw_framebuffer_));
  glBindFramebuffer(GL_READ_FRAMEBUFFER, static_cast<GLuint>(read_framebuffer_));
  glUseProgram(static_cast<GLuint>(program_));
  glBindVertexArray(static_cast<GLuint>(vertex_array_));
}

void set_plain_drawing_state() {
  for (const GLenum name :
       {GL_BLEND, GL_SCISSOR_TEST, GL_DEPTH_TEST, GL_STENCIL_TEST, GL_CULL_FACE, GL_FRAMEBUFFER_SRGB}) {
    glDisable(name);
  }
  glColorMask(GL_TRUE, GL_TRUE, GL_TRUE, GL_TRUE);
  glPolygonMode(GL_FRONT_AND_BACK, GL_FILL);
}

}  // namespace convlens::gl
