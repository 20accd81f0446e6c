// Overlays of the input picture. Draws what engine/explain says; decides only how much of it fits the zoom.
#include "app/ui/input_overlay.h"

#include <algorithm>
#include <cmath>

#include "engine/explain/window.h"

namespace convlens::ui {
namespace {

using explain::InputWindow;
using explain::Positions;
using explain::Tap;

constexpr double kCellPixels = 5;     // at 100 % interface scale: smallest pixel whose cells are drawn one by one
constexpr double kPaddingPixels = 2;  // ... whose padding is hatched
constexpr double kDigitPixels = 13;   // ... whose padding cells carry their zero
constexpr float kSmallestMark = 11;   // screen pixels of the smallest window frame
constexpr ImU32 kHalo = IM_COL32(0, 0, 0, 130);
constexpr ImU32 kShade = IM_COL32(0, 0, 0, 150);

ImU32 with_alpha(ImU32 colour, int alpha) {
  return (colour & ~IM_COL32_A_MASK) | (static_cast<ImU32>(alpha) << IM_COL32_A_SHIFT);
}

ImU32 pixel_colour(const Tensor& input, std::int64_t y, std::int64_t x, int alpha) {
  const auto byte = [&](std::int64_t channel) {
    const float value = input.at(0, input.shape().c == 3 ? channel : 0, y, x);
    return value > 0 ? static_cast<int>(std::min(value, 1.0F) * 255 + 0.5F) : 0;  // 0 also for NaN
  };
  return IM_COL32(byte(0), byte(1), byte(2), alpha);
}

// A frame that is seen on light and dark pictures alike.
void frame(const CanvasState& canvas, double x0, double y0, double x1, double y1, ImU32 colour, float thickness) {
  outline_pixels(canvas, x0, y0, x1, y1, kHalo, thickness + 2);
  outline_pixels(canvas, x0, y0, x1, y1, colour, thickness);
}

std::vector<ReadPixels::Run> unread_runs(const std::vector<bool>& is_read) {
  std::vector<ReadPixels::Run> runs;
  for (std::size_t i = 0; i < is_read.size(); ++i) {
    if (is_read[i]) continue;
    const auto index = static_cast<std::int64_t>(i);
    if (!runs.empty() && runs.back().last == index) {
      ++runs.back().last;
    } else {
      runs.push_back({index, index + 1});
    }
  }
  return runs;
}

// The part of the plane inside the canvas, in whole image pixels; reaches beyond the picture.
struct SeenCells {
  std::int64_t x0, y0, x1, y1;
};
SeenCells seen_cells(const view::Placement& placement, const conv::Geometry& g) {
  const view::Point a = placement.to_image({placement.canvas.x0, placement.canvas.y0});
  const view::Point b = placement.to_image({placement.canvas.x1, placement.canvas.y1});
  const auto whole = [](double value) { return static_cast<std::int64_t>(std::floor(value)); };
  return {std::max<std::int64_t>(whole(a.x), -g.pad.left), std::max<std::int64_t>(whole(a.y), -g.pad.top),
          std::min<std::int64_t>(whole(b.x) + 1, g.w + g.pad.right),
          std::min<std::int64_t>(whole(b.y) + 1, g.h + g.pad.bottom)};
}

// The values that the border mode puts into the padding, faint.
void draw_ghosts(const CanvasState& canvas, const conv::Geometry& g, const Tensor& input) {
  const SeenCells seen = seen_cells(canvas.placement, g);
  for (std::int64_t y = seen.y0; y < seen.y1; ++y) {
    const std::int64_t source_y = conv::border_index(y, g.h, g.border);
    for (std::int64_t x = seen.x0; x < seen.x1; ++x) {
      if (x >= 0 && x < g.w && y >= 0 && y < g.h) {
        x = g.w - 1;
        continue;
      }
      const std::int64_t source_x = conv::border_index(x, g.w, g.border);
      fill_pixels(canvas, static_cast<double>(x), static_cast<double>(y), static_cast<double>(x) + 1,
                  static_cast<double>(y) + 1, pixel_colour(input, source_y, source_x, 110));
    }
  }
}

void draw_zeros(Ui& ui, const CanvasState& canvas, const InputWindow& window) {
  ImFont* font = ui.fonts.mono ? ui.fonts.mono : ImGui::GetFont();
  const float size =
      std::min(static_cast<float>(canvas.placement.scale) * 0.6F, font->FontSize * ImGui::GetIO().FontGlobalScale);
  const view::Rect& area = canvas.placement.canvas;
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->PushClipRect({static_cast<float>(area.x0), static_cast<float>(area.y0)},
                     {static_cast<float>(area.x1), static_cast<float>(area.y1)}, true);
  for (const Tap& row : window.rows) {
    for (const Tap& col : window.cols) {
      if (row.source >= 0 && col.source >= 0) continue;
      const view::Point middle = canvas.placement.to_screen(
          {static_cast<double>(col.position) + 0.5, static_cast<double>(row.position) + 0.5});
      const ImVec2 extent = font->CalcTextSizeA(size, FLT_MAX, 0, "0");
      draw->AddText(font, size,
                    {static_cast<float>(middle.x) - extent.x / 2, static_cast<float>(middle.y) - extent.y / 2},
                    ui.palette.text, "0");
    }
  }
  draw->PopClipRect();
}

bool is_padding(const Tap& row, const Tap& col) { return row.is_padding() || col.is_padding(); }

void draw_window_cells(Ui& ui, const CanvasState& canvas, const conv::Geometry& g, const InputWindow& window) {
  const bool has_gaps = (g.dilation_y > 1 && g.r > 1) || (g.dilation_x > 1 && g.s > 1);
  const ImU32 lit = ui.palette.window_outline;
  for (const Tap& row : window.rows) {
    for (const Tap& col : window.cols) {
      const auto x = static_cast<double>(col.position), y = static_cast<double>(row.position);
      if (is_padding(row, col)) {
        hatch_pixels(canvas, x, y, x + 1, y + 1, lit);
        if (row.source >= 0 && col.source >= 0) {
          const auto from_x = static_cast<double>(col.source), from_y = static_cast<double>(row.source);
          frame(canvas, from_x + 0.12, from_y + 0.12, from_x + 0.88, from_y + 0.88, with_alpha(lit, 150), ui.scale);
        }
      }
      if (has_gaps) {
        fill_pixels(canvas, x, y, x + 1, y + 1, with_alpha(lit, 40));
        frame(canvas, x, y, x + 1, y + 1, lit, 1.5F * ui.scale);
      } else {
        outline_pixels(canvas, x, y, x + 1, y + 1, with_alpha(lit, 110), ui.scale);
      }
    }
  }
  if (g.border == conv::Border::kZero && canvas.placement.scale >= kDigitPixels * ui.scale) {
    draw_zeros(ui, canvas, window);
  }
}

// "rows 2 to 4", "column 7", "rows -1, 1, 3", "rows 0 to 478 by 2"
std::string run_words(const char* noun, const Positions& at) {
  std::string words = noun;
  if (at.count > 1) words += "s";
  words += " " + std::to_string(at.first);
  if (at.step > 1 && at.count <= 4) {
    for (std::int64_t i = 1; i < at.count; ++i) words += ", " + std::to_string(at.first + i * at.step);
  } else if (at.count > 1) {
    words += " to " + std::to_string(at.last());
    if (at.step > 1) words += " by " + std::to_string(at.step);
  }
  return words;
}

Positions positions_of(const std::vector<Tap>& taps) {
  const std::int64_t step = taps.size() > 1 ? taps[1].position - taps[0].position : 1;
  return {taps.front().position, step, static_cast<std::int64_t>(taps.size())};
}

}  // namespace

void ReadPixels::follow(const conv::Geometry& geometry) {
  if (geometry == geometry_) return;
  geometry_ = geometry;
  rows_ = explain::rows_read(geometry);
  cols_ = explain::cols_read(geometry);
  unread_rows_ = unread_runs(rows_);
  unread_cols_ = unread_runs(cols_);
}

bool ReadPixels::is_read(std::int64_t y, std::int64_t x) const {
  return rows_[static_cast<std::size_t>(y)] && cols_[static_cast<std::size_t>(x)];
}

void draw_padding(Ui& ui, const CanvasState& canvas, const conv::Geometry& g, const Tensor& input) {
  if (canvas.placement.scale < kPaddingPixels * ui.scale) return;
  if (g.border != conv::Border::kZero && canvas.placement.scale >= kCellPixels * ui.scale) {
    draw_ghosts(canvas, g, input);
  }
  const auto h = static_cast<double>(g.h), w = static_cast<double>(g.w);
  const double left = -g.pad.left, right = w + g.pad.right, top = -g.pad.top, bottom = h + g.pad.bottom;
  const ImU32 ink = with_alpha(ui.palette.padding_hatch, 150);
  hatch_pixels(canvas, left, top, right, 0, ink);
  hatch_pixels(canvas, left, h, right, bottom, ink);
  hatch_pixels(canvas, left, 0, 0, h, ink);
  hatch_pixels(canvas, w, 0, right, h, ink);
  if (g.pad != conv::Padding{}) outline_pixels(canvas, left, top, right, bottom, ink, 1);
}

void draw_unread(Ui& ui, const CanvasState& canvas, const conv::Geometry& g, const ReadPixels& read) {
  if (canvas.placement.scale < kPaddingPixels * ui.scale) return;
  const ImU32 shade = with_alpha(ui.palette.canvas, 140);
  const view::Rect seen = canvas.placement.visible();
  const auto cross_out = [&](double x0, double y0, double x1, double y1) {
    if (x1 <= seen.x0 || x0 >= seen.x1 || y1 <= seen.y0 || y0 >= seen.y1) return;
    fill_pixels(canvas, x0, y0, x1, y1, shade);
    hatch_pixels(canvas, x0, y0, x1, y1, with_alpha(ui.palette.warning, 120));
  };
  for (const auto& run : read.unread_rows()) {
    cross_out(0, static_cast<double>(run.first), static_cast<double>(g.w), static_cast<double>(run.last));
  }
  for (const auto& run : read.unread_cols()) {
    cross_out(static_cast<double>(run.first), 0, static_cast<double>(run.last), static_cast<double>(g.h));
  }
}

void draw_window(Ui& ui, const CanvasState& canvas, const conv::Geometry& geometry, model::OutputCell cell) {
  const InputWindow window = explain::input_window(geometry, cell.row, cell.col);
  const auto y0 = static_cast<double>(window.rows.front().position);
  const auto y1 = static_cast<double>(window.rows.back().position) + 1;
  const auto x0 = static_cast<double>(window.cols.front().position);
  const auto x1 = static_cast<double>(window.cols.back().position) + 1;
  const ImU32 lit = ui.palette.window_outline;
  const bool shows_cells = canvas.placement.scale >= kCellPixels * ui.scale;
  if (shows_cells) draw_window_cells(ui, canvas, geometry, window);
  const bool has_gaps = geometry.dilation_y > 1 || geometry.dilation_x > 1;
  if (shows_cells && has_gaps) {
    outline_pixels(canvas, x0, y0, x1, y1, with_alpha(lit, 120), ui.scale);
  } else if ((x1 - x0) * canvas.placement.scale >= kSmallestMark * static_cast<double>(ui.scale)) {
    frame(canvas, x0, y0, x1, y1, lit, 2 * ui.scale);
  } else {
    mark_pixels(canvas, x0, y0, x1, y1, lit, 1.5F * ui.scale, kSmallestMark * ui.scale);
  }
}

void draw_window_cell(Ui& ui, const CanvasState& canvas, const conv::Geometry& geometry, model::OutputCell cell,
                      std::size_t index) {
  const InputWindow window = explain::input_window(geometry, cell.row, cell.col);
  const Tap& row = window.rows[index / window.cols.size() % window.rows.size()];
  const Tap& col = window.cols[index % window.cols.size()];
  const auto x = static_cast<double>(col.position), y = static_cast<double>(row.position);
  fill_pixels(canvas, x, y, x + 1, y + 1, with_alpha(ui.palette.output_outline, 70));
  mark_pixels(canvas, x, y, x + 1, y + 1, ui.palette.output_outline, 2 * ui.scale, 5 * ui.scale);
  if (is_padding(row, col) && row.source >= 0 && col.source >= 0) {
    const auto from_x = static_cast<double>(col.source), from_y = static_cast<double>(row.source);
    mark_pixels(canvas, from_x, from_y, from_x + 1, from_y + 1, ui.palette.output_outline, 2 * ui.scale, 5 * ui.scale);
  }
}

void draw_footprint(Ui& ui, const CanvasState& canvas, const conv::Geometry& g, std::int64_t r, std::int64_t s,
                    model::OutputCell cell) {
  const explain::WeightFootprint footprint = explain::weight_footprint(g, r, s);
  const auto x0 = static_cast<double>(footprint.cols.first), y0 = static_cast<double>(footprint.rows.first);
  const auto x1 = static_cast<double>(footprint.cols.last()) + 1, y1 = static_cast<double>(footprint.rows.last()) + 1;
  // Everything the weight never meets, in shade: four bands around its reach.
  const view::Placement& placement = canvas.placement;
  const view::Point a = placement.to_image({placement.canvas.x0, placement.canvas.y0});
  const view::Point b = placement.to_image({placement.canvas.x1, placement.canvas.y1});
  fill_pixels(canvas, a.x, a.y, b.x, std::max(a.y, y0), kShade);
  fill_pixels(canvas, a.x, std::min(b.y, y1), b.x, b.y, kShade);
  fill_pixels(canvas, a.x, y0, std::max(a.x, x0), y1, kShade);
  fill_pixels(canvas, std::min(b.x, x1), y0, b.x, y1, kShade);
  const bool has_gaps = g.stride_y > 1 || g.stride_x > 1;
  if (has_gaps && placement.scale >= kCellPixels * ui.scale) {
    const SeenCells seen = seen_cells(placement, g);
    const auto visible = [](const Positions& at, std::int64_t lo, std::int64_t hi) {
      const std::int64_t skipped = lo > at.first ? (lo - at.first + at.step - 1) / at.step : 0;
      const std::int64_t end = std::min(at.count, hi > at.first ? (hi - at.first + at.step - 1) / at.step : 0);
      return Positions{at.first + skipped * at.step, at.step, std::max<std::int64_t>(0, end - skipped)};
    };
    const Positions rows = visible(footprint.rows, seen.y0, seen.y1);
    const Positions cols = visible(footprint.cols, seen.x0, seen.x1);
    for (std::int64_t i = 0; i < rows.count; ++i) {
      for (std::int64_t j = 0; j < cols.count; ++j) {
        const auto y = static_cast<double>(rows.first + i * rows.step);
        const auto x = static_cast<double>(cols.first + j * cols.step);
        fill_pixels(canvas, x, y, x + 1, y + 1, with_alpha(ui.palette.window_outline, 90));
        outline_pixels(canvas, x, y, x + 1, y + 1, ui.palette.window_outline, ui.scale);
      }
    }
  }
  frame(canvas, x0, y0, x1, y1, ui.palette.window_outline, 2 * ui.scale);
  const auto x = static_cast<double>(footprint.cols.first + cell.col * footprint.cols.step);
  const auto y = static_cast<double>(footprint.rows.first + cell.row * footprint.rows.step);
  mark_pixels(canvas, x, y, x + 1, y + 1, ui.palette.output_outline, 1.5F * ui.scale, kSmallestMark * ui.scale);
}

std::string window_words(const conv::Geometry& geometry, model::OutputCell cell) {
  const InputWindow window = explain::input_window(geometry, cell.row, cell.col);
  std::int64_t padded = 0;
  for (const Tap& row : window.rows) {
    for (const Tap& col : window.cols) padded += is_padding(row, col);
  }
  std::string words = "Output (row " + std::to_string(cell.row) + ", col " + std::to_string(cell.col) + ") sees " +
                      run_words("row", positions_of(window.rows)) + "; " +
                      run_words("column", positions_of(window.cols));
  if (padded > 0) {
    words += "; " + std::to_string(padded) + " of " + std::to_string(geometry.r * geometry.s) + " padding";
  }
  return words;
}

std::string footprint_words(const conv::Geometry& geometry, std::int64_t r, std::int64_t s) {
  const explain::WeightFootprint footprint = explain::weight_footprint(geometry, r, s);
  return "Weight (row " + std::to_string(r) + ", col " + std::to_string(s) + ") meets " +
         run_words("row", footprint.rows) + ", " + run_words("column", footprint.cols);
}

}  // namespace convlens::ui
