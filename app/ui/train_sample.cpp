// One picture through the net at the moment that is shown: what it says, its loss, the maps of every layer, and any
// value of them in full. What it computes is sample_session's.
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "app/ui/class_bars.h"
#include "app/ui/stack_panels.h"
#include "app/ui/text.h"
#include "app/ui/train_panels.h"
#include "app/ui/widgets.h"
#include "engine/core/random.h"
#include "engine/core/text.h"
#include "engine/explain/decimal.h"

namespace convlens::ui {
namespace {

using Kind = model::SampleRef::Kind;

constexpr std::size_t kMostClasses = 10;
constexpr float kPictureSide = 96;  // at 100 % interface scale

std::string class_name(const model::SampleFacts& facts, std::int32_t c) {
  const std::vector<std::string>& names = facts.run->data.train.data->class_names;
  return c >= 0 && c < std::ssize(names) ? names[static_cast<std::size_t>(c)] : std::to_string(c);
}

// "-ln 0.8312 = 0.185": of the shown share.
std::string loss_words(double share) {
  const explain::Decimal shown = explain::round_to_digits(share, 4);
  const double loss = -std::log(explain::to_double(shown));
  const std::string value = std::isfinite(loss) ? explain::to_text(explain::round_to_place(loss, -4)) : "infinite";
  return "-ln " + explain::to_text(shown) + " = " + value;
}

class TrainSample final : public TrainPanel {
 public:
  void draw(Ui& ui, TrainView& view) override;

 private:
  void draw_choice(Ui& ui, TrainView& view, const model::TrainRun& run);
  void step_through(TrainView& view, std::int64_t count, std::int64_t by);
  void draw_answer(Ui& ui, TrainView& view, const model::SampleFacts& facts);
  void draw_line(Ui& ui, TrainView& view, const model::SampleFacts& facts);
  static void tell(Ui& ui, const TrainView& view, const model::SampleFacts& facts);

  StackMaps maps_;
  StackUnit unit_;
  Random random_{1};
};

void TrainSample::draw(Ui& ui, TrainView& view) {
  const model::TrainRun& run = *ui.document.train.snapshot()->run;
  draw_choice(ui, view, run);
  const model::SampleFactsPtr& facts = view.sample.facts();
  if (!view.sample.complaint().empty()) {
    dim_text(ui, view.sample.complaint() + ".");
    record(ui, "sample/complaint", "text", "Sample", view.sample.complaint());
  }
  if (!facts || facts->run->serial != run.serial) {
    if (view.sample.complaint().empty()) dim_text(ui, "The picture goes through the net …");
    return;
  }
  StackView& stack = view.layers;
  stack.shown = facts->result;
  stack.is_live = true;
  stack.units.collect();
  stack.patches.collect();
  if (stack.pinned && !has_unit(*stack.shown, *stack.pinned)) stack.pinned.reset();
  tell(ui, view, *facts);
  if (!stack.pinned) {
    draw_answer(ui, view, *facts);
    ImGui::Separator();
    maps_.draw_rows(ui, stack, 1);
    return;
  }
  // A value is kept: the maps share the place with it.
  draw_line(ui, view, *facts);
  const float room = ImGui::GetContentRegionAvail().y;
  const float s = ui.scale;
  ImGui::BeginChild("sample-maps", {0, std::floor(std::max(room * 0.31F, 150 * s))}, false);
  maps_.draw_rows(ui, stack);
  ImGui::EndChild();
  ImGui::Separator();
  if (const auto focus = stack.focus()) stack.units.follow(stack.result(), focus->level, focus->unit);
  ImGui::BeginChild("sample-unit", {0, std::max(ImGui::GetContentRegionAvail().y, 300 * s)}, false);
  unit_.draw(ui, stack);
  ImGui::EndChild();
}

// Which picture: from what part, and which of it.
void TrainSample::draw_choice(Ui& ui, TrainView& view, const model::TrainRun& run) {
  const float gap = 4 * ui.scale;
  model::SampleRef& ref = view.sample_ref;
  const auto part = [&](Kind kind, const char* name, const char* label, const std::string& help, bool enabled,
                        const std::string& reason) {
    if (choice_button(ui, name, label, ref.kind == kind, help, enabled, reason) && ref.kind != kind) {
      ref = {kind, 0};
    }
  };
  const std::int64_t held_out = run.data.test.size(), training = run.data.train.size();
  part(Kind::kTest, "sample/part/held-out", "Held-out",
       "One of " + grouped(held_out) + " pictures that the net does not learn from; framed in their colour.",
       held_out > 0, "This data set has no held-out part.");
  flow(gap, "Training");
  part(Kind::kTrain, "sample/part/training", "Training",
       "One of " + grouped(training) +
           " pictures that the net learns from, without augmentation; framed in their colour.",
       training > 0, "There are no pictures to learn from.");
  flow(gap, "Drawn");
  part(Kind::kDrawn, "sample/part/drawn", "Drawn", "What you drew by hand.", view.drawn != nullptr,
       "Draw a digit first: the tab Draw.");
  const training::Subset* subset = subset_of(run, ref.kind);
  if (!subset || subset->size() == 0) return;
  const std::int64_t count = subset->size();
  ref.index = std::clamp<std::int64_t>(ref.index, 0, count - 1);
  const bool is_hovered = ImGui::IsWindowHovered(ImGuiHoveredFlags_ChildWindows);
  flow(3 * gap, {"‹", "00000000", "›"});
  if (button(ui, "sample/previous", "‹", "The picture before (←, with the pointer here)") ||
      (is_hovered && ui.take_key("Left"))) {
    step_through(view, count, -1);
  }
  ImGui::SameLine(0, gap);
  int number = static_cast<int>(ref.index) + 1;
  ImGui::SetNextItemWidth(width_of(ui.fonts.body, "00000000") + 2 * ImGui::GetStyle().FramePadding.x);
  if (ImGui::DragInt("##index", &number, 0.3F, 1, static_cast<int>(count))) {
    ref.index = std::clamp<std::int64_t>(number - 1, 0, count - 1);
  }
  const std::string help = "Picture " + grouped(number) + " of " + grouped(count) + ". Drag, or Ctrl+click to type.";
  record(ui, "sample/index", "drag", "Picture", number, {1, count}, true, help);
  tooltip(ui, help);
  ImGui::SameLine(0, gap);
  if (button(ui, "sample/next", "›", "The next picture (→, with the pointer here)") ||
      (is_hovered && ui.take_key("Right"))) {
    step_through(view, count, 1);
  }
  flow(gap, "Any");
  if (button(ui, "sample/random", "Any", "Some other picture of this part")) {
    ref.index = static_cast<std::int64_t>(random_.below(static_cast<std::uint32_t>(count)));
  }
}

void TrainSample::step_through(TrainView& view, std::int64_t count, std::int64_t by) {
  view.sample_ref.index = (view.sample_ref.index + by + count) % count;
}

// The picture beside what the net says to it, and the loss below.
void TrainSample::draw_answer(Ui& ui, TrainView& view, const model::SampleFacts& facts) {
  const float s = ui.scale, side = kPictureSide * s, gap = 10 * s;
  const std::size_t classes = facts.probabilities.size();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x;
  const float bars = class_bars_height(ui, classes, kMostClasses);
  maps_.draw_level(ui, view.layers, 0, at, {at.x + side, at.y + side});
  // Framed in the colour of its part, as in the curves.
  const bool is_held_out = facts.sample.kind == Kind::kTest, is_training = facts.sample.kind == Kind::kTrain;
  const ImU32 part = is_held_out ? ui.palette.held_out : is_training ? ui.palette.training : ui.palette.mark;
  ImGui::GetWindowDrawList()->AddRect({at.x - s, at.y - s}, {at.x + side + s, at.y + side + s}, part, 0, 0, 2 * s);
  ImGui::SetCursorScreenPos({at.x + side + gap, at.y});
  const std::vector<std::string>& names = facts.run->data.train.data->class_names;
  ClassAnswer answer{names, facts.logits, facts.probabilities};
  if (facts.label) answer.right = static_cast<std::size_t>(*facts.label);
  class_bars(ui, "sample", &answer, classes, width - side - gap, kMostClasses);
  tooltip(ui,
          "Logits are what the last layer says; softmax makes shares of 100 % out of them. The triangle marks the "
          "right class, the lit name is what the net says.");

  const float line = font_height(ui.fonts.small) + 2 * s;
  float y = at.y + side + 4 * s;
  const auto fact = [&](const char* name, const std::string& what, const std::string& value, ImU32 ink) {
    put_text(ui.fonts.small, {at.x, y}, ui.palette.text_dim, what);
    const float x = at.x + width_of(ui.fonts.small, what + " ");
    put_text(ui.fonts.small, {x, y}, ink, fitted(ui.fonts.small, value, at.x + side - x));
    record_rect(ui, {at.x, y}, {at.x + side, y + line}, name, "text", what, value);
    y += line;
  };
  if (facts.label) fact("sample/label", "label", class_name(facts, *facts.label), ui.palette.output_outline);
  const bool is_wrong = facts.label && *facts.label != facts.predicted;
  fact("sample/predicted", "net says", class_name(facts, facts.predicted),
       is_wrong ? ui.palette.warning : ui.palette.accent);
  fact("sample/step", "after step", grouped(facts.step), ui.palette.text);
  ImGui::SetCursorScreenPos({at.x, at.y + std::max(bars, y - at.y) + 6 * s});
  const std::int32_t judged = facts.label ? *facts.label : facts.predicted;
  const std::string share = loss_words(facts.probabilities[static_cast<std::size_t>(judged)]);
  const std::string loss = "loss = " + share + (facts.label ? "" : ", if " + class_name(facts, judged) + " were right");
  formula(ui, "sample/loss", loss,
          "Cross-entropy: minus the natural logarithm of the share that the right class gets. 0 would be certain.");
}

// The same in one line.
void TrainSample::draw_line(Ui& ui, TrainView& view, const model::SampleFacts& facts) {
  const auto predicted = static_cast<std::size_t>(facts.predicted);
  std::string words = "net says " + class_name(facts, facts.predicted) + " (" +
                      formatted("%.1f %%", 100 * facts.probabilities[predicted]) + ")";
  if (facts.label) words = "label " + class_name(facts, *facts.label) + ", " + words;
  if (button(ui, "sample/back", "‹ Back", "Back to the whole answer (Esc)")) view.layers.pinned.reset();
  ImGui::SameLine(0, 8 * ui.scale);
  ImGui::AlignTextToFramePadding();
  ImGui::TextUnformatted(fitted(ui.fonts.body, words, ImGui::GetContentRegionAvail().x).c_str());
  record(ui, "sample/line", "text", "Sample", words);
}

void TrainSample::tell(Ui& ui, const TrainView& view, const model::SampleFacts& facts) {
  if (!ui.twin.is_active()) return;
  static constexpr const char* kKinds[] = {"training", "held-out", "drawn"};
  nlohmann::json told = {{"part", kKinds[static_cast<int>(facts.sample.kind)]},
                         {"index", facts.sample.index},
                         {"step", facts.step},
                         {"busy", view.sample.is_busy() || view.layers.units.is_busy()},
                         {"predicted", facts.predicted},
                         {"logits", facts.logits},
                         {"probabilities", facts.probabilities},
                         {"loss", facts.loss}};
  told["label"] = facts.label ? nlohmann::json(*facts.label) : nlohmann::json();
  if (const auto focus = view.layers.focus()) {
    told["unit"] = {{"level", focus->level},
                    {"channel", focus->unit.c},
                    {"row", focus->unit.y},
                    {"column", focus->unit.x},
                    {"value", value_of(*facts.result, *focus)}};
  }
  if (const model::UnitFactsPtr unit = view.layers.facts()) {
    told["unit_text"] = explain::to_text(unit->probe, 3);
    told["unit_value"] = unit->probe.value;
  }
  ui.twin.set("sample", std::move(told));
}

}  // namespace

std::unique_ptr<TrainPanel> make_train_sample() { return std::make_unique<TrainSample>(); }

}  // namespace convlens::ui
