// What is drawn on top of a map and said about one of its pixels. All positions come from engine/explain.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "app/ui/canvas.h"
#include "app/ui/ui.h"
#include "app/view/colormap.h"

namespace convlens::ui {

// "map 0 Sobel x (row 12, col 40) = 0.8132, window rows 11–13, cols 39–41"
std::string describe_output(const model::ConvResult& result, int map, std::int64_t row, std::int64_t col, double value);

// The output position that is hovered or that the animation stands on. For a hovered input pixel, the values of `map`
// which read it, in the colours of the weights by which they do. For a hovered weight, the values of its map that it
// feeds from inside the picture; the others hatched, and other maps in shade.
void draw_output_marks(Ui& ui, const model::ConvResultPtr& result, const CanvasState& canvas, int map);

// Grid lines and values of a plane in its colours, where pixels are large enough for them; `value` is that of pixel
// (x, y).
void draw_plane_values(Ui& ui, const CanvasState& canvas, const view::Colormap& colormap, const view::ValueRange& range,
                       const std::function<float(std::int64_t, std::int64_t)>& value, int digits = 3);

// Whether white is easier to read on this colour than black (relative luminance of sRGB, WCAG 2).
bool is_dark(const view::Rgb& colour);

}  // namespace convlens::ui
