// The arithmetic of target grids.
#include "app/view/colour_target.h"

#include <algorithm>
#include <cassert>
#include <cmath>

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

void ColourTarget::fill(std::span<const std::uint8_t> rgba) {
  assert(rgba.size() == static_cast<std::size_t>(grid_.width) * static_cast<std::size_t>(grid_.height) * 4);
  glBindTexture(GL_TEXTURE_2D, texture_.name());
  glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
  glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
  glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, grid_.width, grid_.height, GL_RGBA, GL_UNSIGNED_BYTE, rgba.data());
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

}  // namespace convlens::view
