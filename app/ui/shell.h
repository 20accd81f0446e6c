// The window's frame around the panels: menu bar, columns with splitters, status bar, and the windows that come and go.
#pragma once

#include <memory>

#include "app/ui/ui.h"

namespace convlens::ui {

class Shell {
 public:
  Shell();
  ~Shell();
  // Everything on the screen, in one call between ImGui::NewFrame and ImGui::Render.
  void draw(Ui& ui);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::ui
