// A drawing pad: strokes, undo, and a raster that is the same however it came about.
#include "app/model/drawing_pad.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace convlens::model {
namespace {

using training::PadPoint;

std::vector<float> pixels(const DrawingPad& pad) {
  const ConstView view = pad.raster();
  return {view.data, view.data + view.shape.size()};
}

void draw_ring(DrawingPad& pad, float radius, bool erases = false) {
  for (int i = 0; i <= 30; ++i) {
    const float turn = static_cast<float>(i) * 0.2094395F;
    const PadPoint at{0.5F + radius * std::cos(turn), 0.5F + radius * std::sin(turn)};
    if (i == 0) pad.begin(erases, 0.08F, at);
    pad.move_to(at);
  }
  pad.end();
}

TEST_CASE("the raster while drawing is that of the drawing") {
  DrawingPad pad;
  CHECK(std::ranges::all_of(pixels(pad), [](float v) { return v == 0; }));
  draw_ring(pad, 0.3F);
  draw_ring(pad, 0.2F);
  draw_ring(pad, 0.25F, true);
  const Tensor whole = training::draw(pad.drawing());
  CHECK(std::ranges::count_if(whole.values(), [](float v) { return v == 1; }) > 1000);
  CHECK(std::ranges::equal(pixels(pad), whole.values()));
  CHECK(pad.drawing().size() == 3);
}

TEST_CASE("while the pen is down, the raster shows the stroke as far as it goes") {
  DrawingPad pad;
  pad.begin(false, 0.08F, {0.2F, 0.2F});
  const std::uint64_t before = pad.version();
  pad.move_to({0.8F, 0.2F});
  CHECK(pad.version() != before);
  CHECK(pixels(pad)[56 * 280 + 140] == 1);
  CHECK(pad.is_drawing());
  CHECK_FALSE(pad.can_undo());
  // A hand at rest adds nothing.
  const std::uint64_t moved = pad.version();
  pad.move_to({0.8005F, 0.2F});
  CHECK(pad.version() == moved);
  pad.end();
  CHECK(pad.can_undo());
}

TEST_CASE("undo takes strokes and clearing back one by one, redo brings them again") {
  DrawingPad pad;
  draw_ring(pad, 0.3F);
  const auto one = pixels(pad);
  draw_ring(pad, 0.1F);
  const auto two = pixels(pad);
  CHECK(one != two);
  pad.clear();
  CHECK(pad.drawing().empty());
  pad.clear();  // an empty pad has nothing to clear
  pad.undo();
  CHECK(pixels(pad) == two);
  pad.undo();
  CHECK(pixels(pad) == one);
  pad.redo();
  CHECK(pixels(pad) == two);
  pad.redo();
  CHECK(pad.drawing().empty());
  CHECK_FALSE(pad.can_redo());
  pad.undo();
  pad.undo();
  draw_ring(pad, 0.2F);  // forgets what was undone
  CHECK_FALSE(pad.can_redo());
  pad.undo();
  pad.undo();
  CHECK(pad.drawing().empty());
  CHECK_FALSE(pad.can_undo());
}

TEST_CASE("a long session keeps the newest gestures") {
  DrawingPad pad;
  for (int i = 0; i < 500; ++i) {
    pad.begin(false, 0.01F, {0.5F, 0.5F});
    pad.end();
  }
  int undone = 0;
  for (; pad.can_undo(); ++undone) pad.undo();
  CHECK(undone >= 150);
  CHECK(undone <= 200);
}

}  // namespace
}  // namespace convlens::model
