// Events as JSON. Times are microseconds since the first event. (Google, "Trace Event Format": complete events X,
// metadata M, flow events s, t, f.)
#include "app/model/trace.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <utility>

#include "engine/io/file.h"

namespace convlens::model {
namespace {

using Json = nlohmann::json;

constexpr int kProcess = 1;

int number_of(Trace::Thread thread) { return static_cast<int>(thread); }

Json name_event(const char* what, int thread, const char* name) {
  return {{"ph", "M"}, {"pid", kProcess}, {"tid", thread}, {"name", what}, {"args", {{"name", name}}}};
}

}  // namespace

void Trace::span(Thread thread, const char* name, Time begin, Time end, std::vector<Detail> details) {
  if (spans_.size() == most_) spans_.pop_front();
  spans_.push_back({thread, name, begin, end, std::move(details)});
}

void Trace::flow(Thread thread, Step step, std::uint64_t id, Time time) {
  if (steps_.size() == most_) steps_.pop_front();
  steps_.push_back({thread, step, id, time});
}

std::string Trace::text() const {
  Time zero = spans_.empty() ? Time() : spans_.front().begin;
  for (const Span& span : spans_) zero = std::min(zero, span.begin);
  const auto since = [](Time from, Time to) { return std::chrono::duration<double, std::micro>(to - from).count(); };

  Json events = {name_event("process_name", 0, "ConvLens"),
                 name_event("thread_name", number_of(Thread::kFrames), "frames"),
                 name_event("thread_name", number_of(Thread::kWorker), "convolution worker")};
  for (const Span& span : spans_) {
    Json event = {{"ph", "X"},
                  {"pid", kProcess},
                  {"tid", number_of(span.thread)},
                  {"name", span.name},
                  {"ts", since(zero, span.begin)},
                  {"dur", since(span.begin, span.end)}};
    for (const Detail& detail : span.details) {
      event["args"][detail.name] = detail.text.empty() ? Json(detail.number) : Json(detail.text);
    }
    events.push_back(std::move(event));
  }

  std::set<std::uint64_t> started;
  std::set<std::uint64_t> ended;
  for (const FlowStep& step : steps_) {
    // What began before the oldest span that was kept has nothing to begin at.
    if (step.step == Step::kStart && step.time >= zero) started.insert(step.id);
    if (step.step == Step::kEnd) ended.insert(step.id);
  }
  for (const FlowStep& step : steps_) {
    if (!started.contains(step.id) || !ended.contains(step.id)) continue;
    constexpr const char* kPhases[] = {"s", "t", "f"};
    Json event = {{"ph", kPhases[static_cast<std::size_t>(step.step)]},
                  {"pid", kProcess},
                  {"tid", number_of(step.thread)},
                  {"name", "edit to picture"},
                  {"cat", "edit"},
                  {"id", step.id},
                  {"ts", since(zero, step.time)}};
    if (step.step == Step::kEnd) event["bp"] = "e";
    events.push_back(std::move(event));
  }
  return Json{{"traceEvents", std::move(events)}, {"displayTimeUnit", "ms"}}.dump() + "\n";
}

Status Trace::write(const std::filesystem::path& path) const { return io::write_file(path, text()); }

}  // namespace convlens::model
