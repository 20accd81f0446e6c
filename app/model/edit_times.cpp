// Quantiles and rates over the last edits and frames.
#include "app/model/edit_times.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "app/model/frame_times.h"

namespace convlens::model {
namespace {

// Edits further apart than this, in seconds, belong to different gestures.
constexpr double kPause = 0.25;

constexpr std::array<EditStageName, kEditStages> kNames = {{
    {"edit", "Edit", "From the event to the changed settings"},
    {"wait", "Wait", "Until the worker begins, and what it prepares"},
    {"convolve", "Convolve", "The kernel"},
    {"reduce", "Reduce", "Statistics and reduced copies of the maps"},
    {"collect", "Collect", "Until a frame takes the finished maps"},
    {"upload", "Colour", "Uploading and colouring what is visible"},
    {"draw", "Draw", "The rest of the frame"},
    {"swap", "Swap", "Handing the frame to the screen"},
}};

}  // namespace

std::span<const EditStageName> edit_stage_names() { return kNames; }

double EditTimes::total() const { return std::accumulate(milliseconds.begin(), milliseconds.end(), 0.0); }

void EditHistory::add(EditTimes times) {
  if (kept_.size() == kKept) kept_.erase(kept_.begin());
  kept_.push_back(std::move(times));
}

double EditHistory::quantile(EditStage stage, double share) const {
  std::vector<double> values;
  for (const EditTimes& edit : kept_) values.push_back(edit.stage(stage));
  return model::quantile(values, share);
}

double EditHistory::total_quantile(double share) const {
  std::vector<double> values;
  for (const EditTimes& edit : kept_) values.push_back(edit.total());
  return model::quantile(values, share);
}

EditHistory::Run EditHistory::run() const {
  Run run;
  for (std::size_t i = 1; i < kept_.size(); ++i) {
    const double gap = kept_[i].shown_at - kept_[i - 1].shown_at;
    if (gap > kPause || gap <= 0) continue;
    run.seconds += gap;
    ++run.edits;
    run.maps += kept_[i].maps;
  }
  return run;
}

double EditHistory::pictures_per_second() const {
  const Run gathered = run();
  return gathered.edits > 0 ? gathered.edits / gathered.seconds : 0;
}

double EditHistory::maps_per_second() const {
  const Run gathered = run();
  return gathered.edits > 0 ? gathered.maps / gathered.seconds : 0;
}

}  // namespace convlens::model
