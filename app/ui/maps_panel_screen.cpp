// Lays the maps out, reads the pointer, and paints pictures, captions and outlines.
#include "app/ui/maps_panel_screen.h"

#include <algorithm>
#include <cmath>

#include "app/ui/maps_panel_marks.h"
#include "app/ui/probe_moves.h"
#include "app/ui/probe_pins.h"
#include "app/ui/text.h"
#include "app/ui/transport.h"
#include "app/ui/widgets.h"
#include "app/view/map_range.h"
#include "app/view/tile_layout.h"

namespace convlens::ui {

namespace {

constexpr float kSmallestTile = 84;  // at 100 % interface scale; more tiles than fit at this width scroll
constexpr double kFlattest = 4;      // aspect beyond which a picture no longer shapes its tile

ImFont* small_font(const Ui& ui) { return ui.fonts.small != nullptr ? ui.fonts.small : ImGui::GetFont(); }

float caption_height(const Ui& ui) { return small_font(ui)->FontSize + 6 * ui.scale; }

bool is_single(const Ui& ui) { return ui.document.settings.view.layout == model::MapLayout::kSingle; }

// The rest of the caption when the name is written, as far as there is room: the map's extent, or less of it.
void draw_caption(Ui& ui, const ImVec2& corner, float width, const std::string& name, const std::string& extent,
                  bool is_selected) {
  const ImFont* font = small_font(ui);
  const float y = std::round(corner.y + 2 * ui.scale);
  const float gap = 8 * ui.scale;
  const float extent_width = width_of(font, extent);
  // All tiles of a size alike: two numbers of three digits and a short name, or the name alone.
  const bool has_extent = !extent.empty() && width >= 125 * ui.scale && extent_width + 30 * ui.scale <= width;
  const float name_room = has_extent ? width - extent_width - gap : width;
  put_text(font, {corner.x, y}, is_selected ? ui.palette.text : ui.palette.text_dim, fitted(font, name, name_room));
  if (has_extent) put_text(font, {corner.x + width - extent_width, y}, ui.palette.text_dim, extent);
}

}  // namespace

ShownMaps shown_maps(const model::Document& document) {
  ShownMaps maps;
  maps.result = document.result();
  const model::ConvResult& result = *maps.result;
  const model::ViewSettings& view = document.settings.view;
  maps.count = static_cast<int>(result.geometry.k);
  maps.selected = std::clamp(document.selection.filter, 0, maps.count - 1);
  maps.colormap = &view::map_colormap(view, result.geometry.activation);
  const view::ValueRange global{document.global_min(), document.global_max()};
  maps.ranges.reserve(result.stats.size());
  for (int map = 0; map < maps.count; ++map) {
    maps.ranges.push_back(view::map_range(view, *maps.colormap, result.stats, map, global));
  }
  return maps;
}

void MapScreen::draw(Ui& ui, const ShownMaps& maps, const ImVec2& size) {
  tiles_.clear();
  // A pointer that merely rests on a map, or was there when the window opened, does not hold the animation.
  const ImGuiIO& io = ImGui::GetIO();
  const bool has_moved = io.MousePos.x != pointer_.x || io.MousePos.y != pointer_.y;
  pointer_acts_ = (has_moved && ui.frame > 3) || io.MouseWheel != 0 || ImGui::IsAnyMouseDown();
  pointer_ = io.MousePos;
  pictures_.resize(static_cast<std::size_t>(maps.count));
  if (is_single(ui)) {
    lay_out_one(ui, maps, size);
  } else {
    lay_out_tiles(ui, maps, size);
  }
  // The chosen map is described below the tiles, in sight or not.
  std::vector<int> looked_at{maps.selected};
  for (const Tile& tile : tiles_) looked_at.push_back(tile.map);
  ui.document.look_at(looked_at);
}

void MapScreen::lay_out_one(Ui& ui, const ShownMaps& maps, const ImVec2& size) {
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  add_tile(ui, maps, maps.selected, corner, {size.x, size.y - caption_height(ui)});
  react(ui, maps, tiles_.front());
  find_sweep(maps);
  paint(ui, maps, tiles_.front());
  scrolled_to_ = -1;
  ImGui::SetCursorScreenPos({corner.x, corner.y + size.y});
}

void MapScreen::lay_out_tiles(Ui& ui, const ShownMaps& maps, const ImVec2& size) {
  const conv::Geometry& geometry = maps.result->geometry;
  const double aspect =
      std::clamp(static_cast<double>(geometry.q) / static_cast<double>(geometry.p), 1 / kFlattest, kFlattest);
  const float edge = 3 * ui.scale;  // room for the frame of the selected tile
  const double smallest = static_cast<double>(kSmallestTile * ui.scale) * std::clamp(aspect, 0.5, 1.0);
  const auto layout = [&](float width) {
    const view::Rect area{edge, edge, width - edge, size.y - edge};
    return view::layout_tiles(area, maps.count, aspect, 8 * ui.scale, caption_height(ui), smallest);
  };
  view::TileGrid grid = layout(size.x);
  const bool scrolls = grid.content_height + 2 * edge > size.y + 1;
  if (scrolls) grid = layout(size.x - ImGui::GetStyle().ScrollbarSize);

  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::BeginChild("tiles", size, false, scrolls ? ImGuiWindowFlags_None : ImGuiWindowFlags_NoScrollbar);
  ImGui::PopStyleVar();
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  for (int map = 0; map < maps.count; ++map) {
    const view::Rect& rect = grid.tiles[static_cast<std::size_t>(map)];
    const ImVec2 corner{std::round(origin.x + static_cast<float>(rect.x0)),
                        std::round(origin.y + static_cast<float>(rect.y0))};
    const ImVec2 extent{std::floor(static_cast<float>(rect.width())), std::floor(static_cast<float>(rect.height()))};
    if (map == maps.selected && scrolls && scrolled_to_ != map) {
      ImGui::SetCursorScreenPos(corner);
      ImGui::Dummy({extent.x, extent.y + caption_height(ui)});
      if (!ImGui::IsItemVisible()) ImGui::SetScrollHereY(0.5F);
    }
    if (ImGui::IsRectVisible(corner, {corner.x + extent.x, corner.y + extent.y + caption_height(ui)})) {
      add_tile(ui, maps, map, corner, extent);
    }
  }
  scrolled_to_ = maps.selected;
  for (const Tile& tile : tiles_) react(ui, maps, tile);
  find_sweep(maps);
  // After every tile has been asked, so that all show the same zoom and the same marks in the same frame.
  for (Tile& tile : tiles_) paint(ui, maps, tile);
  ImGui::SetCursorScreenPos(origin);
  ImGui::Dummy({1, static_cast<float>(grid.content_height) + 2 * edge});
  ImGui::EndChild();
}

void MapScreen::add_tile(Ui& ui, const ShownMaps& maps, int map, const ImVec2& corner, const ImVec2& size) {
  const conv::Geometry& geometry = maps.result->geometry;
  const view::Viewport map_view = ui.map_view;
  const view::Viewport input_view = ui.input_view;
  AbPaint::grab_line(ui, map, corner, size);
  ImGui::SetCursorScreenPos(corner);
  const std::string name = is_single(ui) ? "maps/canvas" : "maps/tile/" + std::to_string(map) + "/canvas";
  Tile& tile = tiles_.emplace_back();
  tile.map = map;
  tile.canvas = canvas(ui, name, size, ui.map_view, static_cast<double>(geometry.q), static_cast<double>(geometry.p));
  tile.caption = {corner.x, corner.y + size.y};
  if (tile.canvas.was_double_clicked && !is_single(ui)) {
    // Among tiles it opens one instead of fitting the picture.
    ui.map_view = map_view;
    ui.input_view = input_view;
  }
}

void MapScreen::react(Ui& ui, const ShownMaps& maps, const Tile& tile) {
  model::Document& document = ui.document;
  const CanvasState& canvas = tile.canvas;
  if (canvas.was_clicked || canvas.was_double_clicked) document.selection.filter = tile.map;
  if (canvas.was_double_clicked && !is_single(ui)) document.settings.view.layout = model::MapLayout::kSingle;
  if (!canvas.is_on_picture) return;
  if (canvas.was_clicked) watch_value(document, {tile.map, canvas.y, canvas.x}, ImGui::GetIO().KeyCtrl);
  if (const auto value = maps.result->value(tile.map, canvas.y, canvas.x)) {
    ui.hovered_value = describe_output(*maps.result, tile.map, canvas.y, canvas.x, static_cast<double>(*value));
  }
  if (pointer_acts_) grab_animation(document, {canvas.y, canvas.x});
  // While the window slides past a resting pointer, the window is what is looked at.
  if (document.animation.is_playing) return;
  document.hover = {model::Hover::Kind::kMap, tile.map, 0, canvas.y, canvas.x};
}

void MapScreen::find_sweep(const ShownMaps& maps) {
  const conv::Geometry& geometry = maps.result->geometry;
  sweep_ = {0, geometry.p, 0, geometry.q};
  if (tiles_.empty()) return;
  const view::Rect seen = tiles_.front().canvas.placement.visible();
  const auto inside = [](double from, double to, std::int64_t size, std::int64_t& lo, std::int64_t& hi) {
    lo = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(from)), 0, size - 1);
    hi = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(to)), lo + 1, size);
  };
  inside(seen.y0, seen.y1, geometry.p, sweep_.row0, sweep_.row1);
  inside(seen.x0, seen.x1, geometry.q, sweep_.col0, sweep_.col1);
}

void MapScreen::paint(Ui& ui, const ShownMaps& maps, Tile& tile) {
  const conv::Geometry& geometry = maps.result->geometry;
  view::Placement& placement = tile.canvas.placement;
  placement =
      view::place(ui.map_view, placement.canvas, static_cast<double>(geometry.q), static_cast<double>(geometry.p));
  const bool is_selected = tile.map == maps.selected;
  const model::MapStats& stats = maps.stats(tile.map);
  if (ui.show_original) {
    paint_original(ui, maps, tile);
  } else {
    paint_map(ui, maps, tile);
    ab_.paint(ui, tile.map, {maps.colormap, maps.range(tile.map)}, tile.canvas);
    geometry_overlay_.draw(ui, tile.canvas, geometry, looked_at_output(ui.document, geometry.p, geometry.q));
  }
  draw_output_marks(ui, maps.result, tile.canvas, tile.map);
  draw_pins_on_map(ui, tile.canvas, geometry, tile.map);

  const float width = static_cast<float>(placement.canvas.width());
  const auto instead = shown_instead(ui, tile.map);
  const model::MapStats& shown = instead ? instead->stats : stats;
  const std::string extent = number_text(shown.min, 3) + " … " + number_text(shown.max, 3);
  const std::string name =
      is_single(ui) && !ui.show_original
          ? std::to_string(tile.map + 1) + " of " + std::to_string(maps.count) + "  " + maps.name(tile.map)
          : maps.name(tile.map);
  draw_caption(ui, tile.caption, width, ui.show_original ? "input" : name, ui.show_original ? "" : extent, is_selected);
  const ImVec2 min{static_cast<float>(placement.canvas.x0), static_cast<float>(placement.canvas.y0)};
  const ImVec2 max{static_cast<float>(placement.canvas.x1), static_cast<float>(placement.canvas.y1)};
  if (is_single(ui)) {
    draw_zoom_readout(ui, tile.canvas);
  } else if (is_selected) {
    ImGui::GetWindowDrawList()->AddRect({min.x - ui.scale, min.y - ui.scale}, {max.x + ui.scale, max.y + ui.scale},
                                        ui.palette.accent, 3 * ui.scale, 0, 2 * ui.scale);
  }
  record_rect(ui, min, max, "maps/tile/" + std::to_string(tile.map), "tile", maps.name(tile.map),
              {{"filter", maps.name(tile.map)},
               {"min", stats.min},
               {"max", stats.max},
               {"mean", stats.mean},
               {"generation", maps.generation(tile.map)},
               {"selected", is_selected},
               {"original", ui.show_original},
               {"shown", {{"name", instead ? instead->name : "A"}, {"min", shown.min}, {"max", shown.max}}},
               {"range", {maps.range(tile.map).lo, maps.range(tile.map).hi}}});
}

void MapScreen::paint_map(Ui& ui, const ShownMaps& maps, const Tile& tile) {
  const model::ConvResult& result = *maps.result;
  const model::FeatureMapPtr& map = result.maps[static_cast<std::size_t>(tile.map)];
  if (!map) return;
  // One that is still to be made shows what was there before, at the size it had.
  CanvasState canvas = tile.canvas;
  canvas.placement = view::place(ui.map_view, canvas.placement.canvas, static_cast<double>(map->cols()),
                                 static_cast<double>(map->rows()));
  const view::Source source{&map->block->values, map->block->levels, map->version, map->device.get()};
  const view::ValueRange& range = maps.range(tile.map);
  view::PlanePicture& picture = pictures_[static_cast<std::size_t>(tile.map)];
  draw_picture(canvas, picture.update(ui.painter, source, map->plane, canvas.placement, *maps.colormap, range));
  // A map that is drawn before its values are read has its numbers a moment later.
  const bool has_values = map->has_values();
  const auto value = [&](std::int64_t x, std::int64_t y) { return map->at(y, x); };
  draw_grid_and_values(
      ui, canvas,
      [&](std::int64_t x, std::int64_t y) {
        return has_values ? number_text(static_cast<double>(value(x, y)), 3) : std::string();
      },
      [&](std::int64_t x, std::int64_t y) {
        return has_values && is_dark(view::colour_of(*maps.colormap, range, value(x, y)));
      });
}

void MapScreen::paint_original(Ui& ui, const ShownMaps& maps, const Tile& tile) {
  const model::ConvResult& result = *maps.result;
  if (original_tensor_ != result.input) {
    original_tensor_ = result.input;
    ++original_generation_;
  }
  const bool is_picture = result.input_levels.empty() && result.picture != nullptr;
  const view::Source source{result.input.get(), is_picture ? std::span(result.picture->levels) : result.input_levels,
                            original_generation_};
  CanvasState canvas = tile.canvas;
  canvas.placement = view::place(ui.map_view, canvas.placement.canvas, static_cast<double>(result.geometry.w),
                                 static_cast<double>(result.geometry.h));
  draw_picture(canvas, original_.update(ui.painter, source, canvas.placement));
}

}  // namespace convlens::ui
