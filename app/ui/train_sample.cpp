// To be told by its owner.
#include "app/ui/train_panels.h"

namespace convlens::ui {
namespace {

class TrainSample final : public TrainPanel {
 public:
  void draw(Ui&, TrainView&) override {}
};

}  // namespace

std::unique_ptr<TrainPanel> make_train_sample() { return std::make_unique<TrainSample>(); }

}  // namespace convlens::ui
