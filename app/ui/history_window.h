// The list of everything that was done, by name; a click goes there.
#pragma once

#include "app/ui/ui.h"

namespace convlens::ui {

class HistoryWindow {
 public:
  void draw(Ui& ui);

 private:
  std::size_t shown_position_ = 0;  // what the list was last scrolled to
};

}  // namespace convlens::ui
