// To be told by its owner.
#include "app/ui/train_panels.h"

namespace convlens::ui {
namespace {

class TrainBackward final : public TrainPanel {
 public:
  void draw(Ui&, TrainView&) override {}
};

}  // namespace

std::unique_ptr<TrainPanel> make_train_backward() { return std::make_unique<TrainBackward>(); }

}  // namespace convlens::ui
