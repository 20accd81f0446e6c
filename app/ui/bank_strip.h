// The bank as a strip of thumbnails: choose, add, duplicate, delete, reorder. Not the weights of a filter.
#pragma once

#include <memory>
#include <string>

#include "app/ui/ui.h"
#include "app/view/picture.h"

namespace convlens::ui {

// A filter's image centred in a square, its cells square.
void draw_thumbnail(const view::Image& image, const ImVec2& min, float side, ImU32 tint);

class BankStrip {
 public:
  BankStrip();
  ~BankStrip();
  void draw(Ui& ui);
  bool is_hovered() const;  // the pointer was on the thumbnails in the last draw()

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::ui
