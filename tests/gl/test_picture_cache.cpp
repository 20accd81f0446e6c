// What is not done: no upload and no colour pass while nothing that they depend on has changed.
#include <doctest/doctest.h>

#include <vector>

#include "app/view/picture.h"
#include "engine/core/random.h"
#include "tests/gl/context_fixture.h"
#include "tests/gl/levels_for_tests.h"

using namespace convlens;
using view::Drawable;
using view::Placement;
using view::Rect;
using view::UploadMeter;
using view::Viewport;

namespace {

struct Bench {
  view::Painter painter;
  Tensor tensor = Tensor::uninitialized({1, 2, 1080, 1920});
  std::vector<Tensor> levels;
  view::PlanePicture picture;
  Viewport viewport;
  Rect canvas{0, 0, 400, 225};
  std::uint64_t generation = 1;
  int channel = 0;
  std::string_view map = "red-blue";
  view::ValueRange range{-1, 1};

  explicit Bench(view::Painter::Colouring colouring = view::Painter::Colouring::kOnGpu)
      : painter({.colouring = colouring}) {
    Random random(9);
    for (float& value : tensor.values()) value = random.uniform(-1, 1);
    levels = test::make_levels(tensor);
  }
  Placement placement() const { return view::place(viewport, canvas, 1920, 1080); }
  Drawable update() {
    return picture.update(painter, {&tensor, levels, generation}, channel, placement(), view::find_colormap(map),
                          range);
  }
  // What one update costs.
  UploadMeter cost() {
    const UploadMeter before = view::upload_meter(painter);
    update();
    const UploadMeter after = view::upload_meter(painter);
    return {after.bytes - before.bytes, after.seconds - before.seconds, after.passes - before.passes};
  }
};

}  // namespace

TEST_CASE("a picture that stays the same costs nothing") {
  if (test::context() == nullptr) return;
  Bench bench;
  const UploadMeter first = bench.cost();
  // Fit scale is 0.208: the level reduced by four is enough.
  CHECK(first.bytes == 480 * 270 * 4);
  CHECK(first.passes == 1);
  const std::uint32_t texture = bench.update().texture;
  for (int i = 0; i < 3; ++i) {
    const UploadMeter again = bench.cost();
    CHECK(again.bytes == 0);
    CHECK(again.passes == 0);
    CHECK(bench.update().texture == texture);
  }
}

TEST_CASE("new values are uploaded into the same texture") {
  if (test::context() == nullptr) return;
  Bench bench;
  const std::uint32_t texture = bench.update().texture;
  bench.generation = 2;
  const UploadMeter cost = bench.cost();
  CHECK(cost.bytes == 480 * 270 * 4);
  CHECK(cost.passes == 1);
  CHECK(bench.update().texture == texture);
  bench.channel = 1;
  CHECK(bench.cost().bytes == 480 * 270 * 4);
}

TEST_CASE("another source with the same generation is not taken for this one") {
  if (test::context() == nullptr) return;
  Bench bench;
  bench.update();
  Tensor other = bench.tensor.clone();
  std::swap(other, bench.tensor);
  CHECK(bench.cost().bytes > 0);
}

TEST_CASE("a new map or range colours anew without an upload") {
  if (test::context() == nullptr) return;
  Bench bench;
  bench.update();
  bench.map = "viridis";
  UploadMeter cost = bench.cost();
  CHECK(cost.bytes == 0);
  CHECK(cost.passes == 1);
  bench.range = {-2, 2};
  cost = bench.cost();
  CHECK(cost.bytes == 0);
  CHECK(cost.passes == 1);
  CHECK(bench.cost().passes == 0);
}

TEST_CASE("small pans need no upload and whole-pixel pans no pass") {
  if (test::context() == nullptr) return;
  Bench bench;
  for (const double zoom : {3.0, 30.0}) {
    CAPTURE(zoom);
    bench.viewport = {0.5, 0.5, zoom};
    bench.generation += 1;
    bench.update();
    // The first move fetches a margin; the next ones live on it.
    view::pan_by(bench.viewport, bench.placement(), 8, 4);
    bench.update();
    for (int i = 0; i < 10; ++i) {
      view::pan_by(bench.viewport, bench.placement(), 2, 1);
      const UploadMeter cost = bench.cost();
      CHECK(cost.bytes == 0);
      CHECK(cost.passes == 0);
    }
    // Far away something has to come.
    view::pan_by(bench.viewport, bench.placement(), 900, 0);
    const UploadMeter far = bench.cost();
    CHECK(far.bytes > 0);
    CHECK(far.bytes < 1920 * 1080 * 4 / 2);
    CHECK(far.passes == 1);
  }
}

TEST_CASE("colours made on the CPU are kept as well") {
  if (test::context() == nullptr) return;
  Bench bench(view::Painter::Colouring::kOnCpu);
  UploadMeter cost = bench.cost();
  CHECK(cost.bytes == 400 * 225 * 4);
  CHECK(cost.passes == 1);
  const std::uint32_t texture = bench.update().texture;
  CHECK(bench.cost().passes == 0);
  CHECK(bench.cost().bytes == 0);
  bench.range = {-3, 3};
  CHECK(bench.cost().passes == 1);
  bench.generation = 2;
  CHECK(bench.cost().passes == 1);
  bench.viewport = {0.5, 0.5, 30};
  bench.update();
  view::pan_by(bench.viewport, bench.placement(), 8, 4);
  bench.update();
  view::pan_by(bench.viewport, bench.placement(), 2, 1);
  cost = bench.cost();
  CHECK(cost.bytes == 0);
  CHECK(cost.passes == 0);
  CHECK(bench.update().texture == texture);
}

TEST_CASE("a painter chooses the CPU where there is no GPU") {
  gl::Context* context = test::context();
  if (context == nullptr) return;
  Bench bench(view::Painter::Colouring::kAutomatic);
  const std::uint64_t texels = 480 * 270 * 4;
  const std::uint64_t colours = 400 * 225 * 4;
  CHECK(bench.cost().bytes == (context->info().is_software ? colours : texels));
}

TEST_CASE("zooming within a level draws anew from what is there") {
  if (test::context() == nullptr) return;
  Bench bench;
  bench.update();
  bench.canvas = {0, 0, 480, 270};
  const UploadMeter cost = bench.cost();
  CHECK(cost.bytes == 0);
  CHECK(cost.passes == 1);
  bench.canvas = {0, 0, 800, 450};
  CHECK(bench.cost().bytes == 960 * 540 * 4);
}

TEST_CASE("drawing leaves the state around it alone") {
  if (test::context() == nullptr) return;
  Bench bench;
  glEnable(GL_BLEND);
  glEnable(GL_SCISSOR_TEST);
  glScissor(1, 1, 2, 2);
  glViewport(5, 6, 70, 80);
  bench.update();
  GLint viewport[4] = {};
  glGetIntegerv(GL_VIEWPORT, viewport);
  CHECK(viewport[0] == 5);
  CHECK(viewport[3] == 80);
  GLint framebuffer = -1;
  glGetIntegerv(GL_DRAW_FRAMEBUFFER_BINDING, &framebuffer);
  CHECK(framebuffer == 0);
  CHECK(glIsEnabled(GL_BLEND) == GL_TRUE);
  CHECK(glIsEnabled(GL_SCISSOR_TEST) == GL_TRUE);
  GLint row_length = -1;
  glGetIntegerv(GL_UNPACK_ROW_LENGTH, &row_length);
  CHECK(row_length == 0);
  glDisable(GL_BLEND);
  glDisable(GL_SCISSOR_TEST);
  // The scissor did not cut the picture.
  const test::Pixels pixels = test::read_texture(bench.update().texture);
  CHECK(pixels.alpha(pixels.width - 1, pixels.height - 1) == 255);
  CHECK(pixels.alpha(pixels.width / 2, pixels.height / 2) == 255);
}

TEST_CASE("the driver has had nothing to complain about") {
  gl::Context* context = test::context();
  if (context == nullptr) return;
  for (const std::string& complaint : context->complaints()) FAIL(complaint);
  CHECK(test::is_driver_content());
}
