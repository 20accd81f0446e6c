// The weights of the selected filter as cells to drag, wheel, type and paint, one slice per input channel. Not the bank
// of filters and not the tools that change a filter as a whole.
#pragma once

#include <memory>
#include <string>

#include "app/ui/ui.h"

namespace convlens::ui {

// What slice `channel` of filter `filter` reads: "R", "G", "B" or "grey".
std::string slice_name(const Ui& ui, int filter, int channel);

class WeightGrid {
 public:
  WeightGrid();
  ~WeightGrid();
  // Options, cells and read-out of the selected filter, as wide as there is room and about `height` pixels tall.
  void draw(Ui& ui, float height);
  // The pointer was on a cell or held one in the last draw().
  bool is_hovered() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::ui
