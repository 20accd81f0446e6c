// Finding and running actions. The rows are in action_table.cpp and view_action_table.cpp.
#include "app/ui/actions.h"

#include <algorithm>
#include <array>
#include <utility>

namespace convlens::ui {

Actions::Actions() {
  add_file_actions(table_);
  add_edit_actions(table_);
  add_filter_actions(table_);
  add_probe_actions(table_);
  add_compare_actions(table_);
  add_view_actions(table_);
  add_animation_actions(table_);
  add_picture_actions(table_);
  add_train_actions(table_);
  add_help_actions(table_);
}

const Action& Actions::find(std::string_view name) const {
  const auto it = std::find_if(table_.begin(), table_.end(), [&](const Action& a) { return a.name == name; });
  IM_ASSERT(it != table_.end() && "an unknown action");
  return *it;
}

void Actions::run_keys(Ui& ui) const {
  for (const std::string& chord : std::exchange(ui.keys, {})) {
    for (const Action& action : table_) {
      if (chord != action.key && chord != action.other_key) continue;
      if (action.run && hears_key(action, ui) && is_enabled(action, ui)) action.run(ui);
    }
  }
}

bool is_enabled(const Action& action, const Ui& ui) { return !action.is_enabled || action.is_enabled(ui); }

bool is_checked(const Action& action, const Ui& ui) { return action.is_checked && action.is_checked(ui); }

void limit_keys(std::vector<Action>& table, std::size_t first, KeysIn where) {
  for (std::size_t i = first; i < table.size(); ++i) table[i].keys_in = where;
}

bool hears_key(const Action& action, const Ui& ui) {
  const bool is_train = ui.preferences.workspace == model::Workspace::kTrain;
  return action.keys_in == KeysIn::kEverywhere || (action.keys_in == KeysIn::kTrain) == is_train;
}

std::string full_label(const Action& action, const Ui& ui) {
  std::string label = action.label;
  if (!action.details) return label;
  const std::string details = action.details(ui);
  if (!details.empty()) label.append(": ").append(details);
  return label;
}

std::string key_text(std::string_view chord) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kSigns = {
      {{"Left", "←"}, {"Right", "→"}, {"Up", "↑"}, {"Down", "↓"}, {"Escape", "Esc"}, {"Delete", "Del"}}};
  for (const auto& [name, sign] : kSigns) {
    if (chord == name) return std::string(sign);
  }
  return std::string(chord);
}

}  // namespace convlens::ui
