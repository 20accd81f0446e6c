// convlens_view_bench: what a frame of 1080p feature maps costs from tensors to coloured textures. Not a test.
#include <glad/gl.h>

#include <time.h>
#include <algorithm>

#include <cstdio>
#include <functional>
#include <vector>

#include "app/gl/context.h"
#include "app/view/picture.h"
#include "app/view/tile_layout.h"
#include "engine/core/random.h"
#include "tests/gl/levels_for_tests.h"

using namespace convlens;

namespace {

constexpr int kMaps = 8;
constexpr int kFrames = 60;

// Processor time counts what this program used, whatever else the machine does.
double cpu_ms(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Scene {
  explicit Scene(view::Painter::Colouring colouring) : painter({.colouring = colouring}) {}
  Tensor maps = Tensor::uninitialized({1, kMaps, 1080, 1920});
  std::vector<Tensor> levels;
  view::Painter painter;
  std::vector<view::PlanePicture> pictures{kMaps};
  std::uint64_t generation = 0;
};

// One frame: all tiles brought up to date, and the driver waited for.
void report(Scene& scene, const char* name, const std::vector<view::Rect>& tiles,
            const std::function<void(int, view::Viewport&, view::ValueRange&)>& change) {
  view::Viewport viewport;
  view::ValueRange range{-1, 1};
  const view::Colormap& map = view::find_colormap("red-blue");
  std::vector<double> own_ms;
  std::vector<double> all_ms;
  std::vector<double> wall_ms;
  std::uint64_t bytes = 0;
  for (int frame = 0; frame < kFrames; ++frame) {
    change(frame, viewport, range);
    const view::UploadMeter before = view::upload_meter(scene.painter);
    const double wall = cpu_ms(CLOCK_MONOTONIC);
    const double all = cpu_ms(CLOCK_PROCESS_CPUTIME_ID);
    const double own = cpu_ms(CLOCK_THREAD_CPUTIME_ID);
    for (std::size_t i = 0; i < tiles.size(); ++i) {
      const view::Placement placement = view::place(viewport, tiles[i], 1920, 1080);
      scene.pictures[i].update(scene.painter, {&scene.maps, scene.levels, scene.generation}, static_cast<int>(i),
                               placement, map, range);
    }
    own_ms.push_back(cpu_ms(CLOCK_THREAD_CPUTIME_ID) - own);
    glFinish();
    all_ms.push_back(cpu_ms(CLOCK_PROCESS_CPUTIME_ID) - all);
    wall_ms.push_back(cpu_ms(CLOCK_MONOTONIC) - wall);
    bytes = view::upload_meter(scene.painter).bytes - before.bytes;
  }
  std::printf("%-40s %5.0f px %8.2f ms %8.2f ms %8.2f ms %8.2f MB\n", name, tiles.front().width(), median(own_ms),
              median(all_ms), median(wall_ms), static_cast<double>(bytes) / 1e6);
}

void run(view::Painter::Colouring colouring, const char* name) {
  std::printf("Colours made on the %s:\n", name);
  Scene scene(colouring);
  Random random(1);
  for (float& value : scene.maps.values()) value = random.uniform(-1, 1);
  scene.levels = test::make_levels(scene.maps);
  const auto drag = [&](int, view::Viewport&, view::ValueRange&) { ++scene.generation; };
  const auto recolour = [](int frame, view::Viewport&, view::ValueRange& range) {
    range = {-1.0f - 0.01f * static_cast<float>(frame), 1};
  };
  const auto nothing = [](int, view::Viewport&, view::ValueRange&) {};
  for (const double width : {640.0, 1280.0, 1920.0}) {
    const view::Rect area{0, 0, width, width * 0.8};
    const auto tiles = view::layout_tiles(area, kMaps, 1920.0 / 1080, 8, 20, 60).tiles;
    report(scene, "8 tiles, new values every frame", tiles, drag);
    report(scene, "8 tiles, new range every frame", tiles, recolour);
    report(scene, "8 tiles, nothing changes", tiles, nothing);
  }
  const std::vector<view::Rect> one = {{0, 0, 960, 720}};
  report(scene, "one large, new values every frame", one, drag);
  report(scene, "one large at 400 %, panned by 3 pixels", one, [](int frame, view::Viewport& viewport, auto&) {
    viewport = {0.3 + 3.0 * frame / 1920 / 4, 0.5, 8};
  });
  report(scene, "one large, zoomed in and out", one, [](int frame, view::Viewport& viewport, auto&) {
    viewport.zoom = 1 + 0.1 * (frame < 30 ? frame : 60 - frame);
  });
}

}  // namespace

int main() {
  const Result<gl::Context> context = gl::Context::create({.visible = false});
  if (!context) {
    std::fprintf(stderr, "%s\n", context.error().message.c_str());
    return 1;
  }
  std::printf("%s, OpenGL %d.%d; medians of %d frames of %d maps, 1920x1080\n", context->info().renderer.c_str(),
              context->info().major, context->info().minor, kFrames, kMaps);
  std::printf("%-40s %8s %11s %11s %11s %11s\n", "", "tile", "this thread", "all threads", "wall", "uploaded");
  run(view::Painter::Colouring::kOnGpu, "GPU (or its imitation)");
  run(view::Painter::Colouring::kOnCpu, "CPU");
  return 0;
}
