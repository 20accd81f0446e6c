// See text.h.
#include "app/ui/text.h"

#include <cfloat>
#include <cmath>

#include "app/ui/widgets.h"
#include "engine/core/text.h"

namespace convlens::ui {

void put_text(const ImFont* font, const ImVec2& at, ImU32 colour, const std::string& text) {
  ImGui::GetWindowDrawList()->AddText(font, font_height(font), {std::floor(at.x), std::floor(at.y)}, colour,
                                      text.c_str());
}

void put_text_upwards(const ImFont* font, const ImVec2& at, ImU32 colour, const std::string& text) {
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const ImVec2 corner{std::floor(at.x), std::floor(at.y)};
  const int first = draw.VtxBuffer.Size;
  // Unclipped: where the letters lie before they are turned says nothing about where they end up.
  font->RenderText(&draw, font_height(font), {0, 0}, colour, {-FLT_MAX, -FLT_MAX, FLT_MAX, FLT_MAX}, text.data(),
                   text.data() + text.size());
  for (int i = first; i < draw.VtxBuffer.Size; ++i) {
    ImVec2& vertex = draw.VtxBuffer[i].pos;
    vertex = {corner.x + vertex.y, corner.y - vertex.x};
  }
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

ImFont* fitting_mono(const Ui& ui, const std::string& text, float width) {
  for (ImFont* font : {ui.fonts.mono, ui.fonts.mono_small}) {
    if (width_of(font, text) <= width) return font;
  }
  return ui.fonts.mono_least;
}

void mono_lines(const Ui& ui, const char* name, const std::vector<std::string>& lines, float height) {
  ImGui::BeginChild(name, {0, height}, false, ImGuiWindowFlags_HorizontalScrollbar);
  const std::string* widest = nullptr;
  for (const std::string& line : lines) {
    if (!widest || width_of(ui.fonts.mono, line) > width_of(ui.fonts.mono, *widest)) widest = &line;
  }
  const float room = ImGui::GetContentRegionAvail().x - ImGui::GetStyle().ScrollbarSize;
  ImGui::PushFont(widest ? fitting_mono(ui, *widest, room) : ui.fonts.mono);
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(lines.size()));
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
      const std::string& line = lines[static_cast<std::size_t>(i)];
      ImGui::TextUnformatted(line.data(), line.data() + line.size());
    }
  }
  ImGui::PopFont();
  ImGui::EndChild();
}

std::string short_count(std::int64_t value) {
  constexpr std::int64_t kThousand = 1000;
  const auto number = static_cast<double>(value);
  if (value < 100 * kThousand) return grouped(value);
  if (value < kThousand * kThousand) return formatted("%.0f k", number / 1e3);
  if (value < kThousand * kThousand * kThousand) return formatted("%.3g M", number / 1e6);
  return formatted("%.3g G", number / 1e9);
}

void drop_leading_zero(std::string& number) {
  const std::size_t at = number.starts_with('-') ? 1 : 0;
  if (number.size() > at + 1 && number[at] == '0' && number[at + 1] == '.') number.erase(at, 1);
}

std::string place_text(std::int64_t row, std::int64_t col) {
  return "(" + std::to_string(row) + ", " + std::to_string(col) + ")";
}

}  // namespace convlens::ui
