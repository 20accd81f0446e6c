// The thin line at the bottom: what the pointer is on, the newest message, what computed the maps and how fast.
#pragma once

#include <cstdint>
#include <string>

#include "app/ui/ui.h"

namespace convlens::ui {

class StatusBar {
 public:
  static float height(const Ui& ui);
  // Fills the rectangle (x, y, width, height).
  void draw(Ui& ui, const ImVec4& rect);
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
