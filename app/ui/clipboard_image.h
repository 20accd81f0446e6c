// Pictures from the system's clipboard, which the window library cannot give: wl-paste or xclip is asked, off the frame
// thread. Text on the clipboard is clipboard.h.
#pragma once

#include <cstdint>
#include <future>
#include <string>
#include <vector>

#include "app/ui/ui.h"

namespace convlens::ui {

// The encoded picture (PNG, JPEG or BMP) that was on the clipboard.
struct ClipboardPicture {
  std::vector<std::uint8_t> bytes;  // empty where there is none
  std::string why_not;              // then: no tool is installed, or no picture there
};

// Waits for the tool, a few seconds at most.
ClipboardPicture read_clipboard_image();

// Asks for the picture on the clipboard; it, or the reason why there is none, comes with a later frame.
class ClipboardImage {
 public:
  // Once a frame: starts what Requests::paste_image asks for, and hands a finished picture to the document; where
  // there is none, says Requests::no_image or the reason.
  void follow(Ui& ui);

 private:
  std::future<ClipboardPicture> under_way_;
  std::string no_image_;
};

}  // namespace convlens::ui
