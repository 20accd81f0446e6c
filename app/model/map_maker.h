// Turns a job into maps: finds those that the last jobs left, convolves, measures and reduces the others, the maps that
// are looked at first. Runs on one thread; asks and answers through JobControl. Threads and mailboxes: conv_session.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "app/model/conv_result.h"
#include "app/model/kept_parallel.h"
#include "engine/conv/accelerator.h"
#include "engine/conv/conv.h"

namespace convlens::model {

// How far a job is. The engine's own progress is that of one call; a job may take several.
struct JobProgress {
  conv::Progress call;
  std::atomic<float> done{0};   // share of the job before the call
  std::atomic<float> share{1};  // of the call

  void restart();
  float fraction() const;
};

// What a job asks of whoever runs it. Called between the parts of a long job.
struct JobControl {
  JobProgress& progress;
  // Before each part: false if the job is to be given up. Only later parts may be given up, also while they are
  // computed, by progress.call.is_cancelled.
  std::function<bool(bool is_later_part)> may_go_on;
  // The maps that are looked at, the most important first.
  std::function<std::vector<int>()> looked_at;
  // A result that lacks the maps of later parts, or the values of maps that can be drawn from where they are.
  std::function<void(ConvResultPtr)> publish;
};

class MapMaker {
 public:
  // Makes the accelerator behind the kernel "glsl" when it is first asked for; empty: there is none.
  void set_accelerator(conv::AcceleratorFactory factory) { make_accelerator_ = std::move(factory); }
  // The whole result; nothing where the job was given up for a newer one. What was computed by then is kept.
  std::optional<Result<ConvResultPtr>> run(const ConvJob& job, const JobControl& control);
  // Of the last job, however it ended.
  const JobTimes& times() const { return times_; }
  // Lets go of memory that only saves time.
  void rest();
  // To be called last on the thread of the jobs: the accelerator belongs to it.
  void leave_thread() { accelerator_.reset(); }

 private:
  struct Plan;
  void choose_input(const ConvJob& job);
  Result<Plan> plan(const ConvJob& job);
  std::vector<int> next_part(const Plan& plan, const std::vector<int>& missing, const JobControl& control) const;
  Status compute(Plan& plan, const std::vector<int>& part, const JobControl& control);
  Result<conv::Report> convolve(Plan& plan, std::span<const int> filters, View output, conv::Progress& progress);
  bool has_accelerator();
  static void give_up_device(Plan& plan, const Error& error);
  std::uint64_t input_identity() const;
  Result<conv::Report> accelerate(const Plan& plan, View output, conv::Progress& progress);
  bool can_show_from_device(const Plan& plan) const;
  // All maps, published as they stand on the device.
  Status show_from_device(Plan& plan, const JobControl& control);
  // The same, and then their values; false where those were given up for a newer job.
  Result<bool> make_on_device(Plan& plan, const JobControl& control);
  std::shared_ptr<ConvResult> snapshot(const Plan& plan);

  std::shared_ptr<MapPool> pool_ = std::make_shared<MapPool>();
  conv::Workspace workspace_;
  KeptParallel parallel_;
  PicturePtr input_picture_;
  Channels input_channels_ = Channels::kRgb;
  std::shared_ptr<const InputChannels> input_;
  std::vector<FeatureMapPtr> maps_;  // the newest of each filter
  conv::Report last_report_;
  conv::AcceleratorFactory make_accelerator_;
  std::unique_ptr<conv::Accelerator> accelerator_;
  std::uint64_t accelerator_revision_ = 0;      // of maps_
  std::optional<GpuRefusal> no_accelerator_;    // what the factory said
  std::optional<GpuRefusal> last_gpu_refusal_;  // of what was computed last
  JobTimes times_;
  std::uint64_t last_version_ = 0;
  double slowness_ = 1;  // measured time of the last job by the engine's estimate
};

}  // namespace convlens::model
