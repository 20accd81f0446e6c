// The window in which the film of the filters is chosen, and the thread that writes it.
#pragma once

#include <memory>

#include "app/model/train_snapshot.h"
#include "app/ui/ui.h"

namespace convlens::ui {

class FilmWindow {
 public:
  FilmWindow();
  ~FilmWindow();
  // Shows it, with this layer chosen.
  void open(std::size_t layer);
  // Once a frame; draws nothing while it is closed. The snapshot has a run.
  void draw(Ui& ui, const model::TrainSnapshotPtr& snapshot);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::ui
