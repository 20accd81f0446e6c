// The track of the timeline: everything that was kept of a run along one line, and the handle on it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "app/model/train_snapshot.h"
#include "app/ui/ui.h"

namespace convlens::ui {

struct TrackMoments {
  std::int64_t looked_at = 0;
  std::optional<std::int64_t> other;  // B
};

struct TrackEvents {
  std::optional<std::int64_t> dragged;   // under the handle while it is held
  std::optional<std::int64_t> released;  // where it was let go
  std::optional<std::int64_t> hovered;
};

// Steps that the track has room for: a round number that the recording fits into, no more than the planned ones.
std::int64_t track_end(const model::TrainSnapshot& snapshot);

class TimelineTrack {
 public:
  // `size` at the cursor. The snapshot has a run and frames.
  TrackEvents draw(Ui& ui, const ImVec2& size, const model::TrainSnapshot& snapshot, const TrackMoments& moments);

 private:
  // One for each pixel: whether a frame is kept there, and whether training can go on from it.
  enum class Kept : unsigned char { kNothing, kFrame, kKeyFrame };
  void gather(const model::TrainSnapshot& snapshot, std::int64_t end, int pixels);

  std::vector<Kept> kept_;
  std::uint64_t generation_ = 0;
  std::int64_t end_ = 0;
};

}  // namespace convlens::ui
