// Lays the three out and points at the same value in all of them.
#include "app/ui/compare_window.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "app/ui/canvas.h"
#include "app/ui/colour_bar.h"
#include "app/ui/maps_panel_marks.h"
#include "app/ui/maps_panel_screen.h"
#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

struct Pane {
  const char* id;
  std::string caption;
  std::int64_t rows = 1, cols = 1;
};

std::string summary(const explain::Comparison& c) {
  if (c.equal == c.count) return "The same in every bit.";
  std::string text = "largest difference " + number_text(c.largest) + ", mean " + number_text(c.mean_absolute);
  if (std::isfinite(c.psnr_db)) text += ", PSNR " + number_text(c.psnr_db) + " dB";
  return text + ", SSIM " + number_text(c.ssim);
}

void mark_hover(Ui& ui, int map, const CanvasState& canvas) {
  const model::Hover& hover = ui.document.hover;
  if (hover.kind != model::Hover::Kind::kMap || hover.index != map) return;
  const auto x = static_cast<double>(hover.col), y = static_cast<double>(hover.row);
  mark_pixels(canvas, x, y, x + 1, y + 1, ui.palette.output_outline, 1.5F * ui.scale, 9 * ui.scale);
}

void point_at(Ui& ui, int map, const CanvasState& canvas, const model::MapDifferencePtr& difference) {
  if (!canvas.is_on_picture || !difference) return;
  if (canvas.y >= difference->a->rows() || canvas.x >= difference->a->cols()) return;
  ui.document.hover = {model::Hover::Kind::kMap, map, 0, canvas.y, canvas.x};
  const auto a = static_cast<double>(difference->a->at(canvas.y, canvas.x));
  const auto b = static_cast<double>(difference->b->at(canvas.y, canvas.x));
  ui.hovered_value = "map " + std::to_string(map) + " (row " + std::to_string(canvas.y) + ", col " +
                     std::to_string(canvas.x) + "): A " + number_text(a) + ", B " + number_text(b) + ", A − B " +
                     number_text(a - b);
}

}  // namespace

void CompareWindow::draw(Ui& ui) {
  if (!ui.windows.side_by_side) return;
  const ImGuiViewport& viewport = *ImGui::GetMainViewport();
  const ImVec2 size(std::min(1080 * ui.scale, viewport.WorkSize.x - 40 * ui.scale),
                    std::min(460 * ui.scale, viewport.WorkSize.y - 60 * ui.scale));
  ImGui::SetNextWindowSize(size, ImGuiCond_Appearing);
  ImGui::SetNextWindowPos(
      ImVec2(viewport.WorkPos.x + (viewport.WorkSize.x - size.x) / 2, viewport.WorkPos.y + 30 * ui.scale),
      ImGuiCond_Appearing);
  const ImGuiWindowFlags flags = ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoSavedSettings;
  if (!ImGui::Begin("A and B", &ui.windows.side_by_side, flags)) {
    ImGui::End();
    return;
  }
  const model::AbSession& ab = ui.document.ab;
  if (!ui.document.result() || ab.kind() == model::BKind::kNone) {
    dim_text(ui, "There is no B. The tab Compare chooses one.");
    ImGui::End();
    return;
  }
  const ShownMaps maps = shown_maps(ui.document);
  const int map = maps.selected;
  const model::MapDifferencePtr difference = ab.difference(map);
  const model::FeatureMapPtr& a = maps.result->maps[static_cast<std::size_t>(map)];
  const model::FeatureMapPtr b = ab.b_map(map);
  const MapColours colours{maps.colormap, maps.range(map)};

  const float gap = 8 * ui.scale;
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const float bar = 12 * ui.scale + ui.fonts.small->FontSize * 2;
  const float line = ImGui::GetTextLineHeightWithSpacing();
  const ImVec2 pane_size((room.x - 2 * gap) / 3, std::max(room.y - bar - 2 * line - 2 * gap, 60 * ui.scale));
  const Pane panes[3] = {{"a", "A: " + maps.name(map), a ? a->rows() : 1, a ? a->cols() : 1},
                         {"b", b ? "B" : "B is being computed", b ? b->rows() : 1, b ? b->cols() : 1},
                         {"difference", "A − B", a ? a->rows() : 1, a ? a->cols() : 1}};
  for (int i = 0; i < 3; ++i) {
    const Pane& pane = panes[i];
    if (i > 0) ImGui::SameLine(0, gap);
    ImGui::BeginGroup();
    dim_text(ui, pane.caption);
    const std::string name = std::string("side/") + pane.id;
    const CanvasState state =
        canvas(ui, name, pane_size, ui.map_view, static_cast<double>(pane.cols), static_cast<double>(pane.rows));
    if (i == 0 && a && maps.result->has(map)) {
      const view::Source source{.tensor = &a->block->values, .levels = a->block->levels, .generation = a->version};
      draw_picture(state, a_.update(ui.painter, source, a->plane, state.placement, *colours.colormap, colours.range));
      draw_plane_values(ui, state, *colours.colormap, colours.range,
                        [&](std::int64_t x, std::int64_t y) { return a->at(y, x); });
    }
    if (i == 1 && b) paint_.paint_b(ui, map, colours, state);
    if (i == 2) paint_.paint_difference(ui, map, state);
    point_at(ui, map, state, difference);
    mark_hover(ui, map, state);
    draw_zoom_readout(ui, state);
    if (i < 2) {
      colour_bar(ui, name + "/bar", pane_size.x, {colours.colormap, colours.range, false, false, {}});
    } else if (difference) {
      colour_bar(ui, name + "/bar", pane_size.x, difference_bar(ui, *difference));
    } else {
      dim_text(ui, ab.mismatch(map));
    }
    ImGui::EndGroup();
  }
  if (difference) dim_text(ui, summary(difference->comparison));
  ImGui::End();
}

}  // namespace convlens::ui
