// The weights of one filter in training as cells to drag, wheel and type. What is done becomes entries of by_hand; the
// run follows while a hand moves.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "app/model/filter_tiles.h"
#include "app/model/train_edits.h"
#include "app/ui/ui.h"

namespace convlens::ui {

// What the cells show: one slice of a filter, or all weights of one whose slices are single numbers.
struct GridSlice {
  std::int64_t channel = 0;
  std::size_t first = 0;  // weight of the first cell
  int rows = 1, cols = 1;
  std::size_t count = 1;  // the last line may be shorter
};
GridSlice grid_slice(const model::FilterForm& form, std::int64_t channel);

class TrainWeightGrid {
 public:
  TrainWeightGrid();
  ~TrainWeightGrid();
  // At the cursor, not larger than `size`. `weights` are the whole filter's; `why_not` says why they cannot be edited,
  // empty where they can. Returns the size that was used.
  ImVec2 draw(Ui& ui, const model::FilterPlace& place, const model::FilterForm& form, const GridSlice& slice,
              std::span<const float> weights, const std::string& why_not, const ImVec2& size);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::ui
