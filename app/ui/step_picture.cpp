// Pictures of the steps behind a map. Colours and gestures are those of the maps panel.
#include "app/ui/step_picture.h"

#include <algorithm>
#include <span>

#include "app/ui/maps_panel_marks.h"
#include "app/ui/probe_moves.h"
#include "app/ui/transport.h"
#include "app/ui/widgets.h"
#include "app/view/map_range.h"

namespace convlens::ui {
namespace {

constexpr float kLowest = 60, kHighest = 170;  // of a canvas, at scale 1

float caption_height(const Ui& ui) { return font_height(ui.fonts.small) + 3 * ui.scale; }

}  // namespace

StepSource source_of(const model::StepPlane& plane) {
  return {{.tensor = &plane.values, .levels = plane.levels, .generation = plane.version},
          0,
          plane.values.view(),
          &plane.stats};
}

StepSource map_source(const model::LayerSteps& steps) {
  if (steps.after) return source_of(*steps.after);
  const model::FeatureMap& map = *steps.map;
  return {{.tensor = &map.block->values, .levels = map.block->levels, .generation = map.version},
          map.plane,
          steps.map_values(),
          &map.stats};
}

CanvasState StepPicture::draw(Ui& ui, std::string_view name, const std::string& caption, const ImVec2& size,
                              view::Viewport& viewport, const StepSource& plane, const view::Colormap& colormap,
                              const view::ValueRange& range) {
  ImGui::BeginGroup();
  const float above = caption_height(ui);
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.PushClipRect(corner, {corner.x + size.x, corner.y + above}, true);
  draw.AddText(ui.fonts.small, font_height(ui.fonts.small), corner, ui.palette.text_dim, caption.c_str());
  draw.PopClipRect();
  ImGui::SetCursorScreenPos({corner.x, corner.y + above});
  const CanvasState state = canvas(ui, name, {size.x, size.y - above}, viewport, static_cast<double>(plane.cols()),
                                   static_cast<double>(plane.rows()));
  draw_picture(state, picture_.update(ui.painter, plane.source, plane.plane, state.placement, colormap, range));
  const auto value = [&](std::int64_t x, std::int64_t y) { return plane.values.at(0, 0, y, x); };
  draw_plane_values(ui, state, colormap, range, value);
  record_rect(ui, corner, {corner.x + size.x, corner.y + size.y}, std::string(name) + "/plane", "text", caption,
              {{"min", plane.stats->min},
               {"max", plane.stats->max},
               {"mean", plane.stats->mean},
               {"shape", {plane.rows(), plane.cols()}},
               {"range", {range.lo, range.hi}}});
  ImGui::EndGroup();
  return state;
}

float step_picture_height(const Ui& ui, float width, std::int64_t rows, std::int64_t cols) {
  const float shape = width * static_cast<float>(rows) / static_cast<float>(cols);
  return caption_height(ui) + std::clamp(shape, kLowest * ui.scale, kHighest * ui.scale);
}

view::ValueRange own_range(const Ui& ui, const view::Colormap& colormap, const model::MapStats& stats) {
  model::ViewSettings view = ui.document.settings.view;
  view.range = model::RangeMode::kPerMap;
  return view::map_range(view, colormap, std::span(&stats, 1), 0, {});
}

void hover_output(Ui& ui, int map, model::OutputCell cell) {
  const ImVec2 moved = ImGui::GetIO().MouseDelta;
  // The sliding window stays where the pointer took hold of it.
  if (moved.x != 0 || moved.y != 0) grab_animation(ui.document, cell);
  if (!ui.document.animation.is_playing) ui.document.hover = {model::Hover::Kind::kMap, map, 0, cell.row, cell.col};
}

void point_at_output(Ui& ui, int map, const CanvasState& canvas, const std::string& words) {
  if (!canvas.is_on_picture) return;
  if (canvas.was_clicked) watch_value(ui.document, {map, canvas.y, canvas.x}, ImGui::GetIO().KeyCtrl);
  hover_output(ui, map, {canvas.y, canvas.x});
  ui.hovered_value = words;
}

}  // namespace convlens::ui
