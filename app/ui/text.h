// Texts that panels draw themselves: at a place of the screen, as wide as there is room, counts as people read them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/ui/ui.h"

namespace convlens::ui {

// A text with its upper left corner there, on whole pixels.
void put_text(const ImFont* font, const ImVec2& at, ImU32 colour, const std::string& text);
// The same turned to read upwards, its lower left corner there.
void put_text_upwards(const ImFont* font, const ImVec2& at, ImU32 colour, const std::string& text);
float width_of(const ImFont* font, const std::string& text);
// As much of a text as fits, ending in "…" where something is missing.
std::string fitted(const ImFont* font, std::string text, float width);

// The largest font of figures in which a text is no wider than that; the smallest where none is.
ImFont* fitting_mono(const Ui& ui, const std::string& text, float width);
// Lines of figures in a child window that scrolls, in a font that fits the widest.
void mono_lines(const Ui& ui, const char* name, const std::vector<std::string>& lines, float height);

// Where there is no room for every digit: "61 706", "417 k", "2.36 M", "15.3 G".
std::string short_count(std::int64_t value);
// "-.33" for "-0.33": a cell has no room for the zero.
void drop_leading_zero(std::string& number);
// "(12, 40)": row and column
std::string place_text(std::int64_t row, std::int64_t col);

}  // namespace convlens::ui
