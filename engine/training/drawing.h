// What a hand drew, made ready for a net as MNIST's digits were: strokes, grey raster, crop, scale, centre, normalise.
// Every stage's picture stays to be looked at. Knows no window and no mouse.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/training/preprocessing.h"

namespace convlens::training {

// On a square pad: (0,0) is its upper left corner, (1,1) its lower right one.
struct PadPoint {
  float x = 0;
  float y = 0;
  bool operator==(const PadPoint&) const = default;
};

// A round pen, or a round eraser, led smoothly through points.
struct Stroke {
  bool erases = false;
  float width = 0.085f;  // of the pen, as a share of the pad's side
  std::vector<PadPoint> points;
  bool operator==(const Stroke&) const = default;
};

// In the order in which they were drawn: an eraser takes away what was there before.
using Drawing = std::vector<Stroke>;

// Pixels along the side of a raster.
inline constexpr std::int64_t kPadSide = 280;

// A stroke is as many curved pieces as it has gaps between points; a single point is one piece, a dot. Piece i is
// settled once the stroke has more than i + 2 points: later ones do not bend it.
std::int64_t piece_count(const Stroke& stroke);
// Lays the pieces [first, end) on a square raster (1,1,side,side) of values in [0,1], antialiased: ink 1 on paper 0.
void draw_pieces(const Stroke& stroke, std::int64_t first, std::int64_t end, View raster);
// A whole drawing, (1,1,side,side).
Tensor draw(const Drawing& drawing, std::int64_t side = kPadSide);

// What is done to a drawing. The defaults are what was done to MNIST: "size normalized to fit in a 20x20 pixel box
// while preserving their aspect ratio" and "centered in a 28x28 image by computing the center of mass of the pixels"
// (LeCun, Cortes, Burges, http://yann.lecun.com/exdb/mnist/).
struct DrawingRecipe {
  bool crops = true;         // to the box around the ink; else all of the pad
  bool fits_box = true;      // its larger side becomes 20/28 of the net's picture; else all of it
  bool keeps_aspect = true;  // else both sides become as large as that
  bool centres_mass = true;  // else the box's middle goes to the middle
  bool normalises = true;    // as the net's training pictures were; else values stay in [0,1]
  std::int64_t nudge_x = 0;  // whole pixels of the net's picture, to the right and down
  std::int64_t nudge_y = 0;
  bool operator==(const DrawingRecipe&) const = default;
};

// Pixels [x0, x1) x [y0, y1).
struct PixelBox {
  std::int64_t x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  std::int64_t width() const { return x1 - x0; }
  std::int64_t height() const { return y1 - y0; }
  bool operator==(const PixelBox&) const = default;
};

struct DrawingStages {
  bool is_empty = true;  // no pixel of the raster is covered by half
  PixelBox box;          // of the raster: what is kept of it
  Tensor cropped;        // (1,1,h,w) of that size
  Tensor scaled;         // (1,1,h,w)
  PixelBox place;        // of `scaled` in the net's picture; parts outside are cut off
  double mass_x = 0;     // centre of mass of the ink in the net's picture, in pixels from its upper left corner
  double mass_y = 0;
  double lost = 0;            // share of the ink that was cut off
  Tensor placed;              // (1,1,H,W) in [0,1], as the net is to see it
  bool is_inverted = false;   // dark ink on bright paper in `placed`, as in the pictures the net learnt from
  std::vector<float> values;  // (C,H,W): `placed` normalised, alike in every channel
};

// `raster` as draw() makes it; `picture` is (1,C,H,W) of the net.
DrawingStages make_stages(ConstView raster, const Shape& picture, const Preprocessing& preprocessing,
                          const DrawingRecipe& recipe);

// The larger side of the box in a picture of that side: 20 of 28.
std::int64_t digit_box(std::int64_t side);

}  // namespace convlens::training
