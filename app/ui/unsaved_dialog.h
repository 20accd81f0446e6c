// Asks what to do with unsaved changes, and with a run of training that no file holds, before they would be lost: save,
// discard, or stay.
#pragma once

#include "app/ui/ui.h"

namespace convlens::ui {

class UnsavedDialog {
 public:
  // Turns requests.quit and requests.new_document into may_quit() and a new document, asking first where needed.
  void draw(Ui& ui);
  bool may_quit() const { return may_quit_; }

 private:
  enum class Wanted { kNothing, kQuit, kNew };
  void fulfil(Ui& ui);
  void ask(Ui& ui);
  void ask_about_run(Ui& ui);

  Wanted wanted_ = Wanted::kNothing;
  bool waits_for_save_ = false;
  bool waits_for_run_ = false;  // its file is being written
  bool may_quit_ = false;
};

}  // namespace convlens::ui
