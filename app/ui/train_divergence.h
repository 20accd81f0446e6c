// What happened when training ran away, and the ways back: a box over the filters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "app/ui/train_view.h"
#include "app/ui/ui.h"

namespace convlens::ui {

class TrainDivergence {
 public:
  // Over the upper middle of the window; nothing while the run is sound.
  void draw(Ui& ui, TrainView& view);

 private:
  // Where to go back to, and the learning rate that promises more.
  struct Remedy {
    std::int64_t step = 0;
    float rate = 0;
    bool is_earlier_rate = false;  // the one that was in use there
  };
  static Remedy remedy_for(const Ui& ui, const TrainView& view);
  std::string reason(const Ui& ui, const TrainView& view) const;
  void draw_loss(Ui& ui, const TrainView& view) const;
  void draw_buttons(Ui& ui);
  void follow_remedy(Ui& ui);

  Remedy remedy_;
  std::string reason_;
  float height_ = 0;                                         // of the box in the frame before
  std::uint64_t told_ = 0;                                   // generation of the snapshot that those are about
  std::pair<std::uint64_t, std::int64_t> dismissed_{0, -1};  // run and step
  std::optional<Remedy> under_way_;                          // its rate waits until the trainer is there
};

}  // namespace convlens::ui
