// The text twin: every visible control and the document's state as JSON, for tests and assistive tools. Widgets record
// themselves while they are drawn; the app writes the file when something changed.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace convlens::ui {

// One visible control. rect is in window pixels: x, y, width, height.
struct Control {
  std::string name;  // stable: "conv/stride_y", "filters/weight/0/0/1/2", "maps/tile/3"
  std::string kind;  // button, toggle, slider, drag, combo, cell, canvas, tile, menu, item, text, field
  std::string label;
  float rect[4] = {0, 0, 0, 0};
  nlohmann::json value;  // null where it has none
  nlohmann::json range;  // [lo, hi] or the list of choices; null where it has none
  bool enabled = true;
  std::string tooltip;
};

// A control that its panel would show if it were scrolled up or down; both in window pixels.
struct HiddenControl {
  std::string name;
  float rect[4] = {0, 0, 0, 0};
  float panel[4] = {0, 0, 0, 0};  // what moves when the panel is scrolled; its scroll bar stands to the right
};

// Time that the last frames took.
struct FrameMilliseconds {
  float median = 0;
  float p99 = 0;
};

class Twin {
 public:
  explicit Twin(std::filesystem::path path) : path_(std::move(path)) {}
  // Recording costs nothing where no file was asked for.
  bool is_active() const { return !path_.empty(); }

  void begin_frame();
  void add(Control control);
  void add_hidden(HiddenControl control);
  // Top-level facts beside the controls: "document", "hover", "status", "edit", ...
  void set(const std::string& key, nlohmann::json value);
  // Writes the whole file beside and renames it, when anything but frame number and times differs from the last write.
  void end_frame(std::uint64_t frame, const FrameMilliseconds& frame_ms);

 private:
  std::filesystem::path path_;
  std::vector<Control> controls_;
  std::vector<HiddenControl> hidden_;
  nlohmann::json facts_;
  std::string written_;
};

}  // namespace convlens::ui
