// Presets as thumbnails grouped by family, in a window beside the panel. Makes no weights itself.
#pragma once

#include <memory>

#include "app/ui/ui.h"

namespace convlens::ui {

class PresetPicker {
 public:
  PresetPicker();
  ~PresetPicker();
  // The button that opens it, and its window while it is open. A click on a preset replaces the selected filter,
  // Ctrl+click adds one. A click elsewhere closes the window unless `keeps_open`.
  void draw(Ui& ui, bool keeps_open);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::ui
