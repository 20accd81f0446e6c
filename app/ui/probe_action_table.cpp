// The rows of the action table that look into values: watching them, going deeper, copying their sums.
#include <string>

#include "app/ui/actions.h"
#include "app/ui/probe_moves.h"

namespace convlens::ui {
namespace {

bool has_maps(const Ui& ui) { return ui.document.result() != nullptr; }

}  // namespace

void add_probe_actions(std::vector<Action>& table) {
  table.push_back({"probe/pin", "Watch this value", "P",
                   "Pins the value under the pointer, else the one that the window stands on; again: lets it go.",
                   [](Ui& ui) { toggle_pointed_pin(ui.document); }, has_maps});
  table.push_back({"probe/clear", "Watch nothing", "", "Lets all watched values go.",
                   [](Ui& ui) { ui.document.probe.pins.clear(); },
                   [](const Ui& ui) { return !ui.document.probe.pins.empty(); }});
  table.push_back({"probe/channels", "Channels of the map", "",
                   "Lays the chosen map open: each input channel's part, their sum, the bias, the activation.",
                   [](Ui& ui) { go_to_depth(ui.document, model::Depth::kChannels); }, has_maps,
                   [](const Ui& ui) { return ui.document.probe.depth == model::Depth::kChannels; }});
  table.push_back({"probe/number", "Sum of the value", "",
                   "Lays one number open: every input value, weight and product, and their running sum.",
                   [](Ui& ui) {
                     choose_value(ui.document, pointed_value(ui.document));
                     go_to_depth(ui.document, model::Depth::kNumber);
                   },
                   has_maps, [](const Ui& ui) { return ui.document.probe.depth == model::Depth::kNumber; }});
  // Runs where the pointer is on the maps: elsewhere the key belongs to the control that has the keyboard.
  table.push_back({"probe/down", "One level down", "Enter",
                   "Over the maps: all maps, one map, its channels, one number. Esc leads back up."});
  const auto formats = explain::probe_format_names();
  for (std::size_t i = 0; i < formats.size(); ++i) {
    table.push_back({"probe/copy-" + std::string(formats[i].name), "Copy sum as " + std::string(formats[i].label), "",
                     "The value under the pointer or laid open: " + std::string(formats[i].summary) + ".",
                     [format = static_cast<explain::ProbeFormat>(i)](Ui& ui) { copy_value(ui, format); }, has_maps});
  }
}

}  // namespace convlens::ui
