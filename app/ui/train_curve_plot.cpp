// Draws curves with ImDrawList. Reading them is app/model/curve_reading's.
#include "app/ui/train_curve_plot.h"

#include <imgui/imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "app/ui/text.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"

namespace convlens::ui {
namespace {

constexpr double kFewestSteps = 4;  // that a zoomed plot shows
constexpr double kWheelFactor = 1.25;

ImU32 faded(ImU32 colour, float share) {
  const auto alpha = static_cast<float>((colour >> IM_COL32_A_SHIFT) & 0xFFU);
  return (colour & ~IM_COL32_A_MASK) | (static_cast<ImU32>(alpha * share + 0.5F) << IM_COL32_A_SHIFT);
}

void own_wheel() {
#if IMGUI_VERSION_NUM >= 18900
  ImGui::SetItemKeyOwner(ImGuiKey_MouseWheelY);
#else
  ImGui::SetItemUsingMouseWheel();
#endif
}

// From steps and values to pixels. Values of a logarithmic axis are kept as powers of ten.
struct Axes {
  ImVec2 min, max;
  Interval steps, values;
  bool is_logarithmic = false;

  double scaled(double value) const {
    if (!is_logarithmic) return value;
    return value > 0 ? std::log10(value) : -std::numeric_limits<double>::infinity();
  }
  float x(double step) const { return min.x + static_cast<float>((step - steps.lo) / steps.span()) * (max.x - min.x); }
  // Kept near the plot: coordinates far off lose their fractions.
  float y(double value) const {
    const double share = std::clamp((scaled(value) - values.lo) / values.span(), -1.0, 2.0);
    return max.y - static_cast<float>(share) * (max.y - min.y);
  }
  double step_at(float at) const {
    return steps.lo + static_cast<double>((at - min.x) / std::max(1.0F, max.x - min.x)) * steps.span();
  }
};

// The range that everything seen fits into.
Interval values_of(const PlotContent& content, const std::vector<const model::CurveSight*>& sights, bool is_whole) {
  model::Spread raw, mean;
  float least = std::numeric_limits<float>::infinity();  // above zero
  for (const model::CurveSight* sight : sights) {
    for (const model::Spread& column : sight->columns) raw.add(column);
    for (const model::CurvePoint& point : sight->points) raw.add(point.value);
    for (const model::CurvePoint& point : sight->mean) {
      mean.add(point.value);
      if (point.value > 0) least = std::min(least, point.value);
    }
  }
  if (content.is_logarithmic) {
    if (!std::isfinite(least)) return {-1, 0};
    // Single values far below the mean would press everything else into a corner.
    const float lo = std::max(raw.lo, least * 0.2F), hi = std::max(raw.hi, least);
    const double from = std::log10(static_cast<double>(lo > 0 ? lo : least)) - 0.05;
    return {from, std::max(from + 0.3, std::log10(static_cast<double>(hi)) + 0.08)};
  }
  if (content.whole && is_whole) return *content.whole;
  if (raw.is_empty()) return content.whole.value_or(Interval{});
  const double hi = std::max(static_cast<double>(raw.hi), mean.is_empty() ? 0 : static_cast<double>(mean.hi));
  if (content.whole) {
    const double lo = std::min(static_cast<double>(raw.lo), static_cast<double>(mean.lo));
    return {std::max(content.whole->lo, lo - 0.1 * (hi - lo) - 1e-3), content.whole->hi};
  }
  const double lo = std::min(0.0, static_cast<double>(raw.lo));
  return {lo, lo + std::max((hi - lo) * 1.06, 1e-12)};
}

void zoom_about(Interval& range, double at, double factor) {
  range = {at - (at - range.lo) / factor, at + (range.hi - at) / factor};
}

// Keeps the span and moves it inside; gives up the zoom where it shows everything.
void keep_inside(std::optional<Interval>& zoom, double first, double last) {
  if (!zoom) return;
  const double span = std::max(zoom->span(), std::min(kFewestSteps, last - first));
  if (span >= last - first) {
    zoom.reset();
    return;
  }
  const double lo = std::clamp(zoom->lo, first, last - span);
  zoom = Interval{lo, lo + span};
}

void draw_line(const Axes& axes, const std::vector<model::CurvePoint>& points, ImU32 colour, float thickness,
               bool joins) {
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  std::vector<ImVec2> corners;
  corners.reserve(points.size());
  for (const model::CurvePoint& point : points) {
    if (!std::isfinite(point.value)) continue;
    corners.emplace_back(axes.x(point.step), axes.y(static_cast<double>(point.value)));
  }
  if (joins) draw.AddPolyline(corners.data(), static_cast<int>(corners.size()), colour, 0, thickness);
  if (!joins || corners.size() == 1) {
    for (const ImVec2& corner : corners) draw.AddCircleFilled(corner, thickness * 1.4F, colour, 8);
  }
}

void draw_columns(const Axes& axes, const std::vector<model::Spread>& columns, ImU32 colour) {
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const float width = (axes.max.x - axes.min.x) / static_cast<float>(columns.size());
  const model::Spread* before = nullptr;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const model::Spread& column = columns[i];
    if (column.is_empty()) continue;
    // Reaches to its neighbour, as a line from one to the other would.
    const float lo = before == nullptr ? column.lo : std::min(column.lo, before->hi);
    const float hi = before == nullptr ? column.hi : std::max(column.hi, before->lo);
    const float x = axes.min.x + width * static_cast<float>(i);
    const float top = axes.y(static_cast<double>(hi)), bottom = axes.y(static_cast<double>(lo));
    draw.AddRectFilled({x, top}, {x + width, std::max(bottom, top + 1)}, colour);
    before = &column;
  }
}

void draw_curve(const Axes& axes, const model::CurveSight& sight, const PlotLine& line, float strength, bool is_lit,
                float s) {
  const ImU32 colour = faded(line.colour, strength);
  const float thickness = (is_lit ? 2.8F : 1.7F) * s;
  if (!sight.columns.empty()) draw_columns(axes, sight.columns, faded(colour, 0.3F));
  if (line.window > 1 && !sight.points.empty()) draw_line(axes, sight.points, faded(colour, 0.35F), s, true);
  draw_line(axes, sight.mean, colour, thickness, true);
  if (line.has_dots && sight.points.size() <= 200) draw_line(axes, sight.points, colour, 1.7F * s, false);
}

void draw_value_axis(Ui& ui, const Axes& axes, const PlotContent& content) {
  const float s = ui.scale;
  ImFont* font = ui.fonts.small;
  const float text = font_height(font);
  const int most = std::clamp(static_cast<int>((axes.max.y - axes.min.y) / (text * 1.5F)), 2, 8);
  const std::vector<double> ticks =
      axes.is_logarithmic ? model::logarithmic_ticks(std::pow(10, axes.values.lo), std::pow(10, axes.values.hi), most)
                          : model::axis_ticks(axes.values.lo, axes.values.hi, most);
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  for (const double tick : ticks) {
    const float y = axes.y(tick);
    draw.AddLine({axes.min.x, y}, {axes.max.x, y}, ui.palette.grid);
    const std::string label = content.text(tick);
    const float top = std::clamp(y - text / 2, axes.min.y - 2 * s, axes.max.y - text + 2 * s);
    put_text(font, {axes.min.x - width_of(font, label) - 5 * s, top}, ui.palette.text_dim, label);
  }
}

void draw_step_axis(Ui& ui, const Axes& axes, const PlotMoments& moments, bool has_labels) {
  const float s = ui.scale;
  ImFont* font = ui.fonts.small;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const float width = axes.max.x - axes.min.x;
  // Lines between epochs, named where there is room.
  const auto per_epoch = static_cast<double>(std::max<std::int64_t>(1, moments.steps_per_epoch));
  const double apart = width * per_epoch / axes.steps.span();
  const double every =
      apart >= 5 * static_cast<double>(s) ? 1 : std::pow(10, std::ceil(std::log10(5 * static_cast<double>(s) / apart)));
  for (double epoch = std::max(1.0, std::ceil(axes.steps.lo / per_epoch / every) * every);
       epoch * per_epoch <= axes.steps.hi; epoch += every) {
    const float x = std::floor(axes.x(epoch * per_epoch));
    draw.AddLine({x, axes.min.y}, {x, axes.max.y}, faded(ui.palette.text_dim, 0.45F));
  }
  if (!has_labels) return;
  const std::string widest = grouped(static_cast<std::int64_t>(axes.steps.hi));
  const int most = std::clamp(static_cast<int>(width / (width_of(font, widest) + 22 * s)), 2, 12);
  float taken = axes.min.x - 40 * s;
  for (const double tick : model::axis_ticks(axes.steps.lo, axes.steps.hi, most, true)) {
    const float x = axes.x(tick);
    draw.AddLine({x, axes.max.y}, {x, axes.max.y + 3 * s}, ui.palette.text_dim);
    const std::string label = grouped(static_cast<std::int64_t>(std::llround(tick)));
    const float half = width_of(font, label) / 2;
    const float left = std::clamp(x - half, axes.min.x - 8 * s, axes.max.x - 2 * half);
    if (left < taken + 6 * s) continue;
    put_text(font, {left, axes.max.y + 3 * s}, ui.palette.text_dim, label);
    taken = left + 2 * half;
  }
}

void draw_marks(Ui& ui, const Axes& axes, const PlotMoments& moments) {
  if (moments.marks == nullptr) return;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const float half = 3.5F * ui.scale;
  float drawn = -1e9F;
  for (const model::TrainMark& mark : *moments.marks) {
    const float x = axes.x(static_cast<double>(mark.step));
    if (x < axes.min.x - half || x > axes.max.x + half || std::abs(x - drawn) < 1) continue;
    drawn = x;
    draw.AddLine({x, axes.min.y}, {x, axes.max.y}, faded(ui.palette.mark, 0.55F));
    const float y = axes.max.y - half;
    draw.AddQuadFilled({x - half, y}, {x, y - half}, {x + half, y}, {x, y + half}, ui.palette.mark);
  }
}

void draw_moments(Ui& ui, const Axes& axes, const PlotMoments& moments) {
  const float s = ui.scale;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const auto line = [&](double step, ImU32 colour, float thickness) {
    const float x = axes.x(step);
    draw.AddLine({x, axes.min.y}, {x, axes.max.y}, colour, thickness);
    return x;
  };
  if (moments.other) {
    const float x = line(*moments.other, ui.palette.output_outline, 1.5F * s);
    put_text(ui.fonts.small, {x + 3 * s, axes.max.y - font_height(ui.fonts.small) - 2 * s}, ui.palette.output_outline,
             "B");
  }
  if (moments.looked_at != moments.head) line(moments.head, faded(ui.palette.text, 0.6F), s);
  line(moments.looked_at, ui.palette.accent, 1.5F * s);
}

std::string value_at(const PlotContent& content, const PlotLine& line, double step) {
  const auto at = line.series->index_at(static_cast<std::int64_t>(std::llround(step)));
  if (!at) return "–";
  const auto value = line.series->mean_around(*at, line.window);
  return value ? content.text(*value) : "–";
}

// Title and lines with their values at the moment looked at. A row inside the plot, or a column at its right.
void draw_legend(Ui& ui, const Axes& axes, const PlotContent& content, double step, std::optional<std::size_t> lit) {
  const float s = ui.scale;
  ImFont* font = ui.fonts.small;
  const float text = font_height(font);
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  ImVec2 at(axes.min.x + 6 * s, axes.min.y + 2 * s);
  const auto backed = [&](const ImVec2& corner, float width) {
    draw.AddRectFilled({corner.x - 2 * s, corner.y}, {corner.x + width + 2 * s, corner.y + text},
                       faded(ui.palette.canvas, 0.8F));
  };
  backed(at, width_of(font, content.title));
  put_text(font, at, ui.palette.text, content.title);
  at.x += width_of(font, content.title) + 14 * s;
  if (content.has_legend_column) at = {axes.max.x + 10 * s, axes.min.y};
  for (std::size_t i = 0; i < content.lines.size(); ++i) {
    const PlotLine& line = content.lines[i];
    const std::string value = value_at(content, line, step);
    const float label = width_of(font, line.label);
    const float wide = 18 * s + label + 6 * s + width_of(font, value);
    if (content.has_legend_column ? at.y + text > axes.max.y + text : at.x + wide > axes.max.x) break;
    if (!content.has_legend_column) backed(at, wide);
    draw.AddLine({at.x, at.y + text / 2}, {at.x + 13 * s, at.y + text / 2}, line.colour, (lit == i ? 4 : 2) * s);
    put_text(font, {at.x + 18 * s, at.y}, lit == i ? ui.palette.text : ui.palette.text_dim, line.label);
    put_text(font, {at.x + 24 * s + label, at.y}, ui.palette.text, value);
    record_rect(ui, at, {at.x + wide, at.y + text}, content.name + "/" + line.id, "text", line.label, value);
    if (content.has_legend_column) {
      at.y += text + 2 * s;
    } else {
      at.x += wide + 14 * s;
    }
  }
}

std::optional<std::size_t> nearest_line(const Axes& axes, const PlotContent& content, double step, float y) {
  std::optional<std::size_t> nearest;
  float least = std::numeric_limits<float>::infinity();
  for (std::size_t i = 0; i < content.lines.size(); ++i) {
    const PlotLine& line = content.lines[i];
    const auto at = line.series->index_at(static_cast<std::int64_t>(std::llround(step)));
    const auto value = at ? line.series->mean_around(*at, line.window) : std::nullopt;
    if (!value) continue;
    const float distance = std::abs(axes.y(*value) - y);
    if (distance >= least) continue;
    least = distance;
    nearest = i;
  }
  return nearest;
}

}  // namespace

const model::CurveSight& CurvePlot::read(const model::CurveSeries& series, const Interval& steps, int columns,
                                         std::int64_t window) {
  Reading& reading = readings_[&series];
  reading.was_asked = true;
  const bool is_known = reading.version == series.version() && reading.size == series.size() &&
                        reading.steps == steps && reading.columns == columns && reading.window == window;
  if (is_known) return reading.sight;
  reading = {series.version(),
             series.size(),
             steps,
             columns,
             window,
             model::read_curve(series, steps.lo, steps.hi, columns, window),
             true};
  return reading.sight;
}

PlotEvents CurvePlot::draw(Ui& ui, const ImVec2& size, const PlotContent& content, const PlotMoments& moments,
                           std::optional<Interval>& zoom) {
  const float s = ui.scale;
  const float text = font_height(ui.fonts.small);
  const ImGuiIO& io = ImGui::GetIO();
  if (was_logarithmic_ != content.is_logarithmic) values_.reset();
  was_logarithmic_ = content.is_logarithmic;
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const float gutter = 44 * s, legend = content.has_legend_column ? std::min(150 * s, size.x * 0.3F) : 0;
  const ImVec2 min(corner.x + gutter, corner.y + 2 * s);
  const ImVec2 max(corner.x + size.x - legend - 2 * s,
                   corner.y + size.y - (content.has_step_labels ? text + 3 * s : 3 * s));
  PlotEvents events;
  if (max.x - min.x < 20 * s || max.y - min.y < 16 * s) {
    ImGui::Dummy(size);
    return events;
  }
  ImGui::SetCursorScreenPos(min);
  ImGui::PushID(content.name.c_str());
  ImGui::InvisibleButton("plot", {max.x - min.x, max.y - min.y},
                         ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonMiddle);
  own_wheel();
  ImGui::PopID();
  const bool is_hovered = ImGui::IsItemHovered();
  const bool is_held = ImGui::IsItemActive();
  const double first = moments.first, last = std::max(moments.last, moments.first + 10);
  keep_inside(zoom, first, last);
  Axes axes{min, max, zoom.value_or(Interval{first, last}), {}, content.is_logarithmic};

  const int columns = std::max(1, static_cast<int>(max.x - min.x));
  for (auto& [series, reading] : readings_) reading.was_asked = false;
  std::vector<const model::CurveSight*> sights;
  for (const PlotLine& line : content.lines) sights.push_back(&read(*line.series, axes.steps, columns, line.window));
  axes.values = values_.value_or(values_of(content, sights, !zoom));

  if (is_hovered && io.MouseWheel != 0) {
    const double factor = std::pow(kWheelFactor, static_cast<double>(io.MouseWheel));
    if (io.KeyCtrl) {
      const double at =
          axes.values.hi - static_cast<double>((io.MousePos.y - min.y) / (max.y - min.y)) * axes.values.span();
      zoom_about(axes.values, at, factor);
      values_ = axes.values;
    } else {
      zoom_about(axes.steps, axes.step_at(io.MousePos.x), factor);
      zoom = axes.steps;
      keep_inside(zoom, first, last);
      axes.steps = zoom.value_or(Interval{first, last});
    }
    ui.needs_frames = true;
  }
  for (const ImGuiMouseButton pan_button : {ImGuiMouseButton_Left, ImGuiMouseButton_Middle}) {
    if (!is_held || !ImGui::IsMouseDragging(pan_button)) continue;
    const ImVec2 delta = ImGui::GetMouseDragDelta(pan_button);
    ImGui::ResetMouseDragDelta(pan_button);
    if (zoom) {
      const double by = -static_cast<double>(delta.x) / static_cast<double>(max.x - min.x) * zoom->span();
      zoom = Interval{zoom->lo + by, zoom->hi + by};
      keep_inside(zoom, first, last);
      axes.steps = zoom.value_or(Interval{first, last});
    }
    if (values_) {
      const double by = static_cast<double>(delta.y) / static_cast<double>(max.y - min.y) * values_->span();
      axes.values = *(values_ = Interval{values_->lo + by, values_->hi + by});
    }
  }
  // What moved is read where it is now.
  sights.clear();
  for (const PlotLine& line : content.lines) sights.push_back(&read(*line.series, axes.steps, columns, line.window));

  const float threshold = io.MouseDragThreshold;
  const bool was_clicked = ImGui::IsItemDeactivated() && ImGui::IsMouseReleased(ImGuiMouseButton_Left) &&
                           io.MouseDragMaxDistanceSqr[ImGuiMouseButton_Left] < threshold * threshold;
  const auto pointed =
      static_cast<std::int64_t>(std::llround(std::clamp(axes.step_at(io.MousePos.x), moments.first, moments.last)));
  if (is_hovered) {
    events.hovered = pointed;
    events.nearest = nearest_line(axes, content, static_cast<double>(pointed), io.MousePos.y);
    events.was_double_clicked = ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
    if (moments.marks != nullptr) {
      for (const model::TrainMark& mark : *moments.marks) {
        if (std::abs(axes.x(static_cast<double>(mark.step)) - io.MousePos.x) < 5 * s) events.marks.push_back(&mark);
      }
    }
  }
  if (was_clicked) events.clicked = pointed;

  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.AddRectFilled(min, max, ui.palette.canvas, 2 * s);
  if (content.healthy) {
    draw.PushClipRect(min, max, true);
    draw.AddRectFilled({min.x, axes.y(content.healthy->hi)}, {max.x, axes.y(content.healthy->lo)},
                       faded(ui.palette.accent, 0.16F));
    draw.PopClipRect();
  }
  draw_value_axis(ui, axes, content);
  draw_step_axis(ui, axes, moments, content.has_step_labels);
  draw.PushClipRect(min, max, true);
  for (const model::CurveSeries* ghost : content.ghosts) {
    draw_line(axes, read(*ghost, axes.steps, columns, std::max<std::int64_t>(2, content.ghost_window)).mean,
              faded(ui.palette.text_dim, 0.6F), s, true);
  }
  std::erase_if(readings_, [](const auto& entry) { return !entry.second.was_asked; });
  draw.PopClipRect();
  const auto lit = content.has_legend_column ? events.nearest : std::nullopt;
  const float head = std::clamp(axes.x(moments.head) + s, min.x, max.x);
  const auto draw_part = [&](float from, float to, float strength) {
    if (to <= from) return;
    draw.PushClipRect({from, min.y}, {to, max.y}, true);
    for (std::size_t i = 0; i < sights.size(); ++i)
      draw_curve(axes, *sights[i], content.lines[i], strength, lit == i, s);
    draw.PopClipRect();
  };
  draw_part(min.x, head, 1);
  draw_part(head, max.x, 0.4F);
  draw.PushClipRect(min, max, true);
  draw_marks(ui, axes, moments);
  draw_moments(ui, axes, moments);
  if (is_hovered) {
    const float x = axes.x(static_cast<double>(pointed));
    draw.AddLine({x, min.y}, {x, max.y}, faded(ui.palette.text, 0.5F));
  }
  draw.PopClipRect();
  const auto value = [&](double v) { return axes.is_logarithmic ? std::pow(10, v) : v; };
  record_rect(ui, min, max, content.name, "plot", content.title,
              {{"steps", {axes.steps.lo, axes.steps.hi}},
               {"values", {value(axes.values.lo), value(axes.values.hi)}},
               {"logarithmic", axes.is_logarithmic},
               {"lines", content.lines.size()},
               {"ghosts", content.ghosts.size()},
               {"zoomed", zoom.has_value()}},
              {moments.first, moments.last}, true, content.help);
  draw_legend(ui, axes, content, moments.looked_at, lit);
  ImGui::SetCursorScreenPos(corner);
  ImGui::Dummy(size);
  return events;
}

}  // namespace convlens::ui
