// A, B and their difference side by side: three canvases with one zoom, which is the maps' own, and one pointer.
#pragma once

#include "app/ui/ab_paint.h"
#include "app/ui/ui.h"
#include "app/view/picture.h"

namespace convlens::ui {

class CompareWindow {
 public:
  void draw(Ui& ui);

 private:
  view::PlanePicture a_;
  AbPaint paint_;
};

}  // namespace convlens::ui
