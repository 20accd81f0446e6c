// A weight and its gradient: which one, three planes side by side, the sum of the third. All numbers are
// engine/explain's.
#include <algorithm>
#include <cmath>

#include "app/ui/canvas.h"
#include "app/ui/cell_matrix.h"
#include "app/ui/colour_bar.h"
#include "app/ui/text.h"
#include "app/ui/train_backward.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"

namespace convlens::ui {
namespace {

bool has_weights(const nn::LayerSpec& layer) {
  return layer.kind == nn::LayerKind::kConv || layer.kind == nn::LayerKind::kDense;
}

// "‹ filter 3 of 32 ›": the number where it was changed.
bool step_number(Ui& ui, const std::string& name, const std::string& what, std::int64_t& number, std::int64_t count) {
  const std::int64_t before = number;
  const float gap = 3 * ui.scale;
  const bool many = count > 1;
  const std::string only = "There is only one.";
  if (button(ui, name + "/previous", ("‹##" + what).c_str(), "The " + what + " before", many, only)) {
    number = (number + count - 1) % count;
  }
  ImGui::SameLine(0, gap);
  int shown = static_cast<int>(number) + 1;
  const std::string format = what + " %d of " + grouped(count);
  ImGui::SetNextItemWidth(width_of(ui.fonts.body, what + " " + grouped(count) + " of " + grouped(count)) +
                          4 * ImGui::GetStyle().FramePadding.x);
  if (ImGui::DragInt(("##" + what).c_str(), &shown, 0.2F, 1, static_cast<int>(count), format.c_str())) {
    number = std::clamp<std::int64_t>(shown - 1, 0, count - 1);
  }
  const std::string help = "Which " + what + ": drag, or Ctrl+click to type";
  record(ui, name, "drag", what, shown, {1, count}, true, help);
  tooltip(ui, help);
  ImGui::SameLine(0, gap);
  if (button(ui, name + "/next", ("›##" + what).c_str(), "The next " + what, many, only)) number = (number + 1) % count;
  return number != before;
}

}  // namespace

std::string weight_name(const model::TrainRun& run, const model::WeightRef& ref) {
  const nn::LayerSpec& layer = run.layers[ref.layer];
  const std::string filter = filter_name(run, {ref.layer, ref.at.k});
  if (layer.kind == nn::LayerKind::kDense) return filter + ", input " + std::to_string(ref.at.c);
  return filter + ", channel " + std::to_string(ref.at.c) + ", row " + std::to_string(ref.at.r) + ", column " +
         std::to_string(ref.at.s);
}

void WeightChooser::follow(const TrainView& view, const model::TrainRun& run) {
  if (run.serial != run_ || !row_index(run, weight_)) {
    run_ = run.serial;
    weight_ = {};
    const auto first = std::ranges::find_if(run.layers, has_weights);
    weight_.layer = static_cast<std::size_t>(first - run.layers.begin());
    const Shape shape = filter_shape(run, weight_.layer);
    weight_.at.r = shape.h / 2, weight_.at.s = shape.w / 2;
    pinned_.reset();
  }
  if (view.pinned == pinned_) return;
  pinned_ = view.pinned;
  if (!pinned_ || pinned_->layer >= run.layers.size() || !has_weights(run.layers[pinned_->layer])) return;
  model::WeightRef there{pinned_->layer, {pinned_->filter, 0, weight_.at.r, weight_.at.s}};
  if (!row_index(run, there)) there.at.r = there.at.s = 0;
  if (row_index(run, there)) weight_ = there;
}

void WeightChooser::draw_names(Ui& ui, TrainView& view, const model::TrainRun& run) {
  const float gap = 4 * ui.scale;
  bool is_first = true;
  for (std::size_t i = 0; i < run.layers.size(); ++i) {
    if (!has_weights(run.layers[i])) continue;
    const std::string& name = run.layers[i].name;
    if (!is_first) flow(gap, name.c_str());
    is_first = false;
    if (choice_button(ui, "backward/layer/" + name, name.c_str(), weight_.layer == i, "A weight of " + name)) {
      const Shape shape = filter_shape(run, i);
      weight_ = {i, {0, 0, shape.h / 2, shape.w / 2}};
    }
  }
  const Shape shape = filter_shape(run, weight_.layer);
  const bool is_conv = run.layers[weight_.layer].kind == nn::LayerKind::kConv;
  if (step_number(ui, "backward/filter", is_conv ? "filter" : "output", weight_.at.k,
                  nn::filter_count(run.layers[weight_.layer])) &&
      view.pinned) {
    view.pinned = pinned_ = FilterRef{weight_.layer, weight_.at.k};
  }
  if (shape.c > 1) step_number(ui, "backward/channel", is_conv ? "channel" : "input", weight_.at.c, shape.c);
}

// The slice; a click on a cell chooses it.
void WeightChooser::draw_cells(Ui& ui, const model::TrainRun& run, const std::vector<float>& values, float width) {
  const Shape shape = filter_shape(run, weight_.layer);
  const std::span<const float> filter = filter_weights(run, values, weight_.layer, weight_.at.k);
  const auto area = static_cast<std::size_t>(shape.h * shape.w);
  if (filter.size() != static_cast<std::size_t>(shape.c) * area || area == 0) return;
  const std::span<const float> slice = filter.subspan(static_cast<std::size_t>(weight_.at.c) * area, area);
  float most = 0;
  for (const float w : filter) most = std::max(most, std::abs(w));
  const view::Colormap& map = view::find_colormap(ui.document.settings.view.weight_colormap);
  const CellMatrix matrix =
      weights_matrix(slice, static_cast<int>(shape.h), static_cast<int>(shape.w), map, most > 0 ? most : 1, 2);
  const float s = ui.scale;
  const float side = std::floor(std::min(width / static_cast<float>(std::max(shape.w, shape.h)), 34 * s));
  MatrixLook look;
  look.cell = {side, side};
  look.font_size = fitting_font(ui, std::span(&matrix, 1), look.cell);
  look.lit = static_cast<std::size_t>(weight_.at.r * shape.w + weight_.at.s);
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const ImVec2 extent = matrix_extent(matrix, look.cell);
  if (ImGui::InvisibleButton("cells", {std::max(extent.x, 1.0F), std::max(extent.y, 1.0F)})) {
    if (const auto cell = cell_at(matrix, corner, look.cell, ImGui::GetIO().MousePos)) {
      weight_.at.r = static_cast<std::int64_t>(*cell) / shape.w;
      weight_.at.s = static_cast<std::int64_t>(*cell) % shape.w;
    }
  }
  tooltip(ui, "Click a cell: that weight's gradient is laid open.");
  draw_matrix(ui, matrix, corner, look);
  for (std::size_t i = 0; i < area; ++i) {
    const auto r = static_cast<std::int64_t>(i) / shape.w, c = static_cast<std::int64_t>(i) % shape.w;
    const ImVec2 a{corner.x + static_cast<float>(c) * side, corner.y + static_cast<float>(r) * side};
    record_rect(ui, a, {a.x + side, a.y + side}, "backward/cell/" + std::to_string(r) + "/" + std::to_string(c), "cell",
                "weight", slice[i]);
  }
}

struct WeightGradientView::Plane {
  const char* name;
  const char* title;
  const model::StackLevel* level;
  std::int64_t channel;
  const view::Colormap* map;
  view::ValueRange range;
  std::int64_t (*row)(const explain::GradientTerm&);
  std::int64_t (*col)(const explain::GradientTerm&);
};

void WeightGradientView::draw(Ui& ui, const model::WeightReasonPtr& reason, const std::string& batch) {
  draw_planes(ui, *reason);
  const explain::GradientSum& sum = reason->why.sum;
  const auto count = static_cast<std::int64_t>(sum.terms.size());
  const std::string total =
      "gradient = " + (count == 1 ? std::string("one product") : "sum of " + grouped(count) + " products") + " = " +
      explain::to_text(sum.sum);
  formula(ui, "backward/gradient", total,
          "d loss / d weight on this picture: for every place of the map, what the weight multiplies there times what "
          "the loss says to the result.");
  if (!sum.agrees) {
    ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(ui.palette.warning), "The backward pass says %s.",
                       number_text(static_cast<double>(sum.gradient), 6).c_str());
  }
  dim_text(ui, batch);
  record(ui, "backward/batch", "text", "The batch", batch);
  // The term under the pointer.
  if (hovered_ && *hovered_ < sum.terms.size()) {
    const explain::GradientTerm& term = sum.terms[*hovered_];
    ui.hovered_value = "input " + place_text(term.row, term.col) + " " + explain::to_text(term.factor) + " × delta " +
                       place_text(term.output.y, term.output.x) + " " + explain::to_text(term.delta) + " = " +
                       explain::to_text(term.product);
  }
  if (told_ != reason) {
    told_ = reason;
    lines_ = gradient_lines(sum, "output", "delta", "input", [](const explain::GradientTerm& term) {
      return std::to_string(term.output.y) + "," + std::to_string(term.output.x);
    });
  }
  draw_mono_lines(ui, "backward/terms", "Largest products first", lines_);
}

void WeightGradientView::draw_planes(Ui& ui, const model::WeightReason& reason) {
  const model::SampleFacts& facts = *reason.facts;
  const model::WeightRef& ref = reason.weight;
  const model::StackResult& result = *facts.result;
  const LevelColours input = level_colours(ui, result, ref.layer, reason.why.channel);
  const view::Colormap& diverging = view::find_colormap(ui.document.settings.view.map_colormap);
  const auto symmetric = [&](const model::MapStats& stats) {
    return view::display_range(diverging, stats.min, stats.max);
  };
  const model::StackLevel& delta = *facts.deltas[ref.layer + 1];
  const auto k = static_cast<std::size_t>(ref.at.k);
  const Plane planes[] = {
      {"backward/input", "input", result.levels[ref.layer].get(), reason.why.channel, input.map, input.range,
       [](const explain::GradientTerm& t) { return t.row; }, [](const explain::GradientTerm& t) { return t.col; }},
      {"backward/delta", "delta", &delta, ref.at.k, &diverging, symmetric(delta.stats[k]),
       [](const explain::GradientTerm& t) { return t.output.y; },
       [](const explain::GradientTerm& t) { return t.output.x; }},
      {"backward/product", "product", reason.products.get(), 0, &diverging, symmetric(reason.products->stats.front()),
       [](const explain::GradientTerm& t) { return t.output.y; },
       [](const explain::GradientTerm& t) { return t.output.x; }}};
  const float s = ui.scale, sign = 16 * s;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float side = std::floor(std::min((ImGui::GetContentRegionAvail().x - 2 * sign) / 3, 150 * s));
  view::PlanePicture* pictures[] = {&input_, &delta_, &product_};
  const auto before = hovered_;
  hovered_.reset();
  const float line = font_height(ui.fonts.small) + 3 * s;
  for (int i = 0; i < 3; ++i) {
    const float x = at.x + static_cast<float>(i) * (side + sign);
    draw_plane(ui, *pictures[i], planes[i], {x, at.y}, side, reason);
    if (i > 0) {
      const char* text = i == 1 ? "×" : "=";
      put_text(ui.fonts.body, {x - (sign + width_of(ui.fonts.body, text)) / 2, at.y + line + side / 2 - line / 2},
               ui.palette.text, text);
    }
  }
  if (hovered_ != before) ui.needs_frames = true;
  ImGui::SetCursorScreenPos(at);
  const float bar = ImGui::GetFrameHeight() + font_height(ui.fonts.small);
  ImGui::Dummy({1, line + side + bar});
}

// Caption, picture, colour bar; the places of the hovered term are marked in all three.
void WeightGradientView::draw_plane(Ui& ui, view::PlanePicture& picture, const Plane& plane, const ImVec2& at,
                                    float side, const model::WeightReason& reason) {
  const float s = ui.scale, line = font_height(ui.fonts.small) + 3 * s;
  const Shape& shape = plane.level->maps.shape();
  put_text(ui.fonts.small, at, ui.palette.text_dim, plane.title);
  const float scale = side / static_cast<float>(std::max(shape.h, shape.w));
  const ImVec2 min{at.x, at.y + line};
  const ImVec2 max{min.x + scale * static_cast<float>(shape.w), min.y + scale * static_cast<float>(shape.h)};
  const CanvasState canvas = canvas_of(min, max, shape);
  const view::Source source{&plane.level->maps, plane.level->reduced, plane.level->version};
  draw_picture(canvas, picture.update(ui.painter, source, static_cast<int>(plane.channel), canvas.placement, *plane.map,
                                      plane.range));
  ImGui::GetWindowDrawList()->AddRect(min, max, ui.palette.grid);
  const std::vector<explain::GradientTerm>& terms = reason.why.sum.terms;
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  if (ImGui::IsWindowHovered() && mouse.x >= min.x && mouse.x < max.x && mouse.y >= min.y && mouse.y < max.y) {
    const auto row = static_cast<std::int64_t>((mouse.y - min.y) / scale);
    const auto col = static_cast<std::int64_t>((mouse.x - min.x) / scale);
    const auto found =
        std::ranges::find_if(terms, [&](const auto& t) { return plane.row(t) == row && plane.col(t) == col; });
    if (found != terms.end()) hovered_ = static_cast<std::size_t>(found - terms.begin());
  }
  if (hovered_ && *hovered_ < terms.size()) {
    const auto y = static_cast<double>(plane.row(terms[*hovered_])),
               x = static_cast<double>(plane.col(terms[*hovered_]));
    if (y >= 0 && y < static_cast<double>(shape.h) && x >= 0 && x < static_cast<double>(shape.w)) {
      mark_pixels(canvas, x, y, x + 1, y + 1, ui.palette.output_outline, 1.5F * s, 5 * s);
    }
  }
  const model::MapStats& stats = plane.level->stats[static_cast<std::size_t>(plane.channel)];
  record_rect(ui, min, max, plane.name, "canvas", plane.title,
              {{"rows", shape.h}, {"columns", shape.w}, {"min", stats.min}, {"max", stats.max}});
  ImGui::SetCursorScreenPos({at.x, min.y + side + 2 * s});
  ColourBar bar;
  bar.map = plane.map;
  bar.range = plane.range;
  colour_bar(ui, std::string(plane.name) + "/bar", side, bar);
}

}  // namespace convlens::ui
