// One file of the browser as it is drawn: thumbnail or sign, name, size. Knows no folder and no selection.
#pragma once

#include <string>

#include "app/ui/file_browser_list.h"
#include "app/ui/thumbnails.h"
#include "app/ui/ui.h"

namespace convlens::ui {

// Least size of an item, in screen pixels; items of a grid may be wider.
ImVec2 item_size(const Ui& ui, bool is_grid);
// A card of the grid, or a line of the list.
void draw_file(Ui& ui, Thumbnails& thumbnails, const FileEntry& entry, bool is_grid, const ImVec2& min,
               const ImVec2& size);
// The picture's thumbnail, or the sign of its kind.
void draw_file_icon(Ui& ui, Thumbnails& thumbnails, const FileEntry& entry, const ImVec2& min, const ImVec2& max);
// "512 × 512" as far as it is known, else empty.
std::string dimension_words(Thumbnails& thumbnails, const FileEntry& entry);
// Name, size, date, and what is wrong with the picture where it cannot be shown.
std::string file_tooltip(Thumbnails& thumbnails, const FileEntry& entry);

}  // namespace convlens::ui
