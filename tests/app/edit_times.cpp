// Quantiles and rates of edits and frames, and traces as text.
#include "app/model/edit_times.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "app/model/frame_times.h"
#include "app/model/trace.h"

namespace convlens::model {
namespace {

EditTimes edit(double convolve, double swap, double shown_at, int maps) {
  EditTimes times;
  times.milliseconds[static_cast<std::size_t>(EditStage::kConvolve)] = convolve;
  times.milliseconds[static_cast<std::size_t>(EditStage::kSwap)] = swap;
  times.shown_at = shown_at;
  times.maps = maps;
  return times;
}

TEST_CASE("quantiles") {
  CHECK(quantile({}, 0.5) == 0);
  const std::vector<double> values{5, 1, 4, 2, 3};
  CHECK(quantile(values, 0) == 1);
  CHECK(quantile(values, 0.5) == 3);
  CHECK(quantile(values, 0.99) == 5);
}

TEST_CASE("the last frames, the oldest first") {
  FrameTimes frames;
  CHECK(frames.count() == 0);
  CHECK(frames.quantile(0.5) == 0);
  for (int i = 0; i < 125; ++i) frames.add(i);
  REQUIRE(frames.count() == FrameTimes::kKept);
  for (std::size_t i = 0; i < frames.count(); ++i) CHECK(frames.at(i) == static_cast<double>(i + 5));
  CHECK(frames.quantile(1) == 124);
}

TEST_CASE("stages of the last edits") {
  EditHistory history;
  CHECK(history.empty());
  CHECK(history.quantile(EditStage::kConvolve, 0.5) == 0);
  CHECK(history.pictures_per_second() == 0);
  for (int i = 0; i < 130; ++i) history.add(edit(i, 2, 10 + 0.02 * i, 3));
  CHECK(history.count() == EditHistory::kKept);
  CHECK(history.newest().stage(EditStage::kConvolve) == 129);
  CHECK(history.newest().total() == 131);
  CHECK(history.quantile(EditStage::kConvolve, 0) == 10);
  CHECK(history.quantile(EditStage::kSwap, 0.5) == 2);
  CHECK(history.total_quantile(1) == 131);
  CHECK(history.pictures_per_second() == doctest::Approx(50));
  CHECK(history.maps_per_second() == doctest::Approx(150));
  // A rest between two gestures is no slowness.
  history.add(edit(1, 1, 100, 3));
  CHECK(history.pictures_per_second() == doctest::Approx(50));
  CHECK(edit_stage_names().size() == kEditStages);
}

TEST_CASE("a trace holds whole flows only, and not more than it may") {
  const auto at = [](int microseconds) { return Trace::Time() + std::chrono::microseconds(1000 + microseconds); };
  Trace trace(3);
  trace.span(Trace::Thread::kFrames, "forgotten", at(0), at(5));
  for (int i = 1; i <= 3; ++i) trace.span(Trace::Thread::kFrames, "frame", at(10 * i), at(10 * i + 4));
  nlohmann::json events = nlohmann::json::parse(trace.text())["traceEvents"];
  std::vector<nlohmann::json> spans;
  for (const auto& event : events) {
    if (event["ph"] == "X") spans.push_back(event);
  }
  REQUIRE(spans.size() == 3);
  CHECK(spans[0]["ts"] == doctest::Approx(0));
  CHECK(spans[2]["ts"] == doctest::Approx(20));
  CHECK(spans[1]["dur"] == doctest::Approx(4));

  trace.flow(Trace::Thread::kFrames, Trace::Step::kStart, 7, at(11));
  trace.flow(Trace::Thread::kFrames, Trace::Step::kEnd, 7, at(31));
  trace.flow(Trace::Thread::kFrames, Trace::Step::kStart, 8, at(32));
  trace.span(Trace::Thread::kWorker, "convolve", at(12), at(14), {{"kernel", "direct", 0}, {"maps", {}, 2}});
  events = nlohmann::json::parse(trace.text())["traceEvents"];
  int flows = 0;
  for (const auto& event : events) {
    if (event["ph"] == "s" || event["ph"] == "t" || event["ph"] == "f") {
      ++flows;
      CHECK(event["id"] == 7);
    }
    if (event["name"] == "convolve") {
      CHECK(event["args"]["kernel"] == "direct");
      CHECK(event["args"]["maps"] == 2);
    }
  }
  // The span that held the start of edit 7 was the oldest and has gone.
  CHECK(flows == 0);
  trace.flow(Trace::Thread::kFrames, Trace::Step::kStart, 9, at(21));
  trace.flow(Trace::Thread::kFrames, Trace::Step::kEnd, 9, at(33));
  flows = 0;
  events = nlohmann::json::parse(trace.text())["traceEvents"];
  for (const auto& event : events) flows += event["ph"] == "s" || event["ph"] == "f" ? 1 : 0;
  CHECK(flows == 2);
}

}  // namespace
}  // namespace convlens::model
