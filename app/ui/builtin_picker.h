// The button that opens the built-in pictures, and the pop-up in which they are chosen by thumbnail.
#pragma once

#include "app/ui/thumbnails.h"
#include "app/ui/ui.h"

namespace convlens::ui {

// Draws the button at the cursor and, when open, its pop-up; choosing opens the picture in the document.
void builtin_picker(Ui& ui, Thumbnails& thumbnails);
// The button's width, for laying out its row.
float builtin_picker_width();

// Draws a thumbnail fitted into the rectangle, on the canvas colour; dots while it is being made.
void draw_thumbnail(Ui& ui, const Thumbnail& thumbnail, const ImVec2& min, const ImVec2& max);
// The text, shortened with "…" in the middle (of a file name: its ending stays) where it is wider than `width`.
std::string shortened(const std::string& text, float width);

}  // namespace convlens::ui
