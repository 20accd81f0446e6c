// Zoom and pan arithmetic of one picture on the screen. Image pixel (x, y) covers [x, x+1) x [y, y+1).
#pragma once

namespace convlens::view {

struct Rect {
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  double width() const { return x1 - x0; }
  double height() const { return y1 - y0; }
  bool operator==(const Rect&) const = default;
};

struct Point {
  double x = 0, y = 0;
};

// The picture's point `center` (as a fraction of its size, so that pictures of different sizes can be linked) is shown
// in the middle of the canvas. `zoom` is relative to fitting the picture into the canvas; 1 fits.
struct Viewport {
  double center_x = 0.5;
  double center_y = 0.5;
  double zoom = 1;
  bool operator==(const Viewport&) const = default;
};

// A viewport placed: canvas rectangle on the screen, picture size, and the resulting scale.
struct Placement {
  Rect canvas;
  double image_width = 1;
  double image_height = 1;
  double scale = 1;  // screen pixels per image pixel
  Rect image;        // the whole picture in screen coordinates; may reach beyond the canvas

  Point to_image(Point screen) const;
  Point to_screen(Point image_point) const;
  Rect visible() const;  // part of the picture inside the canvas, in image pixels
};

Placement place(const Viewport& viewport, const Rect& canvas, double image_width, double image_height);
// Changes the zoom so that the image point under `screen` stays where it is. Limits: 1/4 of fit to 128 screen pixels
// per image pixel.
void zoom_at(Viewport& viewport, const Placement& placement, Point screen, double factor);
void pan_by(Viewport& viewport, const Placement& placement, double dx, double dy);
void set_scale(Viewport& viewport, const Placement& placement, double scale);  // 1: one to one

}  // namespace convlens::view
