// Depth 2, one map from inside: each input channel, its slice of the filter, its part of the map; then their sum, the
// bias, the activation and the map itself. Parts are computed by app/model/partial_maps.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "app/ui/canvas.h"
#include "app/ui/cell_matrix.h"
#include "app/ui/maps_panel_screen.h"
#include "app/ui/probe_cache.h"
#include "app/ui/ui.h"
#include "app/view/picture.h"

namespace convlens::ui {

class ChannelsView {
 public:
  // Fills an area of `size` at the cursor. Sets the hover; clicks watch a value.
  void draw(Ui& ui, const ShownMaps& maps, const ImVec2& size);

 private:
  struct Columns {
    float picture = 0;  // width of the pictures on both sides
    float slice = 0;    // width of the filter's slice between them
    float gap = 0;      // of each of the signs between
    float height = 0;   // of a picture
    float caption = 0;  // below it
    int rows = 0;
  };
  Columns lay_out(const Ui& ui, const ShownMaps& maps, const ImVec2& size) const;
  void draw_channel(Ui& ui, const ShownMaps& maps, const Columns& columns, const ImVec2& corner, int channel);
  void draw_result(Ui& ui, const ShownMaps& maps, const Columns& columns, const ImVec2& corner);
  void draw_slice(Ui& ui, const ShownMaps& maps, const ImVec2& corner, const ImVec2& size, int channel);
  CanvasState draw_input(Ui& ui, const ShownMaps& maps, const ImVec2& corner, const ImVec2& size, int channel);
  void draw_part(Ui& ui, const ShownMaps& maps, const ImVec2& corner, const ImVec2& size, int plane);
  void draw_map(Ui& ui, const ShownMaps& maps, const ImVec2& corner, const ImVec2& size);
  void point_at(Ui& ui, const ShownMaps& maps, const CanvasState& canvas, const std::string& what, float value);
  void draw_sum_line(Ui& ui, const ShownMaps& maps);

  model::PartialMapsPtr parts_;  // of this frame; may be null or of older settings
  model::Pin pin_;               // whose numbers are written below the pictures
  ProbeCache probe_;
  view::ValueRange range_;  // of all parts and the sum
  std::vector<view::PlanePicture> inputs_, planes_;
  view::PlanePicture output_;
  std::shared_ptr<const Tensor> input_;
  std::uint64_t input_generation_ = 0;
};

}  // namespace convlens::ui
