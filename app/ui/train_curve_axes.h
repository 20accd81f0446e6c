// The frame of a plot over steps: where a step and a value stand on the screen, ticks, and lines between epochs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "app/ui/ui.h"

namespace convlens::ui {

struct Interval {
  double lo = 0, hi = 1;
  double span() const { return hi - lo; }
  bool operator==(const Interval&) const = default;
};

// Values of a logarithmic axis are kept as powers of ten.
struct CurveAxes {
  ImVec2 min, max;  // on the screen
  Interval steps, values;
  bool is_logarithmic = false;

  float width() const { return max.x - min.x; }
  float height() const { return max.y - min.y; }
  float x(double step) const;
  // Kept near the plot: coordinates far off lose their fractions.
  float y(double value) const;
  double step_at(float x) const;
};

// The same colour, so much of it.
ImU32 faded(ImU32 colour, float share);

// Lines across with their values left of the plot.
void draw_value_axis(Ui& ui, const CurveAxes& axes, const std::function<std::string(double)>& text);
// Lines between epochs; steps below the plot.
void draw_step_axis(Ui& ui, const CurveAxes& axes, std::int64_t steps_per_epoch, bool has_labels);

}  // namespace convlens::ui
