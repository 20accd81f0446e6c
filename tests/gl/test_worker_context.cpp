// A worker's context beside the window's: its textures are the window's, come back to the shelf and die with it, and
// what happens where there is none.
#include <doctest/doctest.h>
#include <glad/gl.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "app/model/conv_session.h"
#include "app/model/fields.h"
#include "engine/core/random.h"
#include "tests/gl/shared_gpu.h"

using namespace convlens;
using test::keep;
using test::Layer;
using test::make_layer;
using test::on_worker;
using test::open_beside;

namespace {

// All layers, as the context of this thread sees them.
std::vector<float> texels(const conv::DeviceMaps& maps) {
  std::vector<float> values(static_cast<std::size_t>(maps.shape().size()));
  glBindTexture(GL_TEXTURE_2D_ARRAY, dynamic_cast<const gl::KeptMaps&>(maps).texture());
  glGetTexImage(GL_TEXTURE_2D_ARRAY, 0, GL_RED, GL_FLOAT, values.data());
  glBindTexture(GL_TEXTURE_2D_ARRAY, 0);
  return values;
}

bool has_same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

model::PicturePtr noise_picture(const Shape& shape) {
  auto picture = std::make_shared<model::LoadedPicture>();
  picture->pixels = Tensor(shape);
  Random random(12);
  for (float& value : picture->pixels.values()) value = random.uniform();
  picture->id = 1;
  return picture;
}

}  // namespace

TEST_CASE("what stays on the GPU is what is read back, bit for bit") {
  gl::WorkerContext beside;
  if (!open_beside(beside)) return;
  const Layer layer = make_layer(5, 33, 47, 1);
  Tensor read(layer.geometry.output_shape());
  Tensor forwarded(layer.geometry.output_shape());
  std::shared_ptr<const conv::DeviceMaps> maps;
  on_worker(beside, [&](conv::Accelerator& accelerator) {
    CHECK(accelerator.keeper() != nullptr);
    if (accelerator.keeper() == nullptr) return;
    CHECK(accelerator.keeper()->can_keep(layer.geometry.output_shape()));
    CHECK_FALSE(accelerator.keeper()->can_keep({1, std::int64_t{1} << 20, 4, 4}));
    auto kept = keep(accelerator, layer);
    CHECK(kept.ok());
    if (!kept) return;
    CHECK(kept->report.kernel == "glsl");
    CHECK(kept->report.milliseconds > 0);
    maps = kept->maps;
    CHECK(accelerator.keeper()->read_back(*maps, read.view()).ok());
    CHECK(accelerator.forward(layer.geometry, layer.input.view(), 0, layer.weights.view(), layer.bias, forwarded.view())
              .ok());
  });
  REQUIRE(maps);
  CHECK(maps->shape() == layer.geometry.output_shape());
  // The worker is gone; the window goes on drawing.
  const std::vector<float> seen = texels(*maps);
  CHECK(has_same_bits(seen, read.values()));
  CHECK(has_same_bits(seen, forwarded.values()));
  CHECK(std::ranges::count(seen, 0.0f) < 10);
  CHECK(test::is_driver_content());
}

TEST_CASE("textures come back to the shelf, serve again, and die with it") {
  GLuint name = 0;
  std::shared_ptr<const conv::DeviceMaps> late;
  {
    gl::WorkerContext beside;
    if (!open_beside(beside)) return;
    const Layer layer = make_layer(3, 20, 30, 2);
    const Layer other = make_layer(2, 10, 12, 3);
    const auto textures = [&] { return beside.shelf().counts().textures; };
    const auto spare = [&] { return beside.shelf().counts().spare; };
    on_worker(beside, [&](conv::Accelerator& accelerator) {
      std::vector<std::shared_ptr<const conv::DeviceMaps>> held;
      for (int i = 0; i < 4; ++i) held.push_back(keep(accelerator, layer)->maps);
      CHECK(textures() == 4);
      CHECK(spare() == 0);
      held.clear();
      CHECK(textures() == 4);
      CHECK(spare() == 4);
      held.push_back(keep(accelerator, layer)->maps);  // takes one of the two that are kept
      CHECK(textures() == 2);
      CHECK(spare() == 1);
      // A drag: one is shown while the next is computed.
      for (int i = 0; i < 10; ++i) held = {keep(accelerator, layer)->maps};
      CHECK(textures() == 2);
      held.push_back(keep(accelerator, other)->maps);  // no use for another shape
      CHECK(textures() == 2);
      CHECK(spare() == 0);
      held.clear();
      CHECK(spare() == 2);
      accelerator.keeper()->rest();
      CHECK(textures() == 0);
      held.push_back(keep(accelerator, layer)->maps);
      late = held.front();
    });
    CHECK(textures() == 1);
    name = dynamic_cast<const gl::KeptMaps&>(*late).texture();
    CHECK(glIsTexture(name) == GL_TRUE);
    late.reset();  // on this thread, where the worker has gone
    CHECK(spare() == 1);
    CHECK(glIsTexture(name) == GL_TRUE);
  }
  if (name != 0) CHECK(glIsTexture(name) == GL_FALSE);
  CHECK(test::is_driver_content());
}

TEST_CASE("one thread at a time computes beside the window, others have a context of their own") {
  gl::WorkerContext beside;
  const auto keeps = [&] {
    bool has_keeper = false;
    on_worker(beside, [&](conv::Accelerator& accelerator) { has_keeper = accelerator.keeper() != nullptr; });
    return has_keeper;
  };
  if (test::context() == nullptr || !test::context()->info().has_compute) return;
  CHECK_FALSE(keeps());  // not open
  if (!open_beside(beside)) return;
  CHECK(keeps());
  CHECK(keeps());  // the first has left it
  on_worker(beside, [&](conv::Accelerator&) {
    CHECK_FALSE(beside.enter());
    CHECK_FALSE(keeps());
  });
  CHECK(keeps());
  CHECK(test::is_driver_content());
}

TEST_CASE("a session leaves its maps on the GPU and has their values behind that") {
  gl::WorkerContext beside;
  if (!open_beside(beside)) return;
  const auto shaders = std::make_shared<gl::SharedShaders>(gl::ShaderTexts());
  const model::PicturePtr picture = noise_picture({1, 3, 40, 50});
  model::Settings settings = model::default_settings();
  settings.conv.kernel = {.kernel = conv::kAcceleratorKernel, .isa = "auto"};
  model::make_legal(settings, picture->pixels.shape());
  std::vector<model::ConvResultPtr> results;  // as published
  {
    std::mutex mutex;
    model::ConvSession* session = nullptr;
    const auto collect = [&] {
      const std::lock_guard lock(mutex);
      auto outcome = session->take();
      if (outcome && outcome->result) results.push_back(*outcome->result);
    };
    std::unique_lock lock(mutex);
    model::ConvSession owner(collect, {}, [&] { return gl::make_gpu_accelerator(shaders, beside); });
    session = &owner;
    lock.unlock();
    for (int i = 0; i < 20; ++i) {
      settings.conv.bank.filters[0].bias += 0.125F;
      const std::uint64_t generation = owner.request(picture, settings.conv);
      const auto is_done = [&] {
        const std::lock_guard held(mutex);
        return !results.empty() && results.back()->generation == generation && results.back()->is_complete;
      };
      for (int wait = 0; wait < 60'000 && !is_done(); ++wait) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      const std::lock_guard held(mutex);
      REQUIRE(results.size() == 2);
      const model::FeatureMap& early = results[0]->map(0);
      const model::FeatureMap& late = results[1]->map(0);
      CHECK_FALSE(early.has_values());
      CHECK(early.version == late.version);
      CHECK(early.device == late.device);
      const std::vector<float> seen = texels(*late.device);
      CHECK(has_same_bits(std::span(seen).first(late.values().size()), late.values()));
      CHECK(early.stats.min == late.stats.min);
      CHECK(early.stats.max == late.stats.max);
      CHECK(early.stats.mean == doctest::Approx(late.stats.mean).epsilon(1e-6));
      if (i < 19) results.clear();
    }
    CHECK(beside.shelf().counts().textures <= 3);
  }
  // The session is gone, its last maps are not.
  CHECK(std::ranges::count(texels(*results.back()->map(0).device), 0.0f) < 10);
  results.clear();
  CHECK(beside.shelf().counts().textures == beside.shelf().counts().spare);
  CHECK(test::is_driver_content());
}
