// The arithmetic of zoom and pan. All lengths are doubles: at 128 screen pixels per image pixel floats would jitter.
#include "app/view/viewport.h"

#include <algorithm>

namespace convlens::view {

namespace {

constexpr double kMinZoom = 0.25;
constexpr double kMaxScale = 128;

double fit_scale(const Rect& canvas, double image_width, double image_height) {
  const double scale = std::min(canvas.width() / image_width, canvas.height() / image_height);
  // A canvas folded to nothing still has an invertible placement.
  return std::max(scale, 1e-9);
}

double clamped_zoom(double zoom, double fit) { return std::clamp(zoom, kMinZoom, std::max(1.0, kMaxScale / fit)); }

}  // namespace

Point Placement::to_image(Point screen) const { return {(screen.x - image.x0) / scale, (screen.y - image.y0) / scale}; }

Point Placement::to_screen(Point image_point) const {
  return {image.x0 + image_point.x * scale, image.y0 + image_point.y * scale};
}

Rect Placement::visible() const {
  const Point lo = to_image({canvas.x0, canvas.y0});
  const Point hi = to_image({canvas.x1, canvas.y1});
  Rect part;
  part.x0 = std::clamp(lo.x, 0.0, image_width);
  part.y0 = std::clamp(lo.y, 0.0, image_height);
  part.x1 = std::clamp(hi.x, part.x0, image_width);
  part.y1 = std::clamp(hi.y, part.y0, image_height);
  return part;
}

Placement place(const Viewport& viewport, const Rect& canvas, double image_width, double image_height) {
  Placement placement;
  placement.canvas = canvas;
  placement.image_width = std::max(image_width, 1.0);
  placement.image_height = std::max(image_height, 1.0);
  placement.scale = viewport.zoom * fit_scale(canvas, placement.image_width, placement.image_height);
  const double width = placement.image_width * placement.scale;
  const double height = placement.image_height * placement.scale;
  placement.image.x0 = 0.5 * (canvas.x0 + canvas.x1) - viewport.center_x * width;
  placement.image.y0 = 0.5 * (canvas.y0 + canvas.y1) - viewport.center_y * height;
  placement.image.x1 = placement.image.x0 + width;
  placement.image.y1 = placement.image.y0 + height;
  return placement;
}

void zoom_at(Viewport& viewport, const Placement& placement, Point screen, double factor) {
  const double fit = fit_scale(placement.canvas, placement.image_width, placement.image_height);
  const double zoom = clamped_zoom(viewport.zoom * factor, fit);
  const Point fixed = placement.to_image(screen);
  const double scale = zoom * fit;
  const double middle_x = 0.5 * (placement.canvas.x0 + placement.canvas.x1);
  const double middle_y = 0.5 * (placement.canvas.y0 + placement.canvas.y1);
  viewport.zoom = zoom;
  viewport.center_x = std::clamp((fixed.x + (middle_x - screen.x) / scale) / placement.image_width, 0.0, 1.0);
  viewport.center_y = std::clamp((fixed.y + (middle_y - screen.y) / scale) / placement.image_height, 0.0, 1.0);
}

void pan_by(Viewport& viewport, const Placement& placement, double dx, double dy) {
  viewport.center_x = std::clamp(viewport.center_x - dx / (placement.scale * placement.image_width), 0.0, 1.0);
  viewport.center_y = std::clamp(viewport.center_y - dy / (placement.scale * placement.image_height), 0.0, 1.0);
}

void set_scale(Viewport& viewport, const Placement& placement, double scale) {
  const double fit = fit_scale(placement.canvas, placement.image_width, placement.image_height);
  viewport.zoom = clamped_zoom(scale / fit, fit);
}

}  // namespace convlens::view
