// The tab "Compare": what B is, how A and B are shown, and how far the chosen map's two versions are apart. And both
// with their difference side by side, in a window of its own.
#pragma once

#include <memory>

#include "app/ui/ui.h"

namespace convlens::ui {

class CompareTab {
 public:
  CompareTab();
  ~CompareTab();
  void draw(Ui& ui);
  // Once a frame: the window, where ui.windows.side_by_side asks for it, and the key that holds B.
  void draw_window(Ui& ui);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::ui
