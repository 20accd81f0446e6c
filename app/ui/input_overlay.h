// What is drawn over the input picture: padding, pixels never read, the window of an output, the reach of a weight.
// Positions come from engine/explain; the picture itself is drawn by the panel.
#pragma once

#include <string>
#include <vector>

#include "app/model/sweep.h"
#include "app/ui/canvas.h"
#include "engine/conv/params.h"
#include "engine/core/tensor.h"

namespace convlens::ui {

// Along both axes, which pixels of the input any window reads. Kept for as long as the geometry stays.
class ReadPixels {
 public:
  void follow(const conv::Geometry& geometry);
  bool is_read(std::int64_t y, std::int64_t x) const;
  // Runs [first, last) of rows or columns that are never read.
  struct Run {
    std::int64_t first, last;
  };
  const std::vector<Run>& unread_rows() const { return unread_rows_; }
  const std::vector<Run>& unread_cols() const { return unread_cols_; }

 private:
  conv::Geometry geometry_;
  std::vector<bool> rows_, cols_;
  std::vector<Run> unread_rows_, unread_cols_;
};

// The padding around the picture as the border mode fills it, hatched, and pixels that no window reads, crossed out.
void draw_padding(Ui& ui, const CanvasState& canvas, const conv::Geometry& geometry, const Tensor& input);
void draw_unread(Ui& ui, const CanvasState& canvas, const conv::Geometry& geometry, const ReadPixels& read);

// The cells that feed output `cell`: outlined as one block, or one by one where dilation leaves gaps; cells in the
// padding are linked with the pixels they read.
void draw_window(Ui& ui, const CanvasState& canvas, const conv::Geometry& geometry, model::OutputCell cell);
// Cell `index` of the window of output `cell` (counted row by row), and the pixel it reads where it is padding.
void draw_window_cell(Ui& ui, const CanvasState& canvas, const conv::Geometry& geometry, model::OutputCell cell,
                      std::size_t index);
// Every cell that weight row r, column s ever multiplies, lit; the rest in shade. The cell that it multiplies for
// output `cell` is marked.
void draw_footprint(Ui& ui, const CanvasState& canvas, const conv::Geometry& geometry, std::int64_t r, std::int64_t s,
                    model::OutputCell cell);

// "Output (row 0, col 5) sees rows -1 to 1; columns 4 to 6; 3 of 9 padding"
std::string window_words(const conv::Geometry& geometry, model::OutputCell cell);
// "Weight (row 0, col 2) meets rows 0 to 478 by 2; columns 1 to 639"
std::string footprint_words(const conv::Geometry& geometry, std::int64_t r, std::int64_t s);

}  // namespace convlens::ui
