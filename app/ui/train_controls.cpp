// To be told by its owner.
#include "app/ui/train_panels.h"

namespace convlens::ui {
namespace {

class TrainControls final : public TrainPanel {
 public:
  void draw(Ui&, TrainView&) override {}
};

}  // namespace

std::unique_ptr<TrainPanel> make_train_controls() { return std::make_unique<TrainControls>(); }

}  // namespace convlens::ui
