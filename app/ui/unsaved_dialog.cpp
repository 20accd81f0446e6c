// The one dialog that stands between a person and the loss of work.
#include "app/ui/unsaved_dialog.h"

#include <string>
#include <utility>

#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

constexpr const char* kTitle = "Unsaved changes";

// Another picture or another look, without a session, is no work that could be lost.
bool is_worth_asking(const model::Document& document) {
  if (!document.has_unsaved_changes()) return false;
  model::ConvSettings untouched = model::default_settings().conv;
  untouched.picture = document.settings.conv.picture;
  return !document.session_path().empty() || document.settings.conv != untouched;
}

}  // namespace

void UnsavedDialog::fulfil(Ui& ui) {
  if (wanted_ == Wanted::kQuit) may_quit_ = true;
  if (wanted_ == Wanted::kNew) ui.document.new_document();
  wanted_ = Wanted::kNothing;
  waits_for_save_ = false;
}

void UnsavedDialog::draw(Ui& ui) {
  const bool wants_quit = std::exchange(ui.requests.quit, false);
  const bool wants_new = std::exchange(ui.requests.new_document, false);
  if (wants_quit || wants_new) {
    wanted_ = wants_quit ? Wanted::kQuit : Wanted::kNew;
    waits_for_save_ = false;
    if (is_worth_asking(ui.document)) {
      ImGui::OpenPopup(kTitle);
    } else {
      fulfil(ui);
    }
  }
  // Saving under a new name goes through the file browser; the wish is kept until it is done.
  if (waits_for_save_ && !ui.document.has_unsaved_changes()) fulfil(ui);

  const ImGuiViewport& viewport = *ImGui::GetMainViewport();
  ImGui::SetNextWindowPos(
      ImVec2(viewport.WorkPos.x + viewport.WorkSize.x / 2, viewport.WorkPos.y + viewport.WorkSize.y * 0.4F),
      ImGuiCond_Always, ImVec2(0.5F, 0.5F));
  if (!ImGui::BeginPopupModal(
          kTitle, nullptr,
          ImGuiWindowFlags_AlwaysAutoResize | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings)) {
    return;
  }
  const std::filesystem::path& path = ui.document.session_path();
  const std::string name = path.empty() ? "this session" : path.filename().string();
  ImGui::TextUnformatted(("Save the changes to " + name + " first?").c_str());
  dim_text(ui, "Filters and settings are lost otherwise; pictures on the disk are never changed.");
  ImGui::Spacing();
  if (button(ui, "unsaved/save", "Save", "Saves the session, then goes on.")) {
    ImGui::CloseCurrentPopup();
    waits_for_save_ = true;
    if (path.empty()) {
      ui.requests.save_browser = true;
    } else if (const Status saved = ui.document.save_session(path); !saved) {
      ui.document.complain(saved.error().message);
      waits_for_save_ = false;
    }
  }
  ImGui::SameLine();
  if (button(ui, "unsaved/discard", "Discard", "Goes on without saving.")) {
    ImGui::CloseCurrentPopup();
    fulfil(ui);
  }
  ImGui::SameLine();
  if (button(ui, "unsaved/cancel", "Cancel", "Stays here. Key: Esc.") || ui.take_key("Escape")) {
    ImGui::CloseCurrentPopup();
    wanted_ = Wanted::kNothing;
  }
  ImGui::EndPopup();
}

}  // namespace convlens::ui
