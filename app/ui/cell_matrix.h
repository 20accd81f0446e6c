// A small matrix drawn as coloured cells with numbers where they fit: patches, filter slices, products. Not a control.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/ui/ui.h"
#include "app/view/colormap.h"

namespace convlens::ui {

// Row by row.
struct CellMatrix {
  int rows = 0;
  int cols = 0;
  std::vector<view::Rgb> colours;
  std::vector<std::string> texts;  // empty: none
  std::vector<bool> is_hatched;    // empty: none
  std::size_t size() const { return colours.size(); }
};

// A font size at which every text fits into cells of that width and height; 0 where none can be read.
float fitting_font(const Ui& ui, std::span<const CellMatrix> matrices, const ImVec2& cell);
// The least width of a cell that takes every text at its full size.
float full_cell_width(const Ui& ui, std::span<const CellMatrix> matrices);

struct MatrixLook {
  ImVec2 cell;
  float font_size = 0;                                // 0: no texts
  std::size_t bright = static_cast<std::size_t>(-1);  // cells from this one on are dimmed
  std::optional<std::size_t> lit{};                   // this cell is framed
};
void draw_matrix(Ui& ui, const CellMatrix& matrix, const ImVec2& corner, const MatrixLook& look);
ImVec2 matrix_extent(const CellMatrix& matrix, const ImVec2& cell);
// The cell under a point of the screen.
std::optional<std::size_t> cell_at(const CellMatrix& matrix, const ImVec2& corner, const ImVec2& cell,
                                   const ImVec2& point);

// Weights of one slice or the like, symmetric about zero within `range`; texts of so many digits ("-.33"), 0 for none.
CellMatrix weights_matrix(std::span<const float> weights, int rows, int cols, const view::Colormap& map, float range,
                          int digits);

}  // namespace convlens::ui
