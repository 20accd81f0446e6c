// Draws cells, hatching and texts. What they mean is the caller's business.
#include "app/ui/cell_matrix.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/ui/maps_panel_marks.h"
#include "app/ui/text.h"
#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

// At 100 % interface scale; below it the font's minus signs fade away.
constexpr float kSmallestFont = 10.5F;
constexpr float kSmallestGap = 7;  // cells from this size on have lines between them

// The widest text, in units of the font size; all figures are of one width.
float widest_text(const Ui& ui, std::span<const CellMatrix> matrices) {
  std::size_t most = 0;
  for (const CellMatrix& matrix : matrices) {
    for (const std::string& text : matrix.texts) most = std::max(most, text.size());
  }
  return static_cast<float>(most) * ui.fonts.mono->CalcTextSizeA(100, FLT_MAX, 0, "0").x / 100;
}

void hatch(ImDrawList& draw, const ImVec2& min, const ImVec2& max, float step, ImU32 colour) {
  // Lines x + y = d on one lattice of the screen, so that the hatching of neighbouring cells joins.
  for (float d = std::ceil((min.x + min.y) / step) * step; d < max.x + max.y; d += step) {
    const float x_low = std::max(min.x, d - max.y);
    const float x_high = std::min(max.x, d - min.y);
    draw.AddLine({x_low, d - x_low}, {x_high, d - x_high}, colour);
  }
}

}  // namespace

float fitting_font(const Ui& ui, std::span<const CellMatrix> matrices, const ImVec2& cell) {
  const float widest = widest_text(ui, matrices);
  if (widest <= 0) return 0;
  const float room = cell.x - 3 * ui.scale;
  const float size = std::floor(std::min({room / widest, cell.y - ui.scale, font_height(ui.fonts.mono)}));
  return size >= std::floor(kSmallestFont * ui.scale) ? size : 0;
}

float full_cell_width(const Ui& ui, std::span<const CellMatrix> matrices) {
  return std::ceil(widest_text(ui, matrices) * font_height(ui.fonts.mono)) + 6 * ui.scale;
}

ImVec2 matrix_extent(const CellMatrix& matrix, const ImVec2& cell) {
  return {cell.x * static_cast<float>(matrix.cols), cell.y * static_cast<float>(matrix.rows)};
}

void draw_matrix(Ui& ui, const CellMatrix& matrix, const ImVec2& corner, const MatrixLook& look) {
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const ImVec2 extent = matrix_extent(matrix, look.cell);
  const float gap = std::min(look.cell.x, look.cell.y) >= kSmallestGap * ui.scale ? std::max(1.0F, ui.scale) : 0.0F;
  draw.AddRectFilled({corner.x - 1, corner.y - 1}, {corner.x + extent.x + 1 - gap, corner.y + extent.y + 1 - gap},
                     ui.palette.panel_border);
  ImFont* font = ui.fonts.mono;
  const ImU32 veil = (ui.palette.panel & ~IM_COL32_A_MASK) | (190U << IM_COL32_A_SHIFT);
  ImVec2 lit_min{}, lit_max{};
  for (std::size_t i = 0; i < matrix.size(); ++i) {
    const auto row = static_cast<float>(i / static_cast<std::size_t>(matrix.cols));
    const auto col = static_cast<float>(i % static_cast<std::size_t>(matrix.cols));
    const ImVec2 min{corner.x + col * look.cell.x, corner.y + row * look.cell.y};
    const ImVec2 max{min.x + look.cell.x - gap, min.y + look.cell.y - gap};
    if (!ImGui::IsRectVisible(min, max)) continue;
    const view::Rgb& rgb = matrix.colours[i];
    draw.AddRectFilled(min, max, IM_COL32(rgb.r, rgb.g, rgb.b, 255));
    const bool is_dark_cell = is_dark(rgb);
    if (!matrix.is_hatched.empty() && matrix.is_hatched[i]) {
      hatch(draw, min, max, 5 * ui.scale, is_dark_cell ? IM_COL32(255, 200, 60, 150) : IM_COL32(150, 90, 0, 170));
    }
    if (look.font_size > 0 && !matrix.texts.empty()) {
      const std::string& text = matrix.texts[i];
      const ImVec2 size = font->CalcTextSizeA(look.font_size, FLT_MAX, 0, text.c_str());
      const ImVec2 at{std::floor((min.x + max.x - size.x) / 2), std::floor((min.y + max.y - size.y) / 2)};
      draw.AddText(font, look.font_size, at, is_dark_cell ? IM_COL32(250, 250, 250, 255) : IM_COL32(12, 12, 12, 255),
                   text.c_str());
    }
    if (i >= look.bright) draw.AddRectFilled(min, max, veil);
    if (look.lit == i) lit_min = min, lit_max = max;
  }
  if (lit_max.x > lit_min.x) {
    const float line = std::max(1.5F, 2 * ui.scale);
    draw.AddRect({lit_min.x - line, lit_min.y - line}, {lit_max.x + line, lit_max.y + line}, IM_COL32(0, 0, 0, 200), 0,
                 0, line + 2);
    draw.AddRect({lit_min.x - line / 2, lit_min.y - line / 2}, {lit_max.x + line / 2, lit_max.y + line / 2},
                 ui.palette.window_outline, 0, 0, line);
  }
}

std::optional<std::size_t> cell_at(const CellMatrix& matrix, const ImVec2& corner, const ImVec2& cell,
                                   const ImVec2& point) {
  const ImVec2 extent = matrix_extent(matrix, cell);
  const float x = point.x - corner.x, y = point.y - corner.y;
  if (!(x >= 0 && y >= 0 && x < extent.x && y < extent.y)) return std::nullopt;
  const auto index = [](float at, float side, int count) {
    return static_cast<std::size_t>(std::min(static_cast<int>(at / side), count - 1));
  };
  return index(y, cell.y, matrix.rows) * static_cast<std::size_t>(matrix.cols) + index(x, cell.x, matrix.cols);
}

CellMatrix weights_matrix(std::span<const float> weights, int rows, int cols, const view::Colormap& map, float range,
                          int digits) {
  CellMatrix matrix{rows, cols, {}, {}, {}};
  for (const float weight : weights) {
    matrix.colours.push_back(view::colour_of(map, {-range, range}, weight));
    if (digits == 0) continue;
    std::string text = number_text(static_cast<double>(weight), digits);
    drop_leading_zero(text);
    matrix.texts.push_back(std::move(text));
  }
  return matrix;
}

}  // namespace convlens::ui
