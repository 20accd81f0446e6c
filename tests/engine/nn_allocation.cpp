// A program of its own, because it replaces operator new: passes and updates allocate nothing once they have run.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>

#include "engine/nn/presets.h"
#include "engine/training/optimizer.h"
#include "tests/engine/nn_models.h"

namespace {
std::atomic<bool> is_counting{false};
std::atomic<long> allocations{0};

void* allocate(std::size_t size, std::size_t alignment) {
  if (is_counting) ++allocations;
  void* p = nullptr;
  if (posix_memalign(&p, alignment, size ? size : 1) != 0) throw std::bad_alloc();
  return p;
}

// Out of line, or GCC takes it for a free() of what the usual operator new gave.
[[gnu::noinline]] void release(void* p) { std::free(p); }
}  // namespace

void* operator new(std::size_t size) { return allocate(size, 16); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, std::max<std::size_t>(16, static_cast<std::size_t>(alignment)));
}
void operator delete(void* p) noexcept { release(p); }
void operator delete(void* p, std::size_t) noexcept { release(p); }
void operator delete(void* p, std::align_val_t) noexcept { release(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { release(p); }

namespace {

using namespace convlens;

TEST_CASE("a step allocates nothing") {
  for (const nn::ModelPreset& preset : nn::model_presets()) {
    CAPTURE(preset.name);
    auto model = nn::make_model(preset.name);
    REQUIRE(model);
    // The kernel table may keep memory of its own by shape; the models that run fused must not.
    if (preset.name == "all-conv") continue;
    const test::Batch batch = test::random_batch(*model, 24, 1);
    auto network = nn::Network::create(*model, {.batch = 24, .threads = 2});
    REQUIRE(network);
    REQUIRE(network->initialise(1));
    training::Optimizer optimizer;
    const training::OptimizerSettings settings;
    std::vector<float> logits(240);
    const auto step = [&](std::uint64_t i) {
      network->train(batch.images.data(), batch.labels, {1, i});
      optimizer.update(*network, settings, static_cast<std::int64_t>(i));
      network->infer(batch.images.data(), 24, logits.data());
    };
    step(0);
    step(1);
    allocations = 0;
    is_counting = true;
    for (std::uint64_t i = 2; i < 5; ++i) step(i);
    is_counting = false;
    CHECK(allocations == 0);
    is_counting = true;
    const auto one = std::make_unique<float>(1.0f);
    is_counting = false;
    CHECK(allocations == 1);  // the counter counts
  }
}

}  // namespace
