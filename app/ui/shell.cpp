// Puts the pieces of the window together. What each piece shows is its own file's business.
#include "app/ui/shell.h"

#include <imgui/imgui_internal.h>

#include <functional>
#include <optional>
#include <utility>

#include "app/model/fields.h"
#include "app/ui/actions.h"
#include "app/ui/clipboard.h"
#include "app/ui/clipboard_image.h"
#include "app/ui/command_palette.h"
#include "app/ui/help_window.h"
#include "app/ui/history_window.h"
#include "app/ui/layout.h"
#include "app/ui/menu.h"
#include "app/ui/middle_tabs.h"
#include "app/ui/panels.h"
#include "app/ui/performance_overlay.h"
#include "app/ui/probe_moves.h"
#include "app/ui/stack_workspace.h"
#include "app/ui/status_bar.h"
#include "app/ui/train_workspace.h"
#include "app/ui/unsaved_dialog.h"
#include "app/ui/widgets.h"

namespace convlens::ui {

struct Shell::State {
  Actions actions;
  InputPanel input;
  FiltersPanel filters;
  MiddleTabs tabs;
  MapsPanel maps;
  // From their first use on.
  std::optional<StackWorkspace> stack;
  std::optional<TrainWorkspace> train;
  FileBrowser browser;
  ClipboardImage clipboard_image;
  CommandPalette palette;
  HistoryWindow history;
  StatusBar status;
  UnsavedDialog unsaved;
};

namespace {

bool begin_workspace() {
  const ImGuiViewport& viewport = *ImGui::GetMainViewport();
  ImGui::SetNextWindowPos(viewport.WorkPos);
  ImGui::SetNextWindowSize(viewport.WorkSize);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 0);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  const bool is_visible =
      ImGui::Begin("workspace", nullptr,
                   ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                       ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoScrollWithMouse |
                       ImGuiWindowFlags_NoBackground);  // the cleared frame buffer has its colour
  ImGui::PopStyleVar(3);
  return is_visible;
}

bool is_any_popup_open() {
  return ImGui::IsPopupOpen(static_cast<const char*>(nullptr),
                            ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel);
}

// Esc: closes what is open; takes back the drag under way; or goes one level up: number, channels, map, all maps.
// `workspace_cancel` lets go of what is pinned in the workspace; empty for Explore.
void cancel(Ui& ui, const std::function<bool()>& workspace_cancel) {
  for (bool* window :
       {&ui.windows.help, &ui.windows.about, &ui.windows.history, &ui.windows.spectra, &ui.windows.side_by_side}) {
    if (std::exchange(*window, false)) return;
  }
  if (ImGui::IsAnyItemActive() && ImGui::IsAnyMouseDown()) {
    ui.document.settings = ui.document.history().current();
    ImGui::ClearActiveID();
    return;
  }
  if (workspace_cancel) {
    if (!workspace_cancel()) ui.hide_panels = false;
    return;
  }
  if (!one_level_up(ui.document)) ui.hide_panels = false;
}

void run_keys(Ui& ui, const Actions& actions) {
  if (!is_any_popup_open()) {
    actions.run_keys(ui);
    return;
  }
  // A menu or a list is open: Esc closes it, everything else waits.
  if (ui.take_key("Escape")) ImGui::ClosePopupToLevel(0, true);
  ui.keys.clear();
}

}  // namespace

Shell::Shell() : state_(std::make_unique<State>()) {}
Shell::~Shell() = default;

bool Shell::may_quit() const { return state_->unsaved.may_quit(); }
const std::string& Shell::status_line() const { return state_->status.line(); }

void Shell::draw(Ui& ui) {
  const ImGuiIO& io = ImGui::GetIO();
  ui.show_original = io.KeyShift && !io.KeyCtrl && !io.WantTextInput;
  draw_menu_bar(ui, state_->actions);
  if (ui.document.take_wish_for_training()) ui.preferences.workspace = model::Workspace::kTrain;
  const model::Workspace workspace = ui.preferences.workspace;
  ui.document.is_training = workspace == model::Workspace::kTrain;
  if (begin_workspace()) {
    const ImGuiViewport& viewport = *ImGui::GetMainViewport();
    const float edge = 6 * ui.scale, bar = StatusBar::height(ui);
    const ImVec2 corner(viewport.WorkPos.x + edge, viewport.WorkPos.y + edge / 2);
    const ImVec2 size(viewport.WorkSize.x - 2 * edge, viewport.WorkSize.y - bar - edge / 2);
    const ImVec4 area(corner.x, corner.y, size.x, size.y);
    WorkStatus work;
    if (workspace == model::Workspace::kStack) {
      if (!state_->stack) state_->stack.emplace(ui.document.waker());
      state_->stack->draw(ui, area);
      work = state_->stack->status();
    } else if (workspace == model::Workspace::kTrain) {
      if (!state_->train) state_->train.emplace(ui.document.waker());
      state_->train->draw(ui, area);
      work = state_->train->status(ui);
    } else {
      const Layout layout = lay_out(ui, area);
      panel("input", layout.input, [&] { state_->input.draw(ui); });
      panel("filters", layout.filters, [&] { state_->filters.draw(ui); });
      panel("params", layout.params, [&] { state_->tabs.draw(ui); });
      panel("maps", layout.maps, [&] { state_->maps.draw(ui); });
      work = layer_status(ui.document);
    }
    state_->status.draw(ui, ImVec4(viewport.WorkPos.x, corner.y + size.y, viewport.WorkSize.x, bar), std::move(work));
  }
  ImGui::End();
  draw_windows(ui);
  // Whoever is pointed at says so in words as well; nobody did, so nothing is.
  if (ui.hovered_value.empty()) ui.document.hover = {};

  // What no panel has claimed.
  if (std::exchange(ui.requests.copy, false)) copy_filter(ui);
  if (std::exchange(ui.requests.paste, false)) paste(ui);
  state_->clipboard_image.follow(ui);
  if (std::exchange(ui.requests.cancel, false)) {
    std::function<bool()> let_go;
    if (workspace == model::Workspace::kStack) let_go = [&] { return StackWorkspace::cancel(ui.document); };
    if (workspace == model::Workspace::kTrain && state_->train) let_go = [&] { return state_->train->cancel(); };
    cancel(ui, let_go);
  }
  run_keys(ui, state_->actions);
  // Panels answer a request in the next frame.
  ui.needs_frames |= ui.requests.copy || ui.requests.paste || ui.requests.cancel || ui.requests.reset_views;
}

void Shell::draw_windows(Ui& ui) {
  state_->browser.draw(ui);
  state_->palette.draw(ui, state_->actions);
  state_->tabs.draw_windows(ui);
  state_->history.draw(ui);
  state_->unsaved.draw(ui);
  draw_help_window(ui, state_->actions);
  draw_about_window(ui);
  draw_performance_overlay(ui);
}

}  // namespace convlens::ui
