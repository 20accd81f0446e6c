// Draws axes. Where their ticks stand is app/model/curve_reading's.
#include "app/ui/train_curve_axes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "app/model/curve_reading.h"
#include "app/ui/text.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"

namespace convlens::ui {

float CurveAxes::x(double step) const { return min.x + static_cast<float>((step - steps.lo) / steps.span()) * width(); }

float CurveAxes::y(double value) const {
  constexpr double kNone = -std::numeric_limits<double>::infinity();
  const double scaled = !is_logarithmic ? value : value > 0 ? std::log10(value) : kNone;
  const double share = std::clamp((scaled - values.lo) / values.span(), -1.0, 2.0);
  return max.y - static_cast<float>(share) * height();
}

double CurveAxes::step_at(float at) const {
  return steps.lo + static_cast<double>((at - min.x) / std::max(1.0F, width())) * steps.span();
}

ImU32 faded(ImU32 colour, float share) {
  const auto alpha = static_cast<float>((colour >> IM_COL32_A_SHIFT) & 0xFFU);
  return (colour & ~IM_COL32_A_MASK) | (static_cast<ImU32>(alpha * share + 0.5F) << IM_COL32_A_SHIFT);
}

void draw_value_axis(Ui& ui, const CurveAxes& axes, const std::function<std::string(double)>& text) {
  const float s = ui.scale;
  ImFont* font = ui.fonts.small;
  const float line = font_height(font);
  const int most = std::clamp(static_cast<int>(axes.height() / (line * 1.5F)), 2, 8);
  const std::vector<double> ticks =
      axes.is_logarithmic ? model::logarithmic_ticks(std::pow(10, axes.values.lo), std::pow(10, axes.values.hi), most)
                          : model::axis_ticks(axes.values.lo, axes.values.hi, most);
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  for (const double tick : ticks) {
    const float y = axes.y(tick);
    draw.AddLine({axes.min.x, y}, {axes.max.x, y}, ui.palette.grid);
    const std::string label = text(tick);
    const float top = std::clamp(y - line / 2, axes.min.y - 2 * s, axes.max.y - line + 2 * s);
    put_text(font, {axes.min.x - width_of(font, label) - 5 * s, top}, ui.palette.text_dim, label);
  }
}

void draw_step_axis(Ui& ui, const CurveAxes& axes, std::int64_t steps_per_epoch, bool has_labels) {
  const float s = ui.scale;
  ImFont* font = ui.fonts.small;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  // Every so many epochs that the lines stay apart.
  const auto per_epoch = static_cast<double>(std::max<std::int64_t>(1, steps_per_epoch));
  const int room = std::clamp(static_cast<int>(axes.width() / (36 * s)), 2, 40);
  for (const double epoch : model::axis_ticks(axes.steps.lo / per_epoch, axes.steps.hi / per_epoch, room, true)) {
    const float x = std::floor(axes.x(epoch * per_epoch));
    if (epoch > 0) draw.AddLine({x, axes.min.y}, {x, axes.max.y}, faded(ui.palette.text_dim, 0.4F));
  }
  if (!has_labels) return;
  const std::string widest = grouped(static_cast<std::int64_t>(axes.steps.hi));
  const int most = std::clamp(static_cast<int>(axes.width() / (width_of(font, widest) + 22 * s)), 2, 12);
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

}  // namespace convlens::ui
