// Moves the look along the run, and tells two moments apart in numbers. Their pictures are train_filters'.
#include "app/ui/train_moments.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "app/ui/text.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"

namespace convlens::ui {
namespace {

constexpr std::int64_t kWindow = 21;  // steps that a batch's loss is averaged over: one alone says little
constexpr const char* kPopup = "train/moments/popup";

std::string percent(double share) { return formatted("%.1f %%", share * 100); }

std::string optional_text(const std::optional<double>& value, bool is_share) {
  if (!value) return "–";
  return is_share ? percent(*value) : number_text(*value, 3);
}

// "+5.6 points", "-0.12"
std::string change_text(const std::optional<double>& now, const std::optional<double>& then, bool is_share) {
  if (!now || !then) return "";
  const double change = is_share ? (*now - *then) * 100 : *now - *then;
  return is_share ? formatted("%+.1f points", change) : formatted("%+.3g", change);
}

}  // namespace

void look_at_step(const Ui& ui, TrainView& view, std::int64_t step) {
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  const std::int64_t first = snapshot.frames.empty() ? 0 : snapshot.frames.front().step;
  step = std::clamp(step, first, std::max(first, snapshot.last_step));
  view.looked_at = step == snapshot.step ? std::nullopt : std::optional(step);
}

void come_to_step(Ui& ui, TrainView& view, std::int64_t step) {
  look_at_step(ui, view, step);
  if (view.looked_at && !ui.document.train.is_running()) ui.document.train.go_to(*view.looked_at);
}

void follow_look(const Ui& ui, TrainView& view) {
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  if (view.looked_at && (*view.looked_at == snapshot.step || *view.looked_at > snapshot.last_step)) {
    view.looked_at.reset();
  }
  if (view.other && snapshot.run && !model::are_comparable(*view.other->run, *snapshot.run)) view.other.reset();
}

std::int64_t looked_step(const Ui& ui, const TrainView& view) {
  return view.looked_at.value_or(ui.document.train.snapshot()->step);
}

std::string step_in_words(const model::TrainRun& run, std::int64_t step) {
  const std::int64_t each = std::max<std::int64_t>(1, run.steps_per_epoch);
  // The planned end belongs to the last epoch.
  const bool is_end = step > 0 && step == run.planned_steps;
  return "step " + grouped(step) + ", epoch " + grouped((is_end ? step - 1 : step) / each + 1);
}

std::optional<std::int64_t> step_of_b(const TrainView& view, const model::TrainSnapshot& snapshot) {
  if (!view.other || !snapshot.run || view.other->run->serial != snapshot.run->serial) return std::nullopt;
  return view.other->step;
}

MomentFacts facts_of(const model::CurveHistory& history, std::int64_t step) {
  MomentFacts facts;
  const model::StepCurves& steps = history.steps();
  if (const auto at = steps.loss.index_at(step)) {
    facts.loss = steps.loss.mean_around(*at, kWindow);
    facts.accuracy = steps.accuracy.mean_around(*at, kWindow);
  }
  const model::TestCurves& tests = history.tests();
  if (const auto at = tests.loss.index_at(step)) {
    facts.test_loss = static_cast<double>(tests.loss.value(*at));
    facts.test_accuracy = static_cast<double>(tests.accuracy.value(*at));
    facts.tested_at = tests.loss.step(*at);
  }
  return facts;
}

TrainMoments::TrainMoments(const std::function<void()>& wake)
    : worker_(wake, [](const Job& job, const std::atomic<bool>&) -> std::optional<Result<Distance>> {
        return Distance(
            std::make_shared<const model::MomentDistance>(model::distance_between(*job.run, *job.a, *job.b)));
      }) {}

void TrainMoments::measure(const ShownMoment& a, const ShownMoment& b) {
  if (auto outcome = worker_.take(); outcome && *outcome) distance_ = **outcome;
  const bool is_asked = asked_.a == a.values && asked_.b == b.values;
  if (is_asked || worker_.is_busy()) return;
  asked_ = {a.run, a.values, b.values};
  worker_.request(asked_);
}

void TrainMoments::keep(Ui& ui, TrainView& view, const ShownMoment& moment) {
  view.other = moment;
  facts_ = facts_of(view.history, moment.step);
  facts_of_ = moment.values;
  ui.needs_frames = true;
}

void TrainMoments::draw(Ui& ui, TrainView& view) {
  const auto moment = view.moment(*ui.document.train.snapshot());
  if (!moment) return;
  if (!view.other) {
    distance_ = nullptr;
    asked_ = {};
    if (button(ui, "train/moments/keep", "Keep as B",
               "Keeps the moment on the screen as B, to compare it with any other: filters and their difference above, "
               "numbers here.")) {
      keep(ui, view, *moment);
    }
    return;
  }
  const ShownMoment& b = *view.other;
  measure(*moment, b);
  // As long as it is a moment of this recording: what comes after it adds to the means around it.
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  const bool is_recorded = step_of_b(view, snapshot) && snapshot.frame_at(b.step).values == b.values;
  if (is_recorded || facts_of_ != b.values) {
    facts_ = facts_of(view.history, b.step);
    facts_of_ = b.values;
  }
  const std::string label = "B: step " + grouped(b.step) + "###b";
  ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.output_outline);
  const bool opens = button(ui, "train/moments/open", label.c_str(),
                            "The moment on the screen beside B, in numbers; look at B, swap them, or let B go.");
  ImGui::PopStyleColor();
  if (opens) ImGui::OpenPopup(kPopup);
  // The button stands at the window's lower edge: above it.
  const ImVec2 corner(ImGui::GetItemRectMax().x, ImGui::GetItemRectMin().y - 4 * ui.scale);
  ImGui::SetNextWindowPos(corner, ImGuiCond_Always, {1, 1});
  draw_popup(ui, view, *moment);
}

void TrainMoments::draw_popup(Ui& ui, TrainView& view, const ShownMoment& a) {
  if (!ImGui::BeginPopup(kPopup)) return;
  const ShownMoment b = *view.other;
  const bool is_same_run = b.run->serial == a.run->serial;
  heading(ui, ("Step " + grouped(a.step) + " beside B").c_str());
  draw_numbers(ui, a, b, facts_of(view.history, a.step));
  draw_distances(ui);
  ImGui::Spacing();
  if (button(ui, "train/moments/look", "Look at B", "Puts the handle of the timeline on B's step.",
             is_same_run && a.values != b.values, is_same_run ? "B is on the screen." : "B is of an earlier run.")) {
    come_to_step(ui, view, b.step);
  }
  ImGui::SameLine();
  if (button(ui, "train/moments/swap", "Swap", "This moment becomes B, and the handle goes to what was B.",
             is_same_run && a.values != b.values, is_same_run ? "B is on the screen." : "B is of an earlier run.")) {
    keep(ui, view, a);
    come_to_step(ui, view, b.step);
  }
  ImGui::SameLine();
  if (button(ui, "train/moments/keep", "Keep this as B", "The moment on the screen takes B's place.",
             a.values != b.values, "It is B.")) {
    keep(ui, view, a);
  }
  ImGui::SameLine();
  if (button(ui, "train/moments/drop", "Let B go", "Ends the comparison.")) {
    view.other.reset();
    ImGui::CloseCurrentPopup();
  }
  ImGui::EndPopup();
}

void TrainMoments::draw_numbers(Ui& ui, const ShownMoment& a, const ShownMoment& b, const MomentFacts& now) const {
  const float s = ui.scale;
  if (!ImGui::BeginTable("numbers", 4, ImGuiTableFlags_SizingFixedFit)) return;
  ImGui::TableSetupColumn("", 0, 170 * s);
  for (const std::string& head : {"step " + grouped(a.step), "B: step " + grouped(b.step), std::string("difference")}) {
    ImGui::TableSetupColumn(head.c_str(), 0, 92 * s);
  }
  ImGui::TableHeadersRow();
  const auto row = [&](const char* id, const std::string& label, ImU32 colour, const std::optional<double>& x,
                       const std::optional<double>& y, bool is_share) {
    const std::string change = change_text(x, y, is_share);
    ImGui::TableNextColumn();
    ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(colour), "%s", label.c_str());
    record(ui, std::string("train/moments/") + id, "text", label, change);
    for (const std::string& text : {optional_text(x, is_share), optional_text(y, is_share), change}) {
      ImGui::TableNextColumn();
      ImGui::TextUnformatted(text.c_str());
    }
  };
  row("test_accuracy", "held-out accuracy", ui.palette.held_out, now.test_accuracy, facts_.test_accuracy, true);
  row("test_loss", "held-out loss", ui.palette.held_out, now.test_loss, facts_.test_loss, false);
  row("accuracy", "training accuracy", ui.palette.training, now.accuracy, facts_.accuracy, true);
  row("loss", "training loss", ui.palette.training, now.loss, facts_.loss, false);
  ImGui::EndTable();
  std::string words = "Training: mean of the " + std::to_string(kWindow) + " steps around.";
  if (now.test_loss && facts_.test_loss) {
    words +=
        " Held-out: as tested at step " + grouped(now.tested_at) + " and at step " + grouped(facts_.tested_at) + ".";
  }
  dim_text(ui, words);
}

void TrainMoments::draw_distances(Ui& ui) const {
  const float s = ui.scale;
  ImGui::Spacing();
  ImGui::TextUnformatted("How far the weights have moved from B");
  if (!distance_) return dim_text(ui, "Being measured.");
  double most = 1e-12;
  const auto bounded = [](const model::LayerDistance& d) { return std::min(d.relative(), 1e6); };
  for (const model::LayerDistance& layer : distance_->layers) most = std::max(most, bounded(layer));
  const auto row = [&](const model::LayerDistance& layer) {
    const std::string words =
        std::isinf(layer.relative()) ? "from nothing" : percent(layer.relative()) + " of B's size";
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float height = ImGui::GetTextLineHeight(), name = 110 * s, bar = 150 * s;
    put_text(ui.fonts.body, at, ui.palette.text, fitted(ui.fonts.body, layer.name, name - 6 * s));
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.AddRectFilled({at.x + name, at.y + 4 * s}, {at.x + name + bar, at.y + height - 3 * s},
                       ImGui::GetColorU32(ImGuiCol_FrameBg), 2 * s);
    const float filled = bar * static_cast<float>(std::min(1.0, bounded(layer) / most));
    if (filled >= 1) {
      draw.AddRectFilled({at.x + name, at.y + 4 * s}, {at.x + name + filled, at.y + height - 3 * s}, ui.palette.accent,
                         2 * s);
    }
    put_text(ui.fonts.body, {at.x + name + bar + 10 * s, at.y}, ui.palette.text, words);
    ImGui::Dummy({name + bar + 10 * s + 150 * s, height});
    const std::string help = "Distance " + number_text(layer.distance, 3) + " from B, whose weights have the length " +
                             number_text(layer.size, 3) + "; cosine of the angle between them " +
                             formatted("%.3f", layer.cosine) + ".";
    record(ui, "train/moments/distance/" + layer.name, "text", layer.name, words, {}, true, help);
    tooltip(ui, help);
  };
  for (const model::LayerDistance& layer : distance_->layers) row(layer);
  row(distance_->whole);
}

}  // namespace convlens::ui
