// Sizes of the panels, and the order of a frame.
#include "app/ui/train_workspace.h"

#include <algorithm>
#include <array>
#include <utility>

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
    std::unique_ptr<TrainPanel> panel;
  };
  TrainView view;
  std::unique_ptr<TrainPanel> controls = make_train_controls();
  std::unique_ptr<TrainPanel> filters = make_train_filters();
  std::unique_ptr<TrainPanel> curves = make_train_curves();
  std::unique_ptr<TrainPanel> timeline = make_train_timeline();
  std::array<Tab, 6> tabs{{
      {"sample", "Sample", "One picture through the net: its maps and what the net says.", make_train_sample()},
      {"filter", "Filter", "The pinned filter: weights, history, words; edit it by hand.", make_train_filter_card()},
      {"backward", "Backward", "Where a gradient comes from, and what a step does with it.", make_train_backward()},
      {"mistakes", "Mistakes", "Which classes are taken for which others, and their pictures.", make_train_mistakes()},
      {"draw", "Draw", "Write a digit by hand and see what becomes of it.", make_train_pad()},
      {"data", "Data", "The data set by class, and what is done to its pictures.", make_train_data()},
  }};
};

namespace {

template <class Draw>
void panel(const char* name, const ImVec4& rect, const Draw& draw) {
  if (rect.z <= 0 || rect.w <= 0) return;
  ImGui::SetCursorScreenPos({rect.x, rect.y});
  ImGui::BeginChild(name, {rect.z, rect.w}, true, ImGuiWindowFlags_AlwaysUseWindowPadding);
  draw();
  ImGui::EndChild();
}

}  // namespace

TrainWorkspace::TrainWorkspace(const std::function<void()>& wake) : state_(std::make_unique<State>(wake)) {}
TrainWorkspace::~TrainWorkspace() = default;

bool TrainWorkspace::cancel() { return std::exchange(state_->view.pinned, std::nullopt).has_value(); }

void TrainWorkspace::draw(Ui& ui, const ImVec4& area) {
  TrainView& view = state_->view;
  ui.document.train.follow(ui.document.settings.train);
  view.sample.collect();
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  const auto moment = view.moment(snapshot);
  if (moment) view.sample.follow(moment->run, moment->values, moment->step, view.sample_ref, view.drawn);

  const float s = ui.scale, gap = 6 * s;
  const float bottom = 76 * s;
  const float left = ui.hide_panels ? 0 : std::clamp(area.z * 0.2F, 220 * s, 300 * s);
  const float right = ui.hide_panels ? 0 : std::clamp(area.z * 0.3F, 300 * s, 560 * s);
  const float height = area.w - bottom - gap;
  const float x1 = area.x + left + (left > 0 ? gap : 0);
  const float middle = area.x + area.z - x1 - right - (right > 0 ? gap : 0);
  const float upper = std::floor(height * 0.6F);
  panel("train-controls", {area.x, area.y, left, height}, [&] { state_->controls->draw(ui, view); });
  if (!snapshot.run) return;
  panel("train-filters", {x1, area.y, middle, upper}, [&] { state_->filters->draw(ui, view); });
  panel("train-curves", {x1, area.y + upper + gap, middle, height - upper - gap},
        [&] { state_->curves->draw(ui, view); });
  panel("train-tabs", {area.x + area.z - right, area.y, right, height}, [&] {
    bool is_first = true;
    for (State::Tab& tab : state_->tabs) {
      if (!is_first) flow(4 * s, tab.label);
      is_first = false;
      if (choice_button(ui, std::string("train/tab/") + tab.id, tab.label, view.tab == tab.id, tab.help)) {
        view.tab = tab.id;
      }
    }
    ImGui::Separator();
    for (State::Tab& tab : state_->tabs) {
      if (view.tab == tab.id) tab.panel->draw(ui, view);
    }
  });
  panel("train-timeline", {area.x, area.y + height + gap, area.z, bottom}, [&] { state_->timeline->draw(ui, view); });
}

}  // namespace convlens::ui
