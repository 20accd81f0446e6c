// The thin line at the bottom: what the pointer is on, the newest message, what computed the maps and how fast.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/ui/ui.h"

namespace convlens::ui {

// One number about the work behind what is shown: "3.1 ms". `name` is its place in the text twin ("status/time"),
// `help` its tooltip.
struct StatusFact {
  const char* name;
  std::string text;
  std::string help;
};

// Work under way: since when, and how much of it is done, 0 to 1.
struct StatusProgress {
  double seconds = 0;
  float done = 0;
};

// What a workspace tells of its work in one frame.
struct WorkStatus {
  std::vector<StatusFact> facts;  // the most important last: where there is no room, the first are left out
  std::optional<StatusProgress> progress;
};

// Of the workspace Explore: kernel, instruction set, threads, time and speed of the newest maps.
WorkStatus layer_status(const model::Document& document);
// "2.58 ms"
std::string milliseconds_text(double milliseconds);

class StatusBar {
 public:
  static float height(const Ui& ui);
  // Fills the rectangle (x, y, width, height). What draws the window is told behind the workspace's own facts.
  void draw(Ui& ui, const ImVec4& rect, WorkStatus work);
  // The line in words, as last drawn: for the text twin.
  const std::string& line() const { return line_; }

 private:
  void draw_message(Ui& ui, float right);

  std::uint64_t message_serial_ = 0;
  double message_since_ = 0;
  std::uint64_t dismissed_ = 0;  // serial of the last message that was clicked away
  std::string line_;
};

}  // namespace convlens::ui
