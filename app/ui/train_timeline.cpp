// The timeline of a run: one handle for everything on the screen; playing, forks and branches, memory.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "app/ui/text.h"
#include "app/ui/train_divergence.h"
#include "app/ui/train_facts.h"
#include "app/ui/train_moments.h"
#include "app/ui/train_panels.h"
#include "app/ui/train_timeline_track.h"
#include "app/ui/transport.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"

namespace convlens::ui {
namespace {

constexpr double kStepsPerSecond = 20;  // played at normal speed
constexpr std::array<double, 10> kSpeeds = {0.25, 0.5, 1, 2, 5, 10, 30, 100, 300, 1000};
constexpr const char* kBranches = "train/timeline/branch-list";

std::string speed_text(double speed) { return "×" + number_text(speed, 3); }

class TrainTimeline final : public TrainPanel {
 public:
  void draw(Ui& ui, TrainView& view) override;

 private:
  // What stands at the right end of the row, from the left.
  struct Part {
    float width = 0;
    int rank = 0;  // the higher, the sooner it is left out
    std::function<void()> draw;
  };

  void draw_transport(Ui& ui, TrainView& view);
  void draw_speed(Ui& ui);
  void draw_words(Ui& ui, TrainView& view, float width);
  void draw_branches(Ui& ui);
  void draw_fork(Ui& ui, const TrainView& view);
  std::vector<Part> parts_of(Ui& ui, TrainView& view);
  void draw_row(Ui& ui, TrainView& view);
  void take_keys(Ui& ui, TrainView& view);
  void step_frames(Ui& ui, TrainView& view, int direction);
  void go(Ui& ui, TrainView& view, std::int64_t step);
  void toggle_playing(Ui& ui, TrainView& view);
  void play(Ui& ui, TrainView& view);
  void follow_fork(Ui& ui, const TrainView& view);

  TimelineTrack track_;
  std::optional<TrainMoments> moments_;
  TrainDivergence divergence_;
  std::size_t speed_ = 5;
  bool is_playing_ = false;
  double position_ = 0;                  // step that is played, with its fraction
  std::optional<std::int64_t> fork_at_;  // once the trainer is there
  std::uint64_t run_ = 0;
};

void TrainTimeline::go(Ui& ui, TrainView& view, std::int64_t step) {
  is_playing_ = false;
  come_to_step(ui, view, step);
  ui.needs_frames = true;
}

void TrainTimeline::step_frames(Ui& ui, TrainView& view, int direction) {
  const std::vector<training::Frame>& frames = ui.document.train.snapshot()->frames;
  const std::int64_t step = looked_step(ui, view);
  const auto is_before = [](const training::Frame& frame, std::int64_t at) { return frame.step < at; };
  const auto next = std::lower_bound(frames.begin(), frames.end(), direction > 0 ? step + 1 : step, is_before);
  if (direction > 0) return go(ui, view, next == frames.end() ? ui.document.train.snapshot()->last_step : next->step);
  go(ui, view, next == frames.begin() ? frames.front().step : std::prev(next)->step);
}

void TrainTimeline::take_keys(Ui& ui, TrainView& view) {
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  if (ui.take_key("Left")) step_frames(ui, view, -1);
  if (ui.take_key("Right")) step_frames(ui, view, 1);
  if (ui.take_key("Home")) go(ui, view, snapshot.frames.front().step);
  if (ui.take_key("End")) go(ui, view, snapshot.last_step);
}

void TrainTimeline::toggle_playing(Ui& ui, TrainView& view) {
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  const std::int64_t step = looked_step(ui, view);
  if (is_playing_) return go(ui, view, step);
  is_playing_ = true;
  position_ = static_cast<double>(step >= snapshot.last_step ? snapshot.frames.front().step : step);
  look_at_step(ui, view, static_cast<std::int64_t>(position_));
  ui.needs_frames = true;
}

// Moves the look on; computes nothing. At the end the trainer is where the handle is.
void TrainTimeline::play(Ui& ui, TrainView& view) {
  if (!is_playing_) return;
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  // Somebody else has put the handle elsewhere.
  if (looked_step(ui, view) != std::min(static_cast<std::int64_t>(position_), snapshot.last_step)) {
    is_playing_ = false;
    return;
  }
  const double speed = kStepsPerSecond * kSpeeds[speed_];
  // A frame that ends a long sleep is not a long step.
  position_ += speed * std::min(0.25, static_cast<double>(ImGui::GetIO().DeltaTime));
  if (position_ >= static_cast<double>(snapshot.last_step)) return go(ui, view, snapshot.last_step);
  look_at_step(ui, view, static_cast<std::int64_t>(position_));
  ui.wake_in(std::max(1.0 / 60, (std::floor(position_) + 1 - position_) / speed));
}

void TrainTimeline::draw_speed(Ui& ui) {
  ImGui::SetNextItemWidth(66 * ui.scale);
  const std::string help = "How fast it is played: ×1 shows " + number_text(kStepsPerSecond) + " steps in a second.";
  if (ImGui::BeginCombo("##speed", speed_text(kSpeeds[speed_]).c_str(), ImGuiComboFlags_HeightLarge)) {
    for (std::size_t i = 0; i < kSpeeds.size(); ++i) {
      const std::string label = speed_text(kSpeeds[i]);
      if (ImGui::Selectable(label.c_str(), speed_ == i)) speed_ = i;
      record(ui, "train/timeline/speed/" + number_text(kSpeeds[i]), "item", label, speed_ == i);
    }
    ImGui::EndCombo();
  }
  record(ui, "train/timeline/speed", "combo", "Speed", kSpeeds[speed_], kSpeeds, true, help);
  tooltip(ui, help);
}

void TrainTimeline::draw_transport(Ui& ui, TrainView& view) {
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  const float gap = 2 * ui.scale;
  if (transport_button(ui, "train/timeline/start", TransportIcon::kStart, "To the start",
                       "To the beginning of the recording (Home)")) {
    go(ui, view, snapshot.frames.front().step);
  }
  ImGui::SameLine(0, gap);
  if (transport_button(ui, "train/timeline/back", TransportIcon::kBack, "Frame back",
                       "To the kept moment before (←)")) {
    step_frames(ui, view, -1);
  }
  ImGui::SameLine(0, gap);
  if (transport_button(ui, "train/timeline/play", is_playing_ ? TransportIcon::kPause : TransportIcon::kPlay,
                       is_playing_ ? "Stop" : "Play back",
                       is_playing_ ? "Stops here; a paused trainer goes to this step."
                                   : "Plays the recording from here: nothing is computed. From its end: all of it.")) {
    toggle_playing(ui, view);
  }
  ImGui::SameLine(0, gap);
  if (transport_button(ui, "train/timeline/forward", TransportIcon::kStep, "Frame on", "To the next kept moment (→)")) {
    step_frames(ui, view, 1);
  }
  ImGui::SameLine(0, gap);
  if (transport_button(ui, "train/timeline/end", TransportIcon::kEnd, "To the end",
                       "To the newest step that was ever trained (End)")) {
    go(ui, view, snapshot.last_step);
  }
  ImGui::SameLine(0, 4 * gap);
  draw_speed(ui);
}

// Where the handle stands and what the trainer does meanwhile.
void TrainTimeline::draw_words(Ui& ui, TrainView& view, float width) {
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  const std::int64_t step = looked_step(ui, view);
  const bool is_running = ui.document.train.is_running();
  std::string words;
  if (snapshot.state == model::TrainState::kGoingTo) {
    words = "going to step " + grouped(step);
    if (snapshot.progress >= 0) words += formatted(" (%.0f %%)", snapshot.progress * 100);
  } else if (view.looked_at) {
    words =
        "looking at step " + grouped(step) + (is_running ? ", training at " : ", trainer at ") + grouped(snapshot.step);
  } else {
    words = step_in_words(*snapshot.run, step);
    if (snapshot.last_step > step) words += " · recorded to " + grouped(snapshot.last_step);
  }
  const char* now = "Back to now";
  const float button_width = ImGui::CalcTextSize(now).x + 2 * ImGui::GetStyle().FramePadding.x;
  const bool has_button = view.looked_at && snapshot.state != model::TrainState::kGoingTo && width > 2 * button_width;
  const float room = width - (has_button ? button_width + 10 * ui.scale : 0);
  ImGui::AlignTextToFramePadding();
  const std::string shown = fitted(ui.fonts.body, words, room);
  ImGui::TextUnformatted(shown.c_str());
  record(ui, "train/timeline/words", "text", words, words, {}, true, words);
  if (shown != words) tooltip(ui, words);
  if (!has_button) return;
  ImGui::SameLine(0, 10 * ui.scale);
  if (button(ui, "train/timeline/now", now, "Shows the trainer's present step again.")) {
    is_playing_ = false;
    view.looked_at.reset();
    ui.needs_frames = true;
  }
}

void TrainTimeline::draw_fork(Ui& ui, const TrainView& view) {
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  const std::int64_t step = looked_step(ui, view);
  const bool has_future = step < snapshot.last_step;
  const std::string help = "Trains on from step " + grouped(step) +
                           " with the same random numbers, so that only what you "
                           "change makes a difference. Steps " +
                           grouped(step + 1) + " to " + grouped(snapshot.last_step) +
                           " become a branch that can be taken up again.";
  if (!button(ui, "train/timeline/fork", "Fork here", help, has_future,
              "Nothing was recorded after this step: going on from here needs no fork. Move the handle back first.")) {
    return;
  }
  is_playing_ = false;
  fork_at_ = step;
  if (ui.document.train.is_running()) ui.document.train.pause();
  if (step != snapshot.step) ui.document.train.go_to(step);
  ui.needs_frames = true;
}

void TrainTimeline::follow_fork(Ui& ui, const TrainView& view) {
  if (!fork_at_) return;
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  if (snapshot.state == model::TrainState::kPaused && snapshot.step == *fork_at_) {
    ui.document.train.fork();
    fork_at_.reset();
  } else if (looked_step(ui, view) != *fork_at_ && snapshot.state != model::TrainState::kGoingTo) {
    fork_at_.reset();
  }
}

void TrainTimeline::draw_branches(Ui& ui) {
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  const std::string label = "Branches (" + std::to_string(snapshot.branches.size()) + ")###branches";
  if (button(ui, "train/timeline/branches", label.c_str(),
             "Futures that a fork or a reset left behind: take one, and what is here now becomes a branch itself.")) {
    ImGui::OpenPopup(kBranches);
  }
  if (!ImGui::BeginPopup(kBranches)) return;
  ImGui::TextDisabled("%s", "Take a branch:");
  for (std::size_t i = snapshot.branches.size(); i-- > 0;) {
    const std::string& branch = snapshot.branches[i];
    ImGui::PushID(static_cast<int>(i));
    if (ImGui::Selectable(branch.c_str())) {
      is_playing_ = false;
      ui.document.train.take_branch(i);
    }
    record(ui, "train/timeline/branch/" + std::to_string(i), "item", branch);
    ImGui::PopID();
  }
  ImGui::EndPopup();
}

std::vector<TrainTimeline::Part> TrainTimeline::parts_of(Ui& ui, TrainView& view) {
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  const float padding = 2 * ImGui::GetStyle().FramePadding.x;
  const auto text_width = [](const std::string& text) { return ImGui::CalcTextSize(text.c_str()).x; };
  std::vector<Part> parts;
  if (snapshot.state == model::TrainState::kPaused && snapshot.hash) {
    const std::string whole = hash_text(*snapshot.hash), shown = "#" + whole.substr(0, 8);
    parts.push_back({width_of(ui.fonts.mono, shown), 3, [&ui, shown, whole] {
                       ImGui::AlignTextToFramePadding();
                       ImGui::PushFont(ui.fonts.mono);
                       ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
                       ImGui::TextUnformatted(shown.c_str());
                       ImGui::PopStyleColor();
                       ImGui::PopFont();
                       const std::string help =
                           "Fingerprint of all weights at this step: " + whole +
                           ". Two runs that agree in it agree in every bit, for any number of threads.";
                       record(ui, "train/timeline/hash", "text", "Fingerprint", whole, {}, true, help);
                       tooltip(ui, help);
                     }});
  }
  const std::string memory = memory_text(snapshot);
  parts.push_back({text_width(memory), 2, [&ui, &snapshot, memory] {
                     ImGui::AlignTextToFramePadding();
                     ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
                     ImGui::TextUnformatted(memory.c_str());
                     ImGui::PopStyleColor();
                     const auto keys = std::count_if(snapshot.frames.begin(), snapshot.frames.end(),
                                                     [](const training::Frame& frame) { return frame.key != nullptr; });
                     const std::string help = "Memory of the recording: " + grouped(std::ssize(snapshot.frames)) +
                                              " moments of the weights, " + grouped(keys) +
                                              " of them whole states to go on from. When it is used up, every second "
                                              "one is let go, and any step can still be computed again.";
                     record(ui, "train/timeline/memory", "text", "Memory of the recording", memory, {}, true, help);
                     tooltip(ui, help);
                   }});
  if (!snapshot.branches.empty()) {
    parts.push_back({text_width("Branches (" + std::to_string(snapshot.branches.size()) + ")") + padding, 0,
                     [this, &ui] { draw_branches(ui); }});
  }
  parts.push_back({text_width("Fork here") + padding, 0, [this, &ui, &view] { draw_fork(ui, view); }});
  const std::string moment = view.other ? "B: step " + grouped(view.other->step) : "Keep as B";
  parts.push_back({text_width(moment) + padding, 0, [this, &ui, &view] { moments_->draw(ui, view); }});
  return parts;
}

void TrainTimeline::draw_row(Ui& ui, TrainView& view) {
  const float s = ui.scale, gap = 10 * s;
  draw_transport(ui, view);
  const float left = ImGui::GetItemRectMax().x + gap;
  const float right = ImGui::GetWindowPos().x + ImGui::GetWindowContentRegionMax().x;
  std::vector<Part> parts = parts_of(ui, view);
  const auto total = [&] {
    float width = 0;
    for (const Part& part : parts) width += part.width + gap;
    return width;
  };
  for (int rank = 3; rank > 0; --rank) {
    if (right - left - total() < 230 * s) std::erase_if(parts, [&](const Part& part) { return part.rank == rank; });
  }
  const float from = right - total();
  ImGui::SameLine(0, gap);
  const float y = ImGui::GetCursorScreenPos().y;
  draw_words(ui, view, from - left);
  float x = from + gap;
  for (const Part& part : parts) {
    ImGui::SameLine();
    ImGui::SetCursorScreenPos({x, y});
    part.draw();
    x += part.width + gap;
  }
}

void TrainTimeline::draw(Ui& ui, TrainView& view) {
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  if (!snapshot.run || snapshot.frames.empty()) return;
  if (!moments_) moments_.emplace(ui.document.waker());
  if (run_ != snapshot.run->serial) {
    run_ = snapshot.run->serial;
    is_playing_ = false;
    fork_at_.reset();
    view.looked_at.reset();
  }
  view.history.follow(snapshot, ui.document.train.curves());
  follow_look(ui, view);
  play(ui, view);
  take_keys(ui, view);
  draw_row(ui, view);
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const TrackEvents events = track_.draw(ui, {room.x, std::max(20 * ui.scale, room.y)}, snapshot,
                                         {.looked_at = looked_step(ui, view), .other = step_of_b(view, snapshot)});
  if (events.dragged) {
    is_playing_ = false;
    look_at_step(ui, view, *events.dragged);
  }
  if (events.released) go(ui, view, *events.released);
  follow_fork(ui, view);
  divergence_.draw(ui, view);
}

}  // namespace

std::unique_ptr<TrainPanel> make_train_timeline() { return std::make_unique<TrainTimeline>(); }

}  // namespace convlens::ui
