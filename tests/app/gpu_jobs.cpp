// What the worker and the document do with an accelerator: use it, do without it in words, and compare it.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <thread>

#include "app/model/document.h"
#include "app/model/fields.h"
#include "app/model/gpu_comparison.h"

namespace convlens::model {
namespace {

// What a test sees of all accelerators that its factory made.
struct Watch {
  std::atomic<int> made{0};
  std::atomic<int> runs{0};
  std::atomic<int> lost{0};  // destroyed, or used, on another thread than their own
  std::atomic<std::uint64_t> revision{1};
  std::atomic<float> offset{0};  // added to the first value of every map
  std::atomic<bool> refuses{false};
};

class FakeAccelerator : public conv::Accelerator {
 public:
  explicit FakeAccelerator(Watch& watch) : watch_(watch) { ++watch_.made; }
  ~FakeAccelerator() override { check_thread(); }

  Result<conv::Report> forward(const conv::Geometry& geometry, ConstView input, std::uint64_t, ConstView weights,
                               std::span<const float> bias, View output, conv::Progress* progress) override {
    check_thread();
    if (watch_.refuses) return Error{"the input is larger than this GPU"};
    ++watch_.runs;
    conv::Workspace workspace;
    auto report = conv::forward(geometry, input, weights, bias, output, {.kernel = "reference"}, workspace, Parallel(1),
                                progress);
    if (!report) return report;
    for (std::int64_t k = 0; k < geometry.k; ++k) output.at(0, k, 0, 0) += watch_.offset;
    report->kernel = conv::kAcceleratorKernel;
    report->isa = "fake";
    report->threads = 0;
    return report;
  }
  std::uint64_t revision() const override { return watch_.revision; }
  std::string description() const override { return "fake"; }

 private:
  void check_thread() { watch_.lost += std::this_thread::get_id() != thread_; }

  Watch& watch_;
  std::thread::id thread_ = std::this_thread::get_id();
};

conv::AcceleratorFactory factory_of(Watch& watch) {
  return [&watch]() -> Result<std::unique_ptr<conv::Accelerator>> {
    return std::unique_ptr<conv::Accelerator>(std::make_unique<FakeAccelerator>(watch));
  };
}

// Steps the document until it rests.
void settle(Document& document) {
  for (int i = 0; i < 6000; ++i) {
    document.step(false);
    if (document.is_current() && !document.is_busy() && !document.is_comparing()) {
      document.step(false);
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  FAIL("the document did not come to rest");
}

void choose_kernel(Document& document, std::string_view name) {
  const Field& field = *find_field("conv/kernel");
  const auto choice = std::ranges::find(field.choices, name, &FieldChoice::name);
  REQUIRE(choice != field.choices.end());
  set_field(document.settings, field, static_cast<double>(choice - field.choices.begin()), document.picture_shape());
  CHECK(document.settings.conv.kernel.kernel == name);
}

TEST_CASE("the GPU computes where it is asked for, on one thread from birth to death") {
  Watch watch;
  {
    Document document({}, factory_of(watch));
    settle(document);
    CHECK(watch.made == 0);
    const float by_cpu = document.result()->map(0).at(0, 0);
    watch.offset = 64;
    choose_kernel(document, "glsl");
    settle(document);
    CHECK(watch.made == 1);
    CHECK(watch.runs == 1);
    CHECK(document.result()->report.kernel == "glsl");
    CHECK(document.result()->report.isa == "fake");
    CHECK(document.result()->map(0).at(0, 0) == doctest::Approx(by_cpu + 64));
    CHECK_FALSE(document.result()->gpu_refusal);

    set_field(document.settings, *find_field("conv/stride_x"), 2, document.picture_shape());
    settle(document);
    CHECK(watch.made == 1);
    CHECK(watch.runs == 2);
    REQUIRE(document.undo());
    REQUIRE(document.undo());
    settle(document);
    CHECK(document.settings.conv.kernel.kernel == "auto");
    CHECK(document.result()->map(0).at(0, 0) == doctest::Approx(by_cpu));
  }
  CHECK(watch.lost == 0);
}

TEST_CASE("where there is no GPU the processor computes, and the reason is told and kept") {
  Document document({}, [] { return Error{"there is no OpenGL 4.3 here"}; });
  choose_kernel(document, "glsl");
  settle(document);
  REQUIRE(document.result()->gpu_refusal);
  CHECK(document.result()->gpu_refusal->is_for_good);
  CHECK(document.result()->report.kernel != "glsl");
  CHECK(document.settings.conv.kernel.kernel == "glsl");
  REQUIRE(document.message());
  CHECK(document.message()->kind == Message::Kind::kError);
  CHECK(document.message()->text == "The processor computes, because the GPU cannot: there is no OpenGL 4.3 here.");
  CHECK(document.no_gpu() == "there is no OpenGL 4.3 here");
  const std::uint64_t serial = document.message()->serial;
  set_field(document.settings, *find_field("conv/stride_x"), 2, document.picture_shape());
  settle(document);
  CHECK(document.message()->serial == serial);  // told once
}

TEST_CASE("a GPU that cannot do these settings gives way for as long") {
  Watch watch;
  watch.refuses = true;
  Document document({}, factory_of(watch));
  choose_kernel(document, "glsl");
  settle(document);
  REQUIRE(document.result()->gpu_refusal);
  CHECK_FALSE(document.result()->gpu_refusal->is_for_good);
  CHECK(document.result()->report.kernel != "glsl");
  CHECK(document.no_gpu().empty());
  REQUIRE(document.message());
  CHECK(document.message()->text.find("the input is larger than this GPU") != std::string::npos);
  watch.refuses = false;
  set_field(document.settings, *find_field("conv/stride_x"), 2, document.picture_shape());
  settle(document);
  CHECK_FALSE(document.result()->gpu_refusal);
  CHECK(document.result()->report.kernel == "glsl");
}

TEST_CASE("another shader computes the maps anew") {
  Watch watch;
  Document document({}, factory_of(watch));
  choose_kernel(document, "glsl");
  settle(document);
  const float before = document.result()->map(0).at(0, 0);
  watch.offset = 16;
  ++watch.revision;
  document.recompute();
  document.step(false);
  for (int i = 0; i < 2000 && document.result()->map(0).at(0, 0) == before; ++i) {
    document.step(false);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  CHECK(document.result()->map(0).at(0, 0) == doctest::Approx(before + 16));
}

TEST_CASE("the instruction set is none of the GPU's business") {
  Settings settings = default_settings();
  settings.conv.kernel = {.kernel = "glsl", .isa = "auto"};
  const FieldLimits limits = field_limits(*find_field("conv/isa"), settings, {1, 3, 480, 640});
  CHECK_FALSE(limits.enabled);
  CHECK(limits.reason.find("GPU") != std::string::npos);
}

TEST_CASE("comparing says how far CPU and GPU are apart, and where") {
  Watch watch;
  watch.offset = 0.5F;
  Document document({}, factory_of(watch));
  settle(document);
  document.compare_gpu();
  settle(document);
  REQUIRE(document.message());
  const std::string text = document.message()->text;
  CAPTURE(text);
  CHECK(text.starts_with("GPU (glsl on fake) and CPU ("));
  CHECK(text.find("differ by at most 5.0e-01 (map ") != std::string::npos);
  CHECK(text.find("row 0, column 0)") != std::string::npos);
  CHECK(document.settings.conv.kernel.kernel == "auto");  // nothing was edited

  watch.refuses = true;
  document.compare_gpu();
  settle(document);
  CHECK(document.message()->text == "CPU and GPU cannot be compared: the input is larger than this GPU.");
  CHECK(watch.lost == 0);
}

TEST_CASE("the largest differences are found where they are") {
  Tensor a(Shape{1, 2, 3, 4}), b(Shape{1, 2, 3, 4}), magnitudes(Shape{1, 2, 3, 4});
  for (float& value : magnitudes.values()) value = 10;
  CHECK(in_words(compare_maps(a.view(), b.view(), magnitudes.view())).find("agree in every bit") != std::string::npos);
  a.at(0, 1, 2, 3) = 1;
  magnitudes.at(0, 0, 1, 2) = 0.5F;
  b.at(0, 0, 1, 2) = -0.25F;
  const Comparison found = compare_maps(a.view(), b.view(), magnitudes.view());
  CHECK(found.largest.map == 1);
  CHECK(found.largest.row == 2);
  CHECK(found.largest.col == 3);
  CHECK(found.largest.difference == 1);
  CHECK(found.relative.map == 0);
  CHECK(found.relative.row == 1);
  CHECK(found.relative.col == 2);
  CHECK(found.relative.difference == 0.5);
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  a.at(0, 0, 0, 0) = kNan;
  CHECK(std::isinf(compare_maps(a.view(), b.view(), magnitudes.view()).largest.difference));
  b.at(0, 0, 0, 0) = kNan;
  CHECK(compare_maps(a.view(), b.view(), magnitudes.view()).largest.difference == 1);
}

}  // namespace
}  // namespace convlens::model
