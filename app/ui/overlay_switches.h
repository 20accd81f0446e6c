// The switches of the geometry overlays with their legends: colours as they are laid over the pictures, and the counts
// in words. The overlays themselves: geometry_overlay.
#pragma once

#include "app/model/geometry_facts.h"
#include "app/ui/ui.h"

namespace convlens::ui {

void draw_overlay_switches(Ui& ui, const model::GeometryFacts& facts);

}  // namespace convlens::ui
