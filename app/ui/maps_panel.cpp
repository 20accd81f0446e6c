// The panel of feature maps: toolbar, maps, statistics with colour bar, animation. Each part is in its own file.
#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <utility>

#include "app/model/fields.h"
#include "app/ui/ab_paint.h"
#include "app/ui/colour_bar.h"
#include "app/ui/histogram_plot.h"
#include "app/ui/maps_panel_screen.h"
#include "app/ui/panels.h"
#include "app/ui/probe_breadcrumb.h"
#include "app/ui/probe_card.h"
#include "app/ui/probe_channels.h"
#include "app/ui/probe_moves.h"
#include "app/ui/probe_number.h"
#include "app/ui/probe_pins.h"
#include "app/ui/transport.h"
#include "app/ui/widgets.h"
#include "app/view/map_range.h"

namespace convlens::ui {

struct MapsPanel::State {
  MapScreen screen;
  ChannelsView channels;
  NumberView number;
  ProbeCard card;
  HistogramCache histograms;
  Transport transport;
  float footer_height = 0;  // as last drawn
};

namespace {

constexpr double kPatience = 0.15;  // seconds of computing before it is mentioned

// A button that stays pressed: a boolean field where a check box would be too wide.
void field_button(Ui& ui, std::string_view field_name, const char* label) {
  const model::Field* field = model::find_field(field_name);
  IM_ASSERT(field != nullptr);
  const bool is_on = field->get(ui.document.settings) != 0;
  if (is_on) {
    ImGui::PushStyleColor(ImGuiCol_Button, ImGui::GetStyleColorVec4(ImGuiCol_Header));
    ImGui::PushStyleColor(ImGuiCol_ButtonHovered, ImGui::GetStyleColorVec4(ImGuiCol_HeaderHovered));
  }
  const bool pressed = ImGui::Button(label);
  if (is_on) ImGui::PopStyleColor(2);
  record(ui, field_name, "toggle", field->label, is_on, {}, true, std::string(field->tooltip));
  tooltip(ui, std::string(field->label) + (is_on ? " (on)\n" : " (off)\n") + std::string(field->tooltip));
  if (pressed) model::set_field(ui.document.settings, *field, is_on ? 0 : 1, ui.document.picture_shape());
}

// At the right end of the line, or on the next one where the text does not fit.
void place_right(const Ui& ui, const std::string& text) {
  const float width = ImGui::CalcTextSize(text.c_str()).x;
  const float right = ImGui::GetWindowContentRegionMax().x;
  const float used = ImGui::GetItemRectMax().x - ImGui::GetWindowPos().x;
  const float line = ImGui::GetItemRectMin().y;
  if (used + 10 * ui.scale + width > right) return;
  ImGui::SameLine(right - width);
  ImGui::SetCursorScreenPos({ImGui::GetCursorScreenPos().x, line + 2 * ui.scale});
}

void draw_title(Ui& ui) {
  const model::Document& document = ui.document;
  if (!document.result()) {
    heading(ui, "Maps");
    return;
  }
  draw_breadcrumb(ui);
  const conv::Geometry& geometry = document.result()->geometry;
  const std::string size =
      std::to_string(geometry.k) + " × " + std::to_string(geometry.p) + " × " + std::to_string(geometry.q);

  const double busy = document.is_current() ? 0 : document.conv_session().running_seconds();
  if (!document.is_current() && document.is_busy() && busy <= kPatience) ui.wake_in(kPatience - busy);
  if (busy > kPatience) {
    ui.wake_in(0.1);
    const int percent = static_cast<int>(std::lround(100 * document.conv_session().progress()));
    const std::string sign = "computing " + std::to_string(percent) + " %";
    place_right(ui, sign);
    ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(ui.palette.accent), "%s", sign.c_str());
    record(ui, "maps/computing", "text", "computing", percent, {0, 100}, true,
           "The maps shown are those of the settings before");
    return;
  }
  place_right(ui, size);
  ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
  ImGui::TextUnformatted(size.c_str());
  ImGui::PopStyleColor();
  const std::string help = "Maps × rows × columns";
  record(ui, "maps/size", "text", size, size, {}, true, help);
  tooltip(ui, help);
}

// Too narrow for a row of every switch: the View menu has them all.
bool is_narrow(const Ui& ui) { return ImGui::GetWindowWidth() < 320 * ui.scale; }

void draw_export(Ui& ui) {
  flow(8 * ui.scale, "Export…");
  if (button(ui, "maps/export", "Export…", "Write the chosen map as a picture or as numbers (Ctrl+E)",
             ui.document.result() != nullptr, "There is no map yet")) {
    ui.requests.export_browser = true;
  }
}

void draw_toolbar(Ui& ui) {
  const float gap = 8 * ui.scale;
  const float small_gap = 2 * ui.scale;
  field_segments(ui, "view/layout", -1);
  if (is_narrow(ui)) {
    draw_export(ui);
    return;
  }
  flow(gap, "Link");
  field_button(ui, "view/link", "Link");
  flow(small_gap, "Grid");
  field_button(ui, "view/grid", "Grid");
  flow(small_gap, "Values");
  field_button(ui, "view/values", "Values");
  flow(small_gap, "Histogram");
  field_button(ui, "view/histogram", "Histogram");
  draw_export(ui);
}

// Both ends of a fixed range; one number where the map is symmetric about zero.
void draw_fixed_range(Ui& ui, bool is_symmetric) {
  model::ViewSettings& view = ui.document.settings.view;
  const float width = 76 * ui.scale;
  if (is_symmetric) {
    float limit = std::max(std::abs(view.fixed_lo), std::abs(view.fixed_hi));
    const float speed = std::max(1e-4F, limit * 0.01F);
    if (drag_number(ui, "view/fixed_limit", "##limit", &limit, speed, 1e-6F, 1e6F, "± %.4g",
                    "Values this far from zero take the colours of the ends", width)) {
      view.fixed_lo = -limit;
      view.fixed_hi = limit;
    }
    return;
  }
  const float speed = std::max(1e-4F, std::abs(view.fixed_hi - view.fixed_lo) * 0.01F);
  drag_number(ui, "view/fixed_lo", "##lo", &view.fixed_lo, speed, -1e6F, 1e6F, "%.4g",
              "Values up to this take the colour of the left end", width);
  ImGui::SameLine(0, 2 * ui.scale);
  drag_number(ui, "view/fixed_hi", "##hi", &view.fixed_hi, speed, -1e6F, 1e6F, "%.4g",
              "Values from this take the colour of the right end", width);
}

void draw_range_row(Ui& ui, const ShownMaps& maps) {
  const float s = ui.scale;
  const model::RangeMode range = ui.document.settings.view.range;
  field_segments(ui, "view/range", -1);
  if (range == model::RangeMode::kPerMap || range == model::RangeMode::kLayer) {
    flow(8 * s, "Clip");
    field_button(ui, "view/clip", "Clip");
  }
  if (range == model::RangeMode::kFixed) {
    flow(8 * s, "± 0.000000");
    draw_fixed_range(ui, maps.colormap->is_diverging);
  }
  const float least = 70 * s;
  const float right = ImGui::GetWindowPos().x + ImGui::GetWindowContentRegionMax().x;
  if (ImGui::GetItemRectMax().x + 8 * s + least <= right) ImGui::SameLine(0, 8 * s);
  colormap_button(ui, "maps/colormap", view::map_colormap_field(maps.result->geometry.activation),
                  std::min(ImGui::GetContentRegionAvail().x, 170 * s));
}

void draw_numbers(Ui& ui, int map, const std::string& name, const model::MapStats& stats) {
  const float s = ui.scale;
  ImFont* mono = ui.fonts.mono != nullptr ? ui.fonts.mono : ImGui::GetFont();
  ImGui::BeginGroup();
  const bool is_small = is_narrow(ui) && ui.fonts.small != nullptr;
  if (is_small) ImGui::PushFont(ui.fonts.small);
  const float gap = (is_small ? 6 : 12) * s;
  const auto one = [&](const char* label, double value, float distance) {
    if (distance > 0) flow(distance, (std::string(label) + " " + number_text(value)).c_str());
    ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
    ImGui::TextUnformatted(label);
    ImGui::PopStyleColor();
    ImGui::SameLine(0, 4 * s);
    if (!is_small) ImGui::PushFont(mono);
    ImGui::TextUnformatted(number_text(value).c_str());
    if (!is_small) ImGui::PopFont();
  };
  // One large map has its name in its caption.
  const bool has_name = ui.document.settings.view.layout == model::MapLayout::kTiles;
  if (has_name) ImGui::TextUnformatted(name.c_str());
  one("min", static_cast<double>(stats.min), has_name ? gap : 0);
  one("max", static_cast<double>(stats.max), gap);
  one("mean", stats.mean, gap);
  one("sd", stats.standard_deviation, gap);
  if (stats.not_finite > 0) {
    const std::string text = std::to_string(stats.not_finite) + " not finite";
    flow(gap, text.c_str());
    ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(ui.palette.error), "%s", text.c_str());
  }
  if (is_small) ImGui::PopFont();
  ImGui::EndGroup();
  const std::string help =
      "Of the map under the pointer, else of the chosen one: smallest and largest value, mean and "
      "standard deviation over its finite values";
  record(ui, "maps/stats", "text", name,
         {{"map", map},
          {"min", stats.min},
          {"max", stats.max},
          {"mean", stats.mean},
          {"sd", stats.standard_deviation},
          {"not_finite", stats.not_finite}},
         {}, true, help);
  tooltip(ui, help);
}

// The hovered map where the pointer is on one, else the chosen one.
int described_map(const Ui& ui, const ShownMaps& maps) {
  const model::Hover& hover = ui.document.hover;
  return hover.kind == model::Hover::Kind::kMap && hover.index < maps.count ? hover.index : maps.selected;
}

void draw_key(Ui& ui, const ShownMaps& maps, HistogramCache& histograms, float histogram_height) {
  const int map = described_map(ui, maps);
  const auto instead = shown_instead(ui, map);
  const model::MapStats& stats = instead ? instead->stats : maps.stats(map);
  const view::ValueRange& range = maps.range(map);
  const float width = ImGui::GetContentRegionAvail().x;
  draw_numbers(ui, map, instead ? instead->name + ", " + maps.name(map) : maps.name(map), stats);
  if (histogram_height > 0 && !instead) {
    const auto* counts = histograms.get(maps.result, map, range, ui.document.is_current());
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {ImGui::GetStyle().ItemSpacing.x, 2 * ui.scale});
    histogram_plot(ui, "maps/histogram", {width, histogram_height}, counts, *maps.colormap, range);
    ImGui::PopStyleVar();
  }
  ColourBar bar{maps.colormap, range, stats.min<range.lo, stats.max> range.hi, {}};
  if (instead && instead->difference) bar = difference_bar(ui, *instead->difference);
  const model::Hover& hover = ui.document.hover;
  const conv::Geometry& geometry = maps.result->geometry;
  if (hover.kind == model::Hover::Kind::kMap && hover.index < maps.count && hover.row < geometry.p &&
      hover.col < geometry.q) {
    bar.marker = instead ? instead->value(hover.row, hover.col) : maps.result->value(map, hover.row, hover.col);
  }
  colour_bar(ui, "maps/colourbar", width, bar);
}

}  // namespace

MapsPanel::MapsPanel() : state_(std::make_unique<State>()) {}
MapsPanel::~MapsPanel() = default;

void MapsPanel::draw(Ui& ui) {
  draw_title(ui);
  if (!ui.document.result()) {
    dim_text(ui, "The first maps are being computed.");
    return;
  }
  const bool is_pointed_at = ImGui::IsWindowHovered(ImGuiHoveredFlags_ChildWindows);
  if (is_pointed_at && ui.take_key("Enter")) one_level_down(ui.document);
  const model::Depth depth = ui.document.probe.depth;
  if (is_pointed_at && depth == model::Depth::kNumber && std::exchange(ui.requests.copy, false)) {
    copy_value(ui, explain::ProbeFormat::kText);
  }
  if (depth != model::Depth::kChannels) ui.document.partial_maps.forget();
  const ShownMaps maps = shown_maps(ui.document);
  if (depth == model::Depth::kMaps) {
    draw_maps(ui, maps);
  } else {
    draw_inside(ui, maps);
  }
}

// All maps or one large.
void MapsPanel::draw_maps(Ui& ui, const ShownMaps& maps) {
  draw_toolbar(ui);
  const float s = ui.scale;
  const ImGuiStyle& style = ImGui::GetStyle();
  const ImVec2 room = ImGui::GetContentRegionAvail();
  // What is left for the maps was measured in the frame before: the rows below wrap where the panel is narrow.
  const float least = 120 * s;
  if (state_->footer_height == 0) state_->footer_height = 170 * s;
  const float footer = state_->footer_height;
  const bool has_histogram = ui.document.settings.view.show_histogram && room.y - footer > least;
  state_->screen.draw(ui, maps, {room.x, std::max(least, room.y - footer - style.ItemSpacing.y)});
  state_->transport.advance(ui, state_->screen.visible_sweep());

  const float start = ImGui::GetCursorPosY();
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  draw_pin_list(ui, maps);
  draw_key(ui, maps, state_->histograms, has_histogram ? 44 * s : 0);
  draw_range_row(ui, maps);
  state_->transport.draw(ui);
  const float height = ImGui::GetCursorPosY() - start;
  state_->card.draw(ui, maps, corner, {corner.x + room.x, corner.y + height});
  if (std::abs(height - state_->footer_height) > 0.5F) ui.needs_frames = true;
  state_->footer_height = height;
}

// One map from inside, or one number.
void MapsPanel::draw_inside(Ui& ui, const ShownMaps& maps) {
  const conv::Geometry& geometry = maps.result->geometry;
  ui.document.look_at(std::span(&maps.selected, 1));
  state_->transport.advance(ui, {0, geometry.p, 0, geometry.q});
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const float spacing = ImGui::GetStyle().ItemSpacing.y;
  if (ui.document.probe.depth == model::Depth::kNumber) {
    state_->number.draw(ui, maps, {room.x, room.y - spacing});
    return;
  }
  const float footer = ImGui::GetFrameHeight() + pins_height(ui) + 2 * spacing;
  state_->channels.draw(ui, maps, {room.x, room.y - footer});
  draw_pin_list(ui, maps);
  state_->transport.draw(ui);
}

}  // namespace convlens::ui
