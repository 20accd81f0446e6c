// Textures and norms are made again for what has changed only.
#include "app/ui/train_filter_history.h"

#include <algorithm>
#include <cmath>

#include "app/model/filter_film.h"
#include "app/model/filter_health.h"
#include "app/ui/text.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"

namespace convlens::ui {
namespace {

constexpr float kSide = 42;
constexpr float kPlot = 54;

bool is_same(const std::weak_ptr<const std::vector<float>>& a, const model::ParameterRow& b) {
  return !a.owner_before(b) && !b.owner_before(a);
}

}  // namespace

void FilterHistory::refresh_strip(const Ui& ui, const model::TrainSnapshot& snapshot,
                                  std::span<const std::size_t> chosen, const FilterRef& ref,
                                  const model::FilterForm& form, std::int64_t channel) {
  Key key{ref, channel, {}, ui.document.settings.view.weight_colormap};
  for (const std::size_t at : chosen) key.rows.push_back(snapshot.frames[at].values);
  if (key == key_) return;
  key_ = std::move(key);
  // One slice, or all of a filter whose slices are numbers.
  const bool is_slice = form.plane() > 1;
  const model::FilterForm shown = is_slice ? model::FilterForm{1, form.rows, form.cols} : form;
  const model::TileForm tile = model::tile_form(shown, false);
  const auto values_of = [&](std::size_t at) {
    const auto weights = model::filter_weights(*snapshot.run, *key_.rows[at], ref.layer, ref.filter);
    return is_slice ? weights.subspan(static_cast<std::size_t>(channel * form.plane()),
                                      static_cast<std::size_t>(form.plane()))
                    : weights;
  };
  float reach = 0;
  for (std::size_t i = 0; i < key_.rows.size(); ++i)
    reach = std::max(reach, model::tile_reach(shown, tile, values_of(i)));
  range_ = reach > 0 ? reach : 1;
  tile_width_ = tile.width();
  tile_height_ = tile.height();
  const view::Colormap& map = view::find_colormap(key_.colormap);
  atlas_.begin(static_cast<int>(key_.rows.size()), tile_width_, tile_height_, ui.palette.canvas);
  for (std::size_t i = 0; i < key_.rows.size(); ++i) {
    model::for_each_texel(shown, tile, values_of(i), [&](std::int64_t x, std::int64_t y, float value) {
      atlas_.put(static_cast<int>(i), x, y, view::colour_of(map, {-range_, range_}, value));
    });
  }
  atlas_.upload(kSide * ui.scale >= static_cast<float>(tile_width_));
}

void FilterHistory::refresh_norms(const model::TrainSnapshot& snapshot, const FilterRef& ref) {
  if (!(ref == norms_of_)) norms_.clear();
  norms_of_ = ref;
  norms_.resize(snapshot.frames.size());
  for (std::size_t i = 0; i < norms_.size(); ++i) {
    const training::Frame& frame = snapshot.frames[i];
    NormPoint& point = norms_[i];
    if (point.step == frame.step && is_same(point.row, frame.values)) continue;
    point = {frame.step, frame.values,
             model::norm_of(model::filter_weights(*snapshot.run, *frame.values, ref.layer, ref.filter))};
  }
}

void FilterHistory::draw_strip(Ui& ui, const model::TrainSnapshot& snapshot, std::span<const std::size_t> chosen,
                               std::int64_t step, float side, float pitch) {
  const float s = ui.scale, small = font_height(ui.fonts.small);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  // The last picture that is not after the moment on the screen is framed.
  std::size_t lit = 0;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (snapshot.frames[chosen[i]].step <= step) lit = i;
  }
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const training::Frame& frame = snapshot.frames[chosen[i]];
    const ImVec2 min{std::floor(at.x + static_cast<float>(i) * pitch), at.y}, max{min.x + side, min.y + side};
    draw.AddRectFilled(min, max, ui.palette.canvas);
    const float scale = side / static_cast<float>(std::max(tile_width_, tile_height_));
    const ImVec2 size{scale * static_cast<float>(tile_width_), scale * static_cast<float>(tile_height_)};
    const ImVec2 corner{std::floor(min.x + (side - size.x) / 2), std::floor(min.y + (side - size.y) / 2)};
    atlas_.draw(draw, static_cast<int>(i), corner, {corner.x + size.x, corner.y + size.y}, ui.palette.panel_border);
    if (i == lit) draw.AddRect({min.x - s, min.y - s}, {max.x + s, max.y + s}, ui.palette.accent, 2 * s, 0, 2 * s);
    const std::string number = short_count(frame.step);
    const float wide = width_of(ui.fonts.small, number);
    if (wide <= pitch) {
      put_text(ui.fonts.small, {min.x + (side - wide) / 2, max.y + 2 * s},
               i == lit ? ui.palette.text : ui.palette.text_dim, number);
    }
    ImGui::SetCursorScreenPos(min);
    ImGui::PushID(static_cast<int>(i));
    if (ImGui::InvisibleButton("moment", {side, side + small + 2 * s})) ui.document.train.go_to(frame.step);
    ImGui::PopID();
    const std::string help = "After " + grouped(frame.step) + " steps. A click goes there.";
    record(ui, "train/card/moment/" + std::to_string(i), "button", "step " + std::to_string(frame.step), frame.step, {},
           true, help);
    tooltip(ui, help);
  }
  ImGui::SetCursorScreenPos({at.x, at.y + side + small + 6 * s});
}

void FilterHistory::draw_norms(Ui& ui, const model::TrainSnapshot& snapshot, const std::string& name, std::int64_t step,
                               float width) {
  if (norms_.size() < 2 || norms_.back().step <= norms_.front().step) return;
  const float s = ui.scale, small = font_height(ui.fonts.small);
  const auto at_step = [&](std::int64_t where) {
    const auto after = std::ranges::upper_bound(norms_, where, {}, &NormPoint::step);
    return after == norms_.begin() ? norms_.front() : *std::prev(after);
  };
  const NormPoint shown = at_step(step);
  std::string title = "Norm: " + number_text(norms_.front().norm, 3) + " at first, " + number_text(shown.norm, 3) +
                      " after step " + grouped(shown.step);
  const ImVec2 start = ImGui::GetCursorScreenPos();
  put_text(ui.fonts.small, start, ui.palette.text_dim, fitted(ui.fonts.small, title, width));
  const ImVec2 min{start.x, start.y + small + 3 * s}, max{min.x + width, min.y + kPlot * s};
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.AddRectFilled(min, max, ui.palette.canvas, 3 * s);
  double most = 0;
  for (const NormPoint& point : norms_) {
    if (std::isfinite(point.norm)) most = std::max(most, point.norm);
  }
  if (!(most > 0)) most = 1;
  const auto first = static_cast<double>(norms_.front().step), last = static_cast<double>(norms_.back().step);
  const float pad = 4 * s;
  const auto place = [&](std::int64_t where, double norm) {
    const double x = (static_cast<double>(where) - first) / (last - first), y = std::isfinite(norm) ? norm / most : 1;
    return ImVec2(min.x + pad + static_cast<float>(x) * (max.x - min.x - 2 * pad),
                  max.y - pad - static_cast<float>(y) * (max.y - min.y - 2 * pad));
  };
  if (snapshot.marks) {
    for (const model::TrainMark& mark : *snapshot.marks) {
      if (mark.label.find(name) == std::string::npos) continue;
      const float x = place(mark.step, 0).x;
      draw.AddLine({x, min.y}, {x, max.y}, ui.palette.mark, s);
    }
  }
  const ImVec2 now = place(shown.step, shown.norm);
  draw.AddLine({now.x, min.y}, {now.x, max.y}, ui.palette.grid, s);
  std::vector<ImVec2> line;
  for (const NormPoint& point : norms_) {
    const ImVec2 p = place(point.step, point.norm);
    if (line.empty() || p.x - line.back().x >= 0.5F) line.push_back(p);
  }
  draw.AddPolyline(line.data(), static_cast<int>(line.size()), ui.palette.accent, 0, 1.5F * s);
  draw.AddCircleFilled(now, 3 * s, ui.palette.accent);
  ImGui::SetCursorScreenPos(min);
  if (ImGui::InvisibleButton("norms", {max.x - min.x, max.y - min.y}) || ImGui::IsItemHovered()) {
    const double share = std::clamp(
        static_cast<double>((ImGui::GetIO().MousePos.x - min.x - pad) / (max.x - min.x - 2 * pad)), 0.0, 1.0);
    const NormPoint under = at_step(std::llround(first + share * (last - first)));
    ui.hovered_value = name + ", norm after step " + grouped(under.step) + " = " + number_text(under.norm, 4);
    if (ImGui::IsItemDeactivated()) ui.document.train.go_to(under.step);
  }
  const std::string help =
      "The length of the filter as a vector of weights, from the first to the last recorded step; lines mark what was "
      "done "
      "by hand. A click goes there.";
  record(ui, "train/card/norms", "plot", "Norm",
         {{"first", norms_.front().norm}, {"last", norms_.back().norm}, {"shown", shown.norm}}, {}, true, help);
  tooltip(ui, help);
  ImGui::SetCursorScreenPos({start.x, max.y + 6 * s});
}

void FilterHistory::draw(Ui& ui, const model::TrainSnapshot& snapshot, const FilterRef& ref,
                         const model::FilterForm& form, std::int64_t channel, std::int64_t step, float width) {
  if (snapshot.frames.empty()) return;
  const float s = ui.scale, side = std::floor(kSide * s), gap = 6 * s;
  const int most = std::max(3, static_cast<int>((width + gap) / (side + gap)));
  const std::vector<std::size_t> chosen = model::choose_frames(snapshot.frames, most, true);
  refresh_strip(ui, snapshot, chosen, ref, form, channel);
  refresh_norms(snapshot, ref);
  draw_strip(ui, snapshot, chosen, step, side, (width + gap) / static_cast<float>(most));
  draw_norms(ui, snapshot, filter_name(*snapshot.run, ref), step, width);
}

}  // namespace convlens::ui
