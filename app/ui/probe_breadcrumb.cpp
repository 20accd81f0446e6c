// Draws the steps of the path as words that light up. Where they lead is probe_moves' business.
#include "app/ui/probe_breadcrumb.h"

#include <string>

#include "app/ui/probe_moves.h"
#include "app/ui/text.h"
#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

enum class Place { kAbove, kHere, kBelow };

struct Crumb {
  const char* name;
  std::string label;
  std::string help;
  ImFont* font;
};

ImVec2 extent_of(const Ui& ui, const Crumb& crumb) {
  const ImVec2 text = crumb.font->CalcTextSizeA(font_height(crumb.font), FLT_MAX, 0, crumb.label.c_str());
  return {text.x + 2 * ui.scale, ImGui::GetTextLineHeight() + 4 * ui.scale};
}

bool draw_crumb(Ui& ui, const Crumb& crumb, Place place) {
  const ImVec2 size = extent_of(ui, crumb);
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const bool is_clicked = ImGui::InvisibleButton(crumb.name, size);
  const bool is_hovered = ImGui::IsItemHovered();
  const ImU32 colour = is_hovered ? ui.palette.accent : place == Place::kHere ? ui.palette.text : ui.palette.text_dim;
  const float height = font_height(crumb.font);
  const float y = corner.y + (size.y - height) / 2;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.AddText(crumb.font, height, {corner.x + ui.scale, y}, colour, crumb.label.c_str());
  if (place == Place::kHere || is_hovered) {
    const float line = corner.y + size.y - ui.scale;
    draw.AddLine({corner.x, line}, {corner.x + size.x, line}, is_hovered ? colour : ui.palette.accent, 1.5F * ui.scale);
  }
  record(ui, crumb.name, "button", crumb.label, place == Place::kHere, {}, true, crumb.help);
  tooltip(ui, crumb.help);
  if (is_hovered) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
  return is_clicked;
}

// The sign between two steps; the next one goes on the line where it fits.
void separate(Ui& ui, const Crumb& next) {
  const float gap = 5 * ui.scale;
  const float sign = ImGui::CalcTextSize("›").x;
  const float right = ImGui::GetWindowPos().x + ImGui::GetWindowContentRegionMax().x;
  const ImVec2 corner = ImGui::GetItemRectMin();
  const ImVec2 end = ImGui::GetItemRectMax();
  if (end.x + 2 * gap + sign + extent_of(ui, next).x > right) return;
  ImGui::GetWindowDrawList()->AddText({end.x + gap, corner.y + 2 * ui.scale}, ui.palette.text_dim, "›");
  ImGui::SameLine(0, 2 * gap + sign);
}

std::string shortened_name(const std::string& name) {
  constexpr std::size_t kMostBytes = 18;
  if (name.size() <= kMostBytes) return name;
  std::size_t end = kMostBytes - 1;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;
  return name.substr(0, end) + "…";
}

}  // namespace

void draw_breadcrumb(Ui& ui) {
  model::Document& document = ui.document;
  const model::Depth depth = document.probe.depth;
  model::MapLayout& layout = document.settings.view.layout;
  const bool is_single = layout == model::MapLayout::kSingle;
  const int here = depth == model::Depth::kNumber ? 3 : depth == model::Depth::kChannels ? 2 : is_single ? 1 : 0;
  const auto place = [&](int step) { return step < here ? Place::kAbove : step > here ? Place::kBelow : Place::kHere; };
  const auto& filters = document.settings.conv.bank.filters;
  const auto selected = static_cast<std::size_t>(std::max(0, document.selection.filter));
  const std::string name = selected < filters.size() ? filters[selected].name : "Map";
  const model::Pin pin = laid_open(document);

  const Crumb all{"maps/path/maps", "Maps", "All feature maps as tiles (Esc goes one level up)", ui.fonts.heading};
  const Crumb one{"maps/path/map", shortened_name(name), "This map alone, large (Enter goes one level down)",
                  ui.fonts.body};
  const Crumb channels{"maps/path/channels", "Channels",
                       "Inside this map: each input channel, its slice of the filter, its part of the map, their sum, "
                       "the bias and the activation",
                       ui.fonts.body};
  const Crumb number{"maps/path/number", place_text(pin.row, pin.col),
                     "One number: every input value, weight and product at this row and column, and how they add up. "
                     "Click a value in a map to choose another.",
                     ui.fonts.body};

  // One step after the other on a line of its own spacing, so that a second line lies close.
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(ImGui::GetStyle().ItemSpacing.x, 2 * ui.scale));
  if (draw_crumb(ui, all, place(0))) {
    go_to_depth(document, model::Depth::kMaps);
    layout = model::MapLayout::kTiles;
  }
  separate(ui, one);
  if (draw_crumb(ui, one, place(1))) {
    go_to_depth(document, model::Depth::kMaps);
    layout = model::MapLayout::kSingle;
  }
  separate(ui, channels);
  if (draw_crumb(ui, channels, place(2))) go_to_depth(document, model::Depth::kChannels);
  separate(ui, number);
  if (draw_crumb(ui, number, place(3))) go_to_depth(document, model::Depth::kNumber);
  ImGui::PopStyleVar();
}

}  // namespace convlens::ui
