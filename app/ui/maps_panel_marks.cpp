// Outlines and words of output positions.
#include "app/ui/maps_panel_marks.h"

#include <cmath>
#include <vector>

#include "app/ui/transport.h"
#include "app/ui/widgets.h"
#include "engine/explain/window.h"

namespace convlens::ui {

namespace {

// "rows 11–13", "rows 10–14 step 2" for a dilated filter, "row 11" for one tap.
std::string taps_text(const char* one, const char* many, const std::vector<explain::Tap>& taps, int dilation) {
  if (taps.size() == 1) return std::string(one) + " " + std::to_string(taps.front().position);
  std::string text =
      std::string(many) + " " + std::to_string(taps.front().position) + "–" + std::to_string(taps.back().position);
  if (dilation > 1) text += " step " + std::to_string(dilation);
  return text;
}

void mark_cell(Ui& ui, const CanvasState& canvas, model::OutputCell cell) {
  const auto x = static_cast<double>(cell.col);
  const auto y = static_cast<double>(cell.row);
  const bool is_large = canvas.placement.canvas.width() > 240 * static_cast<double>(ui.scale);
  mark_pixels(canvas, x, y, x + 1, y + 1, ui.palette.output_outline, (is_large ? 1.5F : 1.0F) * ui.scale,
              (is_large ? 10.0F : 7.0F) * ui.scale);
}

// The outputs whose windows stand on a hovered input pixel: one frame where they touch, else one each.
void mark_readers(Ui& ui, const conv::Geometry& geometry, const CanvasState& canvas) {
  const model::Hover& hover = ui.document.hover;
  if (hover.row < 0 || hover.row >= geometry.h || hover.col < 0 || hover.col >= geometry.w) return;
  const auto rows = explain::outputs_of_row(geometry, hover.row);
  const auto cols = explain::outputs_of_col(geometry, hover.col);
  if (rows.empty() || cols.empty()) return;
  const float thickness = ui.scale;
  const bool is_solid = rows.back() - rows.front() + 1 == static_cast<std::int64_t>(rows.size()) &&
                        cols.back() - cols.front() + 1 == static_cast<std::int64_t>(cols.size());
  const auto left = static_cast<double>(cols.front());
  const auto top = static_cast<double>(rows.front());
  const auto right = static_cast<double>(cols.back() + 1);
  const auto bottom = static_cast<double>(rows.back() + 1);
  const double smallest_cell = 4 * static_cast<double>(ui.scale);
  if (is_solid || canvas.placement.scale < smallest_cell) {
    mark_pixels(canvas, left, top, right, bottom, ui.palette.output_outline, thickness, 7 * ui.scale);
    return;
  }
  for (const std::int64_t row : rows) {
    for (const std::int64_t col : cols) {
      const auto x = static_cast<double>(col);
      const auto y = static_cast<double>(row);
      outline_pixels(canvas, x, y, x + 1, y + 1, ui.palette.output_outline, thickness);
    }
  }
}

}  // namespace

std::string describe_output(const model::ConvResult& result, int map, std::int64_t row, std::int64_t col,
                            double value) {
  const explain::InputWindow window = explain::input_window(result.geometry, row, col);
  return "map " + std::to_string(map) + " " + result.settings.bank.filters[static_cast<std::size_t>(map)].name +
         " (row " + std::to_string(row) + ", col " + std::to_string(col) + ") = " + number_text(value) + ", window " +
         taps_text("row", "rows", window.rows, result.geometry.dilation_y) + ", " +
         taps_text("col", "cols", window.cols, result.geometry.dilation_x);
}

void draw_output_marks(Ui& ui, const model::ConvResult& result, const CanvasState& canvas) {
  const model::Document& document = ui.document;
  const bool is_playing = document.animation.is_playing;
  const model::OutputCell cell = animation_cell(document);
  switch (document.hover.kind) {
    case model::Hover::Kind::kMap:
      mark_cell(ui, canvas, {document.hover.row, document.hover.col});
      return;
    case model::Hover::Kind::kInput:
      mark_readers(ui, result.geometry, canvas);
      if (is_playing) mark_cell(ui, canvas, cell);
      return;
    case model::Hover::Kind::kNone:
    case model::Hover::Kind::kWeight:
      mark_cell(ui, canvas, cell);
      return;
  }
}

bool is_dark(const view::Rgb& colour) {
  const auto linear = [](std::uint8_t channel) {
    const double c = channel / 255.0;
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  };
  const double luminance = 0.2126 * linear(colour.r) + 0.7152 * linear(colour.g) + 0.0722 * linear(colour.b);
  return luminance < 0.179;  // where contrast with black and with white is equal
}

}  // namespace convlens::ui
