// Which steps and values a plot of curves shows: fitted to the lines, or zoomed by hand.
#pragma once

#include <optional>
#include <vector>

#include "app/ui/train_curve_plot.h"

namespace convlens::ui {

// The range that the lines fit into; `sights` are theirs, in their order. `is_whole`: all steps are seen.
Interval values_of(const PlotContent& content, const std::vector<const model::CurveSight*>& sights, bool is_whole);
void zoom_about(Interval& range, double at, double factor);
// Of the recording; never so short that a plot of it would be empty.
Interval all_steps(const PlotMoments& moments);
// Keeps the span and moves it inside; gives up the zoom where it shows everything.
void keep_inside(std::optional<Interval>& zoom, const Interval& all);

}  // namespace convlens::ui
