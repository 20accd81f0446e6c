// Finds the last good moment of a run that diverged, and says what went wrong from what was measured.
#include "app/ui/train_divergence.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "app/ui/text.h"
#include "app/ui/train_controls.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"

namespace convlens::ui {
namespace {

constexpr std::int64_t kShownSteps = 200;
constexpr double kLargeUpdate = 0.05;  // of the weights' size, in one step

// A rate above this makes nearly any net diverge.
float usual_limit(training::Rule rule) {
  switch (rule) {
    case training::Rule::kSgd:
    case training::Rule::kMomentum:
    case training::Rule::kNesterov:
      return 0.5F;
    case training::Rule::kRmsProp:
    case training::Rule::kAdam:
    case training::Rule::kAdamW:
      break;
  }
  return 0.01F;
}

// The largest share that a step changed a layer by, as it was last measured.
const model::LayerCurves* hardest_hit(const model::CurveHistory& history, double& ratio) {
  const model::LayerCurves* found = nullptr;
  for (const model::LayerCurves& layer : history.layers()) {
    const model::CurveSeries& series = layer.of(model::LayerQuantity::kUpdateRatio);
    if (series.is_empty()) continue;
    const auto value = static_cast<double>(series.value(series.size() - 1));
    if (found != nullptr && !(value > ratio)) continue;
    found = &layer;
    ratio = value;
  }
  return found;
}

// What was done by hand not long before it happened.
const model::TrainMark* last_mark(const model::TrainSnapshot& snapshot) {
  constexpr std::int64_t kSoon = 100;  // steps
  const model::TrainMark* last = nullptr;
  if (!snapshot.marks) return last;
  for (const model::TrainMark& mark : *snapshot.marks) {
    if (mark.step > 0 && mark.step <= snapshot.step && mark.step + kSoon >= snapshot.step) last = &mark;
  }
  return last;
}

}  // namespace

TrainDivergence::Remedy TrainDivergence::remedy_for(const Ui& ui, const TrainView& view) {
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  const training::OptimizerSettings& optimizer = snapshot.settings.optimizer;
  Remedy remedy;
  const std::int64_t good = model::last_good_step(view.history.steps().loss).value_or(snapshot.step);
  const training::Frame* key = &snapshot.frames.front();
  for (const training::Frame& frame : snapshot.frames) {
    if (frame.key && frame.step <= std::min(good, snapshot.step - 1)) key = &frame;
  }
  remedy.step = key->step;
  remedy.rate = std::min(optimizer.learning_rate / 10, usual_limit(optimizer.rule));
  // Somebody raised it since: what worked there is tried first.
  if (key->key && key->key->settings.optimizer.learning_rate <= optimizer.learning_rate / 2) {
    remedy.rate = key->key->settings.optimizer.learning_rate;
    remedy.is_earlier_rate = true;
  }
  return remedy;
}

std::string TrainDivergence::reason(const Ui& ui, const TrainView& view) const {
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  const model::CurveSeries& loss = view.history.steps().loss;
  std::string words;
  if (const auto at = loss.index_at(remedy_.step); at && loss.size() > *at + 1) {
    const auto before = static_cast<double>(loss.value(*at)), last = static_cast<double>(loss.value(loss.size() - 1));
    if (last > 2 * before) {
      words += "The loss rose from " + number_text(before, 3) + " at step " + grouped(loss.step(*at)) + " to " +
               number_text(last, 3) + " at step " + grouped(loss.last_step()) + ". ";
    }
  }
  const auto rate = static_cast<double>(snapshot.settings.optimizer.learning_rate);
  if (remedy_.is_earlier_rate) {
    words += "The learning rate was " + number_text(static_cast<double>(remedy_.rate), 3) + " at step " +
             grouped(remedy_.step) + " and has been raised to " + number_text(rate, 3) + " since. ";
  } else if (const model::TrainMark* cause = last_mark(snapshot)) {
    words += "The last thing done before it, at step " + grouped(cause->step) + ": “" + cause->label + "”. ";
  }
  double ratio = 0;
  const model::LayerCurves* layer = hardest_hit(view.history, ratio);
  if (layer != nullptr && ratio > kLargeUpdate) {
    words += "A step changed " + layer->name + " by " + number_text(ratio * 100, 3) +
             " % of its size, where about 0.1 % is healthy. ";
  }
  words +=
      "With a learning rate of " + number_text(rate, 3) +
      " a step can jump across the valley to where the slope is steeper still; the next step is longer, and so on, "
      "until the numbers overflow. A smaller rate takes shorter steps.";
  return words;
}

// The last steps before it happened, logarithmic.
void TrainDivergence::draw_loss(Ui& ui, const TrainView& view) const {
  const float s = ui.scale;
  const model::CurveSeries& loss = view.history.steps().loss;
  if (loss.size() < 2) return;
  const std::int64_t first = std::min(remedy_.step, std::max(loss.step(0), loss.last_step() - kShownSteps));
  const std::size_t from = loss.index_from(first);
  float lo = std::numeric_limits<float>::infinity(), hi = 0;
  for (std::size_t i = from; i < loss.size(); ++i) {
    if (!(loss.value(i) > 0) || !std::isfinite(loss.value(i))) continue;
    lo = std::min(lo, loss.value(i));
    hi = std::max(hi, loss.value(i));
  }
  if (!(hi > 0)) return;
  ImFont* font = ui.fonts.small;
  const float text = font_height(font), gutter = 44 * s;
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const ImVec2 size(ImGui::GetContentRegionAvail().x, 92 * s);
  const ImVec2 min(corner.x + gutter, corner.y), max(corner.x + size.x, corner.y + size.y - text - 3 * s);
  ImGui::Dummy(size);
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.AddRectFilled(min, max, ui.palette.canvas, 3 * s);
  const double low = std::log10(static_cast<double>(lo)),
               span = std::max(0.3, std::log10(static_cast<double>(hi)) - low);
  const double steps = static_cast<double>(std::max<std::int64_t>(1, loss.last_step() + 1 - first));
  const auto x_of = [&](std::int64_t step) {
    return min.x + 4 * s + (max.x - min.x - 8 * s) * static_cast<float>(static_cast<double>(step - first) / steps);
  };
  const auto y_of = [&](double value) {
    return max.y - 5 * s - (max.y - min.y - 10 * s) * static_cast<float>((std::log10(value) - low) / span);
  };
  std::vector<ImVec2> points;
  for (std::size_t i = from; i < loss.size(); ++i) {
    if (!(loss.value(i) > 0) || !std::isfinite(loss.value(i))) continue;
    points.emplace_back(x_of(loss.step(i)), y_of(static_cast<double>(loss.value(i))));
  }
  const float back = x_of(remedy_.step);
  draw.AddLine({back, min.y}, {back, max.y}, ui.palette.accent, 1.5F * s);
  draw.AddPolyline(points.data(), static_cast<int>(points.size()), ui.palette.training, 0, 1.6F * s);
  draw.AddLine({x_of(loss.last_step() + 1), min.y}, {x_of(loss.last_step() + 1), max.y}, ui.palette.error, 2 * s);
  for (const float value : {lo, hi}) {
    const std::string label = number_text(static_cast<double>(value), 3);
    const float y = std::clamp(y_of(static_cast<double>(value)) - text / 2, min.y, max.y - text);
    if (value == lo || hi > 1.5F * lo)
      put_text(font, {min.x - width_of(font, label) - 4 * s, y}, ui.palette.text_dim, label);
  }
  const std::string left = "step " + grouped(remedy_.step), right = "step " + grouped(loss.last_step() + 1);
  const float right_at = max.x - width_of(font, right);
  put_text(font, {right_at, max.y + 2 * s}, ui.palette.error, right);
  const float left_at = std::clamp(back - width_of(font, left) / 2, min.x, right_at - width_of(font, left) - 8 * s);
  if (left_at >= min.x) put_text(font, {left_at, max.y + 2 * s}, ui.palette.accent, left);
  record_rect(ui, min, max, "train/divergence/loss", "plot", "Loss before it happened",
              {static_cast<double>(lo), static_cast<double>(hi)}, {first, loss.last_step()}, true,
              "The loss of each step, logarithmic. Blue: where “Go back” leads.");
}

void TrainDivergence::draw_buttons(Ui& ui) {
  model::TrainSession& train = ui.document.train;
  const std::string step = "step " + grouped(remedy_.step);
  const std::string rate = number_text(static_cast<double>(remedy_.rate), 3);
  const std::string cure = "Go back to " + step + " with rate " + rate + "###cure";
  if (button(ui, "train/divergence/cure", cure.c_str(),
             "Puts everything back to " + step + ", where the loss was still good, and sets the learning rate to " +
                 rate + (remedy_.is_earlier_rate ? ", as it was there." : ".") +
                 " What came after stays as a branch.")) {
    under_way_ = remedy_;
    train.go_to(remedy_.step);
    ui.needs_frames = true;
  }
  const std::string only = "Go back only###back";
  flow(6 * ui.scale, "Go back only");
  if (button(ui, "train/divergence/back", only.c_str(),
             "Puts everything back to " + step + " and changes nothing: run on, and it happens again.")) {
    train.go_to(remedy_.step);
  }
  flow(6 * ui.scale, "Reset");
  if (button(ui, "train/divergence/reset", "Reset", "Begins anew with the settings as they are.")) train.reset();
  flow(6 * ui.scale, "Look around");
  if (button(ui, "train/divergence/dismiss", "Look around", "Closes this box; the run stays as it is.")) {
    const model::TrainSnapshot& snapshot = *train.snapshot();
    dismissed_ = {snapshot.run->serial, snapshot.step};
  }
}

// The rate belongs to the future: it changes when the trainer is back, and what was recorded beyond becomes a branch.
void TrainDivergence::follow_remedy(Ui& ui) {
  if (!under_way_) return;
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  if (snapshot.state != model::TrainState::kPaused && snapshot.state != model::TrainState::kRunning) return;
  // Anywhere else, somebody has gone another way meanwhile.
  if (snapshot.step == under_way_->step) ui.document.settings.train.optimizer.learning_rate = under_way_->rate;
  under_way_.reset();
}

void TrainDivergence::draw(Ui& ui, TrainView& view) {
  follow_remedy(ui);
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  if (snapshot.state != model::TrainState::kDiverged || snapshot.frames.empty()) return;
  if (dismissed_ == std::pair(snapshot.run->serial, snapshot.step)) return;
  if (told_ != snapshot.generation) {
    told_ = snapshot.generation;
    remedy_ = remedy_for(ui, view);
    reason_ = reason(ui, view);
  }
  const float s = ui.scale;
  const ImGuiViewport& viewport = *ImGui::GetMainViewport();
  const float width = std::min(560 * s, viewport.WorkSize.x - 24 * s);
  // Below the row of buttons above the filters; higher where it would reach into the timeline.
  const float lowest = viewport.WorkSize.y - 110 * s - height_;
  const float y = std::max(4 * s, std::min(44 * s, lowest));
  ImGui::SetNextWindowPos({viewport.WorkPos.x + viewport.WorkSize.x * 0.46F, viewport.WorkPos.y + y}, ImGuiCond_Always,
                          {viewport.WorkSize.x > 1.2F * width ? 0.5F : 0.46F, 0});
  ImGui::SetNextWindowSize({width, 0});
  ImGui::PushStyleColor(ImGuiCol_Border, ui.palette.error);
  ImGui::PushStyleColor(ImGuiCol_WindowBg, ImGui::GetStyleColorVec4(ImGuiCol_PopupBg));
  const bool is_open = ImGui::Begin("training diverged", nullptr,
                                    ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                                        ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoFocusOnAppearing);
  ImGui::PopStyleColor(2);
  if (is_open) {
    ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.error);
    heading(ui, "Training has run away");
    ImGui::PopStyleColor();
    ImGui::PushTextWrapPos(0);
    const std::string words = as_sentence(snapshot.words);
    ImGui::TextUnformatted(words.c_str());
    record(ui, "train/divergence/words", "text", words, words);
    ImGui::PopTextWrapPos();
    draw_loss(ui, view);
    dim_text(ui, reason_);
    record(ui, "train/divergence/reason", "text", reason_, reason_);
    ImGui::Spacing();
    draw_buttons(ui);
  }
  height_ = ImGui::GetWindowHeight();
  ImGui::End();
}

}  // namespace convlens::ui
