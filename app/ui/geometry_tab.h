// The tab "Geometry": overlay switches with their legends, the flip, the activation, pooling. One of them at a time.
#pragma once

#include <memory>

#include "app/ui/ui.h"

namespace convlens::ui {

class GeometryTab {
 public:
  GeometryTab();
  ~GeometryTab();
  void draw(Ui& ui);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::ui
