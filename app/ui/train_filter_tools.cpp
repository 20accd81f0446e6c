// Buttons, and what they write into the settings.
#include "app/ui/train_filter_tools.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "app/model/train_bridges.h"
#include "app/ui/train_filter_moves.h"
#include "app/ui/widgets.h"
#include "engine/filters/presets.h"

namespace convlens::ui {
namespace {

void copy(Ui& ui, const ShownFilter& shown) {
  ImGui::SetClipboardText(model::filter_text(shown.form, shown.weights).c_str());
  ui.document.say("Copied " + shown.place.name + " as text.");
}

void put(Ui& ui, const ShownFilter& shown, Result<std::vector<float>> weights, const std::string& label) {
  if (!weights) {
    ui.document.complain(weights.error().message);
    return;
  }
  model::write_filter(ui.document.settings.train, shown.place, std::move(*weights), std::nullopt, label);
}

void paste(Ui& ui, const ShownFilter& shown, std::int64_t channel) {
  const char* text = ImGui::GetClipboardText();
  const auto matrix = model::parse_matrix(text ? text : "");
  if (!matrix) {
    ui.document.complain("The clipboard holds no matrix: " + matrix.error().message);
    return;
  }
  put(ui, shown, model::put_matrix(shown.form, shown.weights, channel, *matrix), "Paste into " + shown.place.name);
}

}  // namespace

void FilterTools::draw_tools(Ui& ui, const ShownFilter& shown, std::int64_t channel) {
  model::TrainSettings& settings = ui.document.settings.train;
  const float gap = 4 * ui.scale;
  const bool can_edit = shown.why_not.empty();
  const bool is_frozen = model::is_frozen(settings, shown.ref.layer, shown.ref.filter);
  const char* freeze = is_frozen ? "Thaw###freeze" : "Freeze###freeze";
  if (choice_button(ui, "train/freeze", freeze, is_frozen,
                    "Frozen, it stays as it is while everything else goes on learning.")) {
    model::freeze_filter(settings, shown.ref.layer, shown.ref.filter, !is_frozen, shown.filters);
  }
  const bool is_layer_frozen = model::is_layer_frozen(settings, shown.ref.layer);
  const std::string layer_name = shown.moment.run->layers[shown.ref.layer].name;
  const std::string layer = (is_layer_frozen ? "Thaw " : "Freeze ") + layer_name + "###freeze-layer";
  flow(gap, "Freeze conv10");
  if (choice_button(ui, "train/freeze-layer", layer.c_str(), is_layer_frozen,
                    "The same for all " + std::to_string(shown.filters) + " of " + layer_name + ".")) {
    model::freeze_layer(settings, shown.ref.layer, !is_layer_frozen);
  }
  flow(gap, "Re-randomise");
  if (button(ui, "train/randomise", "Re-randomise", "New random weights, as the layer was initialised; bias 0.",
             can_edit, shown.why_not)) {
    model::randomise_filter(settings, shown.place);
  }
  flow(gap, "Remove");
  if (button(ui, "train/remove", "Remove",
             "Sets weights and bias to 0 and keeps them there: can the others make up for it?", can_edit,
             shown.why_not)) {
    model::remove_filter(settings, shown.place);
  }
  flow(gap, "Copy");
  if (button(ui, "train/copy", "Copy", "The weights as text that NumPy reads (Ctrl+C).")) copy(ui, shown);
  flow(gap, "Paste");
  if (button(ui, "train/paste", "Paste",
             "A matrix from the clipboard becomes the shown channel, or all where it holds as many (Ctrl+V).", can_edit,
             shown.why_not)) {
    paste(ui, shown, channel);
  }
  flow(gap, "Named…");
  if (const auto preset = presets_.draw(ui, shown.form, can_edit, shown.why_not)) {
    put(ui, shown, model::put_preset(shown.form, shown.weights, channel, *preset),
        std::string(filters::find_preset(*preset)->label) + " into " + shown.place.name);
  }
}

void FilterTools::draw_bridges(Ui& ui, const ShownFilter& shown) {
  const float gap = 4 * ui.scale;
  const model::FilterBank& bank = ui.document.settings.conv.bank;
  const int selected = std::clamp(ui.document.selection.filter, 0, static_cast<int>(bank.filters.size()) - 1);
  const model::Filter& filter = bank.filters[static_cast<std::size_t>(selected)];
  const auto taken = model::take_from_explore(bank, selected, shown.form);
  const std::string reason = !shown.why_not.empty() ? shown.why_not : taken ? std::string() : taken.error().message;
  flow(3 * gap, "From Explore");
  if (button(ui, "train/from-explore", "From Explore",
             "Puts \"" + filter.name + "\", the filter chosen in Explore, in this place.", reason.empty(), reason)) {
    model::write_filter(ui.document.settings.train, shown.place, taken->weights, taken->bias,
                        filter.name + " into " + shown.place.name);
  }
  const std::string why_not = model::cannot_explore(*shown.moment.run, shown.ref.layer);
  flow(gap, "To Explore");
  if (button(ui, "train/card/to-explore", "To Explore",
             "All filters of this layer on your own picture, this one chosen.", why_not.empty(), why_not)) {
    send_to_explore(ui, shown.moment, shown.ref.layer);
    ui.document.selection.filter = std::min(static_cast<int>(shown.ref.filter), model::kMaxFilters - 1);
  }
}

void FilterTools::draw(Ui& ui, const ShownFilter& shown, std::int64_t channel) {
  draw_tools(ui, shown, channel);
  draw_bridges(ui, shown);
}

void FilterTools::hear_clipboard(Ui& ui, const ShownFilter& shown, std::int64_t channel) {
  if (std::exchange(ui.requests.copy, false)) copy(ui, shown);
  const char* text = ui.requests.paste && shown.why_not.empty() ? ImGui::GetClipboardText() : nullptr;
  if (!text || !model::parse_matrix(text)) return;
  ui.requests.paste = false;
  paste(ui, shown, channel);
}

}  // namespace convlens::ui
