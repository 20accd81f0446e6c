// Outlines and words of output positions.
#include "app/ui/maps_panel_marks.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "app/ui/transport.h"
#include "app/ui/widgets.h"
#include "engine/explain/pixel_probe.h"
#include "engine/explain/weight_probe.h"
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

constexpr std::int64_t kMostReads = 4096;  // coloured one by one

ImU32 with_alpha(const view::Rgb& colour, int alpha) { return IM_COL32(colour.r, colour.g, colour.b, alpha); }

// Values that read a pixel, coloured by what they multiply it with.
void draw_influence(Ui& ui, const model::ConvResult& result, const CanvasState& canvas,
                    const explain::PixelReads& reads, int map) {
  const conv::Geometry& g = result.geometry;
  const std::int64_t channels = g.channels_per_group();
  const std::int64_t first = map / g.filters_per_group() * channels;
  const std::int64_t channel = first + std::clamp<std::int64_t>(ui.document.selection.channel, 0, channels - 1);
  const auto weights = dense_view<const float>(result.weights.data(), g.weights_shape());
  const explain::Influence influence = explain::influence_map(g, weights, reads, channel, map);
  const Shape& shape = influence.plane.shape();
  float range = 0;
  for (const float value : influence.plane.values()) range = std::max(range, std::abs(value));
  if (!(range > 0)) range = 1;
  const view::Colormap& colours = view::find_colormap(ui.document.settings.view.weight_colormap);
  std::int64_t last_row = -1;
  for (const explain::AxisRead& row : reads.rows) {
    if (row.output == last_row) continue;
    last_row = row.output;
    std::int64_t last_col = -1;
    for (const explain::AxisRead& col : reads.cols) {
      if (col.output == last_col) continue;
      last_col = col.output;
      const std::int64_t i = row.output - influence.first_row, j = col.output - influence.first_col;
      if (i >= shape.h || j >= shape.w) continue;
      const auto x = static_cast<double>(col.output), y = static_cast<double>(row.output);
      const view::Rgb colour = view::colour_of(colours, {-range, range}, influence.plane.at(0, 0, i, j));
      fill_pixels(canvas, x, y, x + 1, y + 1, with_alpha(colour, 205));
      outline_pixels(canvas, x, y, x + 1, y + 1, ui.palette.output_outline, ui.scale);
    }
  }
}

// The outputs which read a hovered input pixel, through the border's copies too: one frame around them, and where
// they are large enough one each.
void mark_readers(Ui& ui, const model::ConvResult& result, const CanvasState& canvas, int map) {
  const conv::Geometry& geometry = result.geometry;
  const model::Hover& hover = ui.document.hover;
  if (hover.row < 0 || hover.row >= geometry.h || hover.col < 0 || hover.col >= geometry.w) return;
  const explain::PixelReads reads = explain::pixel_reads(geometry, hover.row, hover.col);
  if (reads.count() == 0) return;
  const double smallest_cell = 4 * static_cast<double>(ui.scale);
  if (canvas.placement.scale >= smallest_cell && reads.count() <= kMostReads) {
    draw_influence(ui, result, canvas, reads, map);
    return;
  }
  const auto left = static_cast<double>(reads.cols.front().output);
  const auto top = static_cast<double>(reads.rows.front().output);
  const auto right = static_cast<double>(reads.cols.back().output + 1);
  const auto bottom = static_cast<double>(reads.rows.back().output + 1);
  mark_pixels(canvas, left, top, right, bottom, ui.palette.output_outline, ui.scale, 7 * ui.scale);
}

// What a hovered weight feeds. Its outputs inside the picture are known when its sum is.
void mark_fed(Ui& ui, const model::ConvResultPtr& result, const CanvasState& canvas, int map) {
  const conv::Geometry& g = result->geometry;
  const model::Hover& hover = ui.document.hover;
  const auto rows = static_cast<double>(g.p), cols = static_cast<double>(g.q);
  if (hover.index != map) {
    fill_pixels(canvas, 0, 0, cols, rows, IM_COL32(0, 0, 0, 130));
    return;
  }
  const model::WeightSum* sum =
      ui.document.weight_sums.find(result, {hover.index, hover.channel, hover.row, hover.col});
  if (sum) {
    const explain::OutputRange& inside = sum->probe.inside;
    const auto x0 = static_cast<double>(inside.col0), x1 = static_cast<double>(inside.col1);
    const auto y0 = static_cast<double>(inside.row0), y1 = static_cast<double>(inside.row1);
    const ImU32 ink = ui.palette.window_outline;
    if (canvas.placement.scale >= 2 * static_cast<double>(ui.scale)) {
      hatch_pixels(canvas, 0, 0, cols, y0, ink);
      hatch_pixels(canvas, 0, y1, cols, rows, ink);
      hatch_pixels(canvas, 0, y0, x0, y1, ink);
      hatch_pixels(canvas, x1, y0, cols, y1, ink);
    }
    outline_pixels(canvas, x0, y0, x1, y1, IM_COL32(0, 0, 0, 130), 2 * ui.scale + 2);
    outline_pixels(canvas, x0, y0, x1, y1, ink, 2 * ui.scale);
  }
  mark_cell(ui, canvas, animation_cell(ui.document));
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

void draw_output_marks(Ui& ui, const model::ConvResultPtr& result, const CanvasState& canvas, int map) {
  const model::Document& document = ui.document;
  const bool is_playing = document.animation.is_playing;
  const model::OutputCell cell = animation_cell(document);
  switch (document.hover.kind) {
    case model::Hover::Kind::kMap:
      mark_cell(ui, canvas, {document.hover.row, document.hover.col});
      return;
    case model::Hover::Kind::kInput:
      mark_readers(ui, *result, canvas, map);
      if (is_playing) mark_cell(ui, canvas, cell);
      return;
    case model::Hover::Kind::kWeight:
      mark_fed(ui, result, canvas, map);
      return;
    case model::Hover::Kind::kNone:
      mark_cell(ui, canvas, cell);
      return;
  }
}

void draw_plane_values(Ui& ui, const CanvasState& canvas, const view::Colormap& colormap, const view::ValueRange& range,
                       const std::function<float(std::int64_t, std::int64_t)>& value, int digits) {
  draw_grid_and_values(
      ui, canvas, [&](std::int64_t x, std::int64_t y) { return number_text(static_cast<double>(value(x, y)), digits); },
      [&](std::int64_t x, std::int64_t y) { return is_dark(view::colour_of(colormap, range, value(x, y))); });
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
