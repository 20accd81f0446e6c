// The tab "Frequency": the chosen filter in words, its gain, the product rule on the picture, and its two 1-D passes;
// and the same large, in a window of its own that stays while other tabs are used.
#pragma once

#include <memory>

#include "app/ui/ui.h"

namespace convlens::ui {

class FrequencyTab {
 public:
  FrequencyTab();
  ~FrequencyTab();
  void draw(Ui& ui);
  // Once a frame: the large window, where ui.windows.spectra asks for it.
  void draw_window(Ui& ui);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::ui
