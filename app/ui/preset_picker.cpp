// The preset pop-up: thumbnails, families, and the sliders of the presets that have parameters.
#include "app/ui/preset_picker.h"

#include <algorithm>
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
constexpr int kColumns = 5;
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

struct PresetPicker::State {
  filters::PresetArgs args;
  int seed = 1;
  Look look;
  std::vector<Entry> entries;
  // What was put into the bank last: the sliders go on shaping it as long as nobody else has touched it.
  const filters::Preset* applied = nullptr;
  model::Filter applied_filter;

  void refresh(const Ui& ui);
  void apply(Ui& ui, const filters::Preset& preset, bool adds);
  void reshape(Ui& ui);
  bool sliders(Ui& ui);
  void entry(Ui& ui, Entry& entry, int column);
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

void PresetPicker::State::apply(Ui& ui, const filters::Preset& preset, bool adds) {
  model::FilterBank& bank = ui.document.settings.conv.bank;
  auto filter = model::preset_filter(bank, preset.name, args);
  if (!filter) return;
  int& selected = ui.document.selection.filter;
  if (adds) {
    const std::string reason = cannot_add(ui);
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
  bool changed = slider_number(ui, "filters/preset_orientation", "##orientation", &args.orientation_degrees, -180, 180,
                               "%.0f°", "Orientation of Gabor, motion blur and shift, in degrees", width);
  ImGui::SameLine();
  changed |= slider_number(ui, "filters/preset_wavelength", "##wavelength", &args.wavelength, 2, 32, "λ %.1f px",
                           "Wavelength of Gabor's stripes, in pixels", width);
  ImGui::SameLine();
  changed |= slider_number(ui, "filters/preset_phase", "##phase", &args.phase_degrees, -180, 180, "phase %.0f°",
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

void PresetPicker::State::entry(Ui& ui, Entry& entry, int column) {
  const filters::Preset& preset = *entry.preset;
  const bool fits = entry.reason.empty();
  const float side = kThumbnail * ui.scale;
  const float width = ImGui::GetContentRegionAvail().x;
  (void)width;
  if (column > 0) ImGui::SameLine();
  ImGui::PushID(preset.name.data(), preset.name.data() + preset.name.size());
  ImGui::BeginGroup();
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const float cell_width = side * 1.6F;
  const float caption = font_height(ui.fonts.small) + 2 * ui.scale;
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
  ImFont* font = ui.fonts.small;
  std::string label(preset.label);
  while (label.size() > 3 && font->CalcTextSizeA(font_height(font), FLT_MAX, 0, label.c_str()).x > cell_width) {
    label = label.substr(0, label.size() - (label.ends_with("..") ? 3 : 1)) + "..";
  }
  const ImVec2 text = font->CalcTextSizeA(font_height(font), FLT_MAX, 0, label.c_str());
  list->AddText(font, font_height(font), ImVec2(corner.x + (cell_width - text.x) / 2, corner.y + side + 1 * ui.scale),
                ImGui::GetColorU32(fits ? ImGuiCol_Text : ImGuiCol_TextDisabled), label.c_str());
  ImGui::EndGroup();
  ImGui::PopID();
  if (is_pressed && fits) apply(ui, preset, ImGui::GetIO().KeyCtrl);
}

PresetPicker::PresetPicker() : state_(std::make_unique<State>()) {}
PresetPicker::~PresetPicker() = default;

void PresetPicker::draw(Ui& ui) {
  if (button(ui, "filters/presets", "Presets",
             "Sobel, Gaussian, Gabor and thirty more: replace the filter or add one")) {
    ImGui::OpenPopup("presets");
  }
  const ImVec2 anchor = ImGui::GetItemRectMin();
  const float width = kColumns * kThumbnail * 1.6F * ui.scale + (kColumns + 3) * ImGui::GetStyle().ItemSpacing.x;
  const ImVec2 screen = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowSize(ImVec2(width, std::min(620 * ui.scale, screen.y - 40 * ui.scale)));
  (void)anchor;
  if (!ImGui::BeginPopup("presets")) return;
  state_->refresh(ui);
  if (state_->sliders(ui)) state_->reshape(ui);
  ImGui::Separator();
  ImGui::BeginChild("families");
  std::string_view family;
  int column = 0;
  for (Entry& entry : state_->entries) {
    if (entry.preset->family != family) {
      family = entry.preset->family;
      column = 0;
      dim_text(ui, std::string(family));
    }
    state_->entry(ui, entry, column);
    column = (column + 1) % kColumns;
  }
  ImGui::EndChild();
  ImGui::EndPopup();
}

}  // namespace convlens::ui
