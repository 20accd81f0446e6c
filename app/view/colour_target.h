// The RGBA8 texture that a picture hands out: where its pixels lie on the screen, and whether it still serves.
#pragma once

#include "app/gl/objects.h"
#include "app/view/texel_window.h"

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
  // The bytes of the whole grid, where they are made on the CPU.
  void fill(std::span<const std::uint8_t> rgba);
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

}  // namespace convlens::view
