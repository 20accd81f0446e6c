// The pictures: what to upload, what to colour anew, and what to leave alone.
#include "app/view/picture.h"

#include <glad/gl.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <utility>

#include "app/gl/state_guard.h"
#include "app/view/colour_pass.h"
#include "app/view/value_texture.h"

namespace convlens::view {

struct Painter::State {
  Result<ColourPass> pass = Error{};
  UploadMeter meter;
  int texture_limit = 0;
};

Painter::Painter(int texture_limit) : state_(std::make_unique<State>()) {
  glGetIntegerv(GL_MAX_TEXTURE_SIZE, &state_->texture_limit);
  if (texture_limit > 0) state_->texture_limit = std::min(state_->texture_limit, texture_limit);
  state_->pass = ColourPass::create();
}
Painter::~Painter() = default;

Status Painter::status() const {
  if (!state_->pass) return state_->pass.error();
  return Done{};
}

UploadMeter upload_meter(const Painter& painter) { return painter.state().meter; }

namespace {

bool is_drawable(const Source& source, const Placement& placement) {
  if (source.tensor == nullptr || source.tensor->empty()) return false;
  const Rect visible = placement.visible();
  return visible.width() > 0 && visible.height() > 0;
}

}  // namespace

struct PlanePicture::State {
  ValueTexture values;
  ColourTarget target;
  std::array<Rgb, 256> colours{};
  ValueRange range{0, 0};
};

PlanePicture::PlanePicture() : state_(std::make_unique<State>()) {}
PlanePicture::~PlanePicture() = default;
PlanePicture::PlanePicture(PlanePicture&&) noexcept = default;
PlanePicture& PlanePicture::operator=(PlanePicture&&) noexcept = default;

Drawable PlanePicture::update(Painter& painter, const Source& source, int channel, const Placement& placement,
                              const Colormap& map, const ValueRange& range) {
  Painter::State& shared = painter.state();
  if (!shared.pass || !is_drawable(source, placement)) return {};
  assert(channel >= 0 && channel < source.tensor->shape().c);
  State& own = *state_;
  const std::array<int, 1> channels{channel};
  const gl::StateGuard guard;
  const bool has_new_values = own.values.update(source, channels, placement, shared.texture_limit, shared.meter);
  const bool has_new_colours = own.range != range || own.colours != map.colours;
  if (has_new_values || has_new_colours || !own.target.serves(placement, own.values.window())) {
    own.range = range;
    own.colours = map.colours;
    const TexelWindow& texels = own.values.window();
    own.target.resize(target_grid(texels, placement, shared.texture_limit), placement, texels);
    shared.pass->draw_heat_map(own.values, placement, map, range, own.target);
    ++shared.meter.passes;
  }
  return own.target.drawable(placement);
}

struct ColourPicture::State {
  ValueTexture values;
  ColourTarget target;
};

ColourPicture::ColourPicture() : state_(std::make_unique<State>()) {}
ColourPicture::~ColourPicture() = default;
ColourPicture::ColourPicture(ColourPicture&&) noexcept = default;
ColourPicture& ColourPicture::operator=(ColourPicture&&) noexcept = default;

Drawable ColourPicture::update(Painter& painter, const Source& source, const Placement& placement) {
  Painter::State& shared = painter.state();
  if (!shared.pass || !is_drawable(source, placement)) return {};
  State& own = *state_;
  constexpr std::array<int, 3> kRgb{0, 1, 2};
  const std::span<const int> channels = std::span(kRgb).first(source.tensor->shape().c >= 3 ? 3 : 1);
  const gl::StateGuard guard;
  const bool has_new_values = own.values.update(source, channels, placement, shared.texture_limit, shared.meter);
  if (has_new_values || !own.target.serves(placement, own.values.window())) {
    const TexelWindow& texels = own.values.window();
    own.target.resize(target_grid(texels, placement, shared.texture_limit), placement, texels);
    shared.pass->draw_colours(own.values, placement, own.target);
    ++shared.meter.passes;
  }
  return own.target.drawable(placement);
}

}  // namespace convlens::view
