// Colour bars: the key to a coloured picture with ticks and a marker, and the popup that chooses a colour map.
#pragma once

#include <optional>
#include <string_view>

#include "app/ui/ui.h"
#include "app/view/colormap.h"

namespace convlens::ui {

// The colours of a map from left to right.
void draw_colour_strip(ImDrawList& draw, const ImVec2& min, const ImVec2& max, const view::Colormap& map);

struct ColourBar {
  const view::Colormap* map = nullptr;
  view::ValueRange range;
  bool has_more_below = false;  // values beyond the ends exist: the end becomes an arrow head
  bool has_more_above = false;
  std::optional<float> marker;  // the hovered value
};
// Bar with ticks at lo, 0 (where it is inside) and hi written below, `width` wide at the cursor.
void colour_bar(Ui& ui, std::string_view name, float width, const ColourBar& bar);

// A button that shows the colour map of the choice field `field_name` and opens a popup with the bars of all that may
// be chosen. True if another was chosen.
bool colormap_button(Ui& ui, std::string_view name, std::string_view field_name, float width);

}  // namespace convlens::ui
