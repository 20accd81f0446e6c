// What can be done by hand to the filter on the card: freeze, thaw, redraw, remove, copy, paste, named filters, to and
// from Explore. Each is one entry of the history.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "app/model/filter_tiles.h"
#include "app/model/train_edits.h"
#include "app/ui/train_preset_menu.h"
#include "app/ui/train_view.h"
#include "app/ui/ui.h"

namespace convlens::ui {

// The filter on the card at this moment.
struct ShownFilter {
  const model::TrainSnapshot& snapshot;
  const ShownMoment& moment;
  FilterRef ref;
  model::FilterPlace place;
  model::FilterForm form;
  std::span<const float> weights, first;
  std::string why_not;  // why it cannot be edited; empty where it can
  std::int64_t filters = 0;
};

class FilterTools {
 public:
  // Buttons at the cursor. `channel` is the slice that is pasted into.
  void draw(Ui& ui, const ShownFilter& shown, std::int64_t channel);
  // Ctrl+C, and Ctrl+V where the clipboard holds a matrix.
  void hear_clipboard(Ui& ui, const ShownFilter& shown, std::int64_t channel);

 private:
  void draw_tools(Ui& ui, const ShownFilter& shown, std::int64_t channel);
  void draw_bridges(Ui& ui, const ShownFilter& shown);

  TrainPresetMenu presets_;
};

}  // namespace convlens::ui
