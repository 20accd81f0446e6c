// The maps on the screen: tiles or one large, with their gestures and outlines. Not the controls around them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "app/model/sweep.h"
#include "app/ui/ab_paint.h"
#include "app/ui/canvas.h"
#include "app/ui/geometry_overlay.h"
#include "app/ui/ui.h"
#include "app/view/colormap.h"
#include "app/view/picture.h"

namespace convlens::ui {

// What a frame shows, decided once for all parts of the panel.
struct ShownMaps {
  model::ConvResultPtr result;  // never null
  const view::Colormap* colormap = nullptr;
  std::vector<view::ValueRange> ranges;  // one per map
  int count = 0;
  int selected = 0;
  const model::MapStats& stats(int map) const { return result->stats[static_cast<std::size_t>(map)]; }
  // Of the newest settings that map was made from.
  std::uint64_t generation(int map) const {
    if (result->has(map)) return result->generation;
    const model::FeatureMapPtr& older = result->maps[static_cast<std::size_t>(map)];
    return older ? older->generation : 0;
  }
  const view::ValueRange& range(int map) const { return ranges[static_cast<std::size_t>(map)]; }
  const std::string& name(int map) const { return result->settings.bank.filters[static_cast<std::size_t>(map)].name; }
};
ShownMaps shown_maps(const model::Document& document);

class MapScreen {
 public:
  // Fills an area of `size` at the cursor. Sets the hover and the selection; holds the animation where the pointer is.
  void draw(Ui& ui, const ShownMaps& maps, const ImVec2& size);
  // The part of the output that is seen, for the animation to walk over.
  const model::Sweep& visible_sweep() const { return sweep_; }

 private:
  struct Tile {
    int map = 0;
    CanvasState canvas;
    ImVec2 caption;  // upper left corner of the line below the picture
  };
  void lay_out_tiles(Ui& ui, const ShownMaps& maps, const ImVec2& size);
  void lay_out_one(Ui& ui, const ShownMaps& maps, const ImVec2& size);
  void add_tile(Ui& ui, const ShownMaps& maps, int map, const ImVec2& corner, const ImVec2& size);
  void react(Ui& ui, const ShownMaps& maps, const Tile& tile);
  void paint(Ui& ui, const ShownMaps& maps, Tile& tile);
  void paint_original(Ui& ui, const ShownMaps& maps, const Tile& tile);
  void paint_map(Ui& ui, const ShownMaps& maps, const Tile& tile);
  void find_sweep(const ShownMaps& maps);

  std::vector<Tile> tiles_;  // of this frame; only those in sight
  std::vector<view::PlanePicture> pictures_;
  MapGeometryOverlay geometry_overlay_;
  AbPaint ab_;
  view::ColourPicture original_;
  std::shared_ptr<const Tensor> original_tensor_;
  std::uint64_t original_generation_ = 0;
  model::Sweep sweep_;
  int scrolled_to_ = -1;
  ImVec2 pointer_{-1, -1};
  bool pointer_acts_ = false;
};

}  // namespace convlens::ui
