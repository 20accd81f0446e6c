// Presets as thumbnails grouped by family, in a pop-up beside the button that opens it. Makes no weights itself.
#pragma once

#include <memory>

#include "app/ui/ui.h"

namespace convlens::ui {

class PresetPicker {
 public:
  PresetPicker();
  ~PresetPicker();
  // The button that opens it, and the pop-up while it is open. A click replaces the selected filter, Ctrl+click adds.
  void draw(Ui& ui);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::ui
