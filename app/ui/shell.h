// The window's frame around the panels: menu bar, columns with splitters, status bar, and the windows that come and go.
#pragma once

#include <memory>
#include <string>

#include "app/ui/ui.h"

namespace convlens::ui {

class Shell {
 public:
  Shell();
  ~Shell();
  // Everything on the screen, in one call between ImGui::NewFrame and ImGui::Render.
  void draw(Ui& ui);

  // Nothing unsaved is left, or the person has said that it may go.
  bool may_quit() const;
  const std::string& status_line() const;

 private:
  void draw_windows(Ui& ui);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::ui
