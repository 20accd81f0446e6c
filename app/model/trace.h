// What happened when, as a file that trace viewers open (Perfetto, chrome://tracing): the Trace Event Format, JSON.
// Gathers spans that others measured, on the frame thread only; measures nothing itself.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/error.h"

namespace convlens::model {

class Trace {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Thread { kFrames = 1, kWorker = 2 };

  // A number or a text beside a span.
  struct Detail {
    const char* name;
    std::string text;         // written where it is not empty,
    std::int64_t number = 0;  // else the number
  };

  // Keeps the newest `most` spans and as many steps of flows.
  explicit Trace(std::size_t most = 100'000) : most_(most) {}

  // `name` lives as long as the program. Spans of a thread lie inside or beside each other.
  void span(Thread thread, const char* name, Time begin, Time end, std::vector<Detail> details = {});
  // The way of edit `id` from span to span: each step is drawn from the span that holds its time.
  enum class Step { kStart, kOn, kEnd };
  void flow(Thread thread, Step step, std::uint64_t id, Time time);

  // The whole file. Flows that miss their start or their end are left out.
  std::string text() const;
  Status write(const std::filesystem::path& path) const;

 private:
  struct Span {
    Thread thread;
    const char* name;
    Time begin, end;
    std::vector<Detail> details;
  };
  struct FlowStep {
    Thread thread;
    Step step;
    std::uint64_t id;
    Time time;
  };
  std::size_t most_;
  std::deque<Span> spans_;
  std::deque<FlowStep> steps_;
};

}  // namespace convlens::model
