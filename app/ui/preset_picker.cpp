// The preset pop-up: thumbnails, families, and the sliders of the presets that have parameters.
#include "app/ui/preset_picker.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "app/model/filter_bank.h"
#include "app/ui/bank_strip.h"
#include "app/ui/widgets.h"
#include "app/view/picture.h"
#include "engine/filters/presets.h"

namespace convlens::ui {
namespace {

constexpr float kThumbnail = 44;
constexpr float kCellWidth = 76;
constexpr int kFewestColumns = 4;
constexpr int kMostColumns = 6;
constexpr std::array kFamilies{"Basic", "Blur", "Sharpen", "Edge", "Texture", "Colour"};

// Everything that the thumbnails depend on.
struct Look {
  int channels = 0, rows = 0, cols = 0;
  float orientation = 0, wavelength = 0, phase = 0;
  std::uint64_t seed = 0;
  std::string colormap;
  bool operator==(const Look&) const = default;
};

struct Entry {
  const filters::Preset* preset = nullptr;
  std::string reason;  // why it does not fit; empty where it does
  std::vector<float> weights;
  view::Image image;
};

}  // namespace

namespace {

// Centred below a thumbnail, on two lines where one is too short.
void draw_caption(const Ui& ui, std::string_view text, ImVec2 at, float width, ImU32 colour) {
  ImFont* font = ui.fonts.small;
  const float height = font_height(font);
  const auto width_of = [&](std::string_view part) {
    return font->CalcTextSizeA(height, FLT_MAX, 0, part.data(), part.data() + part.size()).x;
  };
  const auto draw_line = [&](std::string_view part) {
    ImGui::GetWindowDrawList()->AddText(font, height, ImVec2(std::floor(at.x + (width - width_of(part)) / 2), at.y),
                                        colour, part.data(), part.data() + part.size());
    at.y += height;
  };
  std::size_t end = text.size();
  while (end != std::string_view::npos && width_of(text.substr(0, end)) > width) end = text.rfind(' ', end - 1);
  if (end == std::string_view::npos) end = text.size();
  draw_line(text.substr(0, end));
  if (end < text.size()) draw_line(text.substr(end + 1));
}

}  // namespace

struct PresetPicker::State {
  bool is_open = false;
  bool adds = false;
  filters::PresetArgs args;
  int seed = 1;
  Look look;
  std::vector<Entry> entries;
  // What was put into the bank last: the sliders go on shaping it as long as nobody else has touched it.
  const filters::Preset* applied = nullptr;
  model::Filter applied_filter;

  void refresh(const Ui& ui);
  void apply(Ui& ui, const filters::Preset& preset, bool as_new);
  void reshape(Ui& ui);
  bool sliders(Ui& ui);
  void item(Ui& ui, Entry& entry, int column);
  void window(Ui& ui, const ImVec2& panel_min, const ImVec2& panel_max, bool keeps_open);
};

void PresetPicker::State::refresh(const Ui& ui) {
  const model::Settings& settings = ui.document.settings;
  const model::FilterBank& bank = settings.conv.bank;
  const Look now{bank.channels,   bank.rows,          bank.cols, args.orientation_degrees,
                 args.wavelength, args.phase_degrees, args.seed, settings.view.weight_colormap};
  if (now == look && !entries.empty()) return;
  look = now;
  const view::Colormap& map = view::find_colormap(now.colormap);
  if (entries.empty()) {
    for (const char* family : kFamilies) {
      for (const filters::Preset& preset : filters::presets()) {
        if (preset.family == family) entries.push_back({.preset = &preset, .reason = {}, .weights = {}, .image = {}});
      }
    }
  }
  for (Entry& entry : entries) {
    auto filter = model::preset_filter(bank, entry.preset->name, args);
    entry.reason = filter ? std::string() : filter.error().message;
    filters::PresetArgs shown = args;
    shown.rows = bank.rows;
    shown.cols = bank.cols;
    shown.channels = bank.channels;
    if (!filter) {
      // Shown as it would be where it fits.
      shown.rows = shown.cols = entry.preset->default_size;
      shown.channels = entry.preset->colour ? 3 : 1;
    }
    auto weights = filters::make_preset(entry.preset->name, shown);
    if (!weights || *weights == entry.weights) continue;
    entry.weights = std::move(*weights);
    entry.image.set(view::filter_thumbnail(entry.weights, shown.channels, shown.rows, shown.cols, map), shown.cols,
                    shown.rows, true);
  }
}

void PresetPicker::State::apply(Ui& ui, const filters::Preset& preset, bool as_new) {
  model::FilterBank& bank = ui.document.settings.conv.bank;
  auto filter = model::preset_filter(bank, preset.name, args);
  if (!filter) return;
  int& selected = ui.document.selection.filter;
  if (as_new) {
    const std::string reason = model::cannot_add_filter(ui.document.settings.conv);
    if (!reason.empty()) {
      ui.document.complain(reason);
      return;
    }
    selected = model::add_filter(bank, *filter);
  } else {
    bank.filters[static_cast<std::size_t>(selected)] = *filter;
  }
  applied = &preset;
  applied_filter = *filter;
}

void PresetPicker::State::reshape(Ui& ui) {
  model::FilterBank& bank = ui.document.settings.conv.bank;
  model::Filter& filter = bank.filters[static_cast<std::size_t>(ui.document.selection.filter)];
  if (!applied || filter.weights != applied_filter.weights) return;
  auto made = model::preset_filter(bank, applied->name, args);
  if (!made) return;
  filter.weights = made->weights;
  applied_filter = filter;
}

bool PresetPicker::State::sliders(Ui& ui) {
  const float width = (ImGui::GetContentRegionAvail().x - 3 * ImGui::GetStyle().ItemSpacing.x) / 4;
  bool changed = drag_number(ui, "filters/preset_orientation", "##orientation", &args.orientation_degrees, 1, -180, 180,
                             "angle %.0f°", "Orientation of Gabor, motion blur and shift, in degrees", width);
  ImGui::SameLine();
  changed |= drag_number(ui, "filters/preset_wavelength", "##wavelength", &args.wavelength, 0.05F, 2, 32, "λ %.1f px",
                         "Wavelength of Gabor's stripes, in pixels", width);
  ImGui::SameLine();
  changed |= drag_number(ui, "filters/preset_phase", "##phase", &args.phase_degrees, 1, -180, 180, "phase %.0f°",
                         "Phase of Gabor's wave: 0 sees lines, 90 sees edges", width);
  ImGui::SameLine();
  ImGui::SetNextItemWidth(width);
  const std::string help = "Seed of the random filter: every number is another one";
  if (ImGui::DragInt("##seed", &seed, 0.2F, 0, 9999, "seed %d", ImGuiSliderFlags_AlwaysClamp)) {
    args.seed = static_cast<std::uint64_t>(seed);
    changed = true;
  }
  record(ui, "filters/preset_seed", "drag", "Seed", seed, {0, 9999}, true, help);
  tooltip(ui, help);
  return changed;
}

void PresetPicker::State::item(Ui& ui, Entry& entry, int column) {
  const filters::Preset& preset = *entry.preset;
  const bool fits = entry.reason.empty();
  const float side = kThumbnail * ui.scale;
  if (column > 0) ImGui::SameLine();
  ImGui::PushID(preset.name.data(), preset.name.data() + preset.name.size());
  ImGui::BeginGroup();
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const float cell_width = kCellWidth * ui.scale;
  const float caption = 2 * font_height(ui.fonts.small) + 2 * ui.scale;
  const bool is_pressed = ImGui::InvisibleButton("preset", ImVec2(cell_width, side + caption));
  const bool is_hovered = ImGui::IsItemHovered();
  std::string help(preset.label);
  help += "\n" + std::string(preset.shows) + ".";
  help += fits ? "\nClick to replace the selected filter, Ctrl+click to add it to the bank."
               : "\nNot available: " + entry.reason + ".";
  record(ui, "filters/preset/" + std::string(preset.name), "item", preset.label, {}, {}, fits, help);
  tooltip(ui, help);

  ImDrawList* list = ImGui::GetWindowDrawList();
  const float alpha = fits ? 1.0F : 0.3F;
  const ImU32 tint = ImGui::GetColorU32(ImVec4(1, 1, 1, alpha));
  const ImVec2 min(corner.x + (cell_width - side) / 2, corner.y);
  if (is_hovered && fits) {
    list->AddRectFilled(corner, ImVec2(corner.x + cell_width, corner.y + side + caption),
                        ImGui::GetColorU32(ImGuiCol_HeaderHovered, 0.6F), 3 * ui.scale);
  }
  draw_thumbnail(entry.image, min, side, tint);
  list->AddRect(ImVec2(min.x - 1, min.y - 1), ImVec2(min.x + side + 1, min.y + side + 1), ui.palette.panel_border);
  draw_caption(ui, preset.label, ImVec2(corner.x, corner.y + side + 1 * ui.scale), cell_width,
               ImGui::GetColorU32(fits ? ImGuiCol_Text : ImGuiCol_TextDisabled));
  ImGui::EndGroup();
  ImGui::PopID();
  if (is_pressed && fits) apply(ui, preset, adds || ImGui::GetIO().KeyCtrl);
}

PresetPicker::PresetPicker() : state_(std::make_unique<State>()) {}
PresetPicker::~PresetPicker() = default;

void PresetPicker::State::window(Ui& ui, const ImVec2& panel_min, const ImVec2& panel_max, bool keeps_open) {
  const ImGuiStyle& style = ImGui::GetStyle();
  const float gap = 6 * ui.scale;
  const float pitch = kCellWidth * ui.scale + style.ItemSpacing.x;
  const float frame = 2 * style.WindowPadding.x + style.ScrollbarSize;
  const int fitting = static_cast<int>((panel_min.x - 2 * gap - frame) / pitch);
  const int columns = std::clamp(fitting, kFewestColumns, kMostColumns);
  const float width = static_cast<float>(columns) * pitch + frame;
  const ImVec2 screen = ImGui::GetIO().DisplaySize;
  const float height = std::min(760 * ui.scale, screen.y - panel_min.y - gap);
  // On the left, where it leaves the maps to be seen; on the right where there is no room.
  const float left = panel_min.x - gap - width;
  const float right = std::min(panel_max.x + gap, screen.x - width);
  ImGui::SetNextWindowPos(ImVec2(left >= 0 ? left : std::max(0.0F, right), panel_min.y));
  ImGui::SetNextWindowSize(ImVec2(width, height));
  constexpr ImGuiWindowFlags kFlags = ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoResize |
                                      ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                                      ImGuiWindowFlags_NoNav;
  if (ImGui::Begin("Presets", &is_open, kFlags)) {
    refresh(ui);
    if (sliders(ui)) reshape(ui);
    toggle(
        ui, "filters/preset_adds", "Add to the bank", &adds,
        "A click adds the preset as another filter, as Ctrl+click always does; otherwise it replaces the selected one");
    ImGui::Separator();
    ImGui::BeginChild("families");
    std::string_view family;
    int column = 0;
    for (Entry& entry : entries) {
      if (entry.preset->family != family) {
        if (!family.empty()) ImGui::Spacing();
        family = entry.preset->family;
        column = 0;
        dim_text(ui, std::string(family));
      }
      item(ui, entry, column);
      column = (column + 1) % columns;
    }
    ImGui::EndChild();
  }
  // A click elsewhere closes it and still does what it does there.
  const bool is_elsewhere =
      ImGui::IsMouseClicked(ImGuiMouseButton_Left) &&
      !ImGui::IsWindowHovered(ImGuiHoveredFlags_RootAndChildWindows | ImGuiHoveredFlags_AllowWhenBlockedByActiveItem);
  if ((is_elsewhere && !keeps_open) || ui.take_key("Escape")) is_open = false;
  ImGui::End();
}

void PresetPicker::draw(Ui& ui, bool keeps_open) {
  State& s = *state_;
  const bool was_open = s.is_open;
  if (button(ui, "filters/presets", "Presets...",
             "Sobel, Gaussian, Gabor and thirty more, to replace this filter or add to it")) {
    s.is_open = !s.is_open;
  }
  const bool is_on_button = ImGui::IsItemHovered();
  if (!s.is_open) return;
  const ImVec2 min = ImGui::GetWindowPos();
  s.window(ui, min, ImVec2(min.x + ImGui::GetWindowWidth(), min.y), keeps_open || is_on_button || !was_open);
}

}  // namespace convlens::ui
