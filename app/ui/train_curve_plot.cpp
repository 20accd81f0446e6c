// Draws curves with ImDrawList. Reading them is app/model/curve_reading's.
#include "app/ui/train_curve_plot.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "app/ui/canvas.h"
#include "app/ui/text.h"
#include "app/ui/train_curve_range.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"

namespace convlens::ui {
namespace {

constexpr double kWheelFactor = 1.25;

void draw_line(const CurveAxes& axes, const std::vector<model::CurvePoint>& points, ImU32 colour, float thickness,
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

void draw_columns(const CurveAxes& axes, const std::vector<model::Spread>& columns, ImU32 colour) {
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

void draw_curve(const CurveAxes& axes, const model::CurveSight& sight, const PlotLine& line, float strength,
                bool is_lit, float s) {
  const ImU32 colour = faded(line.colour, strength);
  const float thickness = (is_lit ? 2.8F : 1.7F) * s;
  if (!sight.columns.empty()) draw_columns(axes, sight.columns, faded(colour, 0.3F));
  if (line.window > 1 && !sight.points.empty()) draw_line(axes, sight.points, faded(colour, 0.35F), s, true);
  draw_line(axes, sight.mean, colour, thickness, true);
  const bool has_room = static_cast<float>(sight.points.size()) * 9 * s < axes.width();
  if (line.has_dots && has_room) draw_line(axes, sight.points, colour, 1.7F * s, false);
}

void draw_marks(Ui& ui, const CurveAxes& axes, const PlotMoments& moments) {
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

void draw_moments(Ui& ui, const CurveAxes& axes, const PlotMoments& moments) {
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
  const auto wanted = static_cast<std::int64_t>(std::llround(step));
  const auto at = line.series->index_at(wanted);
  const auto value = at ? line.series->mean_around(*at, line.window) : std::nullopt;
  if (!value) return "–";
  // Rare values are told with their step.
  const bool is_older = line.has_dots && line.series->step(*at) != wanted;
  return content.text(*value) + (is_older ? " at " + grouped(line.series->step(*at)) : "");
}

void draw_entry(Ui& ui, const ImVec2& at, const PlotContent& content, const PlotLine& line, const std::string& value,
                bool is_lit) {
  const float s = ui.scale;
  ImFont* font = ui.fonts.small;
  const float text = font_height(font), label = width_of(font, line.label);
  ImGui::GetWindowDrawList()->AddLine({at.x, at.y + text / 2}, {at.x + 13 * s, at.y + text / 2}, line.colour,
                                      (is_lit ? 4 : 2) * s);
  put_text(font, {at.x + 18 * s, at.y}, is_lit ? ui.palette.text : ui.palette.text_dim, line.label);
  put_text(font, {at.x + 24 * s + label, at.y}, ui.palette.text, value);
  record_rect(ui, at, {at.x + 24 * s + label + width_of(font, value), at.y + text}, content.name + "/" + line.id,
              "text", line.label, value);
}

// Title and lines with their values at the moment looked at. A row inside the plot, or a column at its right.
void draw_legend(Ui& ui, const CurveAxes& axes, const PlotContent& content, double step,
                 std::optional<std::size_t> lit) {
  const float s = ui.scale, gap = 14 * s;
  ImFont* font = ui.fonts.small;
  const float text = font_height(font);
  std::vector<std::string> values;
  std::vector<float> widths;
  float total = width_of(font, content.title);
  for (const PlotLine& line : content.lines) {
    values.push_back(value_at(content, line, step));
    widths.push_back(24 * s + width_of(font, line.label) + width_of(font, values.back()));
    total += gap + widths.back();
  }
  const bool is_column = content.has_legend_column;
  const float left = axes.min.x + 6 * s, right = axes.max.x - 6 * s;
  if (is_column || left + total > right) total = width_of(font, content.title);
  ImVec2 at(is_column ? left : std::max(left, right - total), axes.min.y + 2 * s);
  if (content.has_legend_below) at.y = axes.max.y - text - 3 * s;
  ImGui::GetWindowDrawList()->AddRectFilled({at.x - 4 * s, at.y}, {at.x + total + 4 * s, at.y + text},
                                            faded(ui.palette.canvas, 0.75F), 2 * s);
  put_text(font, at, ui.palette.text, content.title);
  at = is_column ? ImVec2(axes.max.x + 10 * s, axes.min.y) : ImVec2(at.x + width_of(font, content.title) + gap, at.y);
  for (std::size_t i = 0; i < content.lines.size(); ++i) {
    if (is_column ? at.y + text > axes.max.y + text : at.x + widths[i] > right + 1) break;
    draw_entry(ui, at, content, content.lines[i], values[i], lit == i);
    (is_column ? at.y : at.x) += is_column ? text + 2 * s : widths[i] + gap;
  }
}

std::optional<std::size_t> nearest_line(const CurveAxes& axes, const PlotContent& content, double step, float y) {
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

// What the pointer is doing over the last item.
PlotEvents events_of(const CurveAxes& axes, const PlotContent& content, const PlotMoments& moments, float scale) {
  const ImGuiIO& io = ImGui::GetIO();
  PlotEvents events;
  const double pointed = std::clamp(axes.step_at(io.MousePos.x), moments.first, moments.last);
  const auto step = static_cast<std::int64_t>(std::llround(pointed));
  const float threshold = io.MouseDragThreshold;
  const bool was_clicked = ImGui::IsItemDeactivated() && ImGui::IsMouseReleased(ImGuiMouseButton_Left) &&
                           io.MouseDragMaxDistanceSqr[ImGuiMouseButton_Left] < threshold * threshold;
  if (was_clicked) events.clicked = step;
  if (!ImGui::IsItemHovered()) return events;
  events.hovered = step;
  events.nearest = nearest_line(axes, content, static_cast<double>(step), io.MousePos.y);
  events.was_double_clicked = ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
  if (moments.marks == nullptr) return events;
  for (const model::TrainMark& mark : *moments.marks) {
    if (std::abs(axes.x(static_cast<double>(mark.step)) - io.MousePos.x) < 5 * scale) events.marks.push_back(&mark);
  }
  return events;
}

void tell(Ui& ui, const CurveAxes& axes, const PlotContent& content, const PlotMoments& moments, bool is_zoomed) {
  const auto value = [&](double v) { return axes.is_logarithmic ? std::pow(10, v) : v; };
  record_rect(ui, axes.min, axes.max, content.name, "plot", content.title,
              {{"steps", {axes.steps.lo, axes.steps.hi}},
               {"values", {value(axes.values.lo), value(axes.values.hi)}},
               {"logarithmic", axes.is_logarithmic},
               {"lines", content.lines.size()},
               {"ghosts", content.ghosts.size()},
               {"zoomed", is_zoomed}},
              {moments.first, moments.last}, true, content.help);
}

}  // namespace

const model::CurveSight& CurvePlot::read(const model::CurveSeries& series, const CurveAxes& axes, std::int64_t window) {
  const int columns = std::max(1, static_cast<int>(axes.width()));
  Reading& reading = readings_[&series];
  const bool is_known = reading.version == series.version() && reading.size == series.size() &&
                        reading.steps == axes.steps && reading.columns == columns && reading.window == window;
  if (!is_known) {
    reading = {series.version(),
               series.size(),
               axes.steps,
               columns,
               window,
               model::read_curve(series, axes.steps.lo, axes.steps.hi, columns, window),
               false};
  }
  reading.was_asked = true;
  return reading.sight;
}

CurvePlot::Sights CurvePlot::read_lines(const PlotContent& content, const CurveAxes& axes) {
  Sights sights;
  for (const PlotLine& line : content.lines) sights.push_back(&read(*line.series, axes, line.window));
  return sights;
}

// Over the last item. The wheel zooms steps, with Ctrl values; a drag moves what is zoomed.
void CurvePlot::zoom_and_pan(Ui& ui, CurveAxes& axes, const PlotMoments& moments, std::optional<Interval>& zoom) {
  const ImGuiIO& io = ImGui::GetIO();
  if (ImGui::IsItemHovered() && io.MouseWheel != 0) {
    const double factor = std::pow(kWheelFactor, static_cast<double>(io.MouseWheel));
    if (io.KeyCtrl) {
      const double share = static_cast<double>((axes.max.y - io.MousePos.y) / axes.height());
      zoom_about(axes.values, axes.values.lo + share * axes.values.span(), factor);
      values_ = axes.values;
    } else {
      Interval steps = axes.steps;
      zoom_about(steps, axes.step_at(io.MousePos.x), factor);
      zoom = steps;
    }
    ui.needs_frames = true;
  }
  for (const ImGuiMouseButton pressed : {ImGuiMouseButton_Left, ImGuiMouseButton_Middle}) {
    if (!ImGui::IsItemActive() || !ImGui::IsMouseDragging(pressed)) continue;
    const ImVec2 delta = ImGui::GetMouseDragDelta(pressed);
    ImGui::ResetMouseDragDelta(pressed);
    if (zoom) {
      const double by = -static_cast<double>(delta.x / axes.width()) * zoom->span();
      zoom = Interval{zoom->lo + by, zoom->hi + by};
    }
    if (values_) {
      const double by = static_cast<double>(delta.y / axes.height()) * values_->span();
      values_ = Interval{values_->lo + by, values_->hi + by};
      axes.values = *values_;
    }
  }
  const Interval all = all_steps(moments);
  keep_inside(zoom, all);
  axes.steps = zoom.value_or(all);
}

// Ghosts, then lines: paler after the trainer's step.
void CurvePlot::draw_curves(Ui& ui, const CurveAxes& axes, const PlotContent& content, const PlotMoments& moments,
                            std::optional<std::size_t> lit) {
  const float s = ui.scale;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  for (const model::CurveSeries* ghost : content.ghosts) {
    draw_line(axes, read(*ghost, axes, std::max<std::int64_t>(2, content.ghost_window)).mean,
              faded(ui.palette.text_dim, 0.6F), s, true);
  }
  const Sights sights = read_lines(content, axes);
  std::erase_if(readings_, [](const auto& entry) { return !entry.second.was_asked; });
  const float head = std::clamp(axes.x(moments.head) + s, axes.min.x, axes.max.x);
  const auto draw_part = [&](float from, float to, float strength) {
    if (to <= from) return;
    draw.PushClipRect({from, axes.min.y}, {to, axes.max.y}, true);
    for (std::size_t i = 0; i < sights.size(); ++i) {
      draw_curve(axes, *sights[i], content.lines[i], strength, lit == i, s);
    }
    draw.PopClipRect();
  };
  draw_part(axes.min.x, head, 1);
  draw_part(head, axes.max.x, 0.5F);
}

PlotEvents CurvePlot::draw(Ui& ui, const ImVec2& size, const PlotContent& content, const PlotMoments& moments,
                           std::optional<Interval>& zoom) {
  const float s = ui.scale;
  const float text = font_height(ui.fonts.small);
  if (was_logarithmic_ != content.is_logarithmic) values_.reset();
  was_logarithmic_ = content.is_logarithmic;
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const float gutter = 44 * s, legend = content.has_legend_column ? std::min(150 * s, size.x * 0.3F) : 0;
  const float below = content.has_step_labels ? text + 3 * s : 3 * s;
  CurveAxes axes;
  axes.min = {corner.x + gutter, corner.y + 2 * s};
  axes.max = {corner.x + size.x - legend - 2 * s, corner.y + size.y - below};
  axes.is_logarithmic = content.is_logarithmic;
  if (axes.width() < 20 * s || axes.height() < 16 * s) {
    ImGui::Dummy(size);
    return {};
  }
  ImGui::SetCursorScreenPos(axes.min);
  ImGui::PushID(content.name.c_str());
  ImGui::InvisibleButton("plot", {axes.width(), axes.height()},
                         ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonMiddle);
  own_wheel();
  ImGui::PopID();

  for (auto& [series, reading] : readings_) reading.was_asked = false;
  keep_inside(zoom, all_steps(moments));
  axes.steps = zoom.value_or(all_steps(moments));
  axes.values = values_.value_or(values_of(content, read_lines(content, axes), !zoom));
  zoom_and_pan(ui, axes, moments, zoom);
  const PlotEvents events = events_of(axes, content, moments, s);

  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.AddRectFilled(axes.min, axes.max, ui.palette.canvas, 2 * s);
  if (content.healthy) {
    draw.AddRectFilled({axes.min.x, std::max(axes.min.y, axes.y(content.healthy->hi))},
                       {axes.max.x, std::min(axes.max.y, axes.y(content.healthy->lo))},
                       faded(ui.palette.accent, 0.16F));
  }
  draw_value_axis(ui, axes, content.text);
  draw_step_axis(ui, axes, moments.steps_per_epoch, content.has_step_labels);
  const auto lit = content.has_legend_column ? events.nearest : std::nullopt;
  draw.PushClipRect(axes.min, axes.max, true);
  draw_curves(ui, axes, content, moments, lit);
  draw_marks(ui, axes, moments);
  draw_moments(ui, axes, moments);
  if (events.hovered) {
    const float x = axes.x(static_cast<double>(*events.hovered));
    draw.AddLine({x, axes.min.y}, {x, axes.max.y}, faded(ui.palette.text, 0.5F));
  }
  draw.PopClipRect();
  tell(ui, axes, content, moments, zoom.has_value());
  draw_legend(ui, axes, content, moments.looked_at, lit);
  ImGui::SetCursorScreenPos(corner);
  ImGui::Dummy(size);
  return events;
}

}  // namespace convlens::ui
