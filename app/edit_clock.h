// Measures the way from an edit to its picture: when each frame did what, joined with what the worker and the painter
// measured. Fills the edit history, and a trace where one was asked for.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "app/model/document.h"
#include "app/model/edit_times.h"
#include "app/model/frame_times.h"
#include "app/model/trace.h"
#include "app/view/picture.h"

namespace convlens {

class EditClock {
 public:
  // What a frame does next, in this order.
  enum class Mark { kEvents, kCollect, kPrepare, kPanels, kCommit, kRender, kSwap, kEnd };

  EditClock(model::EditHistory& history, model::FrameTimes& frames, std::optional<model::Trace>& trace)
      : history_(history), frames_(frames), trace_(trace) {}

  void mark(Mark mark) { marks_[static_cast<std::size_t>(mark)] = Clock::now(); }
  // After the last mark of a frame; `passes` are the uploads of this frame.
  void end_frame(model::Document& document, std::span<const view::UploadPass> passes);
  // From the first mark of the frame to its last.
  double frame_milliseconds() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Edit {
    std::uint64_t generation = 0;
    Clock::time_point event, commit;
  };
  Clock::time_point at(Mark mark) const { return marks_[static_cast<std::size_t>(mark)]; }
  void measure(const model::ConvResult& result, const Edit& edit, std::span<const view::UploadPass> passes);
  void trace_frame(std::span<const view::UploadPass> passes);
  void trace_job(const model::JobTimes& job);

  model::EditHistory& history_;
  model::FrameTimes& frames_;
  std::optional<model::Trace>& trace_;
  std::array<Clock::time_point, 8> marks_{};
  std::vector<Edit> edits_;  // on their way
  std::uint64_t edit_generation_ = 0;
  std::uint64_t shown_generation_ = 0;
};

}  // namespace convlens
