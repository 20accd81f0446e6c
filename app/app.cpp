// The frame: seven calls, one per line. Sleeps when nothing moves.
#include "app/app.h"

#include <glad/gl.h>
#include <imgui/imgui.h>
#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

#include <algorithm>
#include <limits>

#include "app/events.h"
#include "app/frame_times.h"
#include "app/gl/context.h"
#include "app/gui.h"
#include "app/screenshot.h"
#include "app/ui/shell.h"
#include "app/ui/theme.h"
#include "app/ui/ui.h"

namespace convlens {
namespace {

constexpr double kFrameInterval = 1.0 / 60;  // also where the buffer swap does not wait for a screen
constexpr int kSettlingFrames = 3;           // drawn after an event: Dear ImGui answers over a few frames
constexpr double kIdleNap = 2;               // seconds between looks at the watched file

class App {
 public:
  App(const Arguments& arguments, gl::Context context, model::Preferences preferences)
      : arguments_(arguments),
        context_(std::move(context)),
        gui_(context_),
        events_(context_.window()),
        preferences_(std::move(preferences)),
        twin_(arguments.text_twin),
        ui_{.document = document_,
            .preferences = preferences_,
            .twin = twin_,
            .painter = painter_,
            .gl = context_.info()} {}

  Result<int> run() {
    if (!arguments_.file.empty()) document_.open_path(arguments_.file);
    while (!is_over_) {
      poll_events();
      begin_frame();
      shell_.draw(ui_);
      step_document();
      tell_twin();
      gui_.render();
      swap();
    }
    return outcome_;
  }

 private:
  void poll_events() {
    double due = settling_ > 0 ? last_frame_ + kFrameInterval
                               : last_frame_ + std::max(ui_.needs_frames ? 0 : ui_.frame_due, kFrameInterval);
    for (;;) {
      const double left = due - glfwGetTime();
      if (events_.wait(std::clamp(left, 0.0, kIdleNap))) {
        settling_ = kSettlingFrames;
        due = std::min(due, last_frame_ + kFrameInterval);
      }
      if (glfwWindowShouldClose(context_.window())) ui_.requests.quit = true;
      if (glfwGetTime() >= due) break;
    }
    if (settling_ > 0) --settling_;
    last_frame_ = glfwGetTime();
  }

  void begin_frame() {
    gui_.follow(preferences_);
    gui_.begin_frame();
    twin_.begin_frame();
    ui_.fonts = gui_.fonts();
    ui_.scale = gui_.scale();
    ui_.palette = ui::palette_of(preferences_.theme);
    ++ui_.frame;
    ui_.needs_frames = false;
    ui_.frame_due = std::numeric_limits<double>::infinity();
    ui_.hovered_value.clear();
    ui_.keys = events_.take_keys();
    if (ImGui::GetIO().WantTextInput) ui_.keys.clear();
    for (const std::filesystem::path& path : events_.take_dropped()) document_.open_path(path);
  }

  void step_document() {
    if (document_.step(ImGui::IsAnyItemActive() || ImGui::IsAnyMouseDown())) settling_ = std::max(settling_, 1);
  }

  void tell_twin() { twin_.end_frame(ui_.frame); }

  void swap() {
    if (!arguments_.screenshot.empty() && ui_.frame >= static_cast<std::uint64_t>(arguments_.frames)) {
      is_over_ = true;
      if (const Status written = write_screenshot(context_.window(), arguments_.screenshot); !written) {
        outcome_ = written.error();
      }
    }
    if (ui_.requests.quit) is_over_ = true;
    glfwSwapBuffers(context_.window());
    events_.end_frame();
    if (!arguments_.screenshot.empty()) ui_.needs_frames = true;
  }

  const Arguments& arguments_;
  gl::Context context_;
  Gui gui_;
  Events events_;
  model::Document document_{&Events::wake};
  model::Preferences preferences_;
  ui::Twin twin_;
  view::Painter painter_;
  ui::Ui ui_;
  ui::Shell shell_;
  double last_frame_ = 0;
  int settling_ = kSettlingFrames;
  bool is_over_ = false;
  Result<int> outcome_ = 0;
};

}  // namespace

Result<int> run_window(const Arguments& arguments) {
  model::Preferences preferences;
  if (!arguments.is_fresh) preferences = model::load_preferences(model::preferences_path());
  if (arguments.scale) preferences.scale = *arguments.scale;
  if (arguments.theme) preferences.theme = *arguments.theme;
  Result<gl::Context> context =
      gl::Context::create({.width = arguments.width > 0 ? arguments.width : preferences.window_width,
                           .height = arguments.height > 0 ? arguments.height : preferences.window_height});
  if (!context) return context.error();
  return App(arguments, std::move(*context), std::move(preferences)).run();
}

}  // namespace convlens
