// The arithmetic of target grids, and the draws.
#include "app/view/colour_pass.h"

#include <algorithm>
#include <cmath>

#include "app/gl/state_guard.h"

namespace convlens::view {

namespace {

// Texel edges that fall on the centres of screen pixels would flicker between neighbours; this moves them off.
constexpr double kNudge = 1.0 / 128;
// A picture that is off the pixel grid by less than this is not drawn anew.
constexpr double kAlignment = 1.0 / 32;

double distance_to_whole(double v) { return std::fabs(v - std::round(v)); }

// The texels' area in picture pixels, cut at the picture's end.
Rect area_of(const TexelWindow& texels, const Placement& placement) {
  const auto f = static_cast<double>(texels.factor);
  return {static_cast<double>(texels.x0) * f, static_cast<double>(texels.y0) * f,
          std::min(static_cast<double>(texels.x1) * f, placement.image_width),
          std::min(static_cast<double>(texels.y1) * f, placement.image_height)};
}

bool contains(const Rect& outer, const Rect& inner) {
  constexpr double kSlack = 1e-6;
  return outer.x0 <= inner.x0 + kSlack && outer.y0 <= inner.y0 + kSlack && outer.x1 >= inner.x1 - kSlack &&
         outer.y1 >= inner.y1 - kSlack;
}

bool is_crisp(const TexelWindow& texels, const Placement& placement) {
  return texels.factor == 1 && placement.scale >= 1;
}

}  // namespace

TargetGrid target_grid(const TexelWindow& texels, const Placement& placement, int texture_limit) {
  TargetGrid grid;
  const Rect area = area_of(texels, placement);
  if (is_crisp(texels, placement)) {
    grid.is_exact = true;
    grid.width = static_cast<int>(texels.width());
    grid.height = static_cast<int>(texels.height());
    grid.covers = area;
    return grid;
  }
  const Point lo = placement.to_screen({area.x0, area.y0});
  const Point hi = placement.to_screen({area.x1, area.y1});
  const Rect screen{std::floor(lo.x), std::floor(lo.y), std::ceil(hi.x), std::ceil(hi.y)};
  const auto pixels = [&](double length) { return std::clamp(static_cast<int>(length), 1, texture_limit); };
  grid.width = pixels(screen.width());
  grid.height = pixels(screen.height());
  const Point from = placement.to_image({screen.x0, screen.y0});
  const Point to = placement.to_image({screen.x1, screen.y1});
  grid.covers = {from.x, from.y, to.x, to.y};
  return grid;
}

bool ColourTarget::serves(const Placement& placement, const TexelWindow& texels) const {
  if (grid_.width == 0 || texels != texels_ || grid_.is_exact != is_crisp(texels, placement)) return false;
  if (!contains(grid_.covers, placement.visible())) return false;
  if (grid_.is_exact) return true;
  const Point lo = placement.to_screen({grid_.covers.x0, grid_.covers.y0});
  return std::fabs(placement.scale / scale_ - 1) < 1e-9 && distance_to_whole(lo.x) < kAlignment &&
         distance_to_whole(lo.y) < kAlignment;
}

void ColourTarget::resize(const TargetGrid& grid, const Placement& placement, const TexelWindow& texels) {
  const bool was_exact = grid_.is_exact;
  grid_ = grid;
  texels_ = texels;
  scale_ = placement.scale;
  const bool is_new = !texture_;
  if (is_new) texture_ = gl::Texture::create();
  glBindTexture(GL_TEXTURE_2D, texture_.name());
  if (is_new || texture_width_ != grid.width || texture_height_ != grid.height) {
    texture_width_ = grid.width;
    texture_height_ = grid.height;
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, grid.width, grid.height, 0, GL_RGBA, GL_UNSIGNED_BYTE, nullptr);
  }
  if (is_new || was_exact != grid.is_exact) gl::set_sampling(GL_TEXTURE_2D, grid.is_exact ? GL_NEAREST : GL_LINEAR);
}

Drawable ColourTarget::drawable(const Placement& placement) const {
  if (grid_.width == 0) return {};
  Drawable drawable{texture_.name(), grid_.covers};
  if (grid_.is_exact) {
    const double nudge = kNudge / placement.scale;
    drawable.covers.x0 += nudge;
    drawable.covers.x1 += nudge;
    drawable.covers.y0 += nudge;
    drawable.covers.y1 += nudge;
  }
  return drawable;
}

Result<ColourPass> ColourPass::create() {
  ColourPass pass;
  Result<gl::Program> heat_map = gl::make_program("cover.vert", {"box_filter.glsl", "heat_map.frag"});
  if (!heat_map) return heat_map.error();
  Result<gl::Program> colours = gl::make_program("cover.vert", {"box_filter.glsl", "colour_picture.frag"});
  if (!colours) return colours.error();
  pass.heat_map_ = std::move(*heat_map);
  pass.colours_ = std::move(*colours);
  pass.heat_map_uniforms_ = find_common(pass.heat_map_);
  pass.colours_uniforms_ = find_common(pass.colours_);
  pass.range_uniform_ = glGetUniformLocation(pass.heat_map_.name(), "u_range");
  pass.layers_uniform_ = glGetUniformLocation(pass.colours_.name(), "u_layers");
  pass.vertex_array_ = gl::VertexArray::create();
  pass.framebuffer_ = gl::Framebuffer::create();

  const gl::StateGuard guard;
  for (const gl::Program* program : {&pass.heat_map_, &pass.colours_}) {
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
  glUniform2f(uniforms.origin, to_texel_x(grid.covers.x0), to_texel_y(grid.covers.y0));
  glUniform2f(uniforms.step, static_cast<float>(grid.covers.width() / grid.width / f),
              static_cast<float>(grid.covers.height() / grid.height / f));
  glUniform4f(uniforms.picture, to_texel_x(0), to_texel_y(0), to_texel_x(placement.image_width),
              to_texel_y(placement.image_height));
  glUniform1i(uniforms.is_exact, grid.is_exact ? 1 : 0);
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
