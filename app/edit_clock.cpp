// Joins the marks of frames, the worker's times and the painter's passes by the generation of the maps.
#include "app/edit_clock.h"

#include <algorithm>
#include <utility>

namespace convlens {
namespace {

using model::EditStage;
using model::JobTimes;
using model::Trace;

double milliseconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

const char* name_of(JobTimes::Stage stage) {
  switch (stage) {
    case JobTimes::Stage::kConvolve:
      return "convolve";
    case JobTimes::Stage::kReduce:
      return "statistics and levels";
    case JobTimes::Stage::kReadBack:
      return "read back";
  }
  return "";
}

}  // namespace

double EditClock::frame_milliseconds() const { return milliseconds(at(Mark::kEnd) - at(Mark::kEvents)); }

void EditClock::end_frame(model::Document& document, std::span<const view::UploadPass> passes) {
  frames_.add(frame_milliseconds());
  const std::vector<JobTimes> jobs = document.take_times();
  if (trace_) {
    trace_frame(passes);
    for (const JobTimes& job : jobs) trace_job(job);
  }
  if (std::exchange(edit_generation_, document.edit_generation()) != edit_generation_) {
    edits_.push_back({edit_generation_, at(Mark::kEvents), at(Mark::kCommit)});
    if (trace_) trace_->flow(Trace::Thread::kFrames, Trace::Step::kStart, edit_generation_, at(Mark::kCommit));
  }
  if (std::exchange(shown_generation_, document.shown_generation()) == shown_generation_) return;
  // An edit that a newer one replaced before it was computed arrives with the newer one's picture.
  const auto arrived = [&](const Edit& edit) { return edit.generation <= shown_generation_; };
  for (const Edit& edit : edits_) {
    if (!arrived(edit)) continue;
    if (edit.generation == shown_generation_) measure(*document.result(), edit, passes);
    if (trace_) trace_->flow(Trace::Thread::kFrames, Trace::Step::kEnd, edit.generation, at(Mark::kSwap));
  }
  std::erase_if(edits_, arrived);
}

void EditClock::measure(const model::ConvResult& result, const Edit& edit, std::span<const view::UploadPass> passes) {
  model::EditTimes times{.generation = result.generation,
                         .milliseconds = {},
                         .shown_at = std::chrono::duration<double>(at(Mark::kEnd).time_since_epoch()).count(),
                         .kernel = result.report.kernel,
                         .maps = result.computed_maps};
  const auto set = [&](EditStage stage, double value) {
    times.milliseconds[static_cast<std::size_t>(stage)] = std::max(0.0, value);
  };
  const double convolve = result.times.total(JobTimes::Stage::kConvolve);
  const double reduce = result.times.total(JobTimes::Stage::kReduce);
  double upload = 0;
  for (const view::UploadPass& pass : passes) upload += milliseconds(pass.end - pass.begin);
  set(EditStage::kEdit, milliseconds(edit.commit - edit.event));
  set(EditStage::kWait, milliseconds(result.times.published - edit.commit) - convolve - reduce);
  set(EditStage::kConvolve, convolve);
  set(EditStage::kReduce, reduce);
  set(EditStage::kCollect, milliseconds(at(Mark::kPrepare) - result.times.published));
  set(EditStage::kUpload, upload);
  set(EditStage::kDraw, milliseconds(at(Mark::kSwap) - at(Mark::kPrepare)) - upload);
  set(EditStage::kSwap, milliseconds(at(Mark::kEnd) - at(Mark::kSwap)));
  history_.add(std::move(times));
}

void EditClock::trace_frame(std::span<const view::UploadPass> passes) {
  constexpr auto kFrames = Trace::Thread::kFrames;
  trace_->span(kFrames, "frame", at(Mark::kEvents), at(Mark::kEnd));
  trace_->span(kFrames, "collect", at(Mark::kCollect), at(Mark::kPrepare));
  trace_->span(kFrames, "panels", at(Mark::kPanels), at(Mark::kCommit));
  for (const view::UploadPass& pass : passes) {
    trace_->span(kFrames, pass.uploads ? "upload and colour" : "colour", pass.begin, pass.end);
  }
  trace_->span(kFrames, "commit", at(Mark::kCommit), at(Mark::kRender));
  trace_->span(kFrames, "render", at(Mark::kRender), at(Mark::kSwap));
  trace_->span(kFrames, "swap", at(Mark::kSwap), at(Mark::kEnd));
}

void EditClock::trace_job(const JobTimes& job) {
  constexpr auto kWorker = Trace::Thread::kWorker;
  auto end = std::max(job.published, job.start);
  if (!job.spans.empty()) end = std::max(end, job.spans.back().end);
  trace_->span(kWorker, "job", job.start, end, {{"generation", {}, static_cast<std::int64_t>(job.generation)}});
  for (const JobTimes::Span& span : job.spans) {
    std::vector<Trace::Detail> details{{"maps", {}, span.maps}};
    if (span.stage == JobTimes::Stage::kConvolve) details.push_back({"kernel", span.kernel, 0});
    trace_->span(kWorker, name_of(span.stage), span.begin, span.end, std::move(details));
  }
  trace_->flow(kWorker, Trace::Step::kOn, job.generation, job.start);
}

}  // namespace convlens
