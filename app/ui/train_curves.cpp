// The curves of a run: loss, accuracy and rate over the steps, and what every layer is like; marks where something was
// done by hand. Reading the curves is app/model/curve_reading's, drawing one plot train_curve_plot's.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/ui/train_curve_plot.h"
#include "app/ui/train_moments.h"
#include "app/ui/train_panels.h"
#include "app/ui/widgets.h"
#include "app/view/colormap.h"
#include "engine/core/text.h"

namespace convlens::ui {
namespace {

enum class Tab { kBoth, kLoss, kAccuracy, kRate, kLayers };

struct TabRow {
  Tab tab;
  const char* id;
  const char* label;
  const char* help;
};
constexpr std::array<TabRow, 5> kTabs{{
    {Tab::kBoth, "both", "Both", "Loss and accuracy, one above the other."},
    {Tab::kLoss, "loss", "Loss", "How wrong the net is: of each batch, and on held-out pictures."},
    {Tab::kAccuracy, "accuracy", "Accuracy", "How many pictures it gets right: of each batch, and held-out."},
    {Tab::kRate, "rate", "Rate", "The learning rate of each step, as its schedule has it."},
    {Tab::kLayers, "layers", "Layers", "Gradient, weights, update and dead units of each layer."},
}};

struct QuantityRow {
  model::LayerQuantity quantity;
  const char* id;
  const char* label;  // of its button
  const char* title;
  const char* help;
  bool is_logarithmic;
};
constexpr std::array<QuantityRow, model::kLayerQuantities> kQuantities{{
    {model::LayerQuantity::kGradientNorm, "gradient", "Gradients", "Gradient norm",
     "Length of the loss's gradient with respect to the layer's parameters. A layer whose line lies far below the "
     "others hardly learns; one that shoots up announces a divergence.",
     true},
    {model::LayerQuantity::kWeightNorm, "weight", "Weights", "Weight norm",
     "Length of the layer's parameters. It grows as long as nothing holds it back (L2, decay).", false},
    {model::LayerQuantity::kUpdateRatio, "update", "Updates", "Update ratio",
     "Size of a step over the size of the weights. About 0.001 is healthy (shaded): far above, steps destroy what was "
     "learned; far below, learning crawls.",
     true},
    {model::LayerQuantity::kDeadShare, "dead", "Dead units", "Dead units",
     "Share of units behind a ReLU that gave zero for the whole batch: they get no gradient.", false},
}};

constexpr const char* kLossHelp =
    "Cross-entropy. Thin and pale: each batch, before its step. Thick: running mean. Dots: tests on held-out pictures. "
    "Wheel zooms, with Ctrl the values; drag moves; a click looks at that step; F or a double click shows all.";
constexpr const char* kAccuracyHelp =
    "Share of right answers. Where training keeps rising and held-out does not, the net learns by heart.";

// At the ticks of an axis, and for the values in its legend.
std::string value_text(double value) { return number_text(value, 3); }
std::string share_text(double share) { return number_text(std::round(share * 1000) / 10, 3) + " %"; }

// Layers by depth: from dark to light, away from the canvas's own shade.
ImU32 layer_colour(const Ui& ui, std::size_t i, std::size_t count) {
  const view::Colormap& map = view::find_colormap("viridis");
  const bool is_dark = ui.preferences.theme == model::Theme::kDark;
  const double from = is_dark ? 0.3 : 0.0, to = is_dark ? 1.0 : 0.8;
  const double share = count > 1 ? static_cast<double>(i) / static_cast<double>(count - 1) : 0.5;
  const view::Rgb colour = map.colours[static_cast<std::size_t>((from + (to - from) * share) * 255)];
  return IM_COL32(colour.r, colour.g, colour.b, 255);
}

class TrainCurvesPanel final : public TrainPanel {
 public:
  void draw(Ui& ui, TrainView& view) override;

 private:
  struct Look {
    std::int64_t step = 0;
    double since = 0;
    std::optional<std::int64_t> before;  // that the handle stood on
  };

  void draw_controls(Ui& ui);
  PlotContent loss_content(const Ui& ui, const TrainView& view) const;
  PlotContent accuracy_content(const Ui& ui, const TrainView& view) const;
  PlotContent rate_content(const Ui& ui, const TrainView& view) const;
  PlotContent layer_content(const Ui& ui, const TrainView& view) const;
  void draw_plot(Ui& ui, TrainView& view, CurvePlot& plot, const PlotContent& content, const ImVec2& size);
  void tell(Ui& ui, const TrainView& view, const PlotContent& content, const PlotEvents& events) const;
  void take_click(Ui& ui, TrainView& view, const PlotEvents& events);
  void settle(Ui& ui, TrainView& view);
  void fit();
  bool is_zoomed() const;

  Tab tab_ = Tab::kBoth;
  std::size_t quantity_ = 0;
  bool is_logarithmic_ = false;
  float smoothing_ = 20;
  std::optional<Interval> zoom_;
  CurvePlot loss_, accuracy_, rate_, layer_;
  std::optional<Look> look_;    // a click that may become a double click
  bool ignores_click_ = false;  // the end of a double click
};

void TrainCurvesPanel::fit() {
  zoom_.reset();
  for (CurvePlot* plot : {&loss_, &accuracy_, &rate_, &layer_}) plot->fit();
}

bool TrainCurvesPanel::is_zoomed() const {
  return zoom_ || loss_.is_zoomed() || accuracy_.is_zoomed() || rate_.is_zoomed() || layer_.is_zoomed();
}

void TrainCurvesPanel::draw_controls(Ui& ui) {
  const float s = ui.scale;
  const float gap = 3 * s;
  bool is_first = true;
  for (const TabRow& row : kTabs) {
    if (!is_first) flow(gap, row.label);
    is_first = false;
    if (choice_button(ui, std::string("train/curves/") + row.id, row.label, tab_ == row.tab, row.help)) {
      tab_ = row.tab;
    }
  }
  if (tab_ == Tab::kLayers) {
    ImGui::SameLine(0, 12 * s);
    for (std::size_t i = 0; i < kQuantities.size(); ++i) {
      if (i > 0) flow(gap, kQuantities[i].label);
      if (choice_button(ui, std::string("train/curves/layers/") + kQuantities[i].id, kQuantities[i].label,
                        quantity_ == i, kQuantities[i].help)) {
        quantity_ = i;
      }
    }
  }
  if (tab_ == Tab::kBoth || tab_ == Tab::kLoss) {
    flow(12 * s, "Log xx");
    toggle(ui, "train/curves/logarithmic", "Log", &is_logarithmic_,
           "Logarithmic axis for the loss: as much room between 0.1 and 0.01 as between 1 and 0.1.");
  }
  if (tab_ != Tab::kRate && tab_ != Tab::kLayers) {
    flow(12 * s, "mean of 200 steps");
    const char* format = smoothing_ < 2 ? "no smoothing" : "mean of %.0f steps";
    ImGui::PushID("smoothing");
    const float width = 136 * s;
    static_cast<void>(filled_slider(ui, "##smoothing", &smoothing_, 1, 1000, format, width, true));
    ImGui::PopID();
    const std::string help = "Steps that the thick lines are averaged over, " + number_text(std::round(smoothing_)) +
                             " now; 1 shows each batch as it is. Ctrl+click to type.";
    record(ui, "train/curves/smoothing", "slider", "Smoothing", smoothing_, {1, 1000}, true, help);
    tooltip(ui, help);
  }
  flow(12 * s, "Fit");
  if (button(ui, "train/curves/fit", "Fit", "Shows the whole recording (F, or a double click)", is_zoomed(),
             "The whole recording is shown. The wheel zooms at the pointer.")) {
    fit();
  }
}

PlotContent TrainCurvesPanel::loss_content(const Ui& ui, const TrainView& view) const {
  const model::CurveHistory& history = view.history;
  PlotContent content{.name = "train/curves/plot/loss",
                      .title = "Loss",
                      .help = kLossHelp,
                      .lines = {},
                      .ghosts = {},
                      .is_logarithmic = is_logarithmic_,
                      .text = value_text};
  content.ghost_window = static_cast<std::int64_t>(smoothing_);
  content.lines.push_back({"training", "training", &history.steps().loss, ui.palette.training,
                           static_cast<std::int64_t>(smoothing_), false});
  content.lines.push_back({"held_out", "held-out", &history.tests().loss, ui.palette.held_out, 1, true});
  for (const auto& ghost : history.ghosts()) content.ghosts.push_back(&ghost->loss);
  return content;
}

PlotContent TrainCurvesPanel::accuracy_content(const Ui& ui, const TrainView& view) const {
  const model::CurveHistory& history = view.history;
  PlotContent content{.name = "train/curves/plot/accuracy",
                      .title = "Accuracy",
                      .help = kAccuracyHelp,
                      .lines = {},
                      .ghosts = {},
                      .whole = Interval{0, 1.02},
                      .text = share_text};
  content.ghost_window = static_cast<std::int64_t>(smoothing_);
  content.has_legend_below = true;
  content.lines.push_back({"training", "training", &history.steps().accuracy, ui.palette.training,
                           static_cast<std::int64_t>(smoothing_), false});
  content.lines.push_back({"held_out", "held-out", &history.tests().accuracy, ui.palette.held_out, 1, true});
  for (const auto& ghost : history.ghosts()) content.ghosts.push_back(&ghost->accuracy);
  return content;
}

PlotContent TrainCurvesPanel::rate_content(const Ui& ui, const TrainView& view) const {
  PlotContent content{.name = "train/curves/plot/rate",
                      .title = "Learning rate",
                      .help = "What each step's gradient is multiplied by, as settings and schedule have it.",
                      .lines = {},
                      .ghosts = {},
                      .text = value_text};
  content.lines.push_back({"rate", "rate", &view.history.steps().rate, ui.palette.accent, 1, false});
  return content;
}

PlotContent TrainCurvesPanel::layer_content(const Ui& ui, const TrainView& view) const {
  const QuantityRow& row = kQuantities[quantity_];
  const bool is_share = row.quantity == model::LayerQuantity::kDeadShare;
  PlotContent content{.name = std::string("train/curves/plot/") + row.id,
                      .title = row.title,
                      .help = row.help,
                      .lines = {},
                      .ghosts = {},
                      .is_logarithmic = row.is_logarithmic,
                      .text = is_share ? share_text : value_text};
  if (is_share) content.whole = Interval{0, 1.02};
  if (row.quantity == model::LayerQuantity::kUpdateRatio) content.healthy = Interval{3e-4, 3e-3};
  content.has_legend_column = true;
  for (const model::LayerCurves& layer : view.history.layers()) {
    if (layer.of(row.quantity).is_empty()) continue;
    content.lines.push_back({layer.name, layer.name, &layer.of(row.quantity), 0, 1, false});
  }
  for (std::size_t i = 0; i < content.lines.size(); ++i) {
    content.lines[i].colour = layer_colour(ui, i, content.lines.size());
  }
  return content;
}

// Everything about the step under the pointer.
void TrainCurvesPanel::tell(Ui& ui, const TrainView& view, const PlotContent& content, const PlotEvents& events) const {
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  const model::CurveHistory& history = view.history;
  const std::int64_t step = *events.hovered;
  std::string line = step_in_words(*snapshot.run, step);
  ImGui::BeginTooltip();
  ImGui::TextUnformatted(line.c_str());
  const auto say = [&](ImU32 colour, const std::string& words) {
    line += " · " + words;
    ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(colour), "%s", words.c_str());
  };
  const auto percent = [](float share) { return formatted("%.1f %%", static_cast<double>(share) * 100); };
  if (content.has_legend_column) {
    if (events.nearest) {
      const PlotLine& nearest = content.lines[*events.nearest];
      if (const auto at = nearest.series->index_at(step)) {
        say(ui.palette.text, nearest.label + ": " + content.text(static_cast<double>(nearest.series->value(*at))));
      }
    }
  } else {
    if (const auto at = history.steps().loss.index_at(step)) {
      const auto mean = history.steps().loss.mean_around(*at, static_cast<std::int64_t>(smoothing_));
      say(ui.palette.training, "batch: loss " + number_text(static_cast<double>(history.steps().loss.value(*at)), 3) +
                                   (mean && smoothing_ >= 2 ? " (mean " + number_text(*mean, 3) + ")" : std::string()) +
                                   ", " + percent(history.steps().accuracy.value(*at)) + " right");
    }
    if (const auto at = history.tests().loss.index_at(step)) {
      say(ui.palette.held_out, "held-out at step " + grouped(history.tests().loss.step(*at)) + ": loss " +
                                   number_text(static_cast<double>(history.tests().loss.value(*at)), 3) + ", " +
                                   percent(history.tests().accuracy.value(*at)) + " right");
    }
    if (const auto at = history.steps().rate.index_at(step)) {
      say(ui.palette.text_dim, "learning rate " + number_text(static_cast<double>(history.steps().rate.value(*at)), 3));
    }
  }
  constexpr std::size_t kMostMarks = 4;
  for (std::size_t i = 0; i < std::min(kMostMarks, events.marks.size()); ++i) {
    say(ui.palette.mark, "◆ step " + grouped(events.marks[i]->step) + ": " + events.marks[i]->label);
  }
  if (events.marks.size() > kMostMarks) {
    say(ui.palette.mark, "and " + std::to_string(events.marks.size() - kMostMarks) + " more");
  }
  ImGui::EndTooltip();
  ui.hovered_value = line;
}

// A click looks there at once; the trainer follows when it has not become a double click.
void TrainCurvesPanel::take_click(Ui& ui, TrainView& view, const PlotEvents& events) {
  if (events.was_double_clicked) {
    if (look_) view.looked_at = look_->before;
    look_.reset();
    fit();
    ignores_click_ = true;
  } else if (events.clicked && !std::exchange(ignores_click_, false)) {
    look_ = Look{*events.clicked, ImGui::GetTime(), view.looked_at};
    look_at_step(ui, view, *events.clicked);
  }
}

void TrainCurvesPanel::settle(Ui& ui, TrainView& view) {
  if (!look_) return;
  const double left = look_->since + static_cast<double>(ImGui::GetIO().MouseDoubleClickTime) - ImGui::GetTime();
  if (left > 0) return ui.wake_in(left + 0.01);
  come_to_step(ui, view, look_->step);
  look_.reset();
}

void TrainCurvesPanel::draw_plot(Ui& ui, TrainView& view, CurvePlot& plot, const PlotContent& content,
                                 const ImVec2& size) {
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  PlotMoments moments;
  moments.first = static_cast<double>(snapshot.frames.empty() ? 0 : snapshot.frames.front().step);
  moments.last = static_cast<double>(snapshot.last_step);
  moments.head = static_cast<double>(snapshot.step);
  moments.looked_at = static_cast<double>(looked_step(ui, view));
  if (const auto b = step_of_b(view, snapshot)) moments.other = static_cast<double>(*b);
  moments.steps_per_epoch = snapshot.run->steps_per_epoch;
  moments.marks = snapshot.marks.get();
  const PlotEvents events = plot.draw(ui, size, content, moments, zoom_);
  if (events.hovered) {
    tell(ui, view, content, events);
    if (ui.take_key("F")) fit();
  }
  take_click(ui, view, events);
}

void TrainCurvesPanel::draw(Ui& ui, TrainView& view) {
  const model::TrainSnapshot& snapshot = *ui.document.train.snapshot();
  if (!snapshot.run) return;
  view.history.follow(snapshot, ui.document.train.curves());
  settle(ui, view);
  draw_controls(ui);
  const float s = ui.scale;
  const ImVec2 room = ImGui::GetContentRegionAvail();
  if (tab_ == Tab::kBoth && room.y >= 140 * s) {
    const float half = std::floor((room.y - ImGui::GetStyle().ItemSpacing.y) / 2);
    PlotContent loss = loss_content(ui, view);
    loss.has_step_labels = false;
    draw_plot(ui, view, loss_, loss, {room.x, half});
    draw_plot(ui, view, accuracy_, accuracy_content(ui, view), {room.x, half});
  } else if (tab_ == Tab::kBoth && room.x >= 400 * s) {
    const float half = std::floor((room.x - 6 * s) / 2);
    draw_plot(ui, view, loss_, loss_content(ui, view), {half, room.y});
    ImGui::SameLine(0, 6 * s);
    draw_plot(ui, view, accuracy_, accuracy_content(ui, view), {half, room.y});
  } else if (tab_ == Tab::kBoth || tab_ == Tab::kLoss) {
    draw_plot(ui, view, loss_, loss_content(ui, view), room);
  } else if (tab_ == Tab::kAccuracy) {
    draw_plot(ui, view, accuracy_, accuracy_content(ui, view), room);
  } else if (tab_ == Tab::kRate) {
    draw_plot(ui, view, rate_, rate_content(ui, view), room);
  } else {
    draw_plot(ui, view, layer_, layer_content(ui, view), room);
  }
}

}  // namespace

std::unique_ptr<TrainPanel> make_train_curves() { return std::make_unique<TrainCurvesPanel>(); }

}  // namespace convlens::ui
