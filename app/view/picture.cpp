// The pictures: what to upload, what to colour anew, and what to leave alone.
#include "app/view/picture.h"

#include <glad/gl.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>
#include <optional>
#include <utility>

#include "app/gl/context.h"
#include "app/gl/kept_maps.h"
#include "app/gl/state_guard.h"
#include "app/view/colour_pass.h"
#include "app/view/cpu_colouring.h"
#include "app/view/value_texture.h"

namespace convlens::view {

struct Painter::State {
  std::optional<ColourPass> pass;  // none: colours are made on the CPU
  std::optional<Error> error;
  CpuColouring cpu;
  UploadMeter meter;
  std::vector<UploadPass> passes;
  int texture_limit = 0;
  std::uint64_t programs = 0;  // changes with the pass
};

Painter::Painter() : Painter(Options()) {}

Painter::Painter(const Options& options) : state_(std::make_unique<State>()) {
  const gl::ContextInfo info = gl::current_context_info();
  state_->texture_limit = info.max_texture_size;
  if (options.texture_limit > 0) state_->texture_limit = std::min(state_->texture_limit, options.texture_limit);
  const bool is_on_cpu =
      options.colouring == Colouring::kOnCpu || (options.colouring == Colouring::kAutomatic && info.is_software);
  if (is_on_cpu) return;
  Result<ColourPass> pass = ColourPass::create(options.shaders);
  if (pass) {
    state_->pass = std::move(*pass);
  } else {
    state_->error = pass.error();
  }
}
Painter::~Painter() = default;

Status Painter::status() const {
  if (state_->error) return *state_->error;
  return Done{};
}

Status Painter::set_shaders(const gl::ShaderTexts& texts) {
  if (!state_->pass && !state_->error) return Done{};
  Result<ColourPass> pass = ColourPass::create(texts);
  if (!pass) return pass.error();
  state_->pass = std::move(*pass);
  state_->error.reset();
  ++state_->programs;
  return Done{};
}

bool Painter::draws_on_gpu() const { return state_->pass.has_value(); }

UploadMeter upload_meter(const Painter& painter) { return painter.state().meter; }

std::vector<UploadPass> take_upload_passes(Painter& painter) { return std::exchange(painter.state().passes, {}); }

namespace {

// The maps to draw from without uploading; null where there are none, or nothing that draws them.
const gl::KeptMaps* kept_maps(const Painter::State& shared, const Source& source) {
  return shared.pass ? dynamic_cast<const gl::KeptMaps*>(source.device) : nullptr;
}

bool is_drawable(const Painter::State& shared, const Source& source, const Placement& placement) {
  const bool is_here = source.tensor != nullptr && !source.tensor->empty();
  if (!is_here && kept_maps(shared, source) == nullptr) return false;
  const Rect visible = placement.visible();
  return visible.width() > 0 && visible.height() > 0;
}

// Adds the time of one update that had something to do.
class MeteredPass {
 public:
  explicit MeteredPass(Painter::State& shared)
      : shared_(shared), bytes_(shared.meter.bytes), start_(std::chrono::steady_clock::now()) {}
  ~MeteredPass() {
    const UploadPass pass{start_, std::chrono::steady_clock::now(), shared_.meter.bytes != bytes_};
    shared_.meter.seconds += std::chrono::duration<double>(pass.end - pass.begin).count();
    ++shared_.meter.passes;
    if (shared_.passes.size() < kUploadPassesKept) shared_.passes.push_back(pass);
  }
  MeteredPass(const MeteredPass&) = delete;
  MeteredPass& operator=(const MeteredPass&) = delete;

 private:
  Painter::State& shared_;
  std::uint64_t bytes_;
  std::chrono::steady_clock::time_point start_;
};

// What both kinds of picture keep.
struct Layers {
  WindowTracker tracker;
  ValueTexture values;
  ColourTarget target;
  std::uint64_t programs = 0;  // with which the target was drawn

  // Calls on_gpu(pass) or on_cpu(colouring), which returns bytes, if anything is to be drawn anew.
  template <class OnGpu, class OnCpu>
  Drawable update(Painter::State& shared, const Source& source, std::span<const int> channels,
                  const Placement& placement, bool has_new_colours, const OnGpu& on_gpu, const OnCpu& on_cpu) {
    const bool has_new_values = tracker.follow(source, channels, placement, shared.texture_limit);
    const bool has_new_programs = std::exchange(programs, shared.programs) != shared.programs;
    if (!has_new_values && !has_new_colours && !has_new_programs && target.serves(placement, tracker.window())) {
      return target.drawable(placement);
    }
    const gl::StateGuard guard;
    const MeteredPass metered(shared);
    target.resize(target_grid(tracker.window(), placement, shared.texture_limit), placement, tracker.window());
    if (shared.pass) {
      const gl::KeptMaps* kept = kept_maps(shared, source);
      if (has_new_values) take_values(shared, source, kept);
      on_gpu(*shared.pass);
      if (kept != nullptr) kept->was_read();
    } else {
      const std::span<const std::uint8_t> bytes = on_cpu(shared.cpu);
      target.fill(bytes);
      shared.meter.bytes += bytes.size();
    }
    return target.drawable(placement);
  }

  void take_values(Painter::State& shared, const Source& source, const gl::KeptMaps* kept) {
    if (kept == nullptr) {
      values.upload(source, tracker, shared.texture_limit, shared.meter);
    } else if (tracker.window().factor == 1) {
      values.borrow(kept->texture(), tracker);
    } else {
      values.reserve_window(tracker, shared.texture_limit);
      shared.pass->reduce(kept->texture(), kept->shape(), tracker.channels(), values);
    }
  }
};

}  // namespace

struct PlanePicture::State {
  Layers layers;
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
  if (shared.error || !is_drawable(shared, source, placement)) return {};
  assert(channel >= 0 && channel < source.shape().c);
  State& own = *state_;
  Layers& layers = own.layers;
  const bool has_new_colours = own.range != range || own.colours != map.colours;
  own.range = range;
  own.colours = map.colours;
  const std::array<int, 1> channels{channel};
  return layers.update(
      shared, source, channels, placement, has_new_colours,
      [&](ColourPass& pass) { pass.draw_heat_map(layers.values, placement, map, range, layers.target); },
      [&](CpuColouring& cpu) {
        return cpu.heat_map(source, layers.tracker, layers.target.grid(), placement, map, range);
      });
}

struct ColourPicture::State {
  Layers layers;
};

ColourPicture::ColourPicture() : state_(std::make_unique<State>()) {}
ColourPicture::~ColourPicture() = default;
ColourPicture::ColourPicture(ColourPicture&&) noexcept = default;
ColourPicture& ColourPicture::operator=(ColourPicture&&) noexcept = default;

Drawable ColourPicture::update(Painter& painter, const Source& source, const Placement& placement) {
  Painter::State& shared = painter.state();
  if (shared.error || !is_drawable(shared, source, placement)) return {};
  Layers& layers = state_->layers;
  constexpr std::array<int, 3> kRgb{0, 1, 2};
  const std::span<const int> channels = std::span(kRgb).first(source.shape().c >= 3 ? 3 : 1);
  return layers.update(
      shared, source, channels, placement, false,
      [&](ColourPass& pass) { pass.draw_colours(layers.values, placement, layers.target); },
      [&](CpuColouring& cpu) { return cpu.colours(source, layers.tracker, layers.target.grid(), placement); });
}

}  // namespace convlens::view
