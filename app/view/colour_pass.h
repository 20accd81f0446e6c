// Values to colours on the GPU: draws a ValueTexture into an RGBA8 texture that lies on whole screen pixels.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <optional>

#include "app/gl/objects.h"
#include "app/gl/shader_library.h"
#include "app/view/picture.h"
#include "app/view/value_texture.h"

namespace convlens::view {

// Where the target's pixels lie.
struct TargetGrid {
  int width = 0;
  int height = 0;
  Rect covers;            // in picture pixels
  bool is_exact = false;  // one target pixel is one texel; else one screen pixel
};

// The grid for what `texels` holds. Crisp texels at 100 % and above, whole screen pixels below.
TargetGrid target_grid(const TexelWindow& texels, const Placement& placement, int texture_limit);

// An RGBA8 texture that is drawn anew only when told so.
class ColourTarget {
 public:
  // True where the picture drawn last still serves: same scale, same place on the pixels, all that is visible.
  bool serves(const Placement& placement, const TexelWindow& texels) const;
  void resize(const TargetGrid& grid, const Placement& placement, const TexelWindow& texels);
  void forget() { grid_ = {}; }
  GLuint name() const { return texture_.name(); }
  const TargetGrid& grid() const { return grid_; }
  Drawable drawable(const Placement& placement) const;

 private:
  gl::Texture texture_;
  TargetGrid grid_;
  TexelWindow texels_;
  double scale_ = 0;
  int texture_width_ = 0;
  int texture_height_ = 0;
};

// The two programs, the lookup textures and the framebuffer; one for all pictures.
class ColourPass {
 public:
  static Result<ColourPass> create();

  void draw_heat_map(const ValueTexture& values, const Placement& placement, const Colormap& map,
                     const ValueRange& range, const ColourTarget& target);
  void draw_colours(const ValueTexture& values, const Placement& placement, const ColourTarget& target);

 private:
  struct CommonUniforms {
    GLint size = -1, origin = -1, step = -1, picture = -1, is_exact = -1;
  };
  ColourPass() = default;
  static CommonUniforms find_common(const gl::Program& program);
  GLuint lookup_texture(const Colormap& map);
  void begin(const gl::Program& program, const CommonUniforms& uniforms, const ValueTexture& values,
             const Placement& placement, const ColourTarget& target);

  gl::Program heat_map_;
  gl::Program colours_;
  CommonUniforms heat_map_uniforms_;
  CommonUniforms colours_uniforms_;
  GLint range_uniform_ = -1;
  GLint layers_uniform_ = -1;
  gl::VertexArray vertex_array_;
  gl::Framebuffer framebuffer_;
  struct Lookup {
    std::array<Rgb, 256> colours;
    gl::Texture texture;
  };
  std::list<Lookup> lookups_;
};

}  // namespace convlens::view
