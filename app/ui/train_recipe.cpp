// How the net is trained: optimizer, regularisation, and what a run begins with.
#include <algorithm>
#include <array>
#include <cfloat>
#include <string>

#include "app/model/train_model.h"
#include "app/ui/stack_fields.h"
#include "app/ui/text.h"
#include "app/ui/train_sections.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"
#include "engine/training/augmentation.h"
#include "engine/training/recipe.h"

namespace convlens::ui {
namespace {

using training::Course;
using training::OptimizerSettings;
using training::Rule;

constexpr float kLeastRate = 1e-6F, kMostRate = 10;
constexpr int kMostBatch = 4096, kMostEpochs = 1000, kMostSeed = 1'000'000'000, kMostThreads = 256;
constexpr int kMostSteps = 10'000'000;

model::TrainSettings& settings(Ui& ui) { return ui.document.settings.train; }

// A number over several powers of ten, dragged or typed.
bool log_row(Ui& ui, const std::string& name, const char* label, float* value, float lo, float hi,
             const std::string& help) {
  ImGui::PushID(name.c_str());
  label_column(ui, label);
  const bool changed = filled_slider(ui, "##value", value, lo, hi, "%.4g",
                                     std::max(30 * ui.scale, ImGui::GetContentRegionAvail().x), true);
  record(ui, name, "slider", label, *value, {lo, hi}, true, help);
  tooltip(ui, help + "\nDrag, or Ctrl+click to type; " + number_text(static_cast<double>(lo)) + " to " +
                  number_text(static_cast<double>(hi)));
  ImGui::PopID();
  return changed;
}

// A number that may be zero: dragging grows with the number itself.
bool small_row(Ui& ui, const std::string& name, const char* label, float* value, float least, float hi,
               const std::string& help) {
  label_column(ui, label);
  const float speed = std::max(*value, least) * 0.02F;
  return drag_number(ui, name, ("##" + name).c_str(), value, speed, 0, hi, "%.4g",
                     help + "\nDrag, or Ctrl+click to type; 0 is off", -FLT_MIN);
}

bool share_row(Ui& ui, const std::string& name, const char* label, float* value, float hi, const char* format,
               const std::string& help) {
  label_column(ui, label);
  return slider_number(ui, name, ("##" + name).c_str(), value, 0, hi, format, help, -FLT_MIN);
}

template <class Number>
bool whole_row(Ui& ui, const std::string& name, const char* label, Number* value, int lo, int hi,
               const std::string& help, const char* zero = "%d") {
  int shown = static_cast<int>(std::clamp<Number>(*value, static_cast<Number>(lo), static_cast<Number>(hi)));
  if (!int_row(ui, name, label, &shown, lo, hi, help, zero)) return false;
  *value = static_cast<Number>(shown);
  return true;
}

template <class Enum>
void enum_row(Ui& ui, const std::string& name, const char* label, Enum& value,
              std::span<const conv::ChoiceName> choices, const std::string& help) {
  int index = static_cast<int>(value);
  if (choice_row(ui, name, label, &index, choices, help)) value = static_cast<Enum>(index);
}

void rule_rows(Ui& ui, OptimizerSettings& o) {
  if (o.rule == Rule::kMomentum || o.rule == Rule::kNesterov) {
    share_row(ui, "train/momentum", "Momentum", &o.momentum, 0.999F, "%.3f",
              "How much of the last step goes on into the next");
  }
  if (o.rule == Rule::kRmsProp) {
    share_row(ui, "train/smoothing", "Smoothing", &o.smoothing, 0.999F, "%.3f",
              "How slowly the mean square of the gradients follows");
  }
  if (o.rule == Rule::kAdam || o.rule == Rule::kAdamW) {
    share_row(ui, "train/beta1", "Beta 1", &o.beta1, 0.999F, "%.3f", "How slowly the mean of the gradients follows");
    share_row(ui, "train/beta2", "Beta 2", &o.beta2, 0.9999F, "%.4f", "How slowly the mean of their squares follows");
  }
}

void schedule_rows(Ui& ui, training::Schedule& schedule) {
  enum_row(ui, "train/schedule", "Schedule", schedule.course, training::course_names(),
           "How the learning rate changes over the steps");
  if (schedule.course == Course::kSteps) {
    whole_row(ui, "train/schedule_every", "Every", &schedule.every, 1, kMostSteps, "Steps after which the rate falls");
    share_row(ui, "train/schedule_factor", "Factor", &schedule.factor, 1, "%.3f", "It falls to this share of itself");
  }
  if (schedule.course == Course::kCosine) {
    share_row(ui, "train/schedule_floor", "Ends at", &schedule.floor, 1, "%.3f",
              "Share of the rate that is left at the planned end");
  }
  whole_row(ui, "train/warm_up", "Warm-up", &schedule.warm_up, 0, kMostSteps,
            "Steps over which the rate rises from zero");
}

// What the schedule has made of the rate at the looked-at step.
void present_rate(Ui& ui, const TrainView& view, const OptimizerSettings& o) {
  const model::CurveSeries& rates = view.history.steps().rate;
  const std::int64_t step = view.looked_at.value_or(ui.document.train.snapshot()->step);
  const auto index = rates.index_at(step - 1);
  const bool is_constant = o.schedule.course == Course::kConstant && o.schedule.warm_up == 0;
  if (!index || is_constant) return;
  const float rate = rates.value(*index);
  label_column(ui, "");
  dim_text(ui, "now " + number_text(static_cast<double>(rate), 3));
  const std::string help = "The rate of the last step, as the schedule has it";
  record(ui, "train/rate_now", "text", "Rate now", rate, {}, true, help);
  tooltip(ui, help);
}

// How all layers with weights begin.
void initialiser_row(Ui& ui) {
  nn::ModelSpec& model = settings(ui).model;
  const auto kinds = nn::init_kind_names();
  const std::optional<nn::InitKind> common = model::common_initialiser(model);
  const std::string shown = common ? std::string(kinds[static_cast<std::size_t>(*common)].label) : "layer by layer";
  label_column(ui, "Weights");
  if (ImGui::BeginCombo("##init", shown.c_str(), ImGuiComboFlags_HeightLarge)) {
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      const auto kind = static_cast<nn::InitKind>(i);
      if (kind == nn::InitKind::kFilter) continue;
      if (ImGui::Selectable(std::string(kinds[i].label).c_str(), common == kind)) model::use_initialiser(model, kind);
      record(ui, "train/init/" + std::string(kinds[i].name), "item", kinds[i].label, common == kind, {}, true,
             std::string(kinds[i].summary));
      tooltip(ui, std::string(kinds[i].summary));
    }
    ImGui::EndCombo();
  }
  const std::string help = "Where the first weights of all layers come from; each layer may have its own";
  record(ui, "train/init", "combo", "Weights", shown, {}, true, help);
  tooltip(ui, help);
}

void augmentation_row(Ui& ui, TrainView& view) {
  static constexpr std::array<conv::ChoiceName, 3> kChoices{{
      {"none", "none", "Every epoch sees the same pictures."},
      {"digits", "for digits", "Moved by 2 pixels, turned by 10 degrees, scaled by 10 %, bent a little."},
      {"own", "own…", "The tab Data has every value, with a preview."},
  }};
  training::Augmentation& augmentation = settings(ui).augmentation;
  const auto digits = training::parse_augmentation("mnist");
  int index = !training::is_on(augmentation) ? 0 : digits && augmentation == *digits ? 1 : 2;
  if (!choice_row(ui, "train/augmentation", "Variation", &index, kChoices,
                  "Augmentation: each epoch sees every picture a little different")) {
    return;
  }
  if (index == 0) augmentation = {};
  if (index == 1 && digits) augmentation = *digits;
  if (index != 2) return;
  if (!training::is_on(augmentation)) augmentation.shift = 2;
  view.tab = "data";
}

}  // namespace

bool section(Ui& ui, const char* name, const char* label, const std::string& summary, bool& is_open,
             const std::string& help) {
  ImGui::Spacing();
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x;
  const float height = font_height(ui.fonts.heading) + 4 * ui.scale;
  ImGui::GetWindowDrawList()->AddLine({corner.x, corner.y - 2 * ui.scale}, {corner.x + width, corner.y - 2 * ui.scale},
                                      ui.palette.panel_border);
  if (ImGui::InvisibleButton(name, {width, height})) is_open = !is_open;
  const bool is_hovered = ImGui::IsItemHovered();
  const float half = height * 0.2F;
  const ImVec2 sign(corner.x + half, corner.y + height / 2);
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const ImU32 ink = is_hovered ? ui.palette.accent : ui.palette.text_dim;
  if (is_open) {
    draw.AddTriangleFilled({sign.x - half, sign.y - half * 0.6F}, {sign.x + half, sign.y - half * 0.6F},
                           {sign.x, sign.y + half * 0.8F}, ink);
  } else {
    draw.AddTriangleFilled({sign.x - half * 0.6F, sign.y - half}, {sign.x - half * 0.6F, sign.y + half},
                           {sign.x + half * 0.8F, sign.y}, ink);
  }
  const float x = corner.x + 2 * half + 6 * ui.scale, y = corner.y + 2 * ui.scale;
  put_text(ui.fonts.heading, {x, y}, ui.palette.text, label);
  const float from = x + width_of(ui.fonts.heading, label) + 8 * ui.scale;
  const std::string shown = fitted(ui.fonts.small, summary, corner.x + width - from);
  const float drop = font_height(ui.fonts.heading) - font_height(ui.fonts.small);
  put_text(ui.fonts.small, {corner.x + width - width_of(ui.fonts.small, shown), y + drop * 0.6F}, ui.palette.text_dim,
           shown);
  record(ui, name, "toggle", label, is_open, {}, true, help);
  tooltip(ui, help);
  return is_open;
}

void TrainRecipe::draw_optimizer(Ui& ui, const TrainView& view) {
  OptimizerSettings& o = settings(ui).optimizer;
  if (!section(ui, "train/section/optimizer", "Optimizer", shows_optimizer_ ? "" : training::in_words(o),
               shows_optimizer_, "How gradients change the weights; takes effect with the next step")) {
    return;
  }
  enum_row(ui, "train/rule", "Rule", o.rule, training::rule_names(), "How a gradient becomes a step");
  log_row(ui, "train/learning_rate", "Rate", &o.learning_rate, kLeastRate, kMostRate,
          "Learning rate: how far a weight moves for its gradient");
  present_rate(ui, view, o);
  rule_rows(ui, o);
  schedule_rows(ui, o.schedule);
}

void TrainRecipe::draw_regularisation(Ui& ui) {
  model::TrainSettings& train = settings(ui);
  OptimizerSettings& o = train.optimizer;
  std::string summary;
  const auto add = [&](bool is_on, const char* word) {
    if (is_on) summary += (summary.empty() ? "" : ", ") + std::string(word);
  };
  float dropout = model::dropout_rate(train.model);
  add(o.l1 > 0, "L1");
  add(o.l2 > 0, "L2");
  add(o.rule == Rule::kAdamW && o.decay > 0, "decay");
  add(dropout > 0, "dropout");
  add(train.label_smoothing > 0, "smoothing");
  if (summary.empty()) summary = "none";
  if (!section(ui, "train/section/regularisation", "Regularisation", summary, shows_regularisation_,
               "What keeps the net from learning its pictures by heart")) {
    return;
  }
  small_row(ui, "train/l1", "L1", &o.l1, 1e-5F, 1, "Pulls every weight towards zero by the same amount");
  small_row(ui, "train/l2", "L2", &o.l2, 1e-5F, 1, "Pulls every weight towards zero by a share of itself");
  if (o.rule == Rule::kAdamW) {
    small_row(ui, "train/decay", "Decay", &o.decay, 1e-3F, 1, "Share of a weight, times the rate, that goes each step");
  }
  share_row(ui, "train/label_smoothing", "Soft labels", &train.label_smoothing, 0.5F, "%.2f",
            "Label smoothing: this share of the right answer is spread over all classes");
  if (share_row(ui, "train/dropout", "Dropout", &dropout, 0.9F, "%.2f",
                "Share of values that training sets to zero in front of the last layer; takes effect with Reset")) {
    model::set_dropout(train.model, dropout < 0.005F ? 0 : dropout);
  }
}

void TrainRecipe::draw_run(Ui& ui, TrainView& view) {
  model::TrainSettings& train = settings(ui);
  const std::string summary =
      shows_run_ ? "with Reset" : "batch " + std::to_string(train.batch) + ", seed " + std::to_string(train.seed);
  if (!section(ui, "train/section/run", "Run", summary, shows_run_,
               "What a run begins with; changes take effect with Reset")) {
    return;
  }
  whole_row(ui, "train/batch", "Batch", &train.batch, 1, kMostBatch, "Pictures of one step");
  whole_row(ui, "train/epochs", "Epochs", &train.epochs, 1, kMostEpochs,
            "How often every picture is shown until the run pauses by itself");
  initialiser_row(ui);
  augmentation_row(ui, view);
  whole_row(ui, "train/seed", "Seed", &train.seed, 0, kMostSeed,
            "Draws first weights, the order of pictures, dropout, variation, synthetic digits");
  whole_row(ui, "train/threads", "Threads", &train.threads, 0, kMostThreads,
            "0 takes every core. Results are the same for every number", "%d, every core");
}

void TrainRecipe::draw(Ui& ui, TrainView& view) {
  draw_optimizer(ui, view);
  draw_run(ui, view);
  draw_regularisation(ui);
}

void augmentation_rows(Ui& ui, training::Augmentation& a) {
  share_row(ui, "train/shift", "Shift", &a.shift, 8, "%.1f px", "Moved by up to so many pixels");
  share_row(ui, "train/rotate", "Turn", &a.rotate, 45, "%.0f°", "Turned by up to so many degrees");
  share_row(ui, "train/scale", "Scale", &a.scale, 0.5F, "± %.2f", "Made larger or smaller by this share");
  share_row(ui, "train/elastic", "Bend", &a.elastic, 80, "%.0f px",
            "Elastic distortion: how far pixels wander (Simard, Steinkraus, Platt, 2003)");
  if (a.elastic > 0) {
    label_column(ui, "Smooth");
    slider_number(ui, "train/smooth", "##smooth", &a.smooth, 0.5F, 12, "%.1f px",
                  "How far the bending is alike: standard deviation in pixels", -FLT_MIN);
  }
  share_row(ui, "train/noise", "Noise", &a.noise, 0.5F, "%.2f",
            "Standard deviation of what is added to every pixel, of values from 0 to 1");
}

}  // namespace convlens::ui
