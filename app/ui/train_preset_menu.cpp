// Thumbnails are made once for a size of filters.
#include "app/ui/train_preset_menu.h"

#include <algorithm>

#include "app/ui/bank_strip.h"
#include "app/ui/widgets.h"
#include "engine/filters/presets.h"

namespace convlens::ui {

void TrainPresetMenu::refresh(const Ui& ui, const model::FilterForm& form) {
  const std::string& colormap = ui.document.settings.view.weight_colormap;
  if (form == form_ && colormap == colormap_) return;
  form_ = form;
  colormap_ = colormap;
  entries_.clear();
  for (const filters::Preset& preset : filters::presets()) {
    if (preset.colour && form.channels != 3) continue;
    const int channels = preset.colour ? 3 : 1;
    const auto rows = static_cast<int>(form.rows), cols = static_cast<int>(form.cols);
    const auto weights = filters::make_preset(preset.name, {.rows = rows, .cols = cols, .channels = channels});
    if (!weights) continue;
    Entry entry{preset.name, preset.label, preset.shows, {}};
    entry.image.set(view::filter_thumbnail(*weights, channels, rows, cols, view::find_colormap(colormap)), cols, rows,
                    true);
    entries_.push_back(std::move(entry));
  }
}

std::optional<std::string> TrainPresetMenu::draw(Ui& ui, const model::FilterForm& form, bool enabled,
                                                 const std::string& reason) {
  const bool can_fit = form.plane() > 1;
  if (button(ui, "train/presets", "Named…", "Sobel, Gaussian, Laplacian and others in place of the shown channel.",
             enabled && can_fit, can_fit ? reason : "These filters are single numbers")) {
    ImGui::OpenPopup("train-presets");
  }
  std::optional<std::string> chosen;
  ImGui::SetNextWindowSizeConstraints({0, 0}, {FLT_MAX, ImGui::GetIO().DisplaySize.y * 0.7F});
  if (!ImGui::BeginPopup("train-presets")) return chosen;
  refresh(ui, form);
  const float s = ui.scale, side = 30 * s, wide = 150 * s;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (i % 2 == 1) ImGui::SameLine(0, 4 * s);
    ImGui::PushID(static_cast<int>(i));
    const ImVec2 at = ImGui::GetCursorScreenPos();
    if (ImGui::Selectable("##preset", false, 0, {wide, side + 4 * s})) chosen = std::string(entry.name);
    record(ui, "train/preset/" + std::string(entry.name), "item", entry.label, {}, {}, true, std::string(entry.shows));
    tooltip(ui, std::string(entry.shows));
    draw_thumbnail(entry.image, {at.x + 2 * s, at.y + 2 * s}, side, IM_COL32_WHITE);
    ImGui::GetWindowDrawList()->AddText({at.x + side + 10 * s, at.y + (side + 4 * s - ImGui::GetTextLineHeight()) / 2},
                                        ui.palette.text, entry.label.data(), entry.label.data() + entry.label.size());
    ImGui::PopID();
  }
  ImGui::EndPopup();
  return chosen;
}

}  // namespace convlens::ui
