// Maps that stay on a device: shown before their values are read, read where nothing newer waits, and done without.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "app/model/fields.h"
#include "app/model/map_maker.h"
#include "app/model/outliers.h"
#include "engine/core/random.h"

namespace convlens::model {
namespace {

// What a test sees of a device, and how it misbehaves.
struct Watch {
  int forwards = 0;
  int kept = 0;
  int reads = 0;
  int rests = 0;
  int alive = 0;  // maps on the device
  bool keeps = true;
  bool fails_to_convolve = false;
  bool fails_to_read = false;
  bool overflows = false;
};

class FakeMaps : public conv::DeviceMaps {
 public:
  FakeMaps(Watch& watch, const Shape& shape) : values(shape), watch_(watch) { ++watch_.alive; }
  ~FakeMaps() override { --watch_.alive; }
  Shape shape() const override { return values.shape(); }

  Tensor values;

 private:
  Watch& watch_;
};

// The reference kernel under another name.
class FakeDevice : public conv::Accelerator, private conv::MapKeeper {
 public:
  explicit FakeDevice(Watch& watch) : watch_(watch) {}

  Result<conv::Report> forward(const conv::Geometry& geometry, ConstView input, std::uint64_t, ConstView weights,
                               std::span<const float> bias, View output, conv::Progress* progress) override {
    ++watch_.forwards;
    conv::Workspace workspace;
    auto report = conv::forward(geometry, input, weights, bias, output, {.kernel = "reference"}, workspace, Parallel(1),
                                progress);
    if (report) report->kernel = conv::kAcceleratorKernel;
    return report;
  }
  std::uint64_t revision() const override { return 1; }
  std::string description() const override { return "fake"; }
  conv::MapKeeper* keeper() override { return this; }

  bool can_keep(const Shape&) const override { return watch_.keeps; }
  Result<Kept> forward_and_keep(const conv::Geometry& geometry, ConstView input, std::uint64_t identity,
                                ConstView weights, std::span<const float> bias, conv::Progress* progress) override {
    if (watch_.fails_to_convolve) return Error{"the GPU has no memory for these maps"};
    ++watch_.kept;
    auto maps = std::make_shared<FakeMaps>(watch_, geometry.output_shape());
    const auto report = forward(geometry, input, identity, weights, bias, maps->values.view(), progress);
    if (!report) return report.error();
    return Kept{*report, std::move(maps)};
  }
  Result<std::vector<conv::DeviceStats>> measure(const conv::DeviceMaps& maps, std::int64_t step) override {
    const Tensor& values = dynamic_cast<const FakeMaps&>(maps).values;
    std::vector<conv::DeviceStats> all;
    for (std::int64_t k = 0; k < values.shape().c; ++k) {
      const std::span plane(values.view().plane(0, k), static_cast<std::size_t>(values.shape().h * values.shape().w));
      conv::DeviceStats stats;
      stats.min = *std::ranges::min_element(plane);
      stats.max = *std::ranges::max_element(plane);
      stats.mean = watch_.overflows ? std::numeric_limits<double>::infinity() : 0.25;
      for (std::size_t i = 0; i < plane.size(); i += static_cast<std::size_t>(step)) stats.samples.push_back(plane[i]);
      all.push_back(std::move(stats));
    }
    return all;
  }
  Status read_back(const conv::DeviceMaps& maps, View output) override {
    if (watch_.fails_to_read) return Error{"the GPU has no memory for reading the maps back"};
    ++watch_.reads;
    std::ranges::copy(dynamic_cast<const FakeMaps&>(maps).values.values(), output.data);
    return Done{};
  }
  void rest() override { ++watch_.rests; }

 private:
  Watch& watch_;
};

// Runs jobs one after the other on 96 x 100 noise.
struct Desk {
  Watch watch;
  MapMaker maker;
  JobProgress progress;
  std::vector<ConvResultPtr> parts;
  bool has_newer = false;
  PicturePtr picture = noise();
  Settings settings = default_settings();
  std::uint64_t generation = 0;

  Desk() {
    settings.conv.kernel = {.kernel = conv::kAcceleratorKernel, .isa = "auto"};
    make_legal(settings, picture->pixels.shape());
    maker.set_accelerator([this]() -> Result<std::unique_ptr<conv::Accelerator>> {
      return std::unique_ptr<conv::Accelerator>(std::make_unique<FakeDevice>(watch));
    });
  }

  static PicturePtr noise() {
    auto made = std::make_shared<LoadedPicture>();
    made->pixels = Tensor(Shape{1, 3, 96, 100});
    Random random(3);
    for (float& value : made->pixels.values()) value = random.uniform(-1, 1);
    made->id = 1;
    return made;
  }

  // Null where the job was given up.
  ConvResultPtr run() {
    parts.clear();
    const JobControl control{.progress = progress,
                             .may_go_on = [this](bool is_later_part) { return !is_later_part || !has_newer; },
                             .looked_at = [] { return std::vector<int>(); },
                             .publish = [this](ConvResultPtr part) { parts.push_back(std::move(part)); }};
    auto result = maker.run({picture, settings.conv, ++generation}, control);
    if (!result) return nullptr;
    if (!*result) FAIL((*result).error().message);
    return **result;
  }
};

TEST_CASE("maps on a device are shown first and have their values after") {
  Desk desk;
  const ConvResultPtr whole = desk.run();
  REQUIRE(whole);
  REQUIRE(desk.parts.size() == 1);
  const ConvResult& shown = *desk.parts.front();
  const auto count = static_cast<int>(shown.geometry.k);
  REQUIRE(count > 1);
  CHECK_FALSE(shown.is_complete);
  CHECK(shown.report.kernel == "glsl");
  CHECK(shown.computed_maps == count);
  CHECK(whole->is_complete);
  CHECK(desk.watch.kept == 1);
  CHECK(desk.watch.reads == 1);
  CHECK(desk.watch.alive == 1);
  for (int k = 0; k < count; ++k) {
    CAPTURE(k);
    const FeatureMap& early = shown.map(k);
    const FeatureMap& late = whole->map(k);
    CHECK_FALSE(early.has_values());
    CHECK(early.device != nullptr);
    CHECK(early.plane == k);
    CHECK(early.rows() == whole->geometry.p);
    CHECK(early.cols() == whole->geometry.q);
    CHECK_FALSE(shown.has(k));
    CHECK_FALSE(shown.value(k, 0, 0));  // nothing is said that is not known

    CHECK(late.has_values());
    CHECK(late.version == early.version);  // the picture of it serves on
    CHECK(late.device == early.device);
    const auto& values = dynamic_cast<const FakeMaps&>(*late.device).values;
    CHECK(std::ranges::equal(late.values(), std::span(values.view().plane(0, k), late.values().size())));
    CHECK(std::ranges::any_of(late.values(), [](float value) { return value != 0; }));
    CHECK(early.stats.min == late.stats.min);
    CHECK(early.stats.max == late.stats.max);
    CHECK(early.stats.bulk == late.stats.bulk);
    CHECK(early.stats.mean == 0.25);
    CHECK(late.stats.mean != 0.25);
  }
  std::vector<JobTimes::Stage> stages;
  for (const JobTimes::Span& span : whole->times.spans) stages.push_back(span.stage);
  using enum JobTimes::Stage;
  CHECK(stages == std::vector{kConvolve, kReduce, kReadBack, kReduce});
  CHECK(shown.times.spans.size() == 2);
}

TEST_CASE("values are not read for maps that a newer job replaces") {
  Desk desk;
  desk.has_newer = true;
  for (int i = 0; i < 5; ++i) {
    desk.settings.conv.bank.filters[0].bias += 0.5F;
    CHECK(desk.run() == nullptr);
    REQUIRE(desk.parts.size() == 1);
    CHECK(desk.parts[0]->generation == desk.generation);
  }
  CHECK(desk.watch.kept == 5);
  CHECK(desk.watch.reads == 0);
  CHECK(desk.watch.alive == 1);
  // The same job once more: maps without values do not count as made.
  desk.has_newer = false;
  REQUIRE(desk.run());
  CHECK(desk.watch.reads == 1);
  // And those with values do.
  REQUIRE(desk.run());
  CHECK(desk.parts.empty());
  CHECK(desk.watch.kept == 6);
}

TEST_CASE("maps leave the device with the last result that shows them") {
  Desk desk;
  ConvResultPtr first = desk.run();
  desk.settings.conv.bank.filters[0].bias += 0.5F;
  const ConvResultPtr second = desk.run();
  CHECK(desk.watch.alive == 2);
  first.reset();
  CHECK(desk.watch.alive == 1);
  desk.settings.conv.kernel = {};
  const ConvResultPtr third = desk.run();
  REQUIRE(third);
  CHECK(third->report.kernel != "glsl");
  CHECK(third->map(0).device == nullptr);
  CHECK(desk.watch.alive == 1);  // the second result is still here
  desk.maker.rest();
  CHECK(desk.watch.rests == 1);
}

TEST_CASE("maps that the device cannot keep come by way of the processor") {
  Desk desk;
  desk.watch.keeps = false;
  const ConvResultPtr whole = desk.run();
  REQUIRE(whole);
  CHECK(desk.parts.empty());
  CHECK(whole->report.kernel == "glsl");
  CHECK(whole->map(0).device == nullptr);
  CHECK_FALSE(whole->gpu_refusal);
  CHECK(desk.watch.forwards == 1);
}

TEST_CASE("where the device fails the processor computes, and the reason is told") {
  Desk desk;
  SUBCASE("before anything was shown") { desk.watch.fails_to_convolve = true; }
  SUBCASE("after the maps were shown") { desk.watch.fails_to_read = true; }
  const ConvResultPtr whole = desk.run();
  REQUIRE(whole);
  CHECK(whole->is_complete);
  CHECK(whole->report.kernel != "glsl");
  CHECK(whole->computed_maps == whole->geometry.k);
  REQUIRE(whole->gpu_refusal);
  CHECK(whole->gpu_refusal->reason.starts_with("the GPU has no memory"));
  CHECK(whole->map(0).device == nullptr);
  CHECK(whole->map(0).has_values());
}

TEST_CASE("statistics beyond the device's floats are not shown") {
  Desk desk;
  desk.watch.overflows = true;
  const ConvResultPtr whole = desk.run();
  REQUIRE(whole);
  CHECK(desk.parts.empty());
  CHECK(std::isfinite(whole->stats[0].mean));
  CHECK(whole->map(0).device != nullptr);
}

TEST_CASE("the bulk of a map is the same from its samples as from all of it") {
  Random random(8);
  for (const std::int64_t rows : {3, 90, 300}) {
    const std::int64_t cols = 512;  // shares a factor with most steps
    std::vector<float> plane(static_cast<std::size_t>(rows * cols));
    for (float& value : plane) value = random.below(4) == 0 ? 0 : random.uniform(-2, 1);
    plane[1] = std::numeric_limits<float>::quiet_NaN();
    std::vector<float> samples;
    const std::int64_t step = sample_step(rows * cols, cols);
    for (std::int64_t i = 0; i < rows * cols; i += step) samples.push_back(plane[static_cast<std::size_t>(i)]);
    const float bulk = bulk_magnitude(plane, cols, 2);
    CHECK(bulk > 1.5F);
    CHECK(bulk == bulk_of_samples(samples, 2));
  }
}

}  // namespace
}  // namespace convlens::model
