// What tests of maps that stay on the GPU begin with: a context that computes beside the one that draws, a worker in
// it, and a convolution for it.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <thread>
#include <vector>

#include "app/gl/gpu_accelerator.h"
#include "app/gl/kept_maps.h"
#include "app/gl/worker_context.h"
#include "engine/conv/conv.h"
#include "tests/gl/context_fixture.h"

namespace convlens::test {

// False where nothing can be computed beside the window's context; the running test has then said in words that it is
// skipped, or has failed where it must not be.
inline bool open_beside(gl::WorkerContext& beside) {
  const gl::Context* drawing = context();
  if (drawing == nullptr) return false;
  if (!drawing->info().has_compute) {
    MESSAGE("skipped: OpenGL " << drawing->info().version << " has no compute shaders");
    return false;
  }
  const Status opened = beside.open(*drawing);
  REQUIRE_MESSAGE(opened.ok(), (opened ? "" : opened.error().message));
  return true;
}

// Does `work` with an accelerator on a thread of its own, and waits.
template <class Work>
void on_worker(gl::WorkerContext& beside, const Work& work) {
  std::jthread([&] {
    auto made = gl::make_gpu_accelerator(std::make_shared<gl::SharedShaders>(gl::ShaderTexts()), beside);
    CHECK_MESSAGE(made.ok(), (made ? "" : made.error().message));
    if (made) work(**made);
  }).join();
}

struct Layer {
  conv::Geometry geometry;
  Tensor input;
  Tensor weights;
  std::vector<float> bias;
};
// 3 x 3 filters on noise: `maps` maps as large as the input.
Layer make_layer(std::int64_t maps, std::int64_t rows, std::int64_t cols, std::uint64_t seed);

inline Result<conv::MapKeeper::Kept> keep(conv::Accelerator& accelerator, const Layer& layer) {
  return accelerator.keeper()->forward_and_keep(layer.geometry, layer.input.view(), 0, layer.weights.view(),
                                                layer.bias);
}

}  // namespace convlens::test
