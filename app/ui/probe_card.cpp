// Words and small matrices for the card. Reaches come from engine/explain; the sum of a weight from a worker.
#include "app/ui/probe_card.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <string>
#include <vector>

#include "app/ui/cell_matrix.h"
#include "app/ui/text.h"
#include "app/ui/weight_cells.h"
#include "app/ui/weight_grid.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"
#include "engine/explain/pixel_probe.h"
#include "engine/explain/weight_probe.h"

namespace convlens::ui {
namespace {

using explain::Positions;
using model::Hover;

constexpr double kRest = 0.3;              // seconds until the card comes
constexpr int kMostInfluenceCells = 4096;  // a pixel that the border copies far and wide has no picture of its reach

std::string progression(const char* noun, const Positions& at) {
  std::string text = std::string(noun) + " " + std::to_string(at.first);
  if (at.count > 1) text += " … " + std::to_string(at.last());
  if (at.count > 1 && at.step > 1) text += " by " + std::to_string(at.step);
  return text;
}

std::string sum_text(double value) { return formatted("%.8g", value); }

void paragraph(const std::string& text, ImU32 colour) {
  ImGui::PushStyleColor(ImGuiCol_Text, colour);
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(text.c_str());
  ImGui::PopTextWrapPos();
  ImGui::PopStyleColor();
}

void weight_card(Ui& ui, const ShownMaps& maps) {
  const model::ConvResult& result = *maps.result;
  const conv::Geometry& g = result.geometry;
  const Hover& hover = ui.document.hover;
  const explain::WeightIndex at{hover.index, hover.channel, hover.row, hover.col};
  const auto weights = dense_view<const float>(result.weights.data(), g.weights_shape());
  const std::string slice = slice_name(ui, hover.index, hover.channel);
  const std::string name = "w(" + std::to_string(at.r) + "," + std::to_string(at.s) + ")";
  const float value = weights.at(at.k, at.c, at.r, at.s);
  const explain::WeightFootprint footprint = explain::weight_footprint(g, at.r, at.s);
  const std::string positions = grouped(g.p) + " × " + grouped(g.q);

  const std::string title =
      name + " of " + maps.name(hover.index) + ", channel " + slice + " = " + number_text(static_cast<double>(value));
  heading(ui, title.c_str());
  std::string text = "It multiplies " + positions + " cells of " + slice + " (" + progression("rows", footprint.rows) +
                     ", " + progression("columns", footprint.cols) + "), one for each value of its map: cell (i, j) " +
                     "feeds value (i, j).";
  const model::WeightSum* sum = ui.document.weight_sums.find(maps.result, at);
  nlohmann::json facts = {{"filter", at.k}, {"channel", at.c}, {"row", at.r}, {"col", at.s}, {"value", value}};
  if (sum && sum->probe.padding_positions > 0) {
    text += " " + grouped(sum->probe.padding_positions) + " of these products read padding.";
  }
  paragraph(text, ui.palette.text);
  std::string gradient = "Shared by all positions, its gradient is one sum: dL/dw = Σ input × dL/dz.";
  if (sum) {
    const double total = sum->probe.input_sum;
    gradient += " Where dL/dz = 1 everywhere that is Σ input = " + sum_text(total) +
                ": raise the weight by 0.01 and the map's sum (before the activation) changes by " +
                number_text(0.01 * total) + ".";
    facts["input_sum"] = total;
    facts["positions"] = sum->probe.positions;
    facts["padding_positions"] = sum->probe.padding_positions;
  } else if (const std::string& complaint = ui.document.weight_sums.complaint(); !complaint.empty()) {
    gradient += " It cannot be added up: " + complaint + ".";
  } else {
    gradient += " Adding it up…";
  }
  paragraph(gradient, ui.palette.text_dim);
  record_rect(ui, ImGui::GetWindowPos(),
              {ImGui::GetWindowPos().x + ImGui::GetWindowWidth(), ImGui::GetWindowPos().y + ImGui::GetWindowHeight()},
              "maps/card/weight", "text", title, std::move(facts), {}, true, text + " " + gradient);
}

// What the pixel adds to the map around it, per channel of the selected filter's group.
struct Influences {
  std::vector<CellMatrix> matrices;
  std::vector<std::string> names;
};
Influences influences_of(const Ui& ui, const ShownMaps& maps, const explain::PixelReads& reads) {
  const model::ConvResult& result = *maps.result;
  const conv::Geometry& g = result.geometry;
  const auto weights = dense_view<const float>(result.weights.data(), g.weights_shape());
  const view::Colormap& colours = view::find_colormap(ui.document.settings.view.weight_colormap);
  const std::int64_t first = maps.selected / g.filters_per_group() * g.channels_per_group();
  std::vector<Tensor> planes;
  float range = 0;
  for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
    explain::Influence influence = explain::influence_map(g, weights, reads, first + c, maps.selected);
    if (influence.plane.size() == 0 || influence.plane.size() > kMostInfluenceCells) return {};
    for (const float value : influence.plane.values()) range = std::max(range, std::abs(value));
    planes.push_back(std::move(influence.plane));
  }
  if (!(range > 0)) range = 1;
  const bool are_equal = std::ranges::all_of(
      planes, [&](const Tensor& plane) { return std::ranges::equal(plane.values(), planes.front().values()); });
  Influences result_planes;
  const std::size_t count = are_equal ? 1 : planes.size();
  for (std::size_t c = 0; c < count; ++c) {
    const Shape& shape = planes[c].shape();
    result_planes.matrices.push_back(
        weights_matrix(planes[c].values(), static_cast<int>(shape.h), static_cast<int>(shape.w), colours, range, 3));
    result_planes.names.push_back(are_equal && planes.size() > 1 ? "each channel"
                                                                 : slice_name(ui, maps.selected, static_cast<int>(c)));
  }
  return result_planes;
}

std::string outputs_text(const char* one, const char* many, const std::vector<explain::AxisRead>& reads) {
  const std::int64_t first = reads.front().output, last = reads.back().output;
  if (first == last) return std::string(one) + " " + std::to_string(first);
  return std::string(many) + " " + std::to_string(first) + " … " + std::to_string(last);
}

std::int64_t distinct_outputs(const std::vector<explain::AxisRead>& reads) {
  std::int64_t count = 0, last = -1;
  for (const explain::AxisRead& read : reads) {
    count += read.output != last;
    last = read.output;
  }
  return count;
}

void pixel_card(Ui& ui, const ShownMaps& maps) {
  const model::ConvResult& result = *maps.result;
  const conv::Geometry& g = result.geometry;
  const Hover& hover = ui.document.hover;
  const explain::PixelReads reads = explain::pixel_reads(g, hover.row, hover.col);
  const std::string title = "Pixel " + place_text(hover.row, hover.col);
  heading(ui, title.c_str());
  nlohmann::json facts = {{"row", hover.row}, {"col", hover.col}, {"reads", reads.count()}};
  std::string text;
  const ImVec2 card_min = ImGui::GetWindowPos();
  const ImVec2 card_max{card_min.x + ImGui::GetWindowWidth(), card_min.y + ImGui::GetWindowHeight()};
  if (reads.count() == 0) {
    text = "No window reads it: the stride jumps over it, or the last windows end before it.";
    paragraph(text, ui.palette.text);
  } else {
    const std::int64_t rows = distinct_outputs(reads.rows), cols = distinct_outputs(reads.cols);
    facts["outputs"] = {rows, cols};
    text = "It is read by " + std::to_string(rows) + " × " + std::to_string(cols) +
           (rows * cols == 1 ? " value" : " values") + " of each map (" + outputs_text("row", "rows", reads.rows) +
           ", " + outputs_text("column", "columns", reads.cols) + ")";
    const auto is_copied = [](const std::vector<explain::AxisRead>& axis, std::int64_t position) {
      return std::ranges::any_of(axis, [&](const explain::AxisRead& read) { return read.position != position; });
    };
    const bool has_copies = is_copied(reads.rows, hover.row) || is_copied(reads.cols, hover.col);
    text += has_copies ? ", some of them through its copies in the padding." : ".";
    const Influences influences = influences_of(ui, maps, reads);
    if (!influences.matrices.empty()) {
      text += " Raise it by 1 and " + maps.name(maps.selected) + " changes there by these weights" +
              (rows * cols > 1 ? ": the filter, turned by 180°." : ".");
    }
    const float s = ui.scale;
    const float top = ImGui::GetCursorPosY();
    // The matrices on the right, as large as the card lets them be.
    const float width = ImGui::GetContentRegionAvail().x;
    const bool has_room = width > 230 * s;
    const auto count = has_room ? static_cast<float>(influences.matrices.size()) : 0.0F;
    float used = 0;
    if (count > 0) {
      const CellMatrix& one = influences.matrices.front();
      const float caption = font_height(ui.fonts.small) + 2 * s;
      const float tall = (ImGui::GetContentRegionAvail().y - caption) / static_cast<float>(one.rows);
      const float wide = (width * 0.6F / count - 8 * s) / static_cast<float>(one.cols);
      const float side = std::floor(std::clamp(std::min(tall, wide), 1.0F, 34 * s));
      const ImVec2 cell{side, side};
      // One cell is narrower than the name above it.
      float pitch = matrix_extent(one, cell).x;
      for (const std::string& name : influences.names) {
        pitch = std::max(pitch, width_of(ui.fonts.small, name));
      }
      pitch += 8 * s;
      used = count * pitch;
      ImVec2 corner{ImGui::GetWindowPos().x + ImGui::GetWindowContentRegionMax().x - used + 8 * s,
                    ImGui::GetCursorScreenPos().y};
      nlohmann::json told = nlohmann::json::array();
      const float font_size = fitting_font(ui, influences.matrices, cell);
      for (std::size_t i = 0; i < influences.matrices.size(); ++i) {
        ImGui::GetWindowDrawList()->AddText(ui.fonts.small, font_height(ui.fonts.small), corner,
                                            slice_colour(ui, influences.names[i]), influences.names[i].c_str());
        MatrixLook look{.cell = cell, .font_size = font_size};
        draw_matrix(ui, influences.matrices[i], {corner.x, corner.y + caption}, look);
        corner.x += pitch;
        told.push_back(influences.matrices[i].texts);
      }
      facts["influence"] = std::move(told);
    }
    ImGui::SetCursorPosY(top);
    ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + width - used - 4 * s);
    ImGui::TextUnformatted(text.c_str());
    ImGui::PopTextWrapPos();
  }
  record_rect(ui, card_min, card_max, "maps/card/pixel", "text", title, std::move(facts), {}, true, text);
}

bool is_weight(const ShownMaps& maps, const Hover& hover) {
  const conv::Geometry& g = maps.result->geometry;
  return hover.kind == Hover::Kind::kWeight && hover.index < maps.count && hover.row < g.r && hover.col < g.s &&
         hover.channel < g.channels_per_group();
}

bool is_pixel(const ShownMaps& maps, const Hover& hover) {
  const conv::Geometry& g = maps.result->geometry;
  return hover.kind == Hover::Kind::kInput && hover.row >= 0 && hover.row < g.h && hover.col >= 0 && hover.col < g.w;
}

}  // namespace

void ProbeCard::draw(Ui& ui, const ShownMaps& maps, const ImVec2& min, const ImVec2& max) {
  const Hover& hover = ui.document.hover;
  const bool has_hover = maps.result->input && !ui.hovered_value.empty();
  const bool shows_weight = has_hover && is_weight(maps, hover), shows_pixel = has_hover && is_pixel(maps, hover);
  const Hover::Kind kind = shows_weight || shows_pixel ? hover.kind : Hover::Kind::kNone;
  // Whoever edits a weight looks at what the card would cover.
  if (kind != kind_ || ImGui::IsAnyMouseDown()) since_ = ImGui::GetTime();
  kind_ = kind;
  if (kind == Hover::Kind::kNone || ImGui::IsAnyMouseDown()) return;
  if (const double rested = ImGui::GetTime() - since_; rested < kRest) {
    ui.wake_in(kRest - rested + 0.01);
    return;
  }
  ImGui::SetCursorScreenPos(min);
  ImGui::PushStyleColor(ImGuiCol_ChildBg, ui.palette.panel);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {8 * ui.scale, 5 * ui.scale});
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {ImGui::GetStyle().ItemSpacing.x, 3 * ui.scale});
  ImGui::BeginChild("card", {max.x - min.x, max.y - min.y}, true,
                    ImGuiWindowFlags_NoInputs | ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_AlwaysUseWindowPadding);
  if (shows_weight) {
    weight_card(ui, maps);
  } else {
    pixel_card(ui, maps);
  }
  ImGui::EndChild();
  ImGui::PopStyleVar(2);
  ImGui::PopStyleColor();
}

}  // namespace convlens::ui
