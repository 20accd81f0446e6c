// The watched values: their list under the maps, and their marks on the maps and on the picture.
#pragma once

#include "app/ui/canvas.h"
#include "app/ui/maps_panel_screen.h"
#include "app/ui/ui.h"

namespace convlens::ui {

// One row per watched value, live; a hint where nothing is watched. As high as pins_height().
void draw_pin_list(Ui& ui, const ShownMaps& maps);
float pins_height(const Ui& ui);

// A numbered ring at each watched value of `map`.
void draw_pins_on_map(Ui& ui, const CanvasState& canvas, const conv::Geometry& geometry, int map);
// The windows that feed the watched values, thin; the one with the focus stronger.
void draw_pins_on_input(Ui& ui, const CanvasState& canvas, const conv::Geometry& geometry);

}  // namespace convlens::ui
