// The looks: dark, light, and projector (large contrast, larger type). Colours and measures only.
#pragma once

#include "app/ui/ui.h"

namespace convlens::ui {

Palette palette_of(model::Theme theme);
// How much larger everything is than in the other themes.
float theme_scale(model::Theme theme);
// Sets Dear ImGui's style from scratch; scale as Ui::scale.
void apply_style(model::Theme theme, float scale);

}  // namespace convlens::ui
