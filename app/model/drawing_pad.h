// A pad that is drawn on: strokes with undo and redo, and the raster as it stands while the pen moves. Knows no mouse.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/training/drawing.h"

namespace convlens::model {

class DrawingPad {
 public:
  DrawingPad();

  // A stroke begins, goes on, ends. Points that hardly move are left out.
  void begin(bool erases, float width, const training::PadPoint& at);
  void move_to(const training::PadPoint& at);
  void end();
  bool is_drawing() const { return is_drawing_; }

  void clear();
  // One stroke, or one clearing. Not while a stroke is under way.
  bool can_undo() const { return !is_drawing_ && position_ > 0; }
  bool can_redo() const { return !is_drawing_ && position_ + 1 < drawings_.size(); }
  void undo();
  void redo();

  // As far as it is drawn.
  const training::Drawing& drawing() const { return drawings_[position_]; }
  // (1,1,kPadSide,kPadSide) in [0,1].
  ConstView raster() const { return shown_.view(); }
  // Changes whenever the raster does.
  std::uint64_t version() const { return version_; }

 private:
  void redraw();
  void show_stroke();

  std::vector<training::Drawing> drawings_;  // one per gesture, from the empty one on
  std::size_t position_ = 0;
  bool is_drawing_ = false;
  std::int64_t settled_pieces_ = 0;  // of the stroke under way, in `settled_`
  Tensor settled_;                   // what later points do not change
  Tensor shown_;                     // ... and the piece that the pen is on
  std::uint64_t version_ = 1;
};

}  // namespace convlens::model
