// The Train workspace: controls on the left, filters above curves in the middle, one thing closely on the right, the
// timeline along the bottom.
#pragma once

#include <functional>
#include <memory>

#include "app/ui/status_bar.h"
#include "app/ui/ui.h"

namespace convlens::ui {

class TrainWorkspace {
 public:
  explicit TrainWorkspace(const std::function<void()>& wake);
  ~TrainWorkspace();
  // Fills `area` (x, y, width, height) of the window.
  void draw(Ui& ui, const ImVec4& area);
  // What the status bar tells.
  WorkStatus status(const Ui& ui) const;
  // Esc: lets a pinned filter go. False where there was none.
  bool cancel();

 private:
  void draw_panels(Ui& ui, const ImVec4& area);
  void draw_tabs(Ui& ui, bool has_all);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::ui
