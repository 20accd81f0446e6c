// Menus and their order. What an item does is the action table's business.
#include "app/ui/menu.h"

#include <imgui/imgui_internal.h>

#include <filesystem>
#include <initializer_list>
#include <string>

#include "app/model/fields.h"
#include "app/ui/widgets.h"
#include "engine/pictures/pictures.h"

namespace convlens::ui {
namespace {

bool item(Ui& ui, const std::string& name, const std::string& label, const std::string& key, bool checked, bool enabled,
          const std::string& help) {
  const bool chosen = ImGui::MenuItem(label.c_str(), key.empty() ? nullptr : key.c_str(), checked, enabled);
  record(ui, "menu/" + name, "item", label, checked, {}, enabled, help);
  tooltip(ui, help);
  return chosen;
}

void action_item(Ui& ui, const Action& action) {
  const bool enabled = is_enabled(action, ui) && action.run;
  if (item(ui, action.name, full_label(action, ui), hears_key(action, ui) ? key_text(action.key) : "",
           is_checked(action, ui), enabled, action.help)) {
    action.run(ui);
  }
}

void action_items(Ui& ui, const Actions& actions, std::initializer_list<const char*> names) {
  for (const char* name : names) action_item(ui, actions.find(name));
}

// Draws `body` in a menu when it is open; the menu's title is recorded always.
template <class Body>
void menu(Ui& ui, const char* name, const char* label, const Body& body, bool enabled = true) {
  // Measured before: what comes after an open menu's title is the menu itself.
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const bool is_in_bar = ImGui::GetCurrentWindow()->DC.LayoutType == ImGuiLayoutType_Horizontal;
  const float width = is_in_bar ? ImGui::CalcTextSize(label, nullptr, true).x : ImGui::GetContentRegionAvail().x;
  const bool was_open = ImGui::IsPopupOpen(label);
  record_rect(ui, from, ImVec2(from.x + width, from.y + ImGui::GetTextLineHeight()), std::string("menu/") + name,
              "menu", label, was_open, {}, enabled);
  const bool is_open = ImGui::BeginMenu(label, enabled);
  if (!is_open) return;
  body();
  ImGui::EndMenu();
}

void recent_files(Ui& ui) {
  // A copy: opening a file changes the list.
  const std::vector<std::string> files = ui.preferences.recent_files;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string label = std::filesystem::path(files[i]).filename().string() + "##" + files[i];
    if (item(ui, "recent/" + std::to_string(i), label, "", false, true, files[i])) ui.document.open_path(files[i]);
  }
}

void builtin_pictures(Ui& ui) {
  const model::PictureRef& shown = ui.document.settings.conv.picture;
  for (const pictures::BuiltinPicture& picture : pictures::builtin_pictures()) {
    const bool is_shown = shown.kind == model::PictureRef::Kind::kBuiltin && shown.name == picture.name;
    if (item(ui, "builtin/" + std::string(picture.name), std::string(picture.label), "", is_shown, true,
             std::string(picture.shows))) {
      ui.document.open_builtin(picture.name);
    }
  }
}

// The choices of one field of the table as a submenu.
void choice_menu(Ui& ui, const char* field_name) {
  const model::Field& field = *model::find_field(field_name);
  const std::string label(field.label);
  menu(ui, field_name, label.c_str(), [&] {
    const double value = field.get(ui.document.settings);
    for (std::size_t i = 0; i < field.choices.size(); ++i) {
      const model::FieldChoice& choice = field.choices[i];
      const double index = static_cast<double>(i);
      if (item(ui, std::string(field.name) + "/" + std::string(choice.name), std::string(choice.label), "",
               value == index, true, std::string(choice.summary))) {
        model::set_field(ui.document.settings, field, index, ui.document.picture_shape());
      }
    }
  });
}

void file_menu(Ui& ui, const Actions& actions) {
  action_items(ui, actions, {"file/open"});
  menu(
      ui, "recent", "Open recent", [&] { recent_files(ui); }, !ui.preferences.recent_files.empty());
  menu(ui, "builtin", "Built-in pictures", [&] { builtin_pictures(ui); });
  action_items(ui, actions, {"file/reload", "file/new"});
  ImGui::Separator();
  action_items(ui, actions, {"file/save", "file/save-as", "file/export"});
  ImGui::Separator();
  action_items(ui, actions, {"file/quit"});
}

void view_menu(Ui& ui, const Actions& actions) {
  action_items(ui, actions, {"view/explore", "view/stack", "view/train"});
  ImGui::Separator();
  action_items(ui, actions, {"view/reset", "view/normalise", "view/single"});
  ImGui::Separator();
  for (const char* field : {"view/range", "view/map_colormap", "view/unsigned_colormap", "view/weight_colormap"}) {
    choice_menu(ui, field);
  }
  ImGui::Separator();
  action_items(ui, actions, {"view/link", "view/grid", "view/values", "view/histogram"});
  menu(ui, "overlays", "Overlays", [&] {
    action_items(ui, actions,
                 {"view/coverage", "view/padding_share", "view/gridding", "view/sampling", "view/alignment"});
  });
  ImGui::Separator();
  menu(ui, "theme", "Theme", [&] {
    action_items(ui, actions, {"view/theme-dark", "view/theme-light", "view/theme-projector"});
  });
  menu(ui, "size", "Interface size", [&] {
    action_items(ui, actions, {"view/larger", "view/smaller", "view/standard-size"});
  });
  action_items(ui, actions, {"view/panels", "view/full-screen", "view/performance"});
}

void filter_menu(Ui& ui, const Actions& actions) {
  action_items(ui, actions, {"filter/duplicate", "filter/delete", "filter/previous", "filter/next"});
  ImGui::Separator();
  for (const Action& action : actions.all()) {
    if (action.group() == "filter" && action.key.empty()) action_item(ui, action);
  }
}

void probe_menu(Ui& ui, const Actions& actions) {
  action_items(ui, actions, {"probe/pin", "probe/clear"});
  ImGui::Separator();
  action_items(ui, actions, {"probe/channels", "probe/number", "view/up"});
  ImGui::Separator();
  action_items(ui, actions,
               {"probe/copy-text", "probe/copy-latex", "probe/copy-numpy", "probe/copy-cpp", "probe/copy-json"});
}

void compare_menu(Ui& ui, const Actions& actions) {
  action_items(ui, actions, {"compare/frequency", "compare/spectra"});
  ImGui::Separator();
  action_items(ui, actions,
               {"compare/tab", "compare/freeze-b", "compare/against-flip", "compare/against-border",
                "compare/against-processor"});
  ImGui::Separator();
  action_items(ui, actions, {"compare/show-a", "compare/show-swipe", "compare/show-b", "compare/show-difference"});
  ImGui::Separator();
  action_items(ui, actions, {"compare/swap-ab", "compare/side-by-side", "compare/end"});
}

void train_menu(Ui& ui, const Actions& actions) {
  action_items(ui, actions, {"train/run", "train/step", "train/back", "train/phase", "train/epoch", "train/slow"});
  ImGui::Separator();
  action_items(ui, actions, {"train/reset", "train/test", "train/fork"});
  ImGui::Separator();
  action_items(ui, actions, {"train/open", "train/save-run", "train/save-run-as", "train/save-model"});
  action_items(ui, actions, {"train/save-checkpoint"});
  ImGui::Separator();
  action_items(ui, actions, {"train/filters-to-explore", "train/net-to-stack", "train/export-film"});
  ImGui::Separator();
  action_items(ui, actions, {"train/data-synthetic", "train/data-folder", "train/data-mnist"});
}

// At the right end of the bar: which workspace fills the window.
void workspace_switch(Ui& ui, const Actions& actions) {
  const float pad = 10 * ui.scale, gap = 2 * ui.scale;
  float width = gap + 8 * ui.scale;
  for (const char* name : {"view/explore", "view/stack", "view/train"}) {
    width += ImGui::CalcTextSize(actions.find(name).label.c_str()).x + 2 * pad;
  }
  const float left = ImGui::GetWindowWidth() - width;
  if (left < ImGui::GetCursorPosX()) return;  // the View menu has it too
  ImGui::SetCursorPosX(left);
  ImGui::PushID("workspace");  // a menu may have the same name
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(pad, ImGui::GetStyle().FramePadding.y));
  for (const char* name : {"view/explore", "view/stack", "view/train"}) {
    const Action& action = actions.find(name);
    const bool is_on = is_checked(action, ui);
    ImGui::PushStyleColor(ImGuiCol_Button, ImGui::GetStyleColorVec4(is_on ? ImGuiCol_Header : ImGuiCol_FrameBg));
    if (ImGui::Button(action.label.c_str())) action.run(ui);
    ImGui::PopStyleColor();
    const std::string help = action.help + " (" + action.key + ")";
    record(ui, "workspace/" + action.name.substr(action.name.find('/') + 1), "button", action.label, is_on, {}, true,
           help);
    tooltip(ui, help);
    ImGui::SameLine(0, gap);
  }
  ImGui::PopStyleVar();
  ImGui::PopID();
}

}  // namespace

void draw_menu_bar(Ui& ui, const Actions& actions) {
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(8 * ui.scale, 5 * ui.scale));
  const bool is_open = ImGui::BeginMainMenuBar();
  ImGui::PopStyleVar();
  if (!is_open) return;
  menu(ui, "file", "File", [&] { file_menu(ui, actions); });
  menu(ui, "edit", "Edit", [&] {
    action_items(ui, actions, {"edit/undo", "edit/redo", "edit/history"});
    ImGui::Separator();
    action_items(ui, actions, {"edit/copy", "edit/paste"});
    ImGui::Separator();
    action_item(ui, actions.find("edit/compare-gpu"));
  });
  // Menus of what is not on the screen would only take room.
  const bool is_train = ui.preferences.workspace == model::Workspace::kTrain;
  if (!is_train) menu(ui, "filters", "Filters", [&] { filter_menu(ui, actions); });
  menu(ui, "view", "View", [&] { view_menu(ui, actions); });
  if (is_train) {
    menu(ui, "train", "Train", [&] { train_menu(ui, actions); });
  } else {
    menu(ui, "probe", "Probe", [&] { probe_menu(ui, actions); });
    menu(ui, "compare", "Compare", [&] { compare_menu(ui, actions); });
    menu(ui, "window", "Sliding window", [&] {
      action_items(ui, actions, {"window/play", "window/forward", "window/back"});
    });
  }
  menu(ui, "help", "Help", [&] { action_items(ui, actions, {"help/keys", "help/palette", "help/about"}); });
  workspace_switch(ui, actions);
  ImGui::EndMainMenuBar();
}

}  // namespace convlens::ui
