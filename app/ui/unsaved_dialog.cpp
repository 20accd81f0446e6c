// The one dialog that stands between a person and the loss of work.
#include "app/ui/unsaved_dialog.h"

#include <string>
#include <utility>

#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

constexpr const char* kTitle = "Unsaved changes";
constexpr const char* kRunTitle = "Unsaved run";

// Another picture or another look, without a session, is no work that could be lost.
bool is_worth_asking(const model::Document& document) {
  if (!document.has_unsaved_changes()) return false;
  model::ConvSettings untouched = model::default_settings().conv;
  untouched.picture = document.settings.conv.picture;
  return !document.session_path().empty() || document.settings.conv != untouched;
}

bool begin_dialog(const char* title) {
  const ImGuiViewport& viewport = *ImGui::GetMainViewport();
  ImGui::SetNextWindowPos(
      ImVec2(viewport.WorkPos.x + viewport.WorkSize.x / 2, viewport.WorkPos.y + viewport.WorkSize.y * 0.4F),
      ImGuiCond_Always, ImVec2(0.5F, 0.5F));
  return ImGui::BeginPopupModal(
      title, nullptr, ImGuiWindowFlags_AlwaysAutoResize | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings);
}

}  // namespace

void UnsavedDialog::fulfil(Ui& ui) {
  waits_for_save_ = false;
  if (wanted_ == Wanted::kQuit && ui.document.train.has_unsaved_run()) {
    ImGui::OpenPopup(kRunTitle);
    return;
  }
  if (wanted_ == Wanted::kQuit) may_quit_ = true;
  if (wanted_ == Wanted::kNew) ui.document.new_document();
  wanted_ = Wanted::kNothing;
}

void UnsavedDialog::draw(Ui& ui) {
  const bool wants_quit = std::exchange(ui.requests.quit, false);
  const bool wants_new = std::exchange(ui.requests.new_document, false);
  if (wants_quit || wants_new) {
    wanted_ = wants_quit ? Wanted::kQuit : Wanted::kNew;
    waits_for_save_ = waits_for_run_ = false;
    if (is_worth_asking(ui.document)) {
      ImGui::OpenPopup(kTitle);
    } else {
      fulfil(ui);
    }
  }
  // Saving under a new name goes through the file browser; the wish is kept until it is done.
  if (waits_for_save_ && !ui.document.has_unsaved_changes()) fulfil(ui);
  if (waits_for_run_ && !ui.document.train.has_unsaved_run()) {
    waits_for_run_ = false;
    fulfil(ui);
  }
  ask(ui);
  ask_about_run(ui);
}

void UnsavedDialog::ask(Ui& ui) {
  if (!begin_dialog(kTitle)) return;
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
  const bool discards = button(ui, "unsaved/discard", "Discard", "Goes on without saving.");
  if (discards) ImGui::CloseCurrentPopup();
  ImGui::SameLine();
  if (button(ui, "unsaved/cancel", "Cancel", "Stays here. Key: Esc.") || ui.take_key("Escape")) {
    ImGui::CloseCurrentPopup();
    wanted_ = Wanted::kNothing;
  }
  ImGui::EndPopup();
  if (discards) fulfil(ui);
}

void UnsavedDialog::ask_about_run(Ui& ui) {
  if (!begin_dialog(kRunTitle)) return;
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  const std::string name = snapshot.run ? snapshot.run->description.model.name : "the net";
  ImGui::TextUnformatted(
      ("Save the run of " + name + ", " + std::to_string(snapshot.last_step) + " steps, first?").c_str());
  dim_text(ui, "No file holds its weights and its timeline: they are lost otherwise.");
  ImGui::Spacing();
  if (button(ui, "unsaved/save-run", "Save", "Saves the run, then leaves.")) {
    ImGui::CloseCurrentPopup();
    ui.requests.file = {.kind = FileWish::Kind::kSave,
                        .title = "Save the run",
                        .label = "Save",
                        .name = name + ".safetensors",
                        .endings = {".safetensors"},
                        .accept = [this](Ui& then, const std::filesystem::path& path) {
                          then.document.train.save_run(path);
                          waits_for_run_ = true;
                        }};
  }
  ImGui::SameLine();
  const bool discards = button(ui, "unsaved/discard-run", "Discard", "Leaves without saving.");
  if (discards) {
    ImGui::CloseCurrentPopup();
    may_quit_ = true;
  }
  ImGui::SameLine();
  if (button(ui, "unsaved/keep-run", "Cancel", "Stays here. Key: Esc.") || ui.take_key("Escape")) {
    ImGui::CloseCurrentPopup();
    wanted_ = Wanted::kNothing;
  }
  ImGui::EndPopup();
}

}  // namespace convlens::ui
