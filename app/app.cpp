// The frame: seven calls, one per line. Sleeps when nothing moves.
#include "app/app.h"

#include <imgui/imgui.h>
#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "app/bench_drag.h"
#include "app/bench_train.h"
#include "app/edit_clock.h"
#include "app/events.h"
#include "app/gl/context.h"
#include "app/gl/gpu_accelerator.h"
#include "app/gl/worker_context.h"
#include "app/gui.h"
#include "app/icon.h"
#include "app/model/user_folders.h"
#include "app/screenshot.h"
#include "app/shader_watch.h"
#include "app/ui/shell.h"
#include "app/ui/theme.h"
#include "app/ui/twin_facts.h"
#include "app/ui/ui.h"
#include "app/watched_file.h"

namespace convlens {
namespace {

constexpr double kFrameInterval = 1.0 / 60;  // kept where the buffer swap does not wait for a screen, too
constexpr int kSettlingFrames = 3;           // drawn after an event: Dear ImGui answers over a few frames
constexpr double kNap = 1;                   // seconds between looks at the watched file
constexpr double kAutoplay = 20;             // seconds that the sliding window plays unasked: then the window rests
constexpr double kBenchLook = 0.5;           // seconds between looks at the clock by a benchmark that draws nothing
constexpr double kSnapshots = 30;            // a second, of training
constexpr double kSoftwareSnapshots = 5;     // the same where the processor draws, too
constexpr double kScreenshotPatience = 60;   // seconds for the first maps

// What the document asks for convolution on the GPU; maps stay there where `beside` is open and not null.
conv::AcceleratorFactory gpu_factory(const gl::ContextInfo& window, std::shared_ptr<const gl::SharedShaders> shaders,
                                     gl::WorkerContext* beside) {
  if (!window.has_compute) {
    return [offered = window.version.substr(0, 3)] {
      return Error{"it needs OpenGL 4.3, and this driver offers " + offered};
    };
  }
  return [shaders = std::move(shaders), beside] {
    return beside != nullptr ? gl::make_gpu_accelerator(shaders, *beside) : gl::make_gpu_accelerator(shaders);
  };
}

// Where an unfinished run of training is kept. CONVLENS_STATE names a folder for it, also for a fresh window, which
// keeps none otherwise.
std::filesystem::path unfinished_run_path(bool is_fresh) {
  const char* folder = std::getenv("CONVLENS_STATE");
  if (folder == nullptr && is_fresh) return {};
  return (folder != nullptr ? std::filesystem::path(folder) : model::state_folder()) / "unfinished-run.safetensors";
}

class App {
 public:
  App(const Arguments& arguments, gl::Context context, gl::ShaderTexts shaders, model::Preferences preferences)
      : arguments_(arguments),
        context_(std::move(context)),
        gui_(context_),
        events_(context_.window()),
        shaders_(std::make_shared<gl::SharedShaders>(shaders)),
        preferences_(std::move(preferences)),
        twin_(arguments.text_twin),
        painter_({.colouring = arguments.colouring, .shaders = std::move(shaders)}),
        ui_{.document = document_,
            .preferences = preferences_,
            .twin = twin_,
            .painter = painter_,
            .gl = context_.info()} {
    if (!arguments.trace.empty()) trace_.emplace();
  }

  Result<int> run() {
    if (const Status started = start(); !started) return started.error();
    while (!is_over_) {
      poll_events();
      begin_frame();
      shell_.draw(ui_);
      commit();
      render();
      swap();
      tell_twin();
    }
    if (bench_) std::puts(bench_->report(document_, ui_.edits).c_str());
    if (trace_) {
      if (const Status written = trace_->write(arguments_.trace); !written) return written.error();
    }
    return outcome_;
  }

  const model::Preferences& preferences() const { return preferences_; }

 private:
  bool is_unattended() const { return bench_ || !arguments_.screenshot.empty(); }

  static bool is_gesture_active() { return ImGui::IsAnyItemActive() || ImGui::IsAnyMouseDown(); }

  Status start() {
    set_icon(context_.window());
    if (const std::string data = model::remembered_data(preferences_); !data.empty()) document_.start_with_data(data);
    document_.is_training = preferences_.workspace == model::Workspace::kTrain;
    if (!arguments_.file.empty()) document_.open_path(arguments_.file);
    shader_watch_.watch(arguments_.shader_dir);
    if (arguments_.threads > 0) document_.settings.conv.threads = arguments_.threads;
    if (arguments_.bench.empty()) return Done{};
    glfwSwapInterval(0);
    if (arguments_.bench == "drag") bench_ = std::make_unique<BenchDrag>(arguments_.frames, arguments_.threads);
    if (arguments_.bench == "train") bench_ = std::make_unique<BenchTrain>(arguments_.frames, arguments_.threads);
    return bench_->start(document_, preferences_);
  }

  // Returns when a frame is to be drawn: after an event, when somebody waits for one, but not more often than the
  // screen can show.
  void poll_events() {
    double due = last_frame_ + (settling_ > 0 || ui_.needs_frames ? 0 : ui_.frame_due);
    due = bench_ && bench_->draws_always() ? last_frame_ : std::max(due, last_frame_ + kFrameInterval);
    bool sees_file = false;
    do {
      const Events::Kind event = events_.wait(std::clamp(due - glfwGetTime(), 0.0, kNap));
      const bool gathers = event == Events::Kind::kWake && document_.train.is_running();
      if (event != Events::Kind::kNothing && !gathers) settling_ = kSettlingFrames;
      // While a net learns, what workers have to show is gathered: frames take time from the training.
      const double interval = gathers ? 1 / snapshots_per_second() : kFrameInterval;
      if (event != Events::Kind::kNothing) due = std::min(due, last_frame_ + interval);
      if (!sees_file && glfwGetTime() >= next_look_) sees_file = look_at_file();
      if (sees_file) due = std::min(due, last_frame_ + kFrameInterval);
    } while (glfwGetTime() < due);
    if (glfwWindowShouldClose(context_.window())) {
      glfwSetWindowShouldClose(context_.window(), GLFW_FALSE);
      ui_.requests.quit = true;
    }
    if (settling_ > 0) --settling_;
    last_frame_ = glfwGetTime();
    clock_.mark(EditClock::Mark::kEvents);
  }

  double snapshots_per_second() const { return context_.info().is_software ? kSoftwareSnapshots : kSnapshots; }

  // True if the picture is being reloaded because it changed on the disk. Asks only while somebody looks.
  bool look_at_file() {
    next_look_ = glfwGetTime() + kNap;
    if (auto texts = shader_watch_.look()) {
      take_shaders(std::move(*texts));
      return true;
    }
    if (glfwGetWindowAttrib(context_.window(), GLFW_FOCUSED) != GLFW_TRUE || !file_.has_changed()) return false;
    document_.reload_picture();
    return true;
  }

  // Where one of them does not compile, all stay as they were.
  void take_shaders(Result<gl::ShaderTexts> texts) {
    const auto fails = [&](const Status& status) {
      if (!status) document_.complain(status.error().message);
      return !status;
    };
    if (!texts) return document_.complain(texts.error().message);
    if (context_.info().has_compute && fails(gl::check_compute_shaders(*texts))) return;
    if (fails(painter_.set_shaders(*texts))) return;
    shaders_->set(std::move(*texts));
    document_.recompute();
    document_.say("The shaders were read again.");
  }

  void begin_frame() {
    gui_.follow(preferences_);
    gui_.begin_frame();
    twin_.begin_frame();
    ui_.fonts = gui_.fonts();
    ui_.scale = gui_.scale();
    ui_.palette = ui::palette_of(preferences_.theme);
    ui_.frame_ms = {.median = static_cast<float>(ui_.frame_times.quantile(0.5)),
                    .p99 = static_cast<float>(ui_.frame_times.quantile(0.99))};
    ++ui_.frame;
    ui_.needs_frames = !arguments_.screenshot.empty() || (bench_ && bench_->draws_always());
    ui_.frame_due = std::numeric_limits<double>::infinity();
    if (bench_) ui_.wake_in(kBenchLook);
    ui_.hovered_value.clear();
    take_keys();
    for (const std::filesystem::path& path : events_.take_dropped()) document_.open_path(path);
    clock_.mark(EditClock::Mark::kCollect);
    if (document_.collect() && !document_.train.is_running()) settling_ = std::max(settling_, 1);
    clock_.mark(EditClock::Mark::kPrepare);
    follow_document();
    if (is_autoplay_) end_autoplay();
    if (bench_) bench_->before_panels(document_, glfwGetTime());
    if (document_.shown_generation() != shown_generation_) {
      shown_generation_ = document_.shown_generation();
      latency_.maps_frame = ui_.frame;
    }
    clock_.mark(EditClock::Mark::kPanels);
  }

  // The worker finds the context beside the window's open when it is first asked for the GPU. Where that cannot be
  // opened it makes do with one that shares nothing, and the maps come by way of the processor.
  void open_worker_context() {
    const bool asks_for_gpu = document_.settings.conv.kernel.kernel == conv::kAcceleratorKernel;
    if (!asks_for_gpu || !context_.info().has_compute || !painter_.draws_on_gpu() || has_tried_worker_context_) return;
    has_tried_worker_context_ = true;
    static_cast<void>(worker_context_.open(context_));
  }

  void commit() {
    clock_.mark(EditClock::Mark::kCommit);
    open_worker_context();
    document_.commit(is_gesture_active());
  }

  void render() {
    clock_.mark(EditClock::Mark::kRender);
    gui_.render();
  }

  // While text is typed its keys are letters; Esc still leaves the command palette.
  void take_keys() {
    ui_.keys = events_.take_keys();
    if (!ImGui::GetIO().WantTextInput) return;
    std::erase_if(ui_.keys, [&](const std::string& key) { return key != "Escape" || !ui_.windows.palette; });
  }

  // On launch the sliding window plays by itself; whoever touches play or the window takes over.
  void end_autoplay() {
    model::Animation& animation = document_.animation;
    if (glfwGetTime() > kAutoplay) animation.is_playing = false;
    is_autoplay_ = animation.is_playing;
  }

  // Recent files, the watched file and the window's title are those of the document.
  void follow_document() {
    const model::PicturePtr& picture = document_.picture();
    if (picture && picture->id != picture_id_) {
      picture_id_ = picture->id;
      const bool is_file = picture->ref.kind == model::PictureRef::Kind::kFile;
      file_.watch(is_file ? std::filesystem::path(picture->ref.name) : std::filesystem::path());
      if (is_file && !is_unattended()) model::remember_file(preferences_, picture->ref.name);
    }
    if (document_.session_path() != session_path_) {
      session_path_ = document_.session_path();
      if (!session_path_.empty()) model::remember_file(preferences_, session_path_);
    }
    std::string title = document_.has_unsaved_changes() ? "• " : "";
    if (!session_path_.empty()) title += session_path_.filename().string() + " – ";
    if (picture) title += picture->title + " – ";
    title += "ConvLens";
    if (title != title_) glfwSetWindowTitle(context_.window(), (title_ = title).c_str());
  }

  void tell_twin() {
    if (document_.edit_generation() != edit_generation_) {
      edit_generation_ = document_.edit_generation();
      latency_.edit_frame = ui_.frame;
    }
    if (!twin_.is_active()) return;
    ui::tell_facts(ui_, latency_);
    twin_.set("status", shell_.status_line());
    twin_.end_frame(ui_.frame, ui_.frame_ms);
  }

  void swap() {
    if (is_screenshot_due()) {
      if (const Status written = write_screenshot(context_.window(), arguments_.screenshot); !written) {
        outcome_ = written.error();
      }
      is_over_ = true;
    }
    clock_.mark(EditClock::Mark::kSwap);
    glfwSwapBuffers(context_.window());
    clock_.mark(EditClock::Mark::kEnd);
    clock_.end_frame(document_, view::take_upload_passes(painter_));
    events_.end_frame();
    if (bench_) bench_->after_frame(document_, glfwGetTime(), clock_.frame_milliseconds());
    if (std::exchange(ui_.requests.full_screen, false)) toggle_full_screen();
    is_over_ = is_over_ || shell_.may_quit() || (bench_ && bench_->is_over());
    if (!is_full_screen_) {
      glfwGetWindowSize(context_.window(), &preferences_.window_width, &preferences_.window_height);
    }
  }

  bool is_screenshot_due() const {
    if (arguments_.screenshot.empty() || ui_.frame < static_cast<std::uint64_t>(arguments_.frames)) return false;
    const bool is_settled = document_.result() && !document_.is_busy();
    return is_settled || glfwGetTime() > kScreenshotPatience;
  }

  void toggle_full_screen() {
    GLFWwindow* window = context_.window();
    is_full_screen_ = !is_full_screen_;
    if (!is_full_screen_) {
      glfwSetWindowMonitor(window, nullptr, windowed_x_, windowed_y_, preferences_.window_width,
                           preferences_.window_height, GLFW_DONT_CARE);
      return;
    }
    glfwGetWindowPos(window, &windowed_x_, &windowed_y_);
    GLFWmonitor* monitor = glfwGetPrimaryMonitor();
    const GLFWvidmode* mode = monitor ? glfwGetVideoMode(monitor) : nullptr;
    if (mode) glfwSetWindowMonitor(window, monitor, 0, 0, mode->width, mode->height, mode->refreshRate);
  }

  const Arguments& arguments_;
  gl::Context context_;
  Gui gui_;
  Events events_;
  std::shared_ptr<gl::SharedShaders> shaders_;
  gl::WorkerContext worker_context_;  // outlives the document, whose worker computes in it
  model::Document document_{
      &Events::wake,
      gpu_factory(context_.info(), shaders_, &worker_context_),
      gpu_factory(context_.info(), shaders_, nullptr),
      {.autosave = unfinished_run_path(arguments_.is_fresh), .snapshots_per_second = snapshots_per_second()}};
  model::Preferences preferences_;
  ui::Twin twin_;
  view::Painter painter_;
  ui::Ui ui_;
  ui::Shell shell_;
  WatchedFile file_;
  ShaderWatch shader_watch_;
  std::optional<model::Trace> trace_;
  EditClock clock_{ui_.edits, ui_.frame_times, trace_};
  std::unique_ptr<Bench> bench_;
  ui::Latency latency_;
  std::uint64_t edit_generation_ = 0, shown_generation_ = 0, picture_id_ = 0;
  std::filesystem::path session_path_;
  std::string title_;
  double last_frame_ = 0;
  double next_look_ = 0;
  int settling_ = kSettlingFrames;
  int windowed_x_ = 0, windowed_y_ = 0;
  bool has_tried_worker_context_ = false;
  bool is_full_screen_ = false;
  bool is_autoplay_ = true;
  bool is_over_ = false;
  Result<int> outcome_ = 0;
};

}  // namespace

Result<int> run_window(const Arguments& arguments) {
  model::Preferences stored;
  if (!arguments.is_fresh) stored = model::load_preferences(model::preferences_path());
  model::Preferences preferences = stored;
  if (arguments.scale) preferences.scale = *arguments.scale;
  if (arguments.theme) preferences.theme = *arguments.theme;
  Result<gl::ShaderTexts> shaders = gl::ShaderTexts();
  if (!arguments.shader_dir.empty()) shaders = gl::ShaderTexts::from_folder(arguments.shader_dir);
  if (!shaders) return shaders.error();
  Result<gl::Context> context =
      gl::Context::create({.width = arguments.width > 0 ? arguments.width : preferences.window_width,
                           .height = arguments.height > 0 ? arguments.height : preferences.window_height});
  if (!context) return context.error();
  App app(arguments, std::move(*context), std::move(*shaders), preferences);
  Result<int> code = app.run();
  if (arguments.is_fresh) return code;

  // What the command line asked for was for this run only.
  model::Preferences kept = app.preferences();
  if (arguments.scale && kept.scale == *arguments.scale) kept.scale = stored.scale;
  if (arguments.theme && kept.theme == *arguments.theme) kept.theme = stored.theme;
  if (kept == stored) return code;
  const Status saved = model::save_preferences(kept, model::preferences_path());
  if (!saved) std::fprintf(stderr, "convlens: %s\n", saved.error().message.c_str());
  return code;
}

}  // namespace convlens
