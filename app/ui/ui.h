// What every panel is handed: the document, the preferences, the look, and the state that panels share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <imgui/imgui.h>

#include "app/gl/context.h"
#include "app/model/document.h"
#include "app/model/edit_times.h"
#include "app/model/frame_times.h"
#include "app/model/limits_cache.h"
#include "app/model/preferences.h"
#include "app/ui/twin.h"
#include "app/view/picture.h"
#include "app/view/viewport.h"

namespace convlens::ui {

// Colours with a meaning; each theme defines all of them.
struct Palette {
  ImU32 text, text_dim, accent, error, warning;
  ImU32 panel, panel_border, canvas;  // canvas: behind pictures
  ImU32 window_outline;               // the input window that feeds an output
  ImU32 output_outline;               // the output position
  ImU32 padding_hatch;                // cells that are padding
  ImU32 grid;
  ImU32 training, held_out;  // what was trained on, and what was not: curves, numbers, samples
  ImU32 mark;                // something done by hand, on curves and timeline
};

struct Fonts {
  ImFont* body = nullptr;
  ImFont* small = nullptr;
  ImFont* heading = nullptr;
  ImFont* large = nullptr;  // ASCII alone: an answer to be read across the room
  // Digits of equal width: numbers, matrices; text.h's fitting_mono() chooses.
  ImFont* mono = nullptr;
  ImFont* mono_small = nullptr;
  ImFont* mono_least = nullptr;
};

struct Ui;

// A file or a folder that a person is asked for. The file browser asks, and `accept` gets the answer.
struct FileWish {
  // A folder may also be told by a file in it that is chosen.
  enum class Kind { kOpenFile, kOpenFolder, kSave };
  Kind kind = Kind::kOpenFile;
  std::string title;  // "Save the model"
  std::string label;  // of the button: "Save"
  std::string name;   // proposed for what is saved
  // Of what is saved or opened; a name that has none of them gets the first. Empty: any.
  std::vector<std::string> endings;
  std::function<void(Ui&, const std::filesystem::path&)> accept;
};

// Requests from one panel or action to another, cleared by whoever fulfils them.
struct Requests {
  bool open_browser = false;    // show the file browser to open
  bool save_browser = false;    // show the file browser to save a session
  bool export_browser = false;  // show the file browser to export the selected map as PNG or .npy
  std::optional<FileWish> file{};
  bool filters_to_explore = false;  // those in training become Explore's bank
  bool net_to_stack = false;        // the net in training is opened in Stack
  bool export_film = false;         // show the window that saves the life of the filters
  bool focus_weights = false;
  bool reset_views = false;  // R
  bool paste = false;        // Ctrl+V outside text fields
  bool copy = false;         // Ctrl+C outside text fields
  bool paste_image = false;  // the picture on the clipboard
  std::string no_image;      // ... and what to say when there is none; empty: just that
  bool quit = false;
  bool new_document = false;
  bool full_screen = false;  // F11: in or out
  bool cancel = false;       // Esc with nothing else to close: undo the drag under way, or one level up
};

// Windows of the shell that come and go.
struct Windows {
  bool palette = false;
  bool help = false;
  bool history = false;
  bool about = false;
  bool spectra = false;
  bool side_by_side = false;       // A, B and their difference
  bool performance_moved = false;  // the overlay stands where it was dragged to
};

// Training at a pace at which its phases can be followed.
struct SlowMotion {
  bool is_on = false;
  float phases_per_second = 2;
};

// Where the run in training was saved last: what saves it again without asking.
struct RunFile {
  std::filesystem::path path;    // empty: nowhere yet
  std::uint64_t run_serial = 0;  // model::TrainRun's
};

// Since when the pointer rests on which item: the delay of tooltips.
struct TooltipTimer {
  ImVec2 corner;
  double since = 0;  // seconds, ImGui's clock
  std::uint64_t last_frame = 0;
};

struct Ui {
  model::Document& document;
  model::Preferences& preferences;
  Twin& twin;
  view::Painter& painter;
  const gl::ContextInfo& gl;
  Fonts fonts{};
  Palette palette{};
  float scale = 1;  // monitor scale times user scale; multiply every length in pixels by it
  std::uint64_t frame = 0;

  view::Viewport input_view{};
  view::Viewport map_view{};   // follows input_view and back while view/link is on
  bool show_original = false;  // Shift held
  bool hide_panels = false;    // Tab
  SlowMotion slow_motion{};
  RunFile run_file{};
  Requests requests{};
  Windows windows{};
  std::string middle_tab{"parameters"};  // id of the open one of app/ui/middle_tabs
  std::string hovered_value{};  // what the pointer is on, in words: status bar and twin; panels set it each frame
  bool needs_frames = false;    // set by whoever animates: another frame soon
  double frame_due = std::numeric_limits<double>::infinity();  // seconds from this frame; reset with needs_frames
  // For what changes at a known moment: nobody is woken before it.
  void wake_in(double seconds) { frame_due = std::min(frame_due, seconds); }
  TooltipTimer tooltip_timer{};
  model::LimitsCache kernel_limits{};
  FrameMilliseconds frame_ms{};
  model::EditHistory edits{};
  model::FrameTimes frame_times{};

  // Keys pressed since the last frame, as people name them: "F", "Ctrl+0", "+", "Ctrl+Shift+Z", "Escape", "Left".
  // Empty while text is typed. A panel takes what it handles (a hovered canvas: F, C, +, -); actions get the rest.
  std::vector<std::string> keys{};
  bool take_key(std::string_view chord) {
    const auto it = std::find(keys.begin(), keys.end(), chord);
    if (it == keys.end()) return false;
    keys.erase(it);
    return true;
  }
};

}  // namespace convlens::ui
