// Where the net fails: the confusion matrix, and the pictures behind its cells. Computes no test itself.
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/model/mistakes.h"
#include "app/ui/picture_sheet.h"
#include "app/ui/text.h"
#include "app/ui/train_controls.h"
#include "app/ui/train_mistakes_matrix.h"
#include "app/ui/train_panels.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"

namespace convlens::ui {
namespace {

using model::ConfusionCell;

constexpr std::int64_t kMostPictures = 240, kFewestPictures = 24;
constexpr std::int64_t kMostBytes = 2'000'000;  // of listed pictures: they are shrunk between two frames
constexpr float kThumbnail = 50;                // about, at 100 % interface scale

enum class List { kWorst, kUncertain, kCell };
constexpr const char* kListNames[] = {"worst", "uncertain", "cell"};

std::size_t most_listed(const training::Dataset& data) {
  return static_cast<std::size_t>(std::clamp(kMostBytes / data.picture_size(), kFewestPictures, kMostPictures));
}

std::string percent(double share) { return formatted(share < 0.9995 ? "%.1f %%" : "%.0f %%", 100 * share); }

class TrainMistakes final : public TrainPanel {
 public:
  void draw(Ui& ui, TrainView& view) override;

 private:
  void draw_head(Ui& ui, const model::ShownTest& test, bool is_earlier);
  void draw_matrix(Ui& ui, const model::TrainRun& run, const model::ShownTest& test);
  void draw_lists(Ui& ui, const model::TrainRun& run, const model::ShownTest& test);
  void draw_pictures(Ui& ui, TrainView& view, const model::TrainRun& run);
  void draw_picture(Ui& ui, TrainView& view, const model::TrainRun& run, std::size_t i, const ImVec2& min, float width,
                    float height);
  void choose(const std::shared_ptr<const model::TestOutcome>& outcome);
  void tell(Ui& ui, const model::ShownTest& test) const;

  std::uint64_t run_ = 0;  // what is chosen belongs to it
  List list_ = List::kWorst;
  std::optional<ConfusionCell> cell_;
  // What is listed, and what that was made for.
  std::shared_ptr<const model::TestOutcome> listed_of_;
  std::pair<List, std::optional<ConfusionCell>> listed_for_;
  model::OutcomePictures listed_;
  std::vector<std::int64_t> positions_;  // of the listed ones in the data set
  PictureSheet sheet_;
  model::SubsetPlaces places_;
};

void TrainMistakes::draw(Ui& ui, TrainView& view) {
  const model::TrainSnapshotPtr snapshot = ui.document.train.snapshot();
  const model::TrainRun& run = *snapshot->run;
  if (std::exchange(run_, run.serial) != run.serial) {
    list_ = List::kWorst;
    cell_.reset();
  }
  const model::ShownTest test = model::shown_test(*snapshot, view.looked_at);
  draw_head(ui, test, view.looked_at && *view.looked_at != snapshot->step);
  tell(ui, test);
  if (!test.evaluation) return;
  draw_matrix(ui, run, test);
  draw_lists(ui, run, test);
  if (!test.outcome) {
    dim_text(
        ui,
        "The recording keeps the counts of earlier tests and not their pictures: let go of the timeline, and press "
        "Test now, to see those of the present moment.");
    record(ui, "mistakes/no-pictures", "text", "No pictures", true);
    return;
  }
  choose(snapshot->outcome);
  draw_pictures(ui, view, run);
}

void TrainMistakes::tell(Ui& ui, const model::ShownTest& test) const {
  if (!ui.twin.is_active()) return;
  nlohmann::json facts = {{"step", nullptr}, {"list", kListNames[static_cast<int>(list_)]}, {"cell", nullptr}};
  if (test.evaluation) {
    facts["step"] = test.step;
    facts["images"] = test.evaluation->images;
    facts["accuracy"] = test.evaluation->accuracy;
    facts["has_pictures"] = test.outcome != nullptr;
  }
  if (cell_) facts["cell"] = {cell_->label, cell_->predicted ? nlohmann::json(*cell_->predicted) : nlohmann::json()};
  ui.twin.set("mistakes", std::move(facts));
}

void TrainMistakes::draw_head(Ui& ui, const model::ShownTest& test, bool is_earlier) {
  const float s = ui.scale;
  const float width = ImGui::CalcTextSize("Test now").x + 2 * ImGui::GetStyle().FramePadding.x;
  const float left = ImGui::GetCursorPosX(), room = ImGui::GetContentRegionAvail().x;
  std::string first = "No test yet", second = "press Test now; training tests itself after every epoch";
  if (test.evaluation) {
    const auto right = static_cast<std::int64_t>(
        std::llround(test.evaluation->accuracy * static_cast<double>(test.evaluation->images)));
    first = percent(test.evaluation->accuracy) + " right";
    second = grouped(right) + " of " + grouped(test.evaluation->images) + " at step " + grouped(test.step) + ", loss " +
             formatted("%.3f", test.evaluation->loss);
    if (is_earlier) second += " (recorded)";
  }
  const ImVec2 at = ImGui::GetCursorScreenPos();
  put_text(ui.fonts.heading, at, test.evaluation ? ui.palette.held_out : ui.palette.text, first);
  const float line = font_height(ui.fonts.heading) + 2 * s;
  put_text(ui.fonts.small, {at.x, at.y + line}, ui.palette.text_dim,
           fitted(ui.fonts.small, second, room - width - 8 * s));
  ImGui::Dummy({room - width - 8 * s, line + font_height(ui.fonts.small)});
  record(ui, "mistakes/summary", "text", "Test", first + ", " + second);
  ImGui::SameLine();
  ImGui::SetCursorPosX(left + room - width);
  if (button(ui, "mistakes/test", "Test now",
             "Asks the net about every held-out picture, as it is at this moment. Training goes on afterwards.",
             can_train(ui), "There is no run to test yet.")) {
    ui.document.train.test();
  }
}

void TrainMistakes::draw_matrix(Ui& ui, const model::TrainRun& run, const model::ShownTest& test) {
  const float s = ui.scale, line = font_height(ui.fonts.small);
  const std::vector<std::string>& names = run.data.test.data->class_names;
  const ImVec2 room = ImGui::GetContentRegionAvail();
  // Below it: legend, words, lists, and two rows of pictures at least.
  const float below = 2 * (line + 6 * s) + ImGui::GetFrameHeightWithSpacing() + 150 * s;
  const ConfusionEvents events =
      draw_confusion(ui, *test.evaluation, names, list_ == List::kCell ? cell_ : std::nullopt,
                     {room.x, std::max(room.y - below, std::min(room.x, 220 * s))});
  if (events.clicked) {
    cell_ = events.clicked;
    list_ = List::kCell;
  }
  draw_confusion_legend(ui, *test.evaluation);
  const std::optional<ConfusionCell>& told = events.hovered ? events.hovered : cell_;
  std::string words = "Row: right class, column: answer. Click for pictures.";
  if (told) words = model::in_words(*test.evaluation, names, *told);
  if (events.hovered) ui.hovered_value = words;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  put_text(ui.fonts.small, at, told ? ui.palette.text : ui.palette.text_dim, fitted(ui.fonts.small, words, room.x));
  ImGui::Dummy({room.x, line});
  record(ui, "mistakes/words", "text", "Under the pointer, or chosen", words);
}

void TrainMistakes::draw_lists(Ui& ui, const model::TrainRun& run, const model::ShownTest& test) {
  const std::vector<std::string>& names = run.data.test.data->class_names;
  const auto list_button = [&](List list, const char* label, const std::string& help) {
    const std::string name = std::string("mistakes/list/") + kListNames[static_cast<int>(list)];
    if (choice_button(ui, name, label, list_ == list, help, test.outcome != nullptr,
                      "Pictures are known of the newest test alone.")) {
      list_ = list;
    }
  };
  list_button(List::kWorst, "Worst", "Mistakes that the net was most certain of.");
  flow(4 * ui.scale, "Least certain");
  list_button(List::kUncertain, "Least certain",
              "Answers with the smallest share for the likeliest class, right or wrong.");
  if (!cell_) return;
  const auto name_of = [&](std::int32_t c) { return names[static_cast<std::size_t>(c)]; };
  const std::string label =
      name_of(cell_->label) + " → " + (cell_->predicted ? name_of(*cell_->predicted) : std::string("others"));
  const std::string shown = fitted(ui.fonts.body, label, ImGui::GetContentRegionAvail().x / 2) + "##cell";
  flow(4 * ui.scale, shown.c_str());
  list_button(List::kCell, shown.c_str(),
              model::in_words(*test.evaluation, names, *cell_) + ": the most certain first.");
}

void TrainMistakes::choose(const std::shared_ptr<const model::TestOutcome>& outcome) {
  if (list_ == List::kCell && !cell_) list_ = List::kWorst;
  const std::pair<List, std::optional<ConfusionCell>> wanted{list_, list_ == List::kCell ? cell_ : std::nullopt};
  if (outcome == listed_of_ && wanted == listed_for_) return;
  listed_of_ = outcome;
  listed_for_ = wanted;
  const std::size_t most = most_listed(*outcome->pictures.data);
  switch (list_) {
    case List::kWorst:
      listed_ = model::worst_mistakes(*outcome, most);
      break;
    case List::kUncertain:
      listed_ = model::least_certain(*outcome, most);
      break;
    case List::kCell:
      listed_ = model::pictures_in(*outcome, *cell_, most);
      break;
  }
  positions_.clear();
  for (const std::size_t i : listed_) positions_.push_back(outcome->pictures.indices[i]);
  sheet_.set(outcome->pictures.data, positions_);
}

void TrainMistakes::draw_pictures(Ui& ui, TrainView& view, const model::TrainRun& run) {
  const float s = ui.scale;
  if (listed_.empty()) {
    dim_text(ui, list_ == List::kCell ? "No picture of the newest test is in this cell." : "The net made no mistake.");
    record(ui, "mistakes/none", "text", "No pictures", true);
    return;
  }
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::BeginChild("pictures", {0, std::max(ImGui::GetContentRegionAvail().y, 130 * s)});
  ImGui::PopStyleVar();
  const float line = font_height(ui.fonts.small), gap = 5 * s;
  const training::Dataset& data = *listed_of_->pictures.data;
  const auto [width, height] = even_size(data, kThumbnail * s);
  const float room = ImGui::GetContentRegionAvail().x;
  const auto columns = std::max<std::size_t>(1, static_cast<std::size_t>((room + gap) / (width + gap)));
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  const float pitch = height + 2 * line + gap + 2 * s;
  for (std::size_t i = 0; i < listed_.size(); ++i) {
    const ImVec2 min{std::floor(origin.x + s + static_cast<float>(i % columns) * (width + gap)),
                     std::floor(origin.y + s + static_cast<float>(i / columns) * pitch)};
    if (ImGui::IsRectVisible(min, {min.x + width, min.y + pitch})) draw_picture(ui, view, run, i, min, width, height);
  }
  const std::size_t rows = (listed_.size() + columns - 1) / columns;
  ImGui::SetCursorScreenPos({origin.x, origin.y + static_cast<float>(rows) * pitch});
  if (listed_.size() == most_listed(data)) {
    dim_text(ui, "The first " + std::to_string(listed_.size()) + " of them.");
  } else {
    ImGui::Dummy({1, 1});
  }
  ImGui::EndChild();
}

void TrainMistakes::draw_picture(Ui& ui, TrainView& view, const model::TrainRun& run, std::size_t i, const ImVec2& min,
                                 float width, float height) {
  const float s = ui.scale, line = font_height(ui.fonts.small);
  const model::TestOutcome& outcome = *listed_of_;
  const std::size_t at = listed_[i];
  const std::vector<std::string>& names = outcome.pictures.data->class_names;
  const auto label = static_cast<std::size_t>(outcome.pictures.data->labels[static_cast<std::size_t>(positions_[i])]);
  const auto predicted = static_cast<std::size_t>(outcome.predicted[at]);
  const std::optional<std::int64_t> place = places_.find(run.data.test, positions_[i]);
  const ImVec2 max{min.x + width, min.y + height};

  ImGui::SetCursorScreenPos(min);
  ImGui::PushID(static_cast<int>(i));
  const bool was_clicked = ImGui::InvisibleButton("##picture", {width, height + 2 * line});
  const bool is_right = label == predicted;
  const std::string certain = percent(static_cast<double>(outcome.probability[at]));
  const std::string help =
      names[label] + (is_right ? ", recognised with " : " taken for " + names[predicted] + " with ") + certain +
      (is_right ? "" : "; the right answer got " + percent(static_cast<double>(outcome.label_probability[at]))) +
      ".\nClick: it becomes the sample, with its maps.";
  record(ui, "mistakes/picture/" + std::to_string(i), "tile", names[label] + " → " + names[predicted],
         {{"index", place ? nlohmann::json(*place) : nlohmann::json()},
          {"label", label},
          {"predicted", predicted},
          {"probability", outcome.probability[at]}},
         {}, place.has_value(), help);
  tooltip(ui, help);
  if (ImGui::IsItemHovered()) ui.hovered_value = help.substr(0, help.find('\n'));
  sheet_.draw(i, min, max);
  const model::SampleRef ref{model::SampleRef::Kind::kTest, place.value_or(0)};
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  if (place && view.sample_ref == ref) {
    draw.AddRect({min.x - s, min.y - s}, {max.x + s, max.y + s}, ui.palette.window_outline, 0, 0, 2 * s);
  } else if (ImGui::IsItemHovered()) {
    draw.AddRect({min.x - s, min.y - s}, {max.x + s, max.y + s}, ui.palette.text, 0, 0, s);
  }
  const std::string answer = is_right ? names[label] : names[label] + " → " + names[predicted];
  const auto put_centred = [&](float y, ImU32 ink, const std::string& text) {
    const std::string shown = fitted(ui.fonts.small, text, width);
    put_text(ui.fonts.small, {min.x + (width - width_of(ui.fonts.small, shown)) / 2, y}, ink, shown);
  };
  const ImU32 ink = is_right ? ui.palette.text : ui.palette.error;
  if (is_right || width_of(ui.fonts.small, answer) <= width) {
    put_centred(max.y + s, ink, answer);
    put_centred(max.y + s + line, ui.palette.text_dim, certain);
  } else {  // long names: a line each
    put_centred(max.y + s, ui.palette.text_dim, names[label]);
    put_centred(max.y + s + line, ink, "→ " + names[predicted]);
  }
  ImGui::PopID();
  if (was_clicked && place) {
    view.show_sample(ref);
    ui.needs_frames = true;
  }
}

}  // namespace

std::unique_ptr<TrainPanel> make_train_mistakes() { return std::make_unique<TrainMistakes>(); }

}  // namespace convlens::ui
