// The windows and winners are engine/explain's; here they get their place and colours.
#include "app/ui/pooling_view.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "app/ui/field_check.h"
#include "app/ui/maps_panel_marks.h"
#include "app/ui/text.h"
#include "app/ui/transport.h"
#include "app/ui/widgets.h"
#include "app/view/map_range.h"

namespace convlens::ui {
namespace {

constexpr float kLabelWidth = 46;      // at scale 1
constexpr float kNarrow = 300;         // ... of the panel
constexpr float kMostProbe = 190;      // ... height of the probe
constexpr float kMostCell = 46;        // ... side of a cell of the probe
constexpr float kLeastValueCell = 26;  // ... that holds its value
constexpr std::size_t kMostTerms = 9;  // of an average that is written out

struct Colours {
  const view::Colormap& map;
  view::ValueRange range;
};

Colours colours_of(const Ui& ui, const model::LayerSteps& steps, const StepSource& map) {
  const view::Colormap& colormap = view::map_colormap(ui.document.settings.view, steps.map->recipe.geometry.activation);
  return {colormap, own_range(ui, colormap, *map.stats)};
}

// Both numbers on one line, or below each other where the panel is narrow.
void size_controls(Ui& ui) {
  const bool is_narrow = ImGui::GetContentRegionAvail().x < kNarrow * ui.scale;
  if (!ImGui::BeginTable(is_narrow ? "narrow pool sizes" : "pool sizes", is_narrow ? 1 : 2,
                         ImGuiTableFlags_NoPadOuterX | ImGuiTableFlags_SizingStretchSame))
    return;
  ImGui::TableNextRow();
  for (const auto& [label, name] : {std::pair{"Size", "pool/size"}, std::pair{"Stride", "pool/stride"}}) {
    ImGui::TableNextColumn();
    ImGui::AlignTextToFramePadding();
    ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
    ImGui::TextUnformatted(label);
    ImGui::PopStyleColor();
    ImGui::SameLine(kLabelWidth * ui.scale, 0);
    field_control(ui, name, -1);
  }
  ImGui::EndTable();
}

std::string shape_words(const model::LayerSteps& steps, const explain::PoolParams& params) {
  const std::int64_t rows = steps.map->rows(), cols = steps.map->cols();
  const std::int64_t p = steps.pooled->values.shape().h, q = steps.pooled->values.shape().w;
  std::string text =
      std::to_string(rows) + " × " + std::to_string(cols) + " → " + std::to_string(p) + " × " + std::to_string(q);
  const std::int64_t lost_rows = rows - ((p - 1) * params.stride_y + params.size_y);
  const std::int64_t lost_cols = cols - ((q - 1) * params.stride_x + params.size_x);
  if (lost_rows > 0 || lost_cols > 0) {
    text += "; the floor drops ";
    if (lost_rows > 0) text += std::to_string(lost_rows) + (lost_rows == 1 ? " row" : " rows");
    if (lost_rows > 0 && lost_cols > 0) text += " and ";
    if (lost_cols > 0) text += std::to_string(lost_cols) + (lost_cols == 1 ? " column" : " columns");
  }
  return text;
}

// "maximum of 4 = 0.31 at (12, 40)" or "(0.1 + 0.2 + 0.3 + 0.4) / 4 = 0.25".
std::string arithmetic(const explain::PoolProbe& probe) {
  const std::string count = std::to_string(probe.cells.size());
  if (probe.kind == explain::PoolKind::kMax) {
    const auto winner =
        std::find_if(probe.cells.begin(), probe.cells.end(), [](const auto& cell) { return cell.wins; });
    return "maximum of " + count + " = " + explain::to_text(probe.value) + " at " +
           place_text(winner->row, winner->col);
  }
  std::string sum = explain::to_text(probe.sum);
  if (probe.cells.size() <= kMostTerms) {
    sum = "(";
    for (const explain::PoolCell& cell : probe.cells) {
      const std::string text = explain::to_text(cell.shown);
      if (sum.size() == 1) {
        sum += text;
      } else {
        sum += text.front() == '-' ? " − " + text.substr(1) : " + " + text;
      }
    }
    sum += ")";
  }
  return sum + " / " + count + " = " + explain::to_text(probe.value);
}

void draw_cells(Ui& ui, const explain::PoolProbe& probe, const explain::PoolParams& params, const Colours& colours,
                float side) {
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const float cell = std::floor(std::min(kMostCell * ui.scale, side / static_cast<float>(params.size_y)));
  const std::int64_t row0 = probe.cells.front().row, col0 = probe.cells.front().col;
  ImVec2 far_corner = corner;
  for (const explain::PoolCell& at : probe.cells) {
    const ImVec2 min(corner.x + cell * static_cast<float>(at.col - col0),
                     corner.y + cell * static_cast<float>(at.row - row0));
    const ImVec2 max(min.x + cell, min.y + cell);
    const view::Rgb colour = view::colour_of(colours.map, colours.range, at.value);
    draw.AddRectFilled(min, max, IM_COL32(colour.r, colour.g, colour.b, 255));
    draw.AddRect(min, max, ui.palette.panel_border);
    if (cell >= kLeastValueCell * ui.scale) {
      const std::string text = number_text(static_cast<double>(at.value), 3);
      ImFont* font = ui.fonts.small;
      const float natural = font_height(font);
      const float width = font->CalcTextSizeA(natural, FLT_MAX, 0, text.c_str()).x;
      const float size = std::min(natural, natural * (cell - 4 * ui.scale) / std::max(width, 1.0F));
      const ImVec2 extent = font->CalcTextSizeA(size, FLT_MAX, 0, text.c_str());
      draw.AddText(font, size, {(min.x + max.x - extent.x) / 2, (min.y + max.y - extent.y) / 2},
                   is_dark(colour) ? IM_COL32_WHITE : IM_COL32_BLACK, text.c_str());
    }
    far_corner = {std::max(far_corner.x, max.x), std::max(far_corner.y, max.y)};
  }
  for (const explain::PoolCell& at : probe.cells) {
    if (!at.wins) continue;
    const ImVec2 min(corner.x + cell * static_cast<float>(at.col - col0),
                     corner.y + cell * static_cast<float>(at.row - row0));
    const float inset = 1.5F * ui.scale;
    draw.AddRect({min.x + inset, min.y + inset}, {min.x + cell - inset, min.y + cell - inset},
                 ui.palette.output_outline, 0, 0, 2.5F * ui.scale);
  }
  ImGui::Dummy({far_corner.x - corner.x, far_corner.y - corner.y});
}

// A pointer on a pooled value is on the cell that won, or on the window's first, for everybody else.
void point_at_window(Ui& ui, int map, const explain::PoolProbe& probe) {
  const auto winner = std::find_if(probe.cells.begin(), probe.cells.end(), [](const auto& cell) { return cell.wins; });
  const explain::PoolCell& at = winner == probe.cells.end() ? probe.cells.front() : *winner;
  hover_output(ui, map, {at.row, at.col});
}

nlohmann::json probe_json(const explain::PoolProbe& probe, model::OutputCell cell) {
  nlohmann::json cells = nlohmann::json::array();
  for (const explain::PoolCell& at : probe.cells) {
    cells.push_back({{"row", at.row}, {"col", at.col}, {"shown", explain::to_text(at.shown)}, {"wins", at.wins}});
  }
  return {{"row", cell.row},
          {"col", cell.col},
          {"cells", std::move(cells)},
          {"value", explain::to_text(probe.value)},
          {"pooled", probe.pooled}};
}

}  // namespace

void PoolingView::draw_pictures(Ui& ui, const model::LayerSteps& steps) {
  const StepSource map = map_source(steps), pooled = source_of(*steps.pooled);
  const explain::PoolParams params = model::pool_params(*steps.key.pool);
  const Colours colours = colours_of(ui, steps, map);
  const float gap = 6 * ui.scale;
  const float width = std::floor((ImGui::GetContentRegionAvail().x - gap) / 2);
  const ImVec2 size(width, step_picture_height(ui, width, map.rows(), map.cols()));
  const auto over = [](std::int64_t at, int stride, std::int64_t count) {
    return std::clamp<std::int64_t>(at / stride, 0, count - 1);
  };

  const model::OutputCell looked_at = looked_at_output(ui.document, map.rows(), map.cols());
  model::OutputCell next{over(looked_at.row, params.stride_y, pooled.rows()),
                         over(looked_at.col, params.stride_x, pooled.cols())};
  cell_ = {std::min(cell_.row, pooled.rows() - 1), std::min(cell_.col, pooled.cols() - 1)};
  const CanvasState left =
      map_.draw(ui, "geometry/pool_map", "Map: " + steps.name, size, ui.map_view, map, colours.map, colours.range);
  ImGui::SameLine(0, gap);
  const CanvasState right =
      pooled_.draw(ui, "geometry/pooled", "Pooled", size, ui.map_view, pooled, colours.map, colours.range);
  if (right.is_on_picture) next = {right.y, right.x};
  cell_ = next;

  const explain::PoolProbe probe = explain::probe_pool(params, map.values, 0, 0, cell_.row, cell_.col);
  const auto row0 = static_cast<double>(cell_.row * params.stride_y);
  const auto col0 = static_cast<double>(cell_.col * params.stride_x);
  mark_pixels(left, col0, row0, col0 + params.size_x, row0 + params.size_y, ui.palette.window_outline, 1.5F * ui.scale,
              9 * ui.scale);
  for (const explain::PoolCell& at : probe.cells) {
    const auto x = static_cast<double>(at.col), y = static_cast<double>(at.row);
    if (at.wins && left.placement.scale >= 4 * ui.scale) {
      outline_pixels(left, x, y, x + 1, y + 1, ui.palette.output_outline, 2 * ui.scale);
    }
  }
  const auto x = static_cast<double>(cell_.col), y = static_cast<double>(cell_.row);
  mark_pixels(right, x, y, x + 1, y + 1, ui.palette.output_outline, ui.scale, 7 * ui.scale);
  if (left.is_on_picture) {
    point_at_output(ui, steps.index, left,
                    steps.name + " (row " + std::to_string(left.y) + ", col " + std::to_string(left.x) +
                        ") = " + number_text(static_cast<double>(map.values.at(0, 0, left.y, left.x))));
  } else if (right.is_on_picture) {
    point_at_window(ui, steps.index, probe);
    ui.hovered_value = "pooled (row " + std::to_string(cell_.row) + ", col " + std::to_string(cell_.col) +
                       ") = " + number_text(static_cast<double>(probe.pooled));
  }

  const float side = std::clamp(ImGui::GetContentRegionAvail().y - 2 * ui.scale, 3.2F * ImGui::GetFrameHeight(),
                                kMostProbe * ui.scale);
  draw_cells(ui, probe, params, colours, side);
  ImGui::SameLine(0, 10 * ui.scale);
  ImGui::BeginGroup();
  const std::string shape = shape_words(steps, params);
  dim_text(ui, shape);
  record(ui, "geometry/pool/shape", "text", shape, {pooled.rows(), pooled.cols()});
  dim_text(ui, "Window of pooled " + place_text(cell_.row, cell_.col));
  formula(ui, "geometry/pool/words", arithmetic(probe),
          "The window under the pointer, or the one over the output that is looked at; framed: the cell that won");
  record(ui, "geometry/pool/probe", "text", "", probe_json(probe, cell_));
  ImGui::EndGroup();
}

void PoolingView::draw(Ui& ui, const model::LayerStepsPtr& steps) {
  field_check(ui, "pool/on");
  const bool is_on = ui.document.settings.pool.is_on;
  if (!is_on) {
    dim_text(
        ui,
        "Pooling puts one value in the place of each window: the map gets smaller, and a feature may move a little "
        "without a change. Switch it on to see it after the activation.");
    return;
  }
  ImGui::SameLine(0, 12 * ui.scale);
  field_segments(ui, "pool/kind", -1);
  size_controls(ui);
  if (!steps || !steps->key.pool || (!steps->pooled && steps->pool_refusal.empty())) {
    dim_text(ui, "The pooled map is being computed.");
    return;
  }
  if (!steps->pooled) {
    ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.error);
    ImGui::TextWrapped("%s.", steps->pool_refusal.c_str());
    ImGui::PopStyleColor();
    record(ui, "geometry/pool/refusal", "text", steps->pool_refusal, steps->pool_refusal);
    return;
  }
  draw_pictures(ui, *steps);
}

}  // namespace convlens::ui
