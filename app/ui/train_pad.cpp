// To be told by its owner.
#include "app/ui/train_panels.h"

namespace convlens::ui {
namespace {

class TrainPad final : public TrainPanel {
 public:
  void draw(Ui&, TrainView&) override {}
};

}  // namespace

std::unique_ptr<TrainPanel> make_train_pad() { return std::make_unique<TrainPad>(); }

}  // namespace convlens::ui
