// To be told by its owner.
#include "app/ui/train_panels.h"

namespace convlens::ui {
namespace {

class TrainCurvesPanel final : public TrainPanel {
 public:
  void draw(Ui&, TrainView&) override {}
};

}  // namespace

std::unique_ptr<TrainPanel> make_train_curves() { return std::make_unique<TrainCurvesPanel>(); }

}  // namespace convlens::ui
