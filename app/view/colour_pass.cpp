// The draws.
#include "app/view/colour_pass.h"

#include "app/gl/state_guard.h"

namespace convlens::view {

Result<ColourPass> ColourPass::create(const gl::ShaderTexts& texts) {
  ColourPass pass;
  Result<gl::Program> heat_map = gl::make_program(texts, "cover.vert", {"box_filter.glsl", "heat_map.frag"});
  if (!heat_map) return heat_map.error();
  Result<gl::Program> colours = gl::make_program(texts, "cover.vert", {"box_filter.glsl", "colour_picture.frag"});
  if (!colours) return colours.error();
  Result<gl::Program> reduce = gl::make_program(texts, "cover.vert", {"reduce_map.frag"});
  if (!reduce) return reduce.error();
  pass.heat_map_ = std::move(*heat_map);
  pass.colours_ = std::move(*colours);
  pass.heat_map_uniforms_ = find_common(pass.heat_map_);
  pass.colours_uniforms_ = find_common(pass.colours_);
  pass.range_uniform_ = glGetUniformLocation(pass.heat_map_.name(), "u_range");
  pass.layers_uniform_ = glGetUniformLocation(pass.colours_.name(), "u_layers");
  pass.reduce_ = std::move(*reduce);
  const auto find = [&](const char* name) { return glGetUniformLocation(pass.reduce_.name(), name); };
  pass.reduce_uniforms_ = {find("u_size"), find("u_first"), find("u_layer"), find("u_factor")};
  pass.vertex_array_ = gl::VertexArray::create();
  pass.framebuffer_ = gl::Framebuffer::create();

  const gl::StateGuard guard;
  for (const gl::Program* program : {&pass.heat_map_, &pass.colours_, &pass.reduce_}) {
    glUseProgram(program->name());
    glUniform1i(glGetUniformLocation(program->name(), "u_values"), 0);
    glUniform1i(glGetUniformLocation(program->name(), "u_colours"), 1);
    glUniform3f(glGetUniformLocation(program->name(), "u_not_finite"), kNotFinite.r / 255.0f, kNotFinite.g / 255.0f,
                kNotFinite.b / 255.0f);
  }
  return pass;
}

ColourPass::CommonUniforms ColourPass::find_common(const gl::Program& program) {
  CommonUniforms uniforms;
  uniforms.size = glGetUniformLocation(program.name(), "u_size");
  uniforms.corner = glGetUniformLocation(program.name(), "u_corner");
  uniforms.origin = glGetUniformLocation(program.name(), "u_origin");
  uniforms.step = glGetUniformLocation(program.name(), "u_step");
  uniforms.picture = glGetUniformLocation(program.name(), "u_picture");
  uniforms.is_exact = glGetUniformLocation(program.name(), "u_is_exact");
  return uniforms;
}

GLuint ColourPass::lookup_texture(const Colormap& map) {
  for (const Lookup& lookup : lookups_) {
    if (lookup.colours == map.colours) return lookup.texture.name();
  }
  Lookup& lookup = lookups_.emplace_back(Lookup{map.colours, gl::Texture::create()});
  glBindTexture(GL_TEXTURE_2D, lookup.texture.name());
  glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
  static_assert(sizeof(Rgb) == 3);
  glTexImage2D(GL_TEXTURE_2D, 0, GL_RGB8, 256, 1, 0, GL_RGB, GL_UNSIGNED_BYTE, lookup.colours.data());
  glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
  gl::set_sampling(GL_TEXTURE_2D, GL_NEAREST);
  return lookup.texture.name();
}

void ColourPass::begin(const gl::Program& program, const CommonUniforms& uniforms, const ValueTexture& values,
                       const Placement& placement, const ColourTarget& target) {
  const TexelWindow& texels = values.window();
  const TargetGrid& grid = target.grid();
  const auto f = static_cast<double>(texels.factor);
  const auto to_texel_x = [&](double x) { return static_cast<float>(x / f - static_cast<double>(texels.x0)); };
  const auto to_texel_y = [&](double y) { return static_cast<float>(y / f - static_cast<double>(texels.y0)); };

  gl::set_plain_drawing_state();
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_.name());
  glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, target.name(), 0);
  glViewport(0, 0, grid.width, grid.height);
  glUseProgram(program.name());
  glBindVertexArray(vertex_array_.name());
  glActiveTexture(GL_TEXTURE0);
  glBindSampler(0, 0);
  glBindTexture(GL_TEXTURE_2D_ARRAY, values.name());
  glUniform2i(uniforms.size, static_cast<GLint>(texels.width()), static_cast<GLint>(texels.height()));
  glUniform3iv(uniforms.corner, 1, values.corner().data());
  glUniform2f(uniforms.origin, to_texel_x(grid.covers.x0), to_texel_y(grid.covers.y0));
  glUniform2f(uniforms.step, static_cast<float>(grid.covers.width() / grid.width / f),
              static_cast<float>(grid.covers.height() / grid.height / f));
  glUniform4f(uniforms.picture, to_texel_x(0), to_texel_y(0), to_texel_x(placement.image_width),
              to_texel_y(placement.image_height));
  glUniform1i(uniforms.is_exact, grid.is_exact ? 1 : 0);
}

void ColourPass::reduce(GLuint maps, const Shape& shape, std::span<const int> channels, const ValueTexture& values) {
  const TexelWindow& window = values.window();
  gl::set_plain_drawing_state();
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_.name());
  glViewport(0, 0, static_cast<GLsizei>(window.width()), static_cast<GLsizei>(window.height()));
  glUseProgram(reduce_.name());
  glBindVertexArray(vertex_array_.name());
  glActiveTexture(GL_TEXTURE0);
  glBindSampler(0, 0);
  glBindTexture(GL_TEXTURE_2D_ARRAY, maps);
  glUniform2i(reduce_uniforms_.size, static_cast<GLint>(shape.w), static_cast<GLint>(shape.h));
  glUniform2i(reduce_uniforms_.first, static_cast<GLint>(window.x0), static_cast<GLint>(window.y0));
  glUniform1i(reduce_uniforms_.factor, static_cast<GLint>(window.factor));
  for (std::size_t layer = 0; layer < channels.size(); ++layer) {
    glFramebufferTextureLayer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, values.name(), 0, static_cast<GLint>(layer));
    glUniform1i(reduce_uniforms_.layer, channels[layer]);
    glDrawArrays(GL_TRIANGLES, 0, 3);
  }
}

void ColourPass::draw_heat_map(const ValueTexture& values, const Placement& placement, const Colormap& map,
                               const ValueRange& range, const ColourTarget& target) {
  glActiveTexture(GL_TEXTURE1);
  glBindSampler(1, 0);
  glBindTexture(GL_TEXTURE_2D, lookup_texture(map));
  begin(heat_map_, heat_map_uniforms_, values, placement, target);
  glUniform3f(range_uniform_, range.lo, range.hi, range_scale(range));
  glDrawArrays(GL_TRIANGLES, 0, 3);
}

void ColourPass::draw_colours(const ValueTexture& values, const Placement& placement, const ColourTarget& target) {
  begin(colours_, colours_uniforms_, values, placement, target);
  glUniform1i(layers_uniform_, values.layers());
  glDrawArrays(GL_TRIANGLES, 0, 3);
}

}  // namespace convlens::view
