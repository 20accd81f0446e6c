// How far the run is, and how well it does.
#include <algorithm>
#include <cmath>
#include <string>

#include "app/ui/text.h"
#include "app/ui/train_controls.h"
#include "app/ui/train_files.h"
#include "app/ui/train_sections.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"

namespace convlens::ui {
namespace {

std::string percent(double share) { return formatted("%.1f %%", 100 * share); }

// "0.0312": three digits that count.
std::string loss_text(double loss) {
  if (!std::isfinite(loss) || loss >= 1000) return number_text(loss, 3);
  return formatted(loss >= 10 ? "%.1f" : loss >= 1 ? "%.2f" : loss >= 0.1 ? "%.3f" : "%.4f", loss);
}

// "42 s", "3:05 min", "1:02 h"
std::string time_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
  if (whole < 60) return std::to_string(whole) + " s";
  const bool is_long = whole >= 3600;
  const std::int64_t large = whole / (is_long ? 3600 : 60), small = whole / (is_long ? 60 : 1) % 60;
  return std::to_string(large) + ":" + (small < 10 ? "0" : "") + std::to_string(small) + (is_long ? " h" : " min");
}

// Text that ends at `right`, on the line of the cursor.
void right_text(ImU32 colour, float right, const std::string& text) {
  ImGui::SetCursorPosX(right - ImGui::CalcTextSize(text.c_str()).x);
  ImGui::PushStyleColor(ImGuiCol_Text, colour);
  ImGui::TextUnformatted(text.c_str());
  ImGui::PopStyleColor();
}

struct Columns {
  float training, held_out;  // right ends
};

// A quantity on the pictures of training and on those held out.
void number_row(Ui& ui, const Columns& columns, const char* label, const std::string& name,
                const std::optional<double>& training, const std::optional<double>& held_out,
                std::string (*text)(double), const std::string& training_help, const std::string& held_out_help) {
  ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
  ImGui::TextUnformatted(label);
  ImGui::PopStyleColor();
  ImGui::SameLine(0, 0);
  right_text(ui.palette.training, columns.training, training ? text(*training) : "–");
  record(ui, "train/now/" + name, "text", label, training ? nlohmann::json(*training) : nlohmann::json(), {}, true,
         training_help);
  tooltip(ui, training_help);
  ImGui::SameLine(0, 0);
  right_text(ui.palette.held_out, columns.held_out, held_out ? text(*held_out) : "–");
  record(ui, "train/now/held_out_" + name, "text", label, held_out ? nlohmann::json(*held_out) : nlohmann::json(), {},
         true, held_out_help);
  tooltip(ui, held_out_help);
}

// Where the run stands between its first step and the planned end; what is recorded beyond is paler.
void draw_bar(Ui& ui, const model::TrainSnapshot& now, std::int64_t step) {
  const float width = ImGui::GetContentRegionAvail().x, height = 5 * ui.scale;
  const ImVec2 min = ImGui::GetCursorScreenPos();
  const auto last = static_cast<float>(std::max({now.run->planned_steps, now.last_step, std::int64_t{1}}));
  const auto at = [&](std::int64_t s) { return min.x + width * static_cast<float>(s) / last; };
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.AddRectFilled(min, {min.x + width, min.y + height}, ImGui::GetColorU32(ImGuiCol_FrameBg), height / 2);
  draw.AddRectFilled(min, {at(now.last_step), min.y + height}, ImGui::GetColorU32(ImGuiCol_SliderGrab, 0.35F),
                     height / 2);
  draw.AddRectFilled(min, {at(step), min.y + height}, ui.palette.accent, height / 2);
  ImGui::Dummy({width, height});
  const std::string help = "Step " + grouped(step) + " of " + grouped(now.run->planned_steps) + " planned";
  record(ui, "train/bar", "text", help, step, {0, now.run->planned_steps}, true, help);
  tooltip(ui, help);
}

}  // namespace

TrainNumbers numbers_of(const Ui& ui, const TrainView& view) {
  const model::TrainSnapshot& now = *ui.document.train.snapshot();
  TrainNumbers numbers;
  numbers.step = view.looked_at.value_or(now.step);
  const model::StepCurves& steps = view.history.steps();
  // The point of step s is what its batch came to before the update, so that after s steps the newest is s - 1.
  if (const auto index = steps.loss.index_at(numbers.step - 1)) {
    numbers.loss = steps.loss.mean_around(*index, kStepsInMean);
    numbers.accuracy = steps.accuracy.mean_around(*index, kStepsInMean);
  }
  if (!now.tests) return numbers;
  for (const training::TestPoint& test : *now.tests) {
    if (test.step > numbers.step) break;
    numbers.held_out_loss = test.evaluation.loss;
    numbers.held_out_accuracy = test.evaluation.accuracy;
    numbers.tested_at = test.step;
    numbers.tested_pictures = test.evaluation.images;
  }
  return numbers;
}

std::string speed_text(double samples_per_second) {
  const bool is_fast = samples_per_second >= 100;
  return (is_fast ? grouped(std::llround(samples_per_second)) : number_text(samples_per_second, 3)) + " samples/s";
}

void draw_train_progress(Ui& ui, TrainView& view) {
  const model::TrainSnapshot& now = *ui.document.train.snapshot();
  if (!now.run) return;
  const TrainNumbers numbers = numbers_of(ui, view);
  const std::int64_t per_epoch = std::max<std::int64_t>(now.run->steps_per_epoch, 1);
  const std::int64_t epochs = (now.run->planned_steps + per_epoch - 1) / per_epoch;
  const std::int64_t epoch = numbers.step / per_epoch + 1;
  const float right = ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x;
  const std::string epoch_text = epoch > epochs ? "All " + std::to_string(epochs) + " epochs"
                                                : "Epoch " + std::to_string(epoch) + " of " + std::to_string(epochs);
  ImGui::TextUnformatted(epoch_text.c_str());
  record(ui, "train/now/epoch", "text", "Epoch", epoch, {1, epochs}, true, "An epoch shows every picture once");
  tooltip(ui, "An epoch shows every training picture once: " + grouped(per_epoch) + " steps");
  ImGui::SameLine(0, 0);
  right_text(ui.palette.text, right, "step " + grouped(numbers.step));
  record(ui, "train/now/step", "text", "Step", numbers.step);
  draw_bar(ui, now, numbers.step);

  const float width = ImGui::GetContentRegionAvail().x;
  const Columns columns{right - width * 0.36F, right};
  ImGui::PushFont(ui.fonts.small);
  ImGui::Dummy({0, ImGui::GetTextLineHeight()});
  ImGui::SameLine(0, 0);
  right_text(ui.palette.training, columns.training, "training");
  ImGui::SameLine(0, 0);
  right_text(ui.palette.held_out, columns.held_out, "held out");
  ImGui::PopFont();
  const std::string mean = "On training pictures: the mean over the last " + std::to_string(kStepsInMean) + " steps";
  const std::string tested = numbers.held_out_loss
                                 ? "On " + grouped(numbers.tested_pictures) +
                                       " pictures that training never sees, after step " + grouped(numbers.tested_at)
                                 : "Not tested yet: on pictures that training never sees";
  number_row(ui, columns, "Loss", "loss", numbers.loss, numbers.held_out_loss, loss_text, mean, tested);
  number_row(ui, columns, "Accuracy", "accuracy", numbers.accuracy, numbers.held_out_accuracy, percent, mean, tested);

  const bool is_running = now.state == model::TrainState::kRunning;
  std::string speed, left;
  if (now.samples_per_second > 0) speed = speed_text(now.samples_per_second);
  if (is_running && now.seconds_left > 0) left = time_text(now.seconds_left) + " left";
  ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
  ImGui::TextUnformatted(speed.empty() ? " " : speed.c_str());
  ImGui::PopStyleColor();
  if (!speed.empty()) {
    record(ui, "train/now/speed", "text", speed, now.samples_per_second, {}, true, "Training pictures per second");
  }
  if (left.empty()) return;
  ImGui::SameLine(0, 0);
  right_text(ui.palette.text_dim, right, left);
  record(ui, "train/now/left", "text", left, now.seconds_left, {}, true, "Until the planned end");
}

void draw_train_data_summary(Ui& ui, TrainView& view) {
  const std::string& words = ui.document.settings.train.data;
  const model::TrainSnapshot& now = *ui.document.train.snapshot();
  const float label = ImGui::CalcTextSize("Show…").x + 2 * ImGui::GetStyle().FramePadding.x;
  ImGui::AlignTextToFramePadding();
  heading(ui, "Data");
  ImGui::SameLine(0, 8 * ui.scale);
  const std::string title = data_title(words);
  const float room = ImGui::GetContentRegionAvail().x - label - 8 * ui.scale;
  ImGui::TextUnformatted(fitted(ImGui::GetFont(), title, room).c_str());
  record(ui, "train/data", "text", "Data", words, {}, true, words);
  tooltip(ui, words);
  ImGui::SameLine(ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x - label);
  if (button(ui, "train/show-data", "Show…", "The pictures by class, other data, what is done to them")) {
    view.tab = "data";
    ui.hide_panels = false;
  }
  if (!now.run || now.run->description.data != words) return;
  const training::Dataset& data = *now.run->data.train.data;
  ImGui::PushFont(ui.fonts.small);
  dim_text(ui, grouped(now.run->data.train.size()) + " to train, " + grouped(now.run->data.test.size()) +
                   " held out; " + std::to_string(data.class_count()) + " classes of " + std::to_string(data.width) +
                   " × " + std::to_string(data.height) + (data.channels == 1 ? " grey" : " colour"));
  ImGui::PopFont();
}

}  // namespace convlens::ui
