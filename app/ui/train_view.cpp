// Which moment and which filter the panels of the Train workspace show.
#include "app/ui/train_view.h"

namespace convlens::ui {

std::optional<ShownMoment> TrainView::moment(const model::TrainSnapshot& snapshot) const {
  if (!snapshot.run || !snapshot.values) return std::nullopt;
  if (!looked_at || *looked_at == snapshot.step || snapshot.frames.empty()) {
    return ShownMoment{snapshot.run, snapshot.step, snapshot.values, snapshot.gradients};
  }
  const training::Frame& frame = snapshot.frame_at(*looked_at);
  return ShownMoment{snapshot.run, frame.step, frame.values, nullptr};
}

std::optional<FilterRef> TrainView::focus(const model::TrainRun& run) const {
  const std::optional<FilterRef>& ref = pinned ? pinned : hovered;
  if (!ref || ref->layer >= run.layers.size()) return std::nullopt;
  return ref->filter < nn::filter_count(run.layers[ref->layer]) ? ref : std::nullopt;
}

std::string filter_name(const model::TrainRun& run, const FilterRef& ref) {
  const nn::LayerSpec& layer = run.layers[ref.layer];
  return layer.name + (layer.kind == nn::LayerKind::kConv ? " filter " : " output ") + std::to_string(ref.filter + 1);
}

}  // namespace convlens::ui
