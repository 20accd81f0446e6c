// The lower middle of the window as tabs: the parameters, and what explains them. Knows which tab is open, not what is
// on it.
#pragma once

#include <memory>

#include "app/ui/ui.h"

namespace convlens::ui {

class MiddleTabs {
 public:
  MiddleTabs();
  ~MiddleTabs();
  // Fills the ImGui child window it is drawn in. The open one is ui.middle_tab, by its id.
  void draw(Ui& ui);
  // Once a frame, whichever tab is open: the windows that tabs open.
  void draw_windows(Ui& ui);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::ui
