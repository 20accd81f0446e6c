// One plot of curves over the steps of a run: axes, lines, marks, the moment looked at; zoomed by wheel and drag. What
// the curves mean, and what a click does, is the panel's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/model/curve_reading.h"
#include "app/model/train_snapshot.h"
#include "app/ui/train_curve_axes.h"
#include "app/ui/ui.h"

namespace convlens::ui {

struct PlotLine {
  std::string id;  // in the twin
  std::string label;
  const model::CurveSeries* series = nullptr;
  ImU32 colour = 0;
  std::int64_t window = 1;  // values that the running mean is taken over; 1: none
  bool has_dots = false;    // where values are rare and each counts
};

struct PlotContent {
  std::string name;  // in the twin
  std::string title;
  std::string help;
  std::vector<PlotLine> lines;
  std::vector<const model::CurveSeries*> ghosts;  // left behind: shown pale, without a name
  std::int64_t ghost_window = 1;
  bool is_logarithmic = false;
  std::optional<Interval> whole{};    // range of values while all steps are seen; else theirs, with zero
  std::optional<Interval> healthy{};  // shaded
  std::function<std::string(double)> text{};
  bool has_legend_column = false;  // on the right, for many lines; else one row inside, at the right
  bool has_legend_below = false;   // ... at the bottom, where the lines end on top
  bool has_step_labels = true;
};

// Where the run stands, for all plots alike.
struct PlotMoments {
  double first = 0, last = 1;  // of the recording
  double head = 0;             // the trainer's; what comes after is paler
  double looked_at = 0;
  std::optional<double> other;  // B
  std::int64_t steps_per_epoch = 1;
  const std::vector<model::TrainMark>* marks = nullptr;
};

struct PlotEvents {
  std::optional<std::int64_t> hovered;         // step under the pointer
  std::optional<std::size_t> nearest;          // line next to it
  std::vector<const model::TrainMark*> marks;  // next to it
  std::optional<std::int64_t> clicked;
  bool was_double_clicked = false;
};

class CurvePlot {
 public:
  // `size` at the cursor. `zoom`: steps that all plots of a panel show; absent: the whole recording.
  PlotEvents draw(Ui& ui, const ImVec2& size, const PlotContent& content, const PlotMoments& moments,
                  std::optional<Interval>& zoom);
  bool is_zoomed() const { return values_.has_value(); }
  void fit() { values_.reset(); }

 private:
  // A series as it was last read, so that nothing is read twice.
  struct Reading {
    std::uint64_t version = 0;
    std::size_t size = 0;
    Interval steps;
    int columns = 0;
    std::int64_t window = 0;
    model::CurveSight sight;
    bool was_asked = false;
  };
  using Sights = std::vector<const model::CurveSight*>;

  const model::CurveSight& read(const model::CurveSeries& series, const CurveAxes& axes, std::int64_t window);
  Sights read_lines(const PlotContent& content, const CurveAxes& axes);
  void zoom_and_pan(Ui& ui, CurveAxes& axes, const PlotMoments& moments, std::optional<Interval>& zoom);
  void draw_curves(Ui& ui, const CurveAxes& axes, const PlotContent& content, const PlotMoments& moments,
                   std::optional<std::size_t> lit);

  std::map<const model::CurveSeries*, Reading> readings_;
  std::optional<Interval> values_;  // while zoomed; powers of ten on a logarithmic axis
  bool was_logarithmic_ = false;
};

}  // namespace convlens::ui
