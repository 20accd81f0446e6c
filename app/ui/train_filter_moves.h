// What leaves the Train workspace: filters to Explore, the whole net to Stack, the film of the filters. Buttons, and
// the answers to the menu's wishes.
#pragma once

#include <memory>

#include "app/ui/train_view.h"
#include "app/ui/ui.h"

namespace convlens::ui {

class FilterMoves {
 public:
  FilterMoves();
  ~FilterMoves();
  void draw_buttons(Ui& ui, const TrainView& view, float gap);
  // Once a frame: does what was asked for, and what worker threads have come to.
  void follow(Ui& ui, const TrainView& view);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The filters of that layer become Explore's bank, and Explore is shown. A message where they cannot.
void send_to_explore(Ui& ui, const ShownMoment& moment, std::size_t layer);

}  // namespace convlens::ui
