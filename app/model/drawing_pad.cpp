// Strokes and their history.
#include "app/model/drawing_pad.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace convlens::model {
namespace {

constexpr std::size_t kMostGestures = 200;
constexpr float kLeastMove = 0.004F;  // of the pad's side: about a pixel

}  // namespace

DrawingPad::DrawingPad() : drawings_(1) { redraw(); }

void DrawingPad::begin(bool erases, float width, const training::PadPoint& at) {
  assert(!is_drawing_);
  drawings_.resize(position_ + 1);
  if (drawings_.size() > kMostGestures) drawings_.erase(drawings_.begin());
  drawings_.push_back(drawings_.back());
  drawings_.back().push_back({.erases = erases, .width = width, .points = {at}});
  position_ = drawings_.size() - 1;
  is_drawing_ = true;
  settled_pieces_ = 0;
  show_stroke();
}

void DrawingPad::move_to(const training::PadPoint& at) {
  assert(is_drawing_);
  training::Stroke& stroke = drawings_[position_].back();
  const training::PadPoint& last = stroke.points.back();
  if (std::hypot(at.x - last.x, at.y - last.y) < kLeastMove) return;
  stroke.points.push_back(at);
  const std::int64_t ready = std::max(settled_pieces_, std::ssize(stroke.points) - 2);
  training::draw_pieces(stroke, settled_pieces_, ready, settled_.view());
  settled_pieces_ = ready;
  show_stroke();
}

void DrawingPad::end() {
  assert(is_drawing_);
  is_drawing_ = false;
  // What is shown is the whole stroke already.
  std::ranges::copy(shown_.values(), settled_.values().begin());
}

void DrawingPad::show_stroke() {
  const training::Stroke& stroke = drawings_[position_].back();
  std::ranges::copy(settled_.values(), shown_.values().begin());
  training::draw_pieces(stroke, settled_pieces_, training::piece_count(stroke), shown_.view());
  ++version_;
}

void DrawingPad::clear() {
  if (is_drawing_ || drawing().empty()) return;
  drawings_.resize(position_ + 1);
  drawings_.emplace_back();
  position_ = drawings_.size() - 1;
  redraw();
}

void DrawingPad::undo() {
  if (!can_undo()) return;
  --position_;
  redraw();
}

void DrawingPad::redo() {
  if (!can_redo()) return;
  ++position_;
  redraw();
}

void DrawingPad::redraw() {
  shown_ = training::draw(drawing());
  settled_ = shown_.clone();
  ++version_;
}

}  // namespace convlens::model
