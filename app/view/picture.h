// Tensors as textures. Only the visible part is uploaded, at the resolution it is seen at, when it or its colours
// change.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "app/gl/shader_library.h"
#include "app/view/colormap.h"
#include "app/view/viewport.h"
#include "engine/conv/accelerator.h"
#include "engine/core/error.h"
#include "engine/core/tensor.h"

namespace convlens::view {

// A tensor with its reduced copies (each a quarter the size in both directions, box-averaged), and the number that
// changes when its values do. Where the same values stand on the GPU they are drawn from there, and the tensor may be
// empty. All live at least until the next update().
struct Source {
  const Tensor* tensor = nullptr;
  std::span<const Tensor> levels;
  std::uint64_t generation = 0;
  const conv::DeviceMaps* device = nullptr;

  Shape shape() const { return device != nullptr ? device->shape() : tensor->shape(); }
};

// What to hand to ImGui: a texture and where it lies. `covers` is in image pixels of the full-size picture and may be
// larger than what is visible; draw it at placement.to_screen(covers) and clip to the canvas.
struct Drawable {
  std::uint32_t texture = 0;  // 0: nothing to draw
  Rect covers;
};

// Shared state of all pictures: the heat-map pass and its lookup textures. One per context.
class Painter {
 public:
  // Colours are made by shaders where there is a GPU, and by the CPU where the driver would only imitate one.
  enum class Colouring { kAutomatic, kOnGpu, kOnCpu };
  struct Options {
    Colouring colouring = Colouring::kAutomatic;
    int texture_limit = 0;  // 0: the driver's; smaller ones let tests reach it
    gl::ShaderTexts shaders = {};
  };
  Painter();
  explicit Painter(const Options& options);
  ~Painter();
  Painter(const Painter&) = delete;
  Painter& operator=(const Painter&) = delete;
  // The sentence of a driver that rejects the shaders; pictures then draw nothing.
  Status status() const;
  // Draws with other shader texts from here on. On an error, which holds the driver's log, the old programs stay in
  // use. Nothing to do where colours are made on the CPU.
  Status set_shaders(const gl::ShaderTexts& texts);
  // Whether colours are made by shaders, which can draw what stands on the GPU.
  bool draws_on_gpu() const;
  struct State;
  State& state() { return *state_; }
  const State& state() const { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

// One channel of a tensor through a colour map (heat-map pass on the GPU: R32F values -> RGBA8 colours).
class PlanePicture {
 public:
  PlanePicture();
  ~PlanePicture();
  PlanePicture(PlanePicture&&) noexcept;
  PlanePicture& operator=(PlanePicture&&) noexcept;
  Drawable update(Painter& painter, const Source& source, int channel, const Placement& placement, const Colormap& map,
                  const ValueRange& range);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A one- or three-channel picture in its own colours, [0,1] clamped to the screen's range.
class ColourPicture {
 public:
  ColourPicture();
  ~ColourPicture();
  ColourPicture(ColourPicture&&) noexcept;
  ColourPicture& operator=(ColourPicture&&) noexcept;
  Drawable update(Painter& painter, const Source& source, const Placement& placement);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A small RGBA texture filled from CPU memory: thumbnails, colour bars.
class Image {
 public:
  Image() = default;
  ~Image();
  Image(Image&&) noexcept;
  Image& operator=(Image&&) noexcept;
  // Interleaved RGBA, width * height * 4 bytes. Nearest-neighbour sampling when is_crisp.
  void set(std::span<const std::uint8_t> rgba, int width, int height, bool is_crisp);
  std::uint32_t texture() const { return texture_; }
  int width() const { return width_; }
  int height() const { return height_; }

 private:
  std::uint32_t texture_ = 0;
  int width_ = 0;
  int height_ = 0;
};

// RGBA bytes of one filter, symmetric about zero: the mean of its channels through the map, or, where the slices of
// three channels differ, each slice in its own colour with zero at mid-grey.
std::vector<std::uint8_t> filter_thumbnail(std::span<const float> weights, int channels, int rows, int cols,
                                           const Colormap& map);

// Since the painter was made: bytes uploaded, pictures coloured, and seconds spent in update() on both.
struct UploadMeter {
  std::uint64_t bytes = 0;
  double seconds = 0;
  std::uint64_t passes = 0;
};
UploadMeter upload_meter(const Painter& painter);
// When pictures were uploaded and coloured since the last call; at most kUploadPassesKept, the first ones.
struct UploadPass {
  std::chrono::steady_clock::time_point begin, end;
  bool uploads = false;  // else it was all on the GPU
};
inline constexpr std::size_t kUploadPassesKept = 256;
std::vector<UploadPass> take_upload_passes(Painter& painter);

}  // namespace convlens::view
