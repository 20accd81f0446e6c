// The tab "Cost": what the layer costs as written arithmetic, a dense layer beside it, and the time of every kernel.
#pragma once

#include <memory>

#include "app/ui/ui.h"

namespace convlens::ui {

class CostTab {
 public:
  CostTab();
  ~CostTab();
  void draw(Ui& ui);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::ui
