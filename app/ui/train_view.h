// What the panels of the Train workspace share: which moment is looked at, which filter is pinned, which picture goes
// through the net. The run itself is document.train.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/model/curve_history.h"
#include "app/model/fetch_session.h"
#include "app/model/sample_session.h"
#include "app/model/train_snapshot.h"
#include "app/ui/stack_view.h"
#include "app/ui/ui.h"

namespace convlens::ui {

struct FilterRef {
  std::size_t layer = 0;
  std::int64_t filter = 0;
  bool operator==(const FilterRef&) const = default;
};

// The parameters on the screen: the trainer's own, or an earlier moment's while the timeline is scrubbed.
struct ShownMoment {
  model::TrainRunPtr run;
  std::int64_t step = 0;  // that the values are of
  model::ParameterRow values;
  model::ParameterRow gradients;  // null where they are not known
};

struct TrainView {
  explicit TrainView(const std::function<void()>& wake) : sample(wake), layers(wake), fetch(wake) {}

  model::SampleSession sample;
  StackView layers;  // of the sample: which value is pointed at or pinned
  model::FetchSession fetch;
  model::CurveHistory history;  // of the run on the screen, for whoever draws a curve
  // Step under the timeline's handle while it is dragged or played back; none: where the trainer stands.
  std::optional<std::int64_t> looked_at;
  // Another moment to compare with: its values stay.
  std::optional<ShownMoment> other;
  std::optional<FilterRef> hovered;  // in this frame or the last
  std::optional<FilterRef> pinned;
  model::SampleRef sample_ref;
  std::shared_ptr<const model::DrawnPicture> drawn;
  // Id of the open tab on the right: "filter", "sample", "backward", "mistakes", "draw", "data".
  std::string tab = "sample";

  // Nothing before the first run is ready.
  std::optional<ShownMoment> moment(const model::TrainSnapshot& snapshot) const;
  // Pinned, else hovered; none where the run does not have it.
  std::optional<FilterRef> focus(const model::TrainRun& run) const;
  void show_sample(const model::SampleRef& ref) {
    sample_ref = ref;
    tab = "sample";
  }
};

// "conv1 filter 3": counted from 1.
std::string filter_name(const model::TrainRun& run, const FilterRef& ref);

}  // namespace convlens::ui
