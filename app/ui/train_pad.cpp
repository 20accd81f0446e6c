// A pad to write on, what becomes of the strokes, and what the net says to them while they are drawn.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/model/drawing_pad.h"
#include "app/ui/canvas.h"
#include "app/ui/class_bars.h"
#include "app/ui/text.h"
#include "app/ui/train_pad_stages.h"
#include "app/ui/train_panels.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"
#include "engine/training/drawing.h"

namespace convlens::ui {
namespace {

constexpr float kPad = 280, kLeastPad = 180;  // at 100 % interface scale
constexpr float kAnswerSide = 104;            // least room beside the pad
constexpr float kBarsBeside = 230;            // ... with the bars in it
constexpr std::size_t kMostRows = 12;
constexpr float kEraser = 2;  // times as wide as the pen, so that it leaves no edges behind
constexpr std::int64_t kFarthestNudge = 28;

class TrainPad final : public TrainPanel {
 public:
  void draw(Ui& ui, TrainView& view) override;

 private:
  void draw_tools(Ui& ui);
  void draw_pad(Ui& ui, float side);
  void draw_hint(Ui& ui, const model::TrainRun& run, const ImVec2& corner, float side);
  void draw_answer(Ui& ui, TrainView& view, const model::TrainRun& run, const ImVec2& room, bool has_bars);
  void draw_prediction(Ui& ui, TrainView& view, const model::TrainRun& run, const model::SampleFacts* facts,
                       const ImVec2& at, float width);
  void draw_bars(Ui& ui, const model::TrainRun& run, const model::SampleFacts* facts, float width);
  void draw_nudges(Ui& ui, const ImVec2& corner);
  void take_keys(Ui& ui);
  void nudge(std::int64_t x, std::int64_t y);
  void follow(Ui& ui, TrainView& view, const model::TrainRun& run);
  void publish(TrainView& view);
  void show_drawing(Ui& ui, TrainView& view) const;
  void clear();
  // What the net says to the drawing; null where nothing is drawn or it is not known yet.
  const model::SampleFacts* answer_to(const TrainView& view, const model::TrainRun& run) const;
  void tell(Ui& ui, const TrainView& view) const;

  model::DrawingPad pad_;
  training::DrawingRecipe recipe_;
  bool erases_ = false;
  float width_ = 8.5F;  // of the pen, percent of the pad's side
  bool was_cancelled_ = false;
  PadStages pictures_;
  training::DrawingStages stages_;
  // What the stages were made of.
  std::uint64_t made_version_ = 0, made_run_ = 0;
  training::DrawingRecipe made_recipe_;
  std::string made_colours_;
  std::int64_t index_ = 0;  // of the drawing among the samples
  std::uint64_t last_frame_ = 0;
};

void TrainPad::draw(Ui& ui, TrainView& view) {
  const model::TrainSnapshotPtr snapshot = ui.document.train.snapshot();
  const model::TrainRun& run = *snapshot->run;
  const float s = ui.scale;
  const bool was_opened = last_frame_ + 1 < ui.frame;
  last_frame_ = ui.frame;
  if (was_opened && pad_.is_drawing()) pad_.end();  // the tab was left with the pen down
  take_keys(ui);
  draw_tools(ui);
  const ImVec2 room = ImGui::GetContentRegionAvail(), at = ImGui::GetCursorScreenPos();
  const float gap = 10 * s;
  const float widest = std::clamp(room.x - kAnswerSide * s - gap, kLeastPad * s, kPad * s);
  const bool has_bars = room.x - widest - gap >= kBarsBeside * s;
  // All of it in one view, where the window lets it.
  const float below = 8 * s + PadStages::row_height(ui, room.x, has_bars) + PadStages::words_height(ui) +
                      (has_bars ? ImGui::GetFrameHeightWithSpacing()
                                : class_bars_height(ui, run.data.test.data->class_names.size(), kMostRows)) +
                      3 * ImGui::GetStyle().ItemSpacing.y;
  const float side = std::floor(std::clamp(room.y - below, kLeastPad * s, widest));
  const float beside = room.x - side - gap;
  draw_pad(ui, side);
  follow(ui, view, run);  // before anything is shown of it
  if (was_opened && !stages_.is_empty) show_drawing(ui, view);
  draw_hint(ui, run, at, side);
  ImGui::SetCursorScreenPos({at.x + side + gap, at.y});
  ImGui::BeginGroup();
  draw_answer(ui, view, run, {beside, side}, has_bars);
  ImGui::EndGroup();
  ImGui::SetCursorScreenPos({at.x, at.y + side + 8 * s});
  pictures_.draw_row(ui, recipe_, room.x, has_bars);
  if (!has_bars) draw_bars(ui, run, answer_to(view, run), room.x);
  if (has_bars) pictures_.draw_aspect_switch(ui, recipe_);
  pictures_.draw_words(ui, ImGui::GetContentRegionAvail().y);
  tell(ui, view);
}

void TrainPad::take_keys(Ui& ui) {
  if (!ImGui::IsWindowHovered(ImGuiHoveredFlags_ChildWindows | ImGuiHoveredFlags_AllowWhenBlockedByActiveItem)) return;
  if (pad_.is_drawing()) return;
  if (ui.take_key("Left")) nudge(-1, 0);
  if (ui.take_key("Right")) nudge(1, 0);
  if (ui.take_key("Up")) nudge(0, -1);
  if (ui.take_key("Down")) nudge(0, 1);
  // Also with nothing left to take back: whoever draws does not mean the document.
  if (ui.take_key("Ctrl+Z")) pad_.undo();
  if (ui.take_key("Ctrl+Shift+Z") || ui.take_key("Ctrl+Y")) pad_.redo();
  if (!pad_.drawing().empty() && ui.take_key("Delete")) clear();
}

void TrainPad::nudge(std::int64_t x, std::int64_t y) {
  recipe_.nudge_x = std::clamp(recipe_.nudge_x + x, -kFarthestNudge, kFarthestNudge);
  recipe_.nudge_y = std::clamp(recipe_.nudge_y + y, -kFarthestNudge, kFarthestNudge);
}

void TrainPad::draw_tools(Ui& ui) {
  const float gap = 4 * ui.scale;
  if (choice_button(ui, "draw/pen", "Pen", !erases_, "Left button writes. The right one erases.")) erases_ = false;
  ImGui::SameLine(0, gap);
  if (choice_button(ui, "draw/eraser", "Eraser", erases_, "Takes ink away. The right button does so, too.")) {
    erases_ = true;
  }
  ImGui::SameLine(0, gap);
  const auto width_of_button = [](const char* label) {
    return ImGui::CalcTextSize(label).x + 2 * ImGui::GetStyle().FramePadding.x;
  };
  const float others = width_of_button("Undo") + width_of_button("Redo") + width_of_button("Clear") + 4 * gap;
  const float width = std::clamp(ImGui::GetContentRegionAvail().x - others, 44 * ui.scale, 160 * ui.scale);
  slider_number(ui, "draw/size", "##size", &width_, 2, 25, "%.0f %%",
                "Width of the pen, as a share of the pad; the eraser is twice as wide. MNIST's pens are about a tenth "
                "of a digit.",
                width);
  flow(gap, "Undo");
  if (button(ui, "draw/undo", "Undo", "Takes the last stroke back. Key over the pad: Ctrl+Z.", pad_.can_undo(),
             "There is no stroke to take back.")) {
    pad_.undo();
  }
  flow(gap, "Redo");
  if (button(ui, "draw/redo", "Redo", "Brings it again. Key over the pad: Ctrl+Y.", pad_.can_redo(),
             "Nothing was taken back.")) {
    pad_.redo();
  }
  flow(gap, "Clear");
  if (button(ui, "draw/clear", "Clear", "An empty pad. Key over the pad: Delete.", !pad_.drawing().empty(),
             "The pad is empty.")) {
    clear();
  }
}

void TrainPad::clear() {
  pad_.clear();
  recipe_.nudge_x = recipe_.nudge_y = 0;
}

void TrainPad::draw_pad(Ui& ui, float side) {
  const float s = ui.scale;
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  ImGui::InvisibleButton("##pad", {side, side}, ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight);
  record(ui, "draw/pad", "canvas", "Pad", {{"strokes", pad_.drawing().size()}});
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const training::PadPoint at{(mouse.x - corner.x) / side, (mouse.y - corner.y) / side};
  const bool is_hovered = ImGui::IsItemHovered();
  const bool erases = erases_ || ImGui::IsMouseDown(ImGuiMouseButton_Right);
  const float width = erases ? kEraser * width_ : width_;
  if (ImGui::IsItemActivated() && !pad_.is_drawing()) {
    was_cancelled_ = false;
    pad_.begin(erases, width / 100, at);
  } else if (pad_.is_drawing() && ImGui::IsItemActive()) {
    pad_.move_to(at);
  }
  if (pad_.is_drawing() && ui.take_key("Escape")) was_cancelled_ = true;
  if (pad_.is_drawing() && (was_cancelled_ || !ImGui::IsItemActive())) {
    if (!was_cancelled_) pad_.move_to(at);  // the last stretch may have come with the release
    pad_.end();
    if (was_cancelled_) pad_.undo();
  }
  if (!is_hovered && !ImGui::IsItemActive()) return;
  // The pen's size where it would touch.
  ImDrawList& draw = *ImGui::GetForegroundDrawList();
  const float radius = std::max(1.0F, width / 200 * side);
  draw.PushClipRect(corner, {corner.x + side, corner.y + side});
  draw.AddCircle(mouse, radius, IM_COL32(0, 0, 0, 200), 0, 3 * s);
  draw.AddCircle(mouse, radius, erases ? ui.palette.error : IM_COL32(255, 255, 255, 220), 0, 1.5F * s);
  draw.PopClipRect();
}

void TrainPad::draw_hint(Ui& ui, const model::TrainRun& run, const ImVec2& corner, float side) {
  const float s = ui.scale;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const ImVec2 end{corner.x + side, corner.y + side};
  draw.AddImage(texture_of(pictures_.strokes()), corner, end);
  draw.AddRect({corner.x - 1, corner.y - 1}, {end.x + 1, end.y + 1}, ui.palette.panel_border);
  if (!stages_.is_empty) {
    if (!recipe_.crops || pad_.is_drawing()) return;
    // What goes on.
    const auto raster = static_cast<float>(training::kPadSide);
    const auto point = [&](std::int64_t x, std::int64_t y) {
      return ImVec2{corner.x + static_cast<float>(x) / raster * side, corner.y + static_cast<float>(y) / raster * side};
    };
    draw.AddRect(point(stages_.box.x0, stages_.box.y0), point(stages_.box.x1, stages_.box.y1),
                 (ui.palette.window_outline & ~IM_COL32_A_MASK) | (ImU32{0x90} << IM_COL32_A_SHIFT), 0, 0, s);
    return;
  }
  if (pad_.is_drawing()) return;
  std::string classes;
  for (const std::string& name : run.data.test.data->class_names) classes += (classes.empty() ? "" : ", ") + name;
  const std::array<std::string, 2> lines{"Draw here, one of:", fitted(ui.fonts.small, classes, side - 20 * s)};
  float y = corner.y + side / 2 - ImGui::GetFontSize();
  const std::array<ImFont*, 2> fonts{ui.fonts.body, ui.fonts.small};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    put_text(fonts[i], {corner.x + (side - width_of(fonts[i], lines[i])) / 2, y}, IM_COL32(170, 176, 186, 255),
             lines[i]);
    y += ImGui::GetFontSize() + 3 * s;
  }
}

void TrainPad::follow(Ui& ui, TrainView& view, const model::TrainRun& run) {
  const std::string& colours = ui.document.settings.view.map_colormap;
  const bool is_same = made_version_ == pad_.version() && made_run_ == run.serial && made_recipe_ == recipe_;
  if (is_same && made_colours_ == colours) return;
  const nn::ModelSpec& net = run.description.model;
  const training::Preprocessing& preprocessing = run.description.preprocessing;
  if (!is_same) {
    stages_ = training::make_stages(pad_.raster(), {1, net.channels, net.height, net.width}, preprocessing, recipe_);
  }
  pictures_.set(ui, pad_.raster(), stages_, preprocessing, recipe_);
  const bool is_first = made_version_ == 0;
  made_version_ = pad_.version();
  made_run_ = run.serial;
  made_recipe_ = recipe_;
  made_colours_ = colours;
  if (is_same || (is_first && stages_.is_empty)) return;
  publish(view);
  ui.needs_frames = true;  // the net is asked at the beginning of the next one
}

void TrainPad::publish(TrainView& view) {
  auto drawn = std::make_shared<model::DrawnPicture>();
  drawn->values = stages_.values;
  drawn->shown.assign(stages_.placed.values().begin(), stages_.placed.values().end());
  view.drawn = std::move(drawn);
  ++index_;
  if (!stages_.is_empty || view.sample_ref.kind == model::SampleRef::Kind::kDrawn) {
    view.sample_ref = {model::SampleRef::Kind::kDrawn, index_};
  }
}

void TrainPad::show_drawing(Ui& ui, TrainView& view) const {
  view.sample_ref = {model::SampleRef::Kind::kDrawn, index_};
  ui.needs_frames = true;
}

const model::SampleFacts* TrainPad::answer_to(const TrainView& view, const model::TrainRun& run) const {
  const model::SampleFacts* facts = view.sample.facts().get();
  if (stages_.is_empty || facts == nullptr || facts->run == nullptr || facts->run->serial != run.serial) return nullptr;
  const bool is_drawn = facts->sample.kind == model::SampleRef::Kind::kDrawn;
  return is_drawn && view.sample_ref.kind == model::SampleRef::Kind::kDrawn ? facts : nullptr;
}

void TrainPad::draw_answer(Ui& ui, TrainView& view, const model::TrainRun& run, const ImVec2& room, bool has_bars) {
  const float s = ui.scale;
  const model::SampleFacts* facts = answer_to(view, run);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float nudges = 3 * ImGui::GetFrameHeight() + 4 * s;
  if (has_bars) {
    draw_prediction(ui, view, run, facts, at, room.x - nudges - 8 * s);
    draw_nudges(ui, {at.x + room.x - nudges, at.y});
    ImGui::SetCursorScreenPos({at.x, at.y + nudges + 8 * s});
    draw_bars(ui, run, facts, room.x);
    return;
  }
  draw_prediction(ui, view, run, facts, at, room.x);
  ImGui::SetCursorScreenPos({at.x, at.y + room.y - nudges - ImGui::GetFrameHeight() - 6 * s});
  pictures_.draw_aspect_switch(ui, recipe_);
  draw_nudges(ui, {at.x + (room.x - nudges) / 2, at.y + room.y - nudges});
}

void TrainPad::draw_prediction(Ui& ui, TrainView& view, const model::TrainRun& run, const model::SampleFacts* facts,
                               const ImVec2& at, float width) {
  const float s = ui.scale, line = font_height(ui.fonts.small);
  std::string said, words;
  if (stages_.is_empty) {
    words = "An empty pad says nothing.";
  } else if (view.sample_ref.kind != model::SampleRef::Kind::kDrawn) {
    words = "Another picture is the sample.";
  } else if (facts == nullptr) {
    words = "Asking the net …";
  } else {
    const auto predicted = static_cast<std::size_t>(facts->predicted);
    said = run.data.test.data->class_names[predicted];
    words = formatted("%.1f %%", 100 * facts->probabilities[predicted]) + "\nafter step " + grouped(facts->step);
  }
  ImFont* font = ui.fonts.large != nullptr ? ui.fonts.large : ui.fonts.heading;
  const bool is_plain = std::ranges::all_of(said, [](char c) { return c > 0; });
  if (!is_plain || width_of(font, said) > width) font = ui.fonts.heading;
  float y = at.y;
  if (!said.empty()) {
    put_text(font, {at.x, y}, ui.palette.accent, fitted(font, said, width));
    y += font_height(font) + 2 * s;
  }
  ImGui::SetCursorScreenPos({at.x, y});
  ImGui::PushFont(ui.fonts.small);
  ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + width);
  ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
  ImGui::TextUnformatted(words.c_str());
  ImGui::PopStyleColor();
  ImGui::PopTextWrapPos();
  ImGui::PopFont();
  if (!stages_.is_empty && view.sample_ref.kind != model::SampleRef::Kind::kDrawn &&
      button(ui, "draw/ask", "Ask", "Makes the drawing the sample again.")) {
    show_drawing(ui, view);
  }
  record_rect(ui, at, {at.x + width, y + 2 * line}, "draw/prediction", "text", words, said);
}

void TrainPad::draw_bars(Ui& ui, const model::TrainRun& run, const model::SampleFacts* facts, float width) {
  const std::vector<std::string>& names = run.data.test.data->class_names;
  if (facts == nullptr) {
    class_bars(ui, "draw", nullptr, names.size(), width, kMostRows);
  } else {
    const ClassAnswer answer{names, facts->logits, facts->probabilities};
    class_bars(ui, "draw", &answer, names.size(), width, kMostRows);
  }
  tooltip(ui,
          "Logits are what the last layer says; softmax makes shares of 100 % out of them. It always names a class: "
          "nonsense gets one, too, and often with great certainty.");
}

void TrainPad::draw_nudges(Ui& ui, const ImVec2& corner) {
  const float side = ImGui::GetFrameHeight(), pitch = side + 2 * ui.scale;
  struct Arrow {
    const char* id;
    const char* label;
    int column, row;
    const char* help;
  };
  constexpr std::array<Arrow, 4> kArrows{{{"up", "↑", 1, 0, "Up"},
                                          {"left", "←", 0, 1, "Left"},
                                          {"right", "→", 2, 1, "Right"},
                                          {"down", "↓", 1, 2, "Down"}}};
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding,
                      {std::floor((side - ImGui::CalcTextSize("→").x) / 2), ImGui::GetStyle().FramePadding.y});
  for (const Arrow& arrow : kArrows) {
    ImGui::SetCursorScreenPos(
        {corner.x + static_cast<float>(arrow.column) * pitch, corner.y + static_cast<float>(arrow.row) * pitch});
    if (button(
            ui, std::string("draw/nudge/") + arrow.id, arrow.label,
            std::string(arrow.help) + " by one pixel of the net's picture: watch the bars. Key here: " + arrow.label)) {
      nudge(arrow.column - 1, arrow.row - 1);
    }
  }
  ImGui::PopStyleVar();
  const std::string moved = std::to_string(recipe_.nudge_x) + ", " + std::to_string(recipe_.nudge_y);
  ImGui::SetCursorScreenPos({corner.x + pitch, corner.y + pitch});
  ImGui::PushFont(ui.fonts.small);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {0, ImGui::GetStyle().FramePadding.y});
  const bool is_moved = recipe_.nudge_x != 0 || recipe_.nudge_y != 0;
  const std::string label = (is_moved ? "×" : "·") + std::string("##centre");
  if (button(ui, "draw/nudge/back", label.c_str(), "Moved by " + moved + " pixels. Click: back to where it was.",
             is_moved, "Arrows move the picture that the net sees by whole pixels.")) {
    recipe_.nudge_x = recipe_.nudge_y = 0;
  }
  ImGui::PopStyleVar();
  ImGui::PopFont();
}

void TrainPad::tell(Ui& ui, const TrainView& view) const {
  if (!ui.twin.is_active()) return;
  const training::PixelBox& box = stages_.box;
  const model::SampleFacts* facts = view.sample.facts().get();
  ui.twin.set("draw", {{"empty", stages_.is_empty},
                       {"strokes", pad_.drawing().size()},
                       {"index", index_},
                       {"answered", facts != nullptr && facts->sample == view.sample_ref && !view.sample.is_busy()},
                       {"box", {box.x0, box.y0, box.x1, box.y1}},
                       {"scaled", {stages_.scaled.shape().w, stages_.scaled.shape().h}},
                       {"mass", {stages_.mass_x, stages_.mass_y}},
                       {"lost", stages_.lost},
                       {"nudge", {recipe_.nudge_x, recipe_.nudge_y}}});
}

}  // namespace

std::unique_ptr<TrainPanel> make_train_pad() { return std::make_unique<TrainPad>(); }

}  // namespace convlens::ui
