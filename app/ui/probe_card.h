// What is said about the weight or the input pixel under the pointer: where it reaches, what its sum is, and why.
#pragma once

#include "app/ui/maps_panel_screen.h"
#include "app/ui/ui.h"

namespace convlens::ui {

class ProbeCard {
 public:
  // A card over the area [min, max) of the panel, while the pointer rests on a weight or on the picture and drags
  // nothing; nothing otherwise.
  void draw(Ui& ui, const ShownMaps& maps, const ImVec2& min, const ImVec2& max);

 private:
  model::Hover::Kind kind_ = model::Hover::Kind::kNone;  // what the pointer has been on
  double since_ = 0;                                     // ... from when on; seconds, ImGui's clock
};

}  // namespace convlens::ui
