// The steps behind a map: each plane against the engine's definition, and what is made again when.
#include "app/model/layer_steps.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>

#include "app/model/document.h"
#include "app/model/fields.h"
#include "app/model/kernel_timing.h"
#include "engine/conv/conv.h"
#include "engine/explain/spectrum.h"

namespace convlens::model {
namespace {

void settle(Document& document) {
  for (int i = 0; i < 20000 && !document.is_current(); ++i) {
    document.step(false);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  REQUIRE(document.is_current());
}

void set(Document& document, std::string_view name, double value) {
  const Field* field = find_field(name);
  REQUIRE(field != nullptr);
  set_field(document.settings, *field, value, document.picture_shape());
}

LayerStepsPtr run(StepMaker& maker, const StepsJob& job) {
  const std::atomic<bool> is_stale{false};
  auto outcome = maker.run(job, is_stale);
  REQUIRE(outcome.has_value());
  REQUIRE(outcome->ok());
  return **outcome;
}

TEST_CASE("before, after, activation first and pooled belong together") {
  Document document({});
  set(document, "conv/activation", static_cast<double>(conv::Activation::kRelu));
  settle(document);
  StepMaker maker;
  StepsJob job{.result = document.result(), .map = 0, .pool = PoolSettings{.is_on = true}};
  job.wants_before = job.wants_first = job.wants_impulse = true;
  const LayerStepsPtr steps = run(maker, job);
  const ConstView map = steps->map_values();
  REQUIRE(map.shape == Shape{1, 1, 480, 640});
  std::int64_t bent = 0;
  for (std::int64_t y = 0; y < 480; ++y) {
    for (std::int64_t x = 0; x < 640; ++x) {
      const float before = steps->before->values.at(0, 0, y, x), after = map.at(0, 0, y, x);
      if (after != std::max(before, 0.0F)) FAIL("relu(" << before << ") is not " << after);
      bent += before < 0;
      const float difference = steps->first->values.at(0, 0, y, x) - after;
      if (difference != steps->difference->values.at(0, 0, y, x)) FAIL("another difference at " << y << ", " << x);
    }
  }
  CHECK(bent > 10000);
  // The scene is never negative, so that ReLU first changes nothing and what comes out is the sum itself.
  CHECK(steps->first->stats.min == doctest::Approx(static_cast<double>(steps->before->stats.min)));
  CHECK(steps->largest_difference > 0.5);

  REQUIRE(steps->pooled);
  CHECK(steps->pooled->values.shape() == Shape{1, 1, 240, 320});
  for (const auto& [p, q] : {std::pair{0, 0}, std::pair{120, 200}, std::pair{239, 319}}) {
    const float most = std::max(std::max(map.at(0, 0, 2 * p, 2 * q), map.at(0, 0, 2 * p, 2 * q + 1)),
                                std::max(map.at(0, 0, 2 * p + 1, 2 * q), map.at(0, 0, 2 * p + 1, 2 * q + 1)));
    CHECK(steps->pooled->values.at(0, 0, p, q) == most);
  }
  // A correlation answers one bright pixel with the filter turned round.
  REQUIRE(steps->impulse);
  CHECK(steps->impulse->values.shape() == Shape{1, 1, 5, 5});
  const std::vector<float>& weights = document.result()->weights;
  for (int r = 0; r < 3; ++r) {
    for (int s = 0; s < 3; ++s) {
      CHECK(steps->impulse->values.at(0, 0, 1 + r, 1 + s) == weights[static_cast<std::size_t>(8 - (3 * r + s))]);
    }
  }
}

TEST_CASE("only what changed is made again") {
  Document document({});
  settle(document);
  StepMaker maker;
  StepsJob job{.result = document.result(), .map = 1, .pool = PoolSettings{.is_on = true}};
  job.wants_before = job.wants_impulse = true;
  const LayerStepsPtr first = run(maker, job);
  CHECK(key_of(job) == first->key);
  job.pool->size = 3;
  CHECK_FALSE(key_of(job) == first->key);
  const LayerStepsPtr other_pool = run(maker, job);
  CHECK(other_pool->before == first->before);
  CHECK(other_pool->impulse == first->impulse);
  CHECK(other_pool->pooled != first->pooled);
  CHECK(other_pool->pooled->values.shape() == Shape{1, 1, 239, 319});

  document.settings.conv.bank.filters[1].weights[0] += 1;
  settle(document);
  job.result = document.result();
  const LayerStepsPtr edited = run(maker, job);
  CHECK(edited->before != first->before);
  CHECK(edited->impulse != first->impulse);
  // A bias is not part of the response to a pixel.
  document.settings.conv.bank.filters[1].bias = 0.5F;
  settle(document);
  job.result = document.result();
  const LayerStepsPtr biased = run(maker, job);
  CHECK(biased->before != edited->before);
  CHECK(biased->impulse == edited->impulse);
}

TEST_CASE("a window larger than the map is refused in words, and a stale job ends early") {
  Document document({});
  settle(document);
  StepMaker maker;
  StepsJob job{.result = document.result(), .map = 0, .pool = PoolSettings{.is_on = true, .size = 1000}};
  const LayerStepsPtr steps = run(maker, job);
  CHECK(steps->pooled == nullptr);
  CHECK(steps->pool_refusal.find("1000 x 1000") != std::string::npos);
  const std::atomic<bool> is_stale{true};
  CHECK_FALSE(maker.run(job, is_stale).has_value());
}

TEST_CASE("groups: a filter's steps use the channels of its group") {
  Document document({});
  document.settings.conv.bank.filters.resize(6);
  set(document, "conv/groups", 3);
  settle(document);
  REQUIRE(document.result()->geometry.groups == 3);
  StepMaker maker;
  StepsJob job{.result = document.result(), .map = 5, .pool = {}};
  job.wants_before = true;
  const LayerStepsPtr steps = run(maker, job);
  // No activation: before is the map.
  CHECK(steps->before->values.at(0, 0, 100, 200) == steps->map_values().at(0, 0, 100, 200));
  CHECK(steps->before->stats.max == steps->map->stats.max);
}

TEST_CASE("every kernel that can is timed, and cancelling keeps what is known") {
  Document document({});
  settle(document);
  std::atomic<int> woken{0};
  KernelTiming timing([&] { ++woken; });
  timing.request(document.result());
  Timing last;
  for (int i = 0; i < 60000; ++i) {
    if (auto news = timing.take()) last = std::move(*news);
    if (!timing.is_busy()) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  REQUIRE_FALSE(timing.is_busy());
  if (auto news = timing.take()) last = std::move(*news);
  CHECK(last.failure.empty());
  CHECK(last.running.empty());
  CHECK(last.total >= 3);
  CHECK(last.done == last.total);
  CHECK(woken > 0);
  CHECK(KernelTiming::is_of(last, *document.result()));
  int measured = 0;
  for (const explain::KernelTime& kernel : last.kernels) {
    const bool is_run = kernel.refusal.empty() && kernel.expected_ms <= KernelTiming::kMostMilliseconds;
    CHECK((kernel.measured_ms > 0) == is_run);
    measured += is_run;
  }
  CHECK(measured == last.total);

  timing.request(document.result());
  timing.cancel();
  for (int i = 0; i < 60000 && timing.is_busy(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  CHECK_FALSE(timing.is_busy());
  const auto cancelled = timing.take();
  REQUIRE(cancelled.has_value());
  CHECK(cancelled->failure.empty());
}

}  // namespace
}  // namespace convlens::model
