// Values to colours on the GPU: draws a ValueTexture into an RGBA8 texture that lies on whole screen pixels.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <span>

#include "app/gl/objects.h"
#include "app/gl/shader_library.h"
#include "app/view/colour_target.h"
#include "app/view/value_texture.h"

namespace convlens::view {

// The two programs, the lookup textures and the framebuffer; one for all pictures.
class ColourPass {
 public:
  // Error: the driver rejects a shader; holds its log.
  static Result<ColourPass> create(const gl::ShaderTexts& texts);

  // Fills the window of `values` from maps (N, K, P, Q) in layers of a texture: means over squares of window().factor,
  // for the layers `channels`.
  void reduce(GLuint maps, const Shape& shape, std::span<const int> channels, const ValueTexture& values);
  void draw_heat_map(const ValueTexture& values, const Placement& placement, const Colormap& map,
                     const ValueRange& range, const ColourTarget& target);
  void draw_colours(const ValueTexture& values, const Placement& placement, const ColourTarget& target);

 private:
  struct CommonUniforms {
    GLint size = -1, corner = -1, origin = -1, step = -1, picture = -1, is_exact = -1;
  };
  ColourPass() = default;
  static CommonUniforms find_common(const gl::Program& program);
  GLuint lookup_texture(const Colormap& map);
  void begin(const gl::Program& program, const CommonUniforms& uniforms, const ValueTexture& values,
             const Placement& placement, const ColourTarget& target);

  gl::Program heat_map_;
  gl::Program colours_;
  gl::Program reduce_;
  CommonUniforms heat_map_uniforms_;
  CommonUniforms colours_uniforms_;
  GLint range_uniform_ = -1;
  GLint layers_uniform_ = -1;
  struct ReduceUniforms {
    GLint size = -1, first = -1, layer = -1, factor = -1;
  };
  ReduceUniforms reduce_uniforms_;
  gl::VertexArray vertex_array_;
  gl::Framebuffer framebuffer_;
  struct Lookup {
    std::array<Rgb, 256> colours;
    gl::Texture texture;
  };
  std::list<Lookup> lookups_;
};

}  // namespace convlens::view
