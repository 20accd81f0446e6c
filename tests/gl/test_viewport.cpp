// Zoom and pan arithmetic: what is under the pointer stays there, and nothing gets lost.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

#include "app/view/viewport.h"

using namespace convlens;
using view::Placement;
using view::Point;
using view::Rect;
using view::Viewport;

namespace {

double between(double lo, double hi) { return lo + (hi - lo) * (*rc::gen::inRange(0, 1000001)) / 1e6; }

struct Scene {
  Viewport viewport;
  Placement placement;
};

Scene random_scene() {
  const double x = between(-500, 500);
  const double y = between(-500, 500);
  const Rect canvas{x, y, x + between(20, 2000), y + between(20, 2000)};
  Scene scene;
  scene.viewport.center_x = between(0.2, 0.8);
  scene.viewport.center_y = between(0.2, 0.8);
  const double width = *rc::gen::inRange(1, 20000);
  const double height = *rc::gen::inRange(1, 20000);
  // A zoom inside the limits, reached as a person reaches it.
  scene.placement = view::place(scene.viewport, canvas, width, height);
  const Point middle{0.5 * (canvas.x0 + canvas.x1), 0.5 * (canvas.y0 + canvas.y1)};
  view::zoom_at(scene.viewport, scene.placement, middle, std::exp2(between(-2, 12)));
  scene.placement = view::place(scene.viewport, canvas, width, height);
  return scene;
}

bool is_near(double a, double b, double slack) { return std::fabs(a - b) <= slack; }

}  // namespace

TEST_CASE("zoom 1 fits the whole picture into the middle of the canvas") {
  const Placement wide = view::place({}, {10, 20, 410, 220}, 800, 100);
  CHECK(wide.scale == doctest::Approx(0.5));
  CHECK(wide.image == Rect{10, 95, 410, 145});
  CHECK(wide.visible() == Rect{0, 0, 800, 100});
  const Placement tall = view::place({}, {0, 0, 400, 200}, 100, 400);
  CHECK(tall.scale == doctest::Approx(0.5));
  CHECK(tall.image == Rect{175, 0, 225, 200});
}

TEST_CASE("visible is the part inside the canvas") {
  Viewport viewport{0.25, 0.5, 4};
  const Placement placement = view::place(viewport, {0, 0, 100, 100}, 200, 200);
  CHECK(placement.scale == doctest::Approx(2));
  CHECK(placement.visible() == Rect{25, 75, 75, 125});
  viewport.center_x = 0;
  CHECK(view::place(viewport, {0, 0, 100, 100}, 200, 200).visible() == Rect{0, 75, 25, 125});
}

TEST_CASE("a canvas without area has a finite placement and shows nothing") {
  const Placement placement = view::place({}, {5, 5, 5, 5}, 100, 100);
  CHECK(std::isfinite(placement.to_image({7, 7}).x));
  CHECK(placement.visible().width() == 0);
}

TEST_CASE("screen and image coordinates are each other's inverse") {
  CHECK(rc::check([] {
    const Scene scene = random_scene();
    const Point screen{between(-3000, 3000), between(-3000, 3000)};
    const Point back = scene.placement.to_screen(scene.placement.to_image(screen));
    RC_ASSERT(is_near(back.x, screen.x, 1e-6));
    RC_ASSERT(is_near(back.y, screen.y, 1e-6));
  }));
}

TEST_CASE("zooming keeps the point under the pointer, or stops at the picture's border") {
  int kept = 0;
  CHECK(rc::check([&kept] {
    const Scene scene = random_scene();
    const Rect& canvas = scene.placement.canvas;
    const Point pointer{between(canvas.x0, canvas.x1), between(canvas.y0, canvas.y1)};
    const Point before = scene.placement.to_image(pointer);
    Viewport zoomed = scene.viewport;
    view::zoom_at(zoomed, scene.placement, pointer, std::exp2(between(-4, 4)));
    const Placement placement = view::place(zoomed, canvas, scene.placement.image_width, scene.placement.image_height);
    const Point after = placement.to_screen(before);
    const bool is_inside = zoomed.center_x > 0 && zoomed.center_x < 1 && zoomed.center_y > 0 && zoomed.center_y < 1;
    if (is_inside) {
      ++kept;
      RC_ASSERT(is_near(after.x, pointer.x, 1e-6));
      RC_ASSERT(is_near(after.y, pointer.y, 1e-6));
    }
    RC_ASSERT(zoomed.center_x >= 0 && zoomed.center_x <= 1 && zoomed.center_y >= 0 && zoomed.center_y <= 1);
  }));
  CHECK(kept > 30);
}

TEST_CASE("zooming in on a point of the picture never meets the border") {
  CHECK(rc::check([] {
    const Scene scene = random_scene();
    const Rect visible = scene.placement.visible();
    RC_PRE(visible.width() > 0 && visible.height() > 0);
    const Point on_picture{between(visible.x0, visible.x1), between(visible.y0, visible.y1)};
    const Point pointer = scene.placement.to_screen(on_picture);
    Viewport zoomed = scene.viewport;
    view::zoom_at(zoomed, scene.placement, pointer, std::exp2(between(0, 4)));
    const Placement placement =
        view::place(zoomed, scene.placement.canvas, scene.placement.image_width, scene.placement.image_height);
    RC_ASSERT(is_near(placement.to_screen(on_picture).x, pointer.x, 1e-6));
    RC_ASSERT(is_near(placement.to_screen(on_picture).y, pointer.y, 1e-6));
  }));
}

TEST_CASE("the scale stays between a quarter of fit and 128 screen pixels per image pixel") {
  CHECK(rc::check([] {
    Scene scene = random_scene();
    const Point middle{0.5 * (scene.placement.canvas.x0 + scene.placement.canvas.x1),
                       0.5 * (scene.placement.canvas.y0 + scene.placement.canvas.y1)};
    const Placement fit =
        view::place({}, scene.placement.canvas, scene.placement.image_width, scene.placement.image_height);
    view::zoom_at(scene.viewport, scene.placement, middle, 1e9);
    const Placement in =
        view::place(scene.viewport, fit.canvas, scene.placement.image_width, scene.placement.image_height);
    RC_ASSERT(is_near(in.scale, std::max(128.0, fit.scale), 1e-6 * in.scale));
    view::zoom_at(scene.viewport, in, middle, 1e-9);
    RC_ASSERT(is_near(scene.viewport.zoom, 0.25, 1e-12));
  }));
}

TEST_CASE("panning moves the picture by as many screen pixels as the hand") {
  CHECK(rc::check([] {
    const Scene scene = random_scene();
    const double dx = between(-0.1, 0.1) * scene.placement.image.width();
    const double dy = between(-0.1, 0.1) * scene.placement.image.height();
    Viewport panned = scene.viewport;
    view::pan_by(panned, scene.placement, dx, dy);
    const Placement placement =
        view::place(panned, scene.placement.canvas, scene.placement.image_width, scene.placement.image_height);
    RC_ASSERT(is_near(placement.image.x0 - scene.placement.image.x0, dx, 1e-6));
    RC_ASSERT(is_near(placement.image.y0 - scene.placement.image.y0, dy, 1e-6));
  }));
}

TEST_CASE("the picture cannot be dragged out of the canvas") {
  Viewport viewport{0.5, 0.5, 2};
  const Rect canvas{0, 0, 300, 300};
  view::pan_by(viewport, view::place(viewport, canvas, 640, 480), 1e6, -1e6);
  CHECK(viewport.center_x == 0);
  CHECK(viewport.center_y == 1);
  CHECK(view::place(viewport, canvas, 640, 480).visible().width() > 0);
}

TEST_CASE("set_scale keeps the middle and reaches one to one exactly") {
  Viewport viewport{0.3, 0.7, 1};
  const Rect canvas{0, 0, 333, 251};
  view::set_scale(viewport, view::place(viewport, canvas, 1920, 1080), 1);
  CHECK(view::place(viewport, canvas, 1920, 1080).scale == doctest::Approx(1).epsilon(1e-12));
  CHECK(viewport.center_x == 0.3);
  CHECK(viewport.center_y == 0.7);
}

TEST_CASE("a linked viewport shows the same part of a picture of another size") {
  const Viewport viewport{0.4, 0.6, 3};
  const Rect visible_a = view::place(viewport, {0, 0, 200, 100}, 1920, 1080).visible();
  const Rect visible_b = view::place(viewport, {0, 0, 200, 100}, 960, 540).visible();
  CHECK(visible_a.x0 / 1920 == doctest::Approx(visible_b.x0 / 960));
  CHECK(visible_a.y1 / 1080 == doctest::Approx(visible_b.y1 / 540));
}
