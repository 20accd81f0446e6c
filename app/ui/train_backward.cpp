// The backward pass, visible: a weight's gradient, a value's, the deltas of all layers, and the step that follows.
#include "app/ui/train_backward.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "app/ui/colour_bar.h"
#include "app/ui/text.h"
#include "app/ui/train_panels.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"

namespace convlens::ui {
namespace {

enum View { kWeight, kValue, kDeltas, kStep };
struct Tab {
  const char* name;
  const char* label;
  const char* help;
};
constexpr Tab kTabs[] = {
    {"backward/tab/weight", "A weight", "Why the gradient of a weight is what it is: input times delta, added up."},
    {"backward/tab/value", "A value", "What the loss says to a pixel or a value: a flipped-filter sum of deltas."},
    {"backward/tab/deltas", "Deltas", "What the loss says to every value of every layer."},
    {"backward/tab/step", "The step", "What the optimizer does with the gradient of a weight."},
};

class TrainBackward final : public TrainPanel {
 public:
  void draw(Ui& ui, TrainView& view) override;

 private:
  void make_sessions(const Ui& ui);
  void show_deltas(const model::SampleFactsPtr& facts);
  void draw_weight(Ui& ui, TrainView& view, const model::TrainRun& run, const model::SampleFactsPtr& facts);
  void draw_value(Ui& ui, const model::SampleFactsPtr& facts);
  void draw_all_deltas(Ui& ui, const model::SampleFactsPtr& facts);
  void draw_step(Ui& ui, TrainView& view, const model::TrainRun& run);
  std::string batch_words(Ui& ui, const model::SampleFacts& facts) const;

  int tab_ = kWeight;
  WeightChooser chooser_;
  WeightGradientView weight_;
  std::unique_ptr<model::GradientSession> gradients_;
  // The deltas as levels of a stack, so that its panels show them.
  std::unique_ptr<StackView> deltas_;
  model::SampleFactsPtr deltas_of_;
  StackMaps delta_maps_;
  std::optional<UnitRef> value_;   // chosen in "A value" and "Deltas"
  std::optional<UnitRef> sample_;  // the sample's pinned value when last seen
  model::ValueReasonPtr told_;     // what value_lines_ are of
  std::vector<std::string> value_lines_;
};

void TrainBackward::make_sessions(const Ui& ui) {
  if (gradients_) return;
  gradients_ = std::make_unique<model::GradientSession>(ui.document.waker());
  deltas_ = std::make_unique<StackView>(ui.document.waker());
}

void TrainBackward::show_deltas(const model::SampleFactsPtr& facts) {
  if (deltas_of_ == facts) return;
  deltas_of_ = facts;
  auto levels = std::make_shared<model::StackResult>();
  levels->generation = facts->result->generation;
  levels->settings.model = facts->result->settings.model;
  levels->stack = facts->result->stack;
  levels->levels = facts->deltas;
  levels->has_picture = false;
  levels->is_complete = true;
  deltas_->shown = std::move(levels);
  deltas_->is_live = true;
}

void TrainBackward::draw(Ui& ui, TrainView& view) {
  make_sessions(ui);
  gradients_->collect();
  const model::TrainRun& run = *ui.document.train.snapshot()->run;
  chooser_.follow(view, run);
  for (int i = 0; i < 4; ++i) {
    if (i > 0) flow(2 * ui.scale, kTabs[i].label);
    if (choice_button(ui, kTabs[i].name, kTabs[i].label, tab_ == i, kTabs[i].help)) tab_ = i;
  }
  const model::SampleFactsPtr& facts = view.sample.facts();
  if (!facts || facts->run->serial != run.serial) {
    dim_text(ui, view.sample.complaint().empty() ? "The picture goes through the net …" : view.sample.complaint());
    return;
  }
  show_deltas(facts);
  // A value that gets pinned among the sample's is looked at here, too.
  if (view.layers.pinned != sample_) {
    sample_ = view.layers.pinned;
    if (sample_) value_ = sample_;
  }
  switch (tab_) {
    case kWeight:
      return draw_weight(ui, view, run, facts);
    case kValue:
      return draw_value(ui, facts);
    case kDeltas:
      return draw_all_deltas(ui, facts);
    default:
      return draw_step(ui, view, run);
  }
}

void TrainBackward::draw_weight(Ui& ui, TrainView& view, const model::TrainRun& run,
                                const model::SampleFactsPtr& facts) {
  chooser_.draw_names(ui, view, run);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x, s = ui.scale;
  const float cells = std::floor(std::min(width * 0.38F, 130 * s));
  chooser_.draw_cells(ui, run, *facts->values, cells);
  const float below = ImGui::GetCursorScreenPos().y;
  // Beside the cells: which one, and what it is.
  const model::WeightRef& ref = chooser_.weight();
  const std::optional<std::int64_t> index = row_index(run, ref);
  if (!index) return;
  ImGui::SetCursorScreenPos({at.x + cells + 10 * s, at.y});
  ImGui::BeginGroup();
  const std::string name = weight_name(run, ref);
  dim_text(ui, name);
  ImGui::PushFont(ui.fonts.heading);
  const float value = (*facts->values)[static_cast<std::size_t>(*index)];
  ImGui::TextUnformatted(number_text(static_cast<double>(value), 6).c_str());
  ImGui::PopFont();
  record(ui, "backward/weight", "text", name, value);
  ImGui::EndGroup();
  ImGui::SetCursorScreenPos({at.x, std::max(below, ImGui::GetCursorScreenPos().y)});
  gradients_->follow(facts, ref);
  const model::WeightReasonPtr reason = gradients_->weight();
  if (!reason || !(reason->weight == ref) || reason->facts->run->serial != run.serial) {
    dim_text(ui, "…");
    return;
  }
  // While training runs the reason may be of the values before; its own facts go with it.
  weight_.draw(ui, reason, batch_words(ui, *reason->facts));
}

std::string TrainBackward::batch_words(Ui& ui, const model::SampleFacts& facts) const {
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  const std::optional<std::int64_t> index = row_index(*snapshot.run, chooser_.weight());
  if (!snapshot.gradients || snapshot.run->serial != facts.run->serial || !index) {
    return "The batch's gradient is the mean of such sums over its pictures; no step has been taken yet.";
  }
  const auto gradient = static_cast<double>((*snapshot.gradients)[static_cast<std::size_t>(*index)]);
  const std::int64_t step = snapshot.next_phase == model::TrainPhase::kUpdate ? snapshot.step + 1 : snapshot.step;
  return "The batch of step " + grouped(step) + ": mean over " + std::to_string(snapshot.batch.size()) +
         " pictures = " + number_text(gradient, 5);
}

void TrainBackward::draw_value(Ui& ui, const model::SampleFactsPtr& facts) {
  const model::StackResult& result = *facts->result;
  if (!value_ || !has_unit(result, *value_)) {
    const Shape picture = result.stack->level_shape(0);
    value_ = UnitRef{0, {0, picture.h / 2, picture.w / 2}};
  }
  // The deltas of the level that the value stands in: a click chooses another one.
  StackView& deltas = *deltas_;
  deltas.pinned = value_;
  deltas.hovered.reset();
  const float s = ui.scale;
  const std::string title = explain::unit_in_words(*result.stack, value_->level, value_->unit);
  const bool is_picture = value_->level == 0;
  dim_text(ui, is_picture ? "What the loss says to every pixel. Click one."
                          : "What the loss says to " + level_name(result, value_->level) + ". Click a value.");
  const float room = ImGui::GetContentRegionAvail().x;
  const bool is_flat_level = is_flat(result, value_->level);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const ImVec2 size{is_picture ? std::min(room, 150 * s) : room, (is_flat_level ? 66 : 150) * s};
  delta_maps_.draw_level(ui, deltas, value_->level, at, {at.x + size.x, at.y + size.y});
  if (deltas.pinned && deltas.pinned != value_) value_ = deltas.pinned;
  ImGui::SetCursorScreenPos({at.x, at.y + size.y + 4 * s});
  const model::StackLevel& level = *facts->deltas[value_->level];
  ColourBar bar;
  const LevelColours colours = level_colours(ui, *deltas.shown, value_->level, value_->unit.c);
  bar.map = colours.map;
  bar.range = colours.range;
  bar.marker = level.maps.at(0, value_->unit.c, value_->unit.y, value_->unit.x);
  colour_bar(ui, "backward/value/bar", std::min(room, 190 * s), bar);
  if (!is_picture) {
    ImGui::SameLine(0, 10 * s);
    if (button(ui, "backward/value/picture", "The picture", "Back to the pixels")) value_.reset();
    if (!value_) return;
  }
  ImGui::TextUnformatted(title.c_str());
  gradients_->follow(facts, *value_);
  const model::ValueReasonPtr reason = gradients_->value();
  if (!reason || !(reason->value == *value_) || reason->facts->run->serial != facts->run->serial) {
    dim_text(ui, "…");
    return;
  }
  const explain::GradientSum& sum = reason->why;
  const std::size_t above = value_->level;
  if (sum.terms.empty()) {
    const bool is_last = above == result.stack->layers.size();
    const double share = is_last ? reason->facts->probabilities[static_cast<std::size_t>(value_->unit.c)] : 0;
    const bool is_right = reason->facts->label == static_cast<std::int32_t>(value_->unit.c);
    const std::string words = !is_last ? std::string("0: nothing that reads this value gets through")
                                       : "share" + std::string(is_right ? " - 1 = " : " = ") + number_text(share, 5) +
                                             (is_right ? " - 1" : "") + " = " + explain::to_text(sum.shown);
    formula(ui, "backward/value/sum", "delta = " + words,
            "The start of the way back: softmax share minus 1 for the right class.");
    return;
  }
  const nn::LayerSpec& layer = result.stack->layers[above]->spec;
  const auto count = static_cast<std::int64_t>(sum.terms.size());
  formula(ui, "backward/value/sum",
          "delta = " + (count == 1 ? std::string("one product") : "sum of " + grouped(count) + " products") + " = " +
              explain::to_text(sum.sum),
          "Over everything that reads the value: what the loss says to it, times how it depends on the value.");
  const bool has_weights = layer.kind == nn::LayerKind::kConv || layer.kind == nn::LayerKind::kDense;
  if (told_ != reason) {
    told_ = reason;
    const bool is_conv = layer.kind == nn::LayerKind::kConv;
    const bool is_flat_above = is_flat(result, above + 1);
    value_lines_ = gradient_lines(
        sum, layer.name, "delta", has_weights ? "weight" : "slope", [&](const explain::GradientTerm& term) {
          if (is_flat_above) return std::to_string(term.output.c);
          std::string place =
              std::to_string(term.output.c) + ":" + std::to_string(term.output.y) + "," + std::to_string(term.output.x);
          if (is_conv) place += " w" + std::to_string(term.weight_row) + "," + std::to_string(term.weight_col);
          return place;
        });
  }
  if (layer.kind == nn::LayerKind::kConv) {
    ImGui::PushFont(ui.fonts.small);
    dim_text(ui, "map:row,column of " + layer.name +
                     ", and the weight w between: as if the filter were flipped. Deltas " +
                     "are before its activation.");
    ImGui::PopFont();
  }
  draw_mono_lines(ui, "backward/value/terms", "Largest products first", value_lines_);
}

void TrainBackward::draw_all_deltas(Ui& ui, const model::SampleFactsPtr& facts) {
  StackView& deltas = *deltas_;
  deltas.pinned.reset();
  dim_text(ui, "d loss / d value of every layer, from the loss (below) back to the picture (above). Click a value.");
  if (ui.twin.is_active()) {
    nlohmann::json told = nlohmann::json::array();
    for (const model::StackLevelPtr& level : facts->deltas) told.push_back({level->all.min, level->all.max});
    ui.twin.set("deltas", std::move(told));
  }
  delta_maps_.draw_rows(ui, deltas);
  if (!deltas.pinned) return;
  value_ = deltas.pinned;
  tab_ = kValue;
}

void TrainBackward::draw_step(Ui& ui, TrainView& view, const model::TrainRun& run) {
  chooser_.draw_names(ui, view, run);
  const float s = ui.scale, cells = std::floor(std::min(ImGui::GetContentRegionAvail().x * 0.3F, 96 * s));
  const ImVec2 at = ImGui::GetCursorScreenPos();
  chooser_.draw_cells(ui, run, *ui.document.train.snapshot()->values, cells);
  const float below = ImGui::GetCursorScreenPos().y;
  ImGui::SetCursorScreenPos({at.x + cells + 10 * s, at.y});
  ImGui::BeginGroup();
  const std::string name = weight_name(run, chooser_.weight());
  dim_text(ui, name);
  record(ui, "backward/weight", "text", name);
  draw_step_buttons(ui);
  ImGui::EndGroup();
  ImGui::SetCursorScreenPos({at.x, std::max(below, ImGui::GetCursorScreenPos().y)});
  ImGui::BeginChild("update", {0, std::max(ImGui::GetContentRegionAvail().y, 180 * s)}, false);
  draw_update(ui, run, chooser_.weight(), view.looked_at.has_value());
  ImGui::EndChild();
}

}  // namespace

std::unique_ptr<TrainPanel> make_train_backward() { return std::make_unique<TrainBackward>(); }

}  // namespace convlens::ui
