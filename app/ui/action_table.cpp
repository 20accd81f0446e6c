// The rows of the action table that change the document: files, editing, filters.
#include <algorithm>
#include <string>

#include "app/model/fields.h"
#include "app/model/filter_bank.h"
#include "app/ui/actions.h"

namespace convlens::ui {
namespace {

model::FilterBank& bank(Ui& ui) { return ui.document.settings.conv.bank; }

int filter_count(const Ui& ui) { return static_cast<int>(ui.document.settings.conv.bank.filters.size()); }

void choose_filter(Ui& ui, int index) {
  if (index < 0 || index >= filter_count(ui)) return;
  ui.document.selection.filter = index;
}

void duplicate(Ui& ui) {
  int& chosen = ui.document.selection.filter;
  if (const int made = model::duplicate_filter(bank(ui), chosen); made >= 0) chosen = made;
}

void remove(Ui& ui) {
  int& chosen = ui.document.selection.filter;
  if (model::delete_filter(bank(ui), chosen)) chosen = std::min(chosen, filter_count(ui) - 1);
}

void apply(Ui& ui, model::FilterEdit edit) {
  model::Filter& filter = bank(ui).filters[static_cast<std::size_t>(ui.document.selection.filter)];
  model::bake_strength(bank(ui), filter);
  const Status done = model::apply_edit(bank(ui), filter, edit, ui.frame);
  if (!done) ui.document.complain(done.error().message);
}

void save(Ui& ui) {
  if (ui.document.session_path().empty()) {
    ui.requests.save_browser = true;
    return;
  }
  const Status saved = ui.document.save_session(ui.document.session_path());
  if (!saved) ui.document.complain(saved.error().message);
}

std::string undone_label(const Ui& ui) {
  const model::History& history = ui.document.history();
  return history.can_undo() ? history.entries()[history.position()].label : std::string();
}

std::string redone_label(const Ui& ui) {
  const model::History& history = ui.document.history();
  return history.can_redo() ? history.entries()[history.position() + 1].label : std::string();
}

bool has_file(const Ui& ui) { return ui.document.settings.conv.picture.kind == model::PictureRef::Kind::kFile; }

}  // namespace

void add_file_actions(std::vector<Action>& table) {
  table.push_back({"file/open", "Open…", "Ctrl+O", "Opens a picture, an .npy array or a session.",
                   [](Ui& ui) { ui.requests.open_browser = true; }});
  table.push_back({"file/reload", "Reload picture", "F5", "Reads the picture from the disk again.",
                   [](Ui& ui) { ui.document.reload_picture(); }, has_file});
  table.push_back({"file/new", "Start afresh", "", "Back to the first scene and filters; forgets the history.",
                   [](Ui& ui) { ui.requests.new_document = true; }});
  const std::size_t saving = table.size();
  table.push_back({"file/save", "Save session", "Ctrl+S", "Saves all settings, filters and the picture's path.", save});
  table.push_back({"file/save-as", "Save session as…", "Ctrl+Shift+S", "Saves the session under another name.",
                   [](Ui& ui) { ui.requests.save_browser = true; }});
  table.push_back({"file/export", "Export map…", "Ctrl+E", "Writes the chosen feature map as PNG or .npy.",
                   [](Ui& ui) { ui.requests.export_browser = true; },
                   [](const Ui& ui) { return ui.document.result() != nullptr; }});
  limit_keys(table, saving, KeysIn::kOutsideTrain);
  table.push_back({"file/quit", "Quit", "Ctrl+Q", "Leaves; asks first when changes are unsaved.",
                   [](Ui& ui) { ui.requests.quit = true; }});
}

void add_edit_actions(std::vector<Action>& table) {
  table.push_back({"edit/undo",
                   "Undo",
                   "Ctrl+Z",
                   "Takes the last change back.",
                   [](Ui& ui) { ui.document.undo(); },
                   [](const Ui& ui) { return ui.document.history().can_undo(); },
                   {},
                   undone_label});
  table.push_back({"edit/redo",
                   "Redo",
                   "Ctrl+Shift+Z",
                   "Makes the undone change again.",
                   [](Ui& ui) { ui.document.redo(); },
                   [](const Ui& ui) { return ui.document.history().can_redo(); },
                   {},
                   redone_label,
                   "Ctrl+Y"});
  table.push_back({"edit/history",
                   "History",
                   "Ctrl+H",
                   "Every change by name; click one to go there.",
                   [](Ui& ui) { ui.windows.history = !ui.windows.history; },
                   {},
                   [](const Ui& ui) { return ui.windows.history; }});
  table.push_back(
      {"edit/compare-gpu", "Compare CPU and GPU", "",
       "Convolves these settings on both and says how far the maps are apart, and where.",
       [](Ui& ui) { ui.document.compare_gpu(); },
       [](const Ui& ui) { return ui.gl.has_compute && ui.document.no_gpu().empty() && !ui.document.is_comparing(); }});
  table.push_back({"edit/copy", "Copy filter", "Ctrl+C", "Copies the chosen filter as a matrix that NumPy reads.",
                   [](Ui& ui) { ui.requests.copy = true; }});
  table.push_back({"edit/paste", "Paste", "Ctrl+V",
                   "Pastes a matrix into the chosen filter, or opens a copied picture or path.",
                   [](Ui& ui) { ui.requests.paste = true; }});
}

void add_filter_actions(std::vector<Action>& table) {
  const std::size_t first = table.size();
  table.push_back({"filter/duplicate", "Duplicate filter", "Ctrl+D", "Adds a copy of the chosen filter.", duplicate,
                   [](const Ui& ui) { return model::cannot_add_filter(ui.document.settings.conv).empty(); }});
  table.push_back({"filter/delete", "Delete filter", "Delete", "Removes the chosen filter and its map.", remove,
                   [](const Ui& ui) { return model::cannot_delete_filter(ui.document.settings.conv).empty(); }});
  const auto edits = model::filter_edit_names();
  for (std::size_t i = 0; i < edits.size(); ++i) {
    table.push_back({"filter/" + std::string(edits[i].name), std::string(edits[i].label), "",
                     std::string(edits[i].summary),
                     [edit = static_cast<model::FilterEdit>(i)](Ui& ui) { apply(ui, edit); }});
  }
  const auto step = [](int by) { return [by](Ui& ui) { choose_filter(ui, ui.document.selection.filter + by); }; };
  table.push_back(
      {"filter/next", "Next filter", "Right", "Chooses the next filter and its map.", step(1), {}, {}, {}, "Down"});
  table.push_back({"filter/previous",
                   "Previous filter",
                   "Left",
                   "Chooses the filter before and its map.",
                   step(-1),
                   {},
                   {},
                   {},
                   "Up"});
  for (int n = 1; n <= 9; ++n) {
    table.push_back({"filter/choose-" + std::to_string(n),
                     "Choose filter " + std::to_string(n),
                     std::to_string(n),
                     "Chooses this filter and its map.",
                     [n](Ui& ui) { choose_filter(ui, n - 1); },
                     [n](const Ui& ui) { return n <= filter_count(ui); },
                     {},
                     {},
                     "",
                     n == 1});
  }
  limit_keys(table, first, KeysIn::kOutsideTrain);
}

}  // namespace convlens::ui
