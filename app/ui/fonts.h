// The program's typefaces, embedded at build time and rasterised at the size they are shown at.
#pragma once

#include "app/ui/ui.h"

namespace convlens::ui {

// Fills Dear ImGui's atlas anew for this scale. pixel_ratio: frame buffer pixels per window unit. The caller replaces
// the atlas texture afterwards, and no frame may be under way.
Fonts load_fonts(float scale, float pixel_ratio);

}  // namespace convlens::ui
