// Two pictures in one range of colours, so that what the activation did can be seen; a second pair for the experiment.
#include "app/ui/activation_view.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "app/ui/activation_curve.h"
#include "app/ui/field_check.h"
#include "app/ui/transport.h"
#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

constexpr float kLabelWidth = 68;  // at scale 1

const view::Colormap& signed_colormap(const Ui& ui) {
  return view::find_colormap(ui.document.settings.view.map_colormap);
}

std::string value_text(const StepSource& plane, model::OutputCell cell) {
  return number_text(static_cast<double>(plane.values.at(0, 0, cell.row, cell.col)));
}

void mark_output(Ui& ui, const CanvasState& canvas, model::OutputCell cell) {
  const auto x = static_cast<double>(cell.col), y = static_cast<double>(cell.row);
  mark_pixels(canvas, x, y, x + 1, y + 1, ui.palette.output_outline, ui.scale, 7 * ui.scale);
}

// The output that is looked at, where these steps have it.
model::OutputCell cell_in(const Ui& ui, const model::LayerSteps& steps) {
  return looked_at_output(ui.document, steps.map->rows(), steps.map->cols());
}

}  // namespace

void ActivationView::draw_pictures(Ui& ui, const model::LayerSteps& steps) {
  const StepSource before = source_of(*steps.before), after = map_source(steps);
  const model::OutputCell cell = cell_in(ui, steps);
  const view::Colormap& colormap = signed_colormap(ui);
  const view::ValueRange range = own_range(ui, colormap, steps.before->stats);
  const float gap = 6 * ui.scale;
  const float width = std::floor((ImGui::GetContentRegionAvail().x - gap) / 2);
  const ImVec2 size(width, step_picture_height(ui, width, before.rows(), before.cols()));
  const auto words = [&](const char* when, const StepSource& plane, const CanvasState& canvas) {
    if (!canvas.is_on_picture) return std::string();
    return steps.name + " " + when + " (row " + std::to_string(canvas.y) + ", col " + std::to_string(canvas.x) +
           ") = " + value_text(plane, {canvas.y, canvas.x});
  };
  const CanvasState left =
      before_.draw(ui, "geometry/before", "Before: " + steps.name, size, ui.map_view, before, colormap, range);
  mark_output(ui, left, cell);
  point_at_output(ui, steps.index, left, words("before the activation", before, left));
  ImGui::SameLine(0, gap);
  const CanvasState right =
      after_.draw(ui, "geometry/after", "After the activation", size, ui.map_view, after, colormap, range);
  mark_output(ui, right, cell);
  point_at_output(ui, steps.index, right, words("after the activation", after, right));
}

void ActivationView::draw_experiment(Ui& ui, const model::LayerSteps& steps) {
  const StepSource first = source_of(*steps.first), difference = source_of(*steps.difference);
  const model::OutputCell cell = cell_in(ui, steps);
  const view::Colormap& colormap = signed_colormap(ui);
  const view::ValueRange range = own_range(ui, colormap, steps.before->stats);
  const float gap = 6 * ui.scale;
  const float width = std::floor((ImGui::GetContentRegionAvail().x - gap) / 2);
  const ImVec2 size(width, step_picture_height(ui, width, first.rows(), first.cols()));
  const CanvasState left =
      first_.draw(ui, "geometry/first", "Activation first", size, ui.map_view, first, colormap, range);
  mark_output(ui, left, cell);
  point_at_output(ui, steps.index, left,
                  left.is_on_picture ? "activation first: " + value_text(first, {left.y, left.x}) : "");
  ImGui::SameLine(0, gap);
  const CanvasState right = difference_.draw(ui, "geometry/difference", "What that changes", size, ui.map_view,
                                             difference, colormap, own_range(ui, colormap, steps.difference->stats));
  mark_output(ui, right, cell);
  point_at_output(ui, steps.index, right,
                  right.is_on_picture ? "difference: " + value_text(difference, {right.y, right.x}) : "");
  const std::string words =
      steps.largest_difference == 0
          ? "Both orders give the same map here."
          : "The orders differ by " + number_text(steps.mean_difference, 3) + " on average, at most " +
                number_text(steps.largest_difference, 3) +
                ": the sum may be negative where no input is, and only an activation after it can bend it.";
  dim_text(ui, words);
  record(ui, "geometry/activation/experiment", "text", words,
         {{"mean", steps.mean_difference}, {"largest", steps.largest_difference}}, {}, true,
         "The convolution of the activated input, beside the activated convolution");
}

void ActivationView::draw(Ui& ui, const model::LayerStepsPtr& steps) {
  field_control(ui, "conv/activation", kLabelWidth * ui.scale);
  if (!steps || !steps->before) {
    dim_text(ui, "The values before the activation are being computed.");
    return;
  }
  draw_pictures(ui, *steps);

  const StepSource before = source_of(*steps->before), after = map_source(*steps);
  const model::OutputCell cell = cell_in(ui, *steps);
  const conv::Activation activation = steps->map->recipe.geometry.activation;
  const auto in = static_cast<double>(before.values.at(0, 0, cell.row, cell.col));
  const auto out = static_cast<double>(after.values.at(0, 0, cell.row, cell.col));
  const std::string name(conv::activation_names()[static_cast<std::size_t>(activation)].label);
  const std::string words = activation == conv::Activation::kNone
                                ? "no activation: " + number_text(in) + " stays"
                                : name + "(" + number_text(in) + ") = " + number_text(out);
  formula(ui, "geometry/activation/words", words, "The output that is looked at, before and after");
  record(ui, "geometry/activation/value", "text", words,
         {{"row", cell.row}, {"col", cell.col}, {"before", in}, {"after", out}, {"activation", name}});
  view::ValueRange range{std::min(steps->before->stats.min, -1.0F), std::max(steps->before->stats.max, 1.0F)};
  activation_curve(ui, activation, range, in, {ImGui::GetContentRegionAvail().x, 72 * ui.scale});

  field_check(ui, "view/activation_first");
  if (!ui.document.settings.view.activation_first) return;
  if (!steps->first) {
    dim_text(ui, "The experiment is being computed.");
    return;
  }
  draw_experiment(ui, *steps);
}

}  // namespace convlens::ui
