// Lays out one line per channel and one for the result, like a sum written by hand. Every picture is live and linked.
#include "app/ui/probe_channels.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "app/model/fields.h"
#include "app/ui/colour_bar.h"
#include "app/ui/equation.h"
#include "app/ui/input_overlay.h"
#include "app/ui/maps_panel_marks.h"
#include "app/ui/probe_moves.h"
#include "app/ui/probe_pins.h"
#include "app/ui/text.h"
#include "app/ui/transport.h"
#include "app/ui/weight_cells.h"
#include "app/ui/weight_grid.h"
#include "app/ui/widgets.h"
#include "app/view/map_range.h"
#include "engine/explain/decimal.h"

namespace convlens::ui {
namespace {

constexpr float kLeastPicture = 54;  // height, at 100 % interface scale; below it the lines scroll

// A sign in the middle of a gap, beside the middle of a picture.
void put_sign(const Ui& ui, const ImVec2& gap_corner, float gap, float height, const char* sign) {
  ImFont* font = ui.fonts.heading;
  put_text(font, {gap_corner.x + (gap - width_of(font, sign)) / 2, gap_corner.y + (height - font_height(font)) / 2},
           ui.palette.text, sign);
}

// A name on the left and a number on the right, below a picture.
void put_caption(const Ui& ui, const ImVec2& corner, float width, const std::string& name, ImU32 ink,
                 const std::string& value) {
  const float y = corner.y + 1 * ui.scale;
  const float value_width = width_of(ui.fonts.mono, value);
  const bool has_room = width_of(ui.fonts.small, name) + value_width + 6 * ui.scale <= width;
  if (has_room) put_text(ui.fonts.small, {corner.x, y}, ink, name);
  if (!value.empty()) put_text(ui.fonts.mono, {corner.x + width - value_width, y}, ui.palette.text, value);
}

}  // namespace

ChannelsView::Columns ChannelsView::lay_out(const Ui& ui, const ShownMaps& maps, const ImVec2& size) const {
  const float s = ui.scale;
  const conv::Geometry& g = maps.result->geometry;
  Columns columns;
  columns.gap = std::clamp(size.x * 0.045F, 8 * s, 18 * s);
  columns.rows = static_cast<int>(g.channels_per_group()) + 1;
  columns.caption = font_height(ui.fonts.mono) + 5 * s;
  const float room = size.x - 2 * columns.gap;
  columns.slice = std::clamp(room * 0.26F, 28 * s, 150 * s);
  columns.picture = std::max(30 * s, std::floor((room - columns.slice) / 2));
  const float each = size.y / static_cast<float>(columns.rows) - columns.caption;
  const float natural = columns.picture * static_cast<float>(g.p) / static_cast<float>(g.q);
  // Tall pictures are letterboxed, flat ones take no more than they need.
  columns.height = std::floor(std::clamp(each, kLeastPicture * s, std::max(kLeastPicture * s, natural)));
  return columns;
}

void ChannelsView::draw(Ui& ui, const ShownMaps& maps, const ImVec2& size) {
  model::Document& document = ui.document;
  const model::ConvResultPtr& result = maps.result;
  if (!result->input) return;
  document.partial_maps.want(result, maps.selected);
  parts_ = document.partial_maps.newest();
  if (parts_ && (parts_->filter != maps.selected || parts_->result->geometry != result->geometry)) parts_.reset();
  const view::Colormap& colours = view::find_colormap(document.settings.view.map_colormap);
  if (parts_) {
    model::ViewSettings one_range = document.settings.view;
    if (one_range.range == model::RangeMode::kPerMap) one_range.range = model::RangeMode::kLayer;
    range_ = view::map_range(one_range, colours, parts_->stats, 0, {document.global_min(), document.global_max()});
  }
  const model::OutputCell cell = animation_cell(document);
  document.probe.focus = model::Pin{maps.selected, cell.row, cell.col};
  pin_ = pointed_value(document);
  pin_.filter = maps.selected;
  probe_.get(result, pin_);

  const float s = ui.scale;
  const float key = 2 * ImGui::GetTextLineHeightWithSpacing() + 34 * s;
  const ImVec2 room{size.x, std::max(80 * s, size.y - key)};
  const Columns columns = lay_out(ui, maps, room);
  const float line = columns.height + columns.caption;
  const bool scrolls = line * static_cast<float>(columns.rows) > room.y + 1;
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::BeginChild("channels", room, false, scrolls ? ImGuiWindowFlags_None : ImGuiWindowFlags_NoScrollbar);
  ImGui::PopStyleVar();
  const Columns inner = scrolls ? lay_out(ui, maps, {room.x - ImGui::GetStyle().ScrollbarSize, room.y}) : columns;
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const int channels = inner.rows - 1;
  inputs_.resize(static_cast<std::size_t>(channels));
  planes_.resize(static_cast<std::size_t>(channels) + 1);
  if (input_ != result->input) {
    input_ = result->input;
    ++input_generation_;
  }
  for (int c = 0; c < channels; ++c) {
    draw_channel(ui, maps, inner, {corner.x, corner.y + line * static_cast<float>(c)}, c);
  }
  draw_result(ui, maps, inner, {corner.x, corner.y + line * static_cast<float>(channels)});
  ImGui::SetCursorScreenPos(corner);
  ImGui::Dummy({1, line * static_cast<float>(inner.rows)});
  const bool is_on_nothing = ImGui::IsWindowHovered() && !ImGui::IsAnyItemHovered();
  if (is_on_nothing && ImGui::IsMouseClicked(ImGuiMouseButton_Left)) go_to_depth(document, model::Depth::kMaps);
  ImGui::EndChild();

  draw_sum_line(ui, maps);
  colour_bar(ui, "maps/parts/colourbar", size.x, {&colours, range_, false, false, {}});
}

void ChannelsView::draw_channel(Ui& ui, const ShownMaps& maps, const Columns& columns, const ImVec2& corner,
                                int channel) {
  const float y = corner.y;
  float x = corner.x;
  const ImVec2 picture{columns.picture, columns.height};
  const CanvasState input = draw_input(ui, maps, {x, y}, picture, channel);
  x += columns.picture;
  put_sign(ui, {x, y}, columns.gap, columns.height, "∗");
  x += columns.gap;
  draw_slice(ui, maps, {x, y}, {columns.slice, columns.height}, channel);
  x += columns.slice;
  put_sign(ui, {x, y}, columns.gap, columns.height, "=");
  x += columns.gap;
  draw_part(ui, maps, {x, y}, picture, channel);

  const explain::Probe& probe = probe_.get(maps.result, pin_);
  const std::string name = slice_name(ui, maps.selected, channel);
  const ImU32 ink = slice_colour(ui, name);
  const float below = y + columns.height;
  std::string read;
  if (input.is_on_picture) {
    const std::int64_t c = probe.channels[static_cast<std::size_t>(channel)].channel;
    read = number_text(static_cast<double>(maps.result->input->at(0, c, input.y, input.x)), 3);
  }
  put_caption(ui, {corner.x, below}, columns.picture, "input " + name, ink, read);
  put_caption(ui, {x, below}, columns.picture, (channel == 0 ? "part of " : "+ part of ") + name, ink,
              explain::to_text(probe.channels[static_cast<std::size_t>(channel)].subtotal));
}

CanvasState ChannelsView::draw_input(Ui& ui, const ShownMaps& maps, const ImVec2& corner, const ImVec2& size,
                                     int channel) {
  const model::ConvResult& result = *maps.result;
  const conv::Geometry& g = result.geometry;
  const std::string name = "maps/part/" + std::to_string(channel) + "/input";
  ImGui::SetCursorScreenPos(corner);
  const CanvasState state = canvas(ui, name, size, ui.input_view, static_cast<double>(g.w), static_cast<double>(g.h));
  const auto c = static_cast<int>(probe_.get(maps.result, pin_).channels[static_cast<std::size_t>(channel)].channel);
  const bool is_picture = result.input_levels.empty() && result.picture != nullptr;
  const view::Source source{result.input.get(), is_picture ? std::span(result.picture->levels) : result.input_levels,
                            input_generation_};
  const view::Colormap& grey = view::find_colormap("grey");
  draw_picture(state,
               inputs_[static_cast<std::size_t>(channel)].update(ui.painter, source, c, state.placement, grey, {0, 1}));
  draw_padding(ui, state, g, *result.input);
  const auto value = [&](std::int64_t x, std::int64_t y) { return result.input->at(0, c, y, x); };
  draw_grid_and_values(
      ui, state, [&](std::int64_t x, std::int64_t y) { return number_text(static_cast<double>(value(x, y)), 3); },
      [&](std::int64_t x, std::int64_t y) { return value(x, y) < 0.5F; });
  draw_window(ui, state, g, {pin_.row, pin_.col});
  if (state.is_on_picture) {
    ui.document.hover = {model::Hover::Kind::kInput, 0, 0, state.y, state.x};
    ui.hovered_value = "input " + slice_name(ui, maps.selected, channel) + " (row " + std::to_string(state.y) +
                       ", col " + std::to_string(state.x) +
                       "): " + number_text(static_cast<double>(value(state.x, state.y)));
  }
  return state;
}

void ChannelsView::draw_slice(Ui& ui, const ShownMaps& maps, const ImVec2& corner, const ImVec2& size, int channel) {
  const conv::Geometry& g = maps.result->geometry;
  const auto plane = static_cast<std::size_t>(g.r * g.s);
  const auto channels = static_cast<std::size_t>(g.channels_per_group());
  const auto filter = static_cast<std::size_t>(maps.selected);
  const std::span<const float> all(maps.result->weights);
  const std::span<const float> own = all.subspan(filter * channels * plane, channels * plane);
  const std::span<const float> slice = own.subspan(static_cast<std::size_t>(channel) * plane, plane);
  const view::Colormap& colours = view::find_colormap(ui.document.settings.view.weight_colormap);
  const float side = std::floor(
      std::max(1.0F, std::min({size.x / static_cast<float>(g.s), size.y / static_cast<float>(g.r), 44 * ui.scale})));
  const ImVec2 cell{side, side};
  MatrixLook look{.cell = cell};
  CellMatrix matrix;
  // The most digits that fit.
  for (int digits = side < 16 * ui.scale ? 0 : 3; digits >= 0 && look.font_size == 0; --digits) {
    matrix = weights_matrix(slice, static_cast<int>(g.r), static_cast<int>(g.s), colours, weight_range(own), digits);
    look.font_size = fitting_font(ui, {&matrix, 1}, cell);
  }
  const ImVec2 extent = matrix_extent(matrix, cell);
  const ImVec2 start{std::floor(corner.x + (size.x - extent.x) / 2), std::floor(corner.y + (size.y - extent.y) / 2)};
  ImGui::SetCursorScreenPos(start);
  const std::string name = "maps/part/" + std::to_string(channel) + "/filter";
  ImGui::InvisibleButton(name.c_str(), {std::max(extent.x, 1.0F), std::max(extent.y, 1.0F)});
  if (const auto hit = cell_at(matrix, start, cell, ImGui::GetIO().MousePos); hit && ImGui::IsItemHovered()) {
    const auto row = static_cast<std::int64_t>(*hit) / g.s, col = static_cast<std::int64_t>(*hit) % g.s;
    look.lit = *hit;
    ui.document.hover = {model::Hover::Kind::kWeight, maps.selected, channel, row, col};
    ui.hovered_value = "weight " + slice_name(ui, maps.selected, channel) + " (" + std::to_string(row) + "," +
                       std::to_string(col) + ") = " + number_text(static_cast<double>(slice[*hit])) + " of " +
                       maps.name(maps.selected);
  }
  draw_matrix(ui, matrix, start, look);
  std::vector<float> numbers(slice.begin(), slice.end());
  record_rect(ui, start, {start.x + extent.x, start.y + extent.y}, name, "cell",
              "weights " + slice_name(ui, maps.selected, channel), std::move(numbers), {}, true,
              "This channel's slice of the filter, as it is convolved");
}

void ChannelsView::point_at(Ui& ui, const ShownMaps& maps, const CanvasState& canvas, const std::string& what,
                            float value) {
  ui.hovered_value = what + " (row " + std::to_string(canvas.y) + ", col " + std::to_string(canvas.x) +
                     ") = " + number_text(static_cast<double>(value));
  ui.document.hover = {model::Hover::Kind::kMap, maps.selected, 0, canvas.y, canvas.x};
  if (canvas.was_clicked) {
    watch_value(ui.document, {maps.selected, canvas.y, canvas.x}, ImGui::GetIO().KeyCtrl);
  }
}

void ChannelsView::draw_part(Ui& ui, const ShownMaps& maps, const ImVec2& corner, const ImVec2& size, int plane) {
  const conv::Geometry& g = maps.result->geometry;
  const bool is_sum = plane + 1 == static_cast<int>(planes_.size());
  const std::string name = is_sum ? "maps/part/sum" : "maps/part/" + std::to_string(plane) + "/map";
  ImGui::SetCursorScreenPos(corner);
  const CanvasState state = canvas(ui, name, size, ui.map_view, static_cast<double>(g.q), static_cast<double>(g.p));
  if (!parts_) {
    put_text(ui.fonts.small, {corner.x + 6 * ui.scale, corner.y + 4 * ui.scale}, ui.palette.text_dim, "computing");
    return;
  }
  const view::Colormap& colours = view::find_colormap(ui.document.settings.view.map_colormap);
  const view::Source source{&parts_->planes, parts_->levels, parts_->version};
  draw_picture(state, planes_[static_cast<std::size_t>(plane)].update(ui.painter, source, plane, state.placement,
                                                                      colours, range_));
  const auto value = [&](std::int64_t x, std::int64_t y) { return parts_->planes.at(0, plane, y, x); };
  draw_plane_values(ui, state, colours, range_, value);
  const std::string what = is_sum ? std::string("sum of the parts") : "part of " + slice_name(ui, maps.selected, plane);
  if (state.is_on_picture) point_at(ui, maps, state, what, value(state.x, state.y));
  draw_output_marks(ui, maps.result, state, maps.selected);
}

void ChannelsView::draw_map(Ui& ui, const ShownMaps& maps, const ImVec2& corner, const ImVec2& size) {
  const conv::Geometry& g = maps.result->geometry;
  ImGui::SetCursorScreenPos(corner);
  const CanvasState state =
      canvas(ui, "maps/part/output", size, ui.map_view, static_cast<double>(g.q), static_cast<double>(g.p));
  const model::FeatureMapPtr& map = maps.result->maps[static_cast<std::size_t>(maps.selected)];
  if (!map || map->rows() != g.p || map->cols() != g.q) return;
  const view::Source source{&map->block->values, map->block->levels, map->version, map->device.get()};
  const view::ValueRange& range = maps.range(maps.selected);
  draw_picture(state, output_.update(ui.painter, source, map->plane, state.placement, *maps.colormap, range));
  if (const auto value = maps.result->value(maps.selected, state.y, state.x); value && state.is_on_picture) {
    point_at(ui, maps, state, "map " + maps.name(maps.selected), *value);
  }
  draw_output_marks(ui, maps.result, state, maps.selected);
  draw_pins_on_map(ui, state, g, maps.selected);
}

void ChannelsView::draw_result(Ui& ui, const ShownMaps& maps, const Columns& columns, const ImVec2& corner) {
  const explain::Probe& probe = probe_.get(maps.result, pin_);
  const conv::Geometry& g = maps.result->geometry;
  const ImVec2 picture{columns.picture, columns.height};
  draw_part(ui, maps, corner, picture, static_cast<int>(planes_.size()) - 1);
  const float below = corner.y + columns.height;
  put_caption(ui, {corner.x, below}, columns.picture, "= sum", ui.palette.text, explain::to_text(probe.sum));

  // Between the pictures: the bias and the activation, in words.
  const float middle = corner.x + columns.picture;
  const float width = columns.slice + 2 * columns.gap;
  const bool has_activation = g.activation != conv::Activation::kNone;
  const std::string bias = "+ bias " + number_text(static_cast<double>(probe.bias_value), 3);
  const std::string activation =
      has_activation ? std::string(conv::activation_names()[static_cast<std::size_t>(g.activation)].label)
                     : "no activation";
  const float line = font_height(ui.fonts.small) + 3 * ui.scale;
  float y = corner.y + columns.height / 2 - 1.5F * line;
  const auto put_middle = [&](ImFont* font, ImU32 ink, const std::string& text) {
    put_text(font, {middle + (width - width_of(font, text)) / 2, y}, ink, text);
    y += line;
  };
  put_middle(ui.fonts.small, ui.palette.text, bias);
  put_middle(ui.fonts.small, has_activation ? ui.palette.text : ui.palette.text_dim, activation);
  put_middle(ui.fonts.heading, ui.palette.text, "→");

  const float right = middle + width;
  draw_map(ui, maps, {right, corner.y}, picture);
  put_caption(ui, {right, below}, columns.picture, "map", ui.palette.text, explain::to_text(probe.value));
}

void ChannelsView::draw_sum_line(Ui& ui, const ShownMaps& maps) {
  const explain::Probe& probe = probe_.get(maps.result, pin_);
  nlohmann::json parts = nlohmann::json::array();
  for (const explain::ProbeChannel& channel : probe.channels) parts.push_back(explain::to_text(channel.subtotal));
  std::vector<std::string> terms = equation_of(probe);
  terms.front() = place_text(pin_.row, pin_.col) + ": " + terms.front();
  const float top = ImGui::GetCursorPosY();
  draw_equation(
      ui, "maps/parts/sum", terms,
      "At the marked position: the parts of the channels, the bias, and what they give. All parts and their sum "
      "are coloured on one scale, which is the bar below.");
  if (ui.twin.is_active()) {
    record(ui, "maps/parts", "text", "parts",
           {{"row", pin_.row},
            {"col", pin_.col},
            {"parts", parts},
            {"sum", explain::to_text(probe.sum)},
            {"bias", explain::to_text(probe.bias)},
            {"pre_activation", explain::to_text(probe.pre_activation)},
            {"value", explain::to_text(probe.value)},
            {"generation", maps.result->generation},
            {"parts_generation", parts_ ? parts_->result->generation : 0}});
  }
  // Two lines are kept free, so that nothing moves with the digits.
  ImGui::SetCursorPosY(std::max(ImGui::GetCursorPosY(), top + 2 * ImGui::GetTextLineHeightWithSpacing()));
}

}  // namespace convlens::ui
