// See text.h.
#include "app/ui/text.h"

#include <cfloat>
#include <cmath>

#include "app/ui/widgets.h"

namespace convlens::ui {

void put_text(const ImFont* font, const ImVec2& at, ImU32 colour, const std::string& text) {
  ImGui::GetWindowDrawList()->AddText(font, font_height(font), {std::floor(at.x), std::floor(at.y)}, colour,
                                      text.c_str());
}

float width_of(const ImFont* font, const std::string& text) {
  return font->CalcTextSizeA(font_height(font), FLT_MAX, 0, text.c_str()).x;
}

std::string fitted(const ImFont* font, std::string text, float width) {
  if (width_of(font, text) <= width) return text;
  const auto is_inside = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
  while (!text.empty() && width_of(font, text + "…") > width) {
    // Whole characters only.
    while (!text.empty() && is_inside(text.back())) text.pop_back();
    if (!text.empty()) text.pop_back();
  }
  return text + "…";
}

std::string grouped_text(std::int64_t value) {
  std::string digits = std::to_string(value);
  for (std::ptrdiff_t i = std::ssize(digits) - 3; i > (value < 0 ? 1 : 0); i -= 3) {
    digits.insert(static_cast<std::size_t>(i), " ");
  }
  return digits;
}

void drop_leading_zero(std::string& number) {
  const std::size_t at = number.starts_with('-') ? 1 : 0;
  if (number.size() > at + 1 && number[at] == '0' && number[at + 1] == '.') number.erase(at, 1);
}

std::string place_text(std::int64_t row, std::int64_t col) {
  return "(" + std::to_string(row) + ", " + std::to_string(col) + ")";
}

}  // namespace convlens::ui
