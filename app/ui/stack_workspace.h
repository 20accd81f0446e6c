// The Stack workspace: the layers on the left, their maps in the middle, one unit of them on the right.
#pragma once

#include <functional>
#include <memory>

#include "app/ui/status_bar.h"
#include "app/ui/ui.h"

namespace convlens::ui {

class StackWorkspace {
 public:
  explicit StackWorkspace(const std::function<void()>& wake);
  ~StackWorkspace();
  // Fills `area` (x, y, width, height) of the window.
  void draw(Ui& ui, const ImVec4& area);
  // Esc: lets a pinned unit go. False where there was none.
  static bool cancel(model::Document& document);
  // Layers, time and multiply-adds of what is shown.
  WorkStatus status() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::ui
