// Sizes of the panels, the order of a frame, and what stands in their place before there is a run.
#include "app/ui/train_workspace.h"

#include <algorithm>
#include <array>
#include <cfloat>
#include <cmath>
#include <string>
#include <utility>

#include "app/ui/layout.h"
#include "app/ui/text.h"
#include "app/ui/train_controls.h"
#include "app/ui/train_facts.h"
#include "app/ui/train_files.h"
#include "app/ui/train_panels.h"
#include "app/ui/train_view.h"
#include "app/ui/widgets.h"

namespace convlens::ui {

struct TrainWorkspace::State {
  explicit State(const std::function<void()>& wake) : view(wake) {}

  struct Tab {
    const char* id;
    const char* label;
    std::string help;
    std::unique_ptr<TrainPanel> panel{};
  };
  TrainView view;
  std::unique_ptr<TrainPanel> controls = make_train_controls();
  std::unique_ptr<TrainPanel> filters = make_train_filters();
  std::unique_ptr<TrainPanel> curves = make_train_curves();
  std::unique_ptr<TrainPanel> timeline = make_train_timeline();
  // Filters and curves are tabs where there is no room beside the others.
  std::array<Tab, 8> tabs{{
      {"filters", "Filters", "All filters of the net, live."},
      {"curves", "Curves", "Loss and accuracy over the steps."},
      {"sample", "Sample", "One picture through the net: its maps and what the net says.", make_train_sample()},
      {"filter", "Filter", "The pinned filter: weights, history, words; edit it by hand.", make_train_filter_card()},
      {"backward", "Backward", "Where a gradient comes from, and what a step does with it.", make_train_backward()},
      {"mistakes", "Mistakes", "Which classes are taken for which others, and their pictures.", make_train_mistakes()},
      {"draw", "Draw", "Write a digit by hand and see what becomes of it.", make_train_pad()},
      {"data", "Data", "The data set by class, and what is done to its pictures.", make_train_data()},
  }};
  bool is_narrow = false;
};

namespace {

constexpr std::size_t kMiddleTabs = 2;  // the first ones of State::tabs
constexpr float kLeastMiddle = 300;     // width of filters and curves beside the tabs
constexpr float kLeastRoom = 250;       // height of both

float row_height(const Ui& ui) {
  return ImGui::GetFrameHeight() + 2 * ImGui::GetStyle().WindowPadding.y + 2 * ui.scale;
}

// An unfinished run of an earlier start, offered once. Returns the height it takes.
float offer_unfinished(Ui& ui, const ImVec4& area) {
  const auto unfinished = ui.document.train.unfinished_run();
  if (!unfinished) return 0;
  const float height = row_height(ui), gap = 6 * ui.scale;
  panel("train-unfinished", {area.x, area.y, area.z, height}, [&] {
    const ImGuiStyle& style = ImGui::GetStyle();
    const float buttons =
        ImGui::CalcTextSize("Take up").x + ImGui::CalcTextSize("Discard").x + 4 * style.FramePadding.x + gap;
    ImGui::AlignTextToFramePadding();
    const std::string words = "There is an unfinished run: " + *unfinished + ".";
    const float room = ImGui::GetContentRegionAvail().x - buttons - 2 * gap;
    ImGui::TextUnformatted(fitted(ImGui::GetFont(), words, room).c_str());
    record(ui, "train/unfinished", "text", words, *unfinished, {}, true, words);
    tooltip(ui, words);
    ImGui::SameLine(ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x - buttons);
    ImGui::PushStyleColor(ImGuiCol_Button, ImGui::GetStyleColorVec4(ImGuiCol_Header));
    if (button(ui, "train/take-up", "Take up", "Goes on with it: timeline, settings and all")) {
      ui.document.train.take_up_unfinished_run();
    }
    ImGui::PopStyleColor();
    ImGui::SameLine(0, gap);
    if (button(ui, "train/discard", "Discard", "Forgets it for good")) ui.document.train.discard_unfinished_run();
  });
  return height + gap;
}

// In place of filters and curves as long as there is no run: what is awaited, or what is wrong and what can be done.
void draw_waiting(Ui& ui, const model::TrainSnapshot& snapshot) {
  const bool has_failed = snapshot.state == model::TrainState::kFailed;
  const ImVec2 size = ImGui::GetContentRegionAvail();
  const float width = std::min(size.x, 420 * ui.scale);
  ImGui::SetCursorPos({ImGui::GetCursorPosX() + (size.x - width) / 2, ImGui::GetCursorPosY() + size.y * 0.36F});
  ImGui::BeginChild("waiting", {width, 0}, false);
  heading(ui, has_failed ? "This cannot be learnt from" : "Getting ready");
  const std::string words =
      !snapshot.words.empty() ? as_sentence(snapshot.words) : std::string("Pictures are made, and first weights.");
  dim_text(ui, words);
  record(ui, "train/waiting-words", "text", words, words);
  if (snapshot.progress >= 0) {
    ImGui::PushStyleColor(ImGuiCol_PlotHistogram, ui.palette.accent);
    ImGui::ProgressBar(static_cast<float>(snapshot.progress), {-FLT_MIN, 6 * ui.scale}, "");
    ImGui::PopStyleColor();
  }
  if (has_failed) {
    ImGui::Spacing();
    if (button(ui, "train/waiting/synthetic", "Synthetic digits", "Learns digits written by code")) {
      ui.document.settings.train.data = model::default_train_settings().data;
    }
    flow(6 * ui.scale, "Another folder…");
    if (button(ui, "train/waiting/folder", "Another folder…", "MNIST-like files, or a folder of pictures per class")) {
      ask_for_data_folder(ui);
    }
    flow(6 * ui.scale, "Try again");
    if (button(ui, "train/waiting/again", "Try again", "Reads the data once more", cannot_reset(ui).empty(),
               cannot_reset(ui))) {
      ui.document.train.reset();
    }
  }
  ImGui::EndChild();
}

void collect_fetch(Ui& ui, TrainView& view) {
  const auto outcome = view.fetch.take();
  if (!outcome) return;
  if (!*outcome) {
    ui.document.complain("MNIST could not be fetched: " + outcome->error().message + ".");
    return;
  }
  ui.document.settings.train.data = "mnist:" + model::mnist_folder().string();
  const bool waits = ui.document.train.snapshot()->last_step > 0;
  ui.document.say(std::string("MNIST is there, and every checksum is right.") +
                  (waits ? " Reset begins to learn it." : ""));
}

}  // namespace

TrainWorkspace::TrainWorkspace(const std::function<void()>& wake) : state_(std::make_unique<State>(wake)) {}
TrainWorkspace::~TrainWorkspace() = default;

bool TrainWorkspace::cancel() {
  TrainView& view = state_->view;
  if (std::exchange(view.layers.pinned, std::nullopt)) return true;
  return std::exchange(view.pinned, std::nullopt).has_value();
}

WorkStatus TrainWorkspace::status(const Ui& ui) const { return train_status(ui, state_->view); }

void TrainWorkspace::draw(Ui& ui, const ImVec4& area) {
  TrainView& view = state_->view;
  ui.document.train.follow(ui.document.settings.train);
  view.sample.collect();
  collect_fetch(ui, view);
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  view.history.follow(snapshot, ui.document.train.curves());
  const auto moment = view.moment(snapshot);
  if (moment) {
    const bool is_training = snapshot.state == model::TrainState::kRunning;
    // What is put off while a net learns comes with one of the snapshots to come.
    const double later =
        view.sample.follow(moment->run, moment->values, moment->step, view.sample_ref, view.drawn, is_training);
    if (later > 0 && !is_training) ui.wake_in(later);
  }
  if (snapshot.run) ui.preferences.train_data = snapshot.run->description.data;
  const float used = offer_unfinished(ui, area);
  draw_panels(ui, {area.x, area.y + used, area.z, area.w - used});
  tell_train_facts(ui, view);
}

void TrainWorkspace::draw_panels(Ui& ui, const ImVec4& area) {
  State& state = *state_;
  TrainView& view = state.view;
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  const float s = ui.scale, gap = 6 * s;
  const float bottom = snapshot.run ? 76 * s : 0;
  const float height = area.w - bottom - (bottom > 0 ? gap : 0);
  const float left = ui.hide_panels ? 0 : std::clamp(area.z * 0.2F, 220 * s, 300 * s);
  const float right = ui.hide_panels ? 0 : std::clamp(area.z * 0.3F, 300 * s, 560 * s);
  const float x1 = area.x + left + (left > 0 ? gap : 0);
  const float beside = area.x + area.z - x1;
  panel("train-controls", {area.x, area.y, left, height}, [&] { state.controls->draw(ui, view); });
  if (!snapshot.run) {
    panel("train-waiting", {x1, area.y, beside, height}, [&] { draw_waiting(ui, snapshot); });
    return;
  }
  float top = area.y;
  if (ui.hide_panels) {
    panel("train-row", {x1, top, beside, row_height(ui)},
          [&] { draw_transport_row(ui, ImGui::GetContentRegionAvail().x); });
    top += row_height(ui) + gap;
  }
  const float room = area.y + height - top;
  const bool is_narrow = beside - right - gap < kLeastMiddle * s || room < kLeastRoom * s;
  if (is_narrow != std::exchange(state.is_narrow, is_narrow)) view.tab = is_narrow ? "filters" : "sample";
  if (is_narrow) {
    panel("train-tabs", {x1, top, beside, room}, [&] { draw_tabs(ui, true); });
  } else {
    const float middle = beside - right - (right > 0 ? gap : 0);
    const float upper = std::floor(room * 0.6F);
    panel("train-filters", {x1, top, middle, upper}, [&] { state.filters->draw(ui, view); });
    panel("train-curves", {x1, top + upper + gap, middle, room - upper - gap}, [&] { state.curves->draw(ui, view); });
    panel("train-tabs", {x1 + middle + gap, top, right, room}, [&] { draw_tabs(ui, false); });
  }
  panel("train-timeline", {area.x, area.y + height + gap, area.z, bottom}, [&] { state.timeline->draw(ui, view); });
}

void TrainWorkspace::draw_tabs(Ui& ui, bool has_all) {
  State& state = *state_;
  TrainView& view = state.view;
  const std::size_t first = has_all ? 0 : kMiddleTabs;
  for (std::size_t i = first; i < state.tabs.size(); ++i) {
    const State::Tab& tab = state.tabs[i];
    if (i > first) flow(4 * ui.scale, tab.label);
    if (choice_button(ui, std::string("train/tab/") + tab.id, tab.label, view.tab == tab.id, tab.help)) {
      view.tab = tab.id;
    }
  }
  ImGui::Separator();
  const std::string shown = view.tab;  // a panel may choose another one
  if (shown == "filters") state.filters->draw(ui, view);
  if (shown == "curves") state.curves->draw(ui, view);
  for (State::Tab& tab : state.tabs) {
    if (tab.panel && shown == tab.id) tab.panel->draw(ui, view);
  }
}

}  // namespace convlens::ui
