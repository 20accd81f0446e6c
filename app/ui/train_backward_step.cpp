// What the optimizer does with one weight in one step, as arithmetic, and whether it did just that.
#include <algorithm>
#include <string>

#include "app/model/update_story.h"
#include "app/ui/text.h"
#include "app/ui/train_backward.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"

namespace convlens::ui {
namespace {

std::string rule_label(training::Rule rule) {
  return std::string(training::rule_names()[static_cast<std::size_t>(rule)].label);
}

void put_line(Ui& ui, const std::string& name, const std::string& arithmetic) {
  const float room = ImGui::GetContentRegionAvail().x, gap = 10 * ui.scale;
  const float name_width = width_of(ui.fonts.small, name), width = width_of(ui.fonts.mono, arithmetic);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::PushFont(ui.fonts.small);
  dim_text(ui, name);
  ImGui::PopFont();
  if (name_width + gap + width <= room) {
    put_text(ui.fonts.mono, {at.x + room - width, at.y}, ui.palette.text, arithmetic);
  } else {
    // On one line where that can be read; the right-hand side stands on the right.
    ImGui::PushFont(fitting_mono(ui, arithmetic, room));
    const float indent = std::max(0.0F, room - ImGui::CalcTextSize(arithmetic.c_str()).x);
    ImGui::SetCursorScreenPos({at.x + indent, ImGui::GetCursorScreenPos().y});
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(arithmetic.c_str());
    ImGui::PopTextWrapPos();
    ImGui::PopFont();
  }
}

}  // namespace

void draw_step_buttons(Ui& ui) {
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  const bool is_pending = snapshot.next_phase == model::TrainPhase::kUpdate;
  if (is_pending) {
    if (button(ui, "backward/apply", "Apply this step", "Updates all parameters: the last phase of the step")) {
      ui.document.train.phase();
    }
    return;
  }
  if (button(ui, "backward/step", "Take one step", "One whole step of training: the next batch (.)")) {
    ui.document.train.step();
  }
  flow(4 * ui.scale, "Up to the update");
  if (button(ui, "backward/up-to-update", "Up to the update",
             "The next step as far as its gradients are known, before anything changes")) {
    for (auto phase = static_cast<int>(snapshot.next_phase); phase < static_cast<int>(model::TrainPhase::kUpdate);
         ++phase) {
      ui.document.train.phase();
    }
  }
}

void draw_update(Ui& ui, const model::TrainRun& run, const model::WeightRef& weight, bool is_scrubbed) {
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  const std::optional<std::int64_t> index = row_index(run, weight);
  const auto input = index ? model::update_input(snapshot, *index) : std::nullopt;
  if (!input) {
    dim_text(ui, ui.document.train.is_running()
                     ? "Pause, and take a step: what it does to this weight is laid open here."
                     : "Take a step: what it does to this weight is laid open here.");
    return;
  }
  if (is_scrubbed) dim_text(ui, "This is the trainer's own last step, not the moment under the timeline's handle.");
  const bool is_done = model::is_update_done(snapshot);
  const model::UpdateStory story = model::tell_update(*input);
  const std::string title = (is_done ? "Step " : "Before step ") + grouped(input->step + 1) + ", " +
                            rule_label(input->settings.rule) + (is_done ? "" : ": about to be applied");
  ImGui::TextUnformatted(title.c_str());
  std::string verdict;
  bool agrees = true;
  if (is_done) {
    const float after = (*snapshot.values)[static_cast<std::size_t>(*index)];
    agrees = story.agrees(after);
    verdict = agrees ? "The optimizer made " + number_text(static_cast<double>(after), 8) + " of it: the same."
                     : "The weight is " + number_text(static_cast<double>(after), 8) +
                           ": something was done to it by hand since.";
  } else {
    verdict = "Nothing has changed yet.";
  }
  ImGui::PushTextWrapPos(0);
  ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(agrees ? ui.palette.accent : ui.palette.warning), "%s",
                     verdict.c_str());
  ImGui::PopTextWrapPos();
  ImGui::Spacing();
  std::vector<std::string> told;
  // A name and its number on one line where there is room for both.
  const auto line = [&](const std::string& name, const std::string& arithmetic) {
    put_line(ui, name, arithmetic);
    told.push_back(name + ": " + arithmetic);
  };
  line("weight", number_text(static_cast<double>(input->value), 7));
  line("gradient, mean over " + std::to_string(snapshot.batch.size()) + " pictures",
       number_text(static_cast<double>(input->gradient), 7));
  line("learning rate", number_text(static_cast<double>(input->settings.learning_rate), 7));
  for (const explain::ArithmeticLine& one : story.lines) line(one.name, one.arithmetic);
  record(ui, "backward/update", "text", title, told);
  record(ui, "backward/verdict", "text", "Verdict", verdict);
  if (!ui.twin.is_active()) return;
  ui.twin.set("update", {{"step", input->step},
                         {"done", is_done},
                         {"agrees", agrees},
                         {"gradient", input->gradient},
                         {"before", input->value},
                         {"told", explain::to_text(story.value)}});
}

}  // namespace convlens::ui
