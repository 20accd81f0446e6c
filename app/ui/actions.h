// Every action of the program: one table from which menus, command palette, key help and key presses all come.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/ui/ui.h"

namespace convlens::ui {

// In which workspaces a key is an action's. Menus and the palette offer the action everywhere.
enum class KeysIn { kEverywhere, kOutsideTrain, kTrain };

struct Action {
  std::string name;   // "edit/undo": text twin
  std::string label;  // "Undo"
  std::string key;    // "Ctrl+Z", spelt as in Ui::keys; empty where it has none
  std::string help;   // what it does, one sentence
  // Every function below may be empty.
  std::function<void(Ui&)> run = {};               // empty: done by the picture under the pointer; listed for its key
  std::function<bool(const Ui&)> is_enabled = {};  // empty: always
  std::function<bool(const Ui&)> is_checked = {};  // empty: has no check mark
  std::function<std::string(const Ui&)> details = {};  // what it would do now: "Stride y 1 → 2"
  std::string other_key = {};                          // a second key
  bool is_listed = true;                               // in the key help; false for the 2nd to 9th of nine alike
  KeysIn keys_in = KeysIn::kEverywhere;

  std::string_view group() const { return std::string_view(name).substr(0, name.find('/')); }
};

class Actions {
 public:
  Actions();
  const std::vector<Action>& all() const { return table_; }
  const Action& find(std::string_view name) const;
  // Runs the actions whose keys were pressed and that nobody took.
  void run_keys(Ui& ui) const;

 private:
  std::vector<Action> table_;
};

bool is_enabled(const Action& action, const Ui& ui);
bool is_checked(const Action& action, const Ui& ui);
// Whether its key is its own in the workspace that is shown.
bool hears_key(const Action& action, const Ui& ui);
// "Undo stride y 1 → 2": the label with what it would do now.
std::string full_label(const Action& action, const Ui& ui);
// As it is printed on keys: "Ctrl+Shift+Z", "←".
std::string key_text(std::string_view chord);

// From row `first` on.
void limit_keys(std::vector<Action>& table, std::size_t first, KeysIn where);

// Rows of the table, by menu.
void add_file_actions(std::vector<Action>& table);
void add_edit_actions(std::vector<Action>& table);
void add_filter_actions(std::vector<Action>& table);
void add_probe_actions(std::vector<Action>& table);
void add_compare_actions(std::vector<Action>& table);
void add_view_actions(std::vector<Action>& table);
void add_animation_actions(std::vector<Action>& table);
void add_picture_actions(std::vector<Action>& table);
void add_train_actions(std::vector<Action>& table);
void add_help_actions(std::vector<Action>& table);

}  // namespace convlens::ui
