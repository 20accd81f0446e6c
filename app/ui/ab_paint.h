// B on the canvases of the maps: swiped over A, in its place while it is held, or what the two differ by. The maps of A
// are painted by whoever owns the canvas.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "app/model/ab_session.h"
#include "app/ui/canvas.h"
#include "app/ui/ui.h"
#include "app/view/colormap.h"
#include "app/view/picture.h"

namespace convlens::ui {

// How the maps of A are coloured: B gets the same.
struct MapColours {
  const view::Colormap* colormap = nullptr;
  view::ValueRange range;
};

// Differences have the colour map of signed maps, as far as the largest reaches on both sides; as far as their bulk
// where the settings clip outliers.
const view::Colormap& difference_colormap(const Ui& ui);
view::ValueRange difference_range(const Ui& ui, const model::MapDifference& difference);
struct ColourBar;
ColourBar difference_bar(const Ui& ui, const model::MapDifference& difference);

// What the canvas of a map shows in place of A's map.
struct ShownInstead {
  std::string name;  // "A − B", "B"
  const model::MapStats& stats;
  model::MapDifferencePtr difference;  // null: B
  model::FeatureMapPtr b;              // null: the difference
  std::optional<float> value(std::int64_t row, std::int64_t col) const;
};
// Nothing where it shows A or a part of it.
std::optional<ShownInstead> shown_instead(const Ui& ui, int map);

class AbPaint {
 public:
  // Before a map's canvas is laid out at this place: the handle of the swipe line, which is grabbed in place of it.
  static void grab_line(Ui& ui, int map, const ImVec2& corner, const ImVec2& size);
  // After A's map was painted, and before what is drawn on top of both. Adds B to the words about the pointer.
  void paint(Ui& ui, int map, const MapColours& colours, const CanvasState& canvas);
  // One of the two alone, all over the canvas.
  void paint_b(Ui& ui, int map, const MapColours& colours, const CanvasState& canvas);
  void paint_difference(Ui& ui, int map, const CanvasState& canvas);

 private:
  struct Shown {
    view::PlanePicture picture;
    model::FeatureMapPtr map;      // whose pixels it has
    std::uint64_t generation = 0;  // maps of two sessions may have the same version
  };
  std::unordered_map<int, Shown> b_;
  std::unordered_map<int, view::PlanePicture> differences_;
};

}  // namespace convlens::ui
