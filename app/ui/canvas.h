// A picture area with the usual gestures: wheel zooms at the cursor, drags pan, keys fit and centre; overlays on top.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "app/ui/ui.h"
#include "app/view/picture.h"
#include "app/view/viewport.h"

namespace convlens::ui {

struct CanvasState {
  view::Placement placement;
  bool is_hovered = false;     // pointer on the canvas
  bool is_on_picture = false;  // ... and on a pixel of the picture
  std::int64_t x = 0, y = 0;   // that pixel
  bool was_clicked = false;    // pressed and released without a drag
  bool was_double_clicked = false;
};

// The wheel belongs to the last item while the pointer is on it, not to a scrolling window around it.
void own_wheel();

// Lays out and handles a canvas of `size` at the cursor; `viewport` moves. Records a "canvas" in the twin under `name`
// with its zoom and visible rectangle as value. Draw pictures and overlays with the functions below afterwards.
// A fitted picture leaves `margin` screen pixels free on every side, for what lies around it.
CanvasState canvas(Ui& ui, std::string_view name, ImVec2 size, view::Viewport& viewport, double image_width,
                   double image_height, float margin = 0);

void draw_picture(const CanvasState& canvas, const view::Drawable& drawable);
// What ImGui takes for a small picture.
inline ImTextureID texture_of(const view::Image& image) {
  return reinterpret_cast<ImTextureID>(static_cast<std::intptr_t>(image.texture()));
}
// What goes around marks of that colour, so that they stand out from any picture: light around dark ones, else dark.
ImU32 halo_of(ImU32 mark);
// Outline of the image pixels [x0, x1) x [y0, y1), which may lie outside the picture (padding).
void outline_pixels(const CanvasState& canvas, double x0, double y0, double x1, double y1, ImU32 colour,
                    float thickness);
// The same, but never smaller than `smallest` screen pixels: a small area gets a larger frame with hairs pointing at
// it.
void mark_pixels(const CanvasState& canvas, double x0, double y0, double x1, double y1, ImU32 colour, float thickness,
                 float smallest);
void fill_pixels(const CanvasState& canvas, double x0, double y0, double x1, double y1, ImU32 colour);
// Diagonal hatching of a screen area clipped to the canvas: padding cells.
void hatch_pixels(const CanvasState& canvas, double x0, double y0, double x1, double y1, ImU32 colour);
// Grid lines between pixels and the text of each visible pixel, when pixels are large enough for them. `text` gives
// the value of pixel (x, y), already formatted, in one or more lines; `is_dark` whether the pixel is dark (the text is
// then light).
void draw_grid_and_values(Ui& ui, const CanvasState& canvas,
                          const std::function<std::string(std::int64_t, std::int64_t)>& text,
                          const std::function<bool(std::int64_t, std::int64_t)>& is_dark);
// "320 %" in the lower right corner; call it last. Left out on small canvases.
void draw_zoom_readout(Ui& ui, const CanvasState& canvas);

}  // namespace convlens::ui
