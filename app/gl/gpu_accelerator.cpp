// Context, compute, and the maps kept from call to call or left on the GPU.
#include "app/gl/gpu_accelerator.h"

#include <optional>
#include <utility>
#include <variant>

#include "app/gl/conv_compute.h"
#include "app/gl/headless.h"
#include "app/gl/map_measure.h"
#include "app/gl/worker_context.h"

namespace convlens::gl {

namespace {

// One of its own, or one beside the window's: only there can maps be left for drawing.
using OwnContext = std::variant<HeadlessContext, WorkerContext::Current>;

class GpuAccelerator : public conv::Accelerator, private conv::MapKeeper {
 public:
  // Error: the driver rejects a shader that is always needed; holds its log.
  static Result<std::unique_ptr<conv::Accelerator>> create(OwnContext context,
                                                           std::shared_ptr<const SharedShaders> shaders) {
    std::unique_ptr<GpuAccelerator> made(new GpuAccelerator(std::move(context)));
    SharedShaders::Version version = shaders->get();
    Result<ConvCompute> compute = ConvCompute::create(version.texts);
    if (!compute) return compute.error();
    made->compute_ = std::move(*compute);
    if (made->shelf()) {
      Result<MapMeasure> measure = MapMeasure::create(version.texts);
      if (!measure) return measure.error();
      made->measure_ = std::move(*measure);
    }
    made->shaders_ = std::move(shaders);
    made->revision_ = version.revision;
    return std::unique_ptr<conv::Accelerator>(std::move(made));
  }

  Result<conv::Report> forward(const conv::Geometry& geometry, ConstView input, std::uint64_t input_identity,
                               ConstView weights, std::span<const float> bias, View output,
                               conv::Progress* progress) override {
    if (const Status taken = take_shaders(); !taken) return taken.error();
    if (maps_.shape != geometry.output_shape() || (!maps_.texture && !maps_.buffer)) {
      maps_ = {};
      Result<GpuMaps> maps = compute_->make_maps(geometry.output_shape());
      if (!maps) return maps.error();
      maps_ = std::move(*maps);
    }
    const Result<GpuTimes> times = compute_->run(geometry, input, input_identity, weights, bias, maps_, progress);
    if (!times) return times.error();
    if (const Status read = compute_->read_back(maps_, output); !read) return read.error();
    return report_of(geometry, *times);
  }

  std::uint64_t revision() const override { return shaders_->revision(); }

  conv::MapKeeper* keeper() override { return shelf() ? this : nullptr; }

  std::string description() const override {
    return info().renderer + ", OpenGL " + std::to_string(info().major) + "." + std::to_string(info().minor);
  }

  bool can_keep(const Shape& maps) const override { return fits_texture(maps, compute_->limits()); }

  Result<Kept> forward_and_keep(const conv::Geometry& geometry, ConstView input, std::uint64_t input_identity,
                                ConstView weights, std::span<const float> bias, conv::Progress* progress) override {
    if (const Status taken = take_shaders(); !taken) return taken.error();
    Result<std::shared_ptr<KeptMaps>> maps = shelf()->take(geometry.output_shape(), *compute_);
    if (!maps) return maps.error();
    const Result<GpuTimes> times =
        compute_->run(geometry, input, input_identity, weights, bias, (*maps)->maps(), progress);
    if (!times) return times.error();
    return Kept{report_of(geometry, *times), std::move(*maps)};
  }

  Result<std::vector<conv::DeviceStats>> measure(const conv::DeviceMaps& maps, std::int64_t step) override {
    return measure_->measure(dynamic_cast<const KeptMaps&>(maps).maps(), step);
  }

  Status read_back(const conv::DeviceMaps& maps, View output) override {
    return compute_->read_back(dynamic_cast<const KeptMaps&>(maps).maps(), output);
  }

  void rest() override { shelf()->clear(); }

 private:
  explicit GpuAccelerator(OwnContext context) : context_(std::move(context)) {}

  const ContextInfo& info() const {
    return std::visit([](const auto& context) -> const ContextInfo& { return context.info(); }, context_);
  }

  // Null where nobody could draw what is left on the GPU.
  std::shared_ptr<MapShelf> shelf() const {
    const auto* shared = std::get_if<WorkerContext::Current>(&context_);
    return shared != nullptr ? shared->shelf() : nullptr;
  }

  Status take_shaders() {
    if (shaders_->revision() == revision_) return Done{};
    const SharedShaders::Version newer = shaders_->get();
    revision_ = newer.revision;
    if (const Status taken = compute_->set_shaders(newer.texts); !taken) return taken;
    if (!measure_) return Done{};
    Result<MapMeasure> measure = MapMeasure::create(newer.texts);
    if (!measure) return measure.error();
    measure_ = std::move(*measure);
    return Done{};
  }

  conv::Report report_of(const conv::Geometry& geometry, const GpuTimes& times) const {
    conv::Report report;
    report.kernel = conv::kAcceleratorKernel;
    report.isa = short_name(info().renderer);
    report.milliseconds = times.compute_milliseconds;
    if (report.milliseconds > 0) {
      report.gflops = 2e-6 * static_cast<double>(geometry.multiply_adds()) / report.milliseconds;
    }
    return report;
  }

  // "llvmpipe (LLVM 15.0.6, 256 bits)" and "NVIDIA GeForce RTX 3060/PCIe/SSE2" without what follows the name.
  static std::string short_name(const std::string& renderer) {
    std::string name = renderer.substr(0, renderer.find_first_of("(/"));
    while (!name.empty() && name.back() == ' ') name.pop_back();
    return name.empty() ? renderer : name;
  }

  // In this order: what lives in the context dies before it.
  OwnContext context_;
  std::optional<ConvCompute> compute_;
  std::optional<MapMeasure> measure_;  // where there is a shelf
  GpuMaps maps_;                       // of forward()
  std::shared_ptr<const SharedShaders> shaders_;
  std::uint64_t revision_ = 0;  // of the texts that compute_ has
};

}  // namespace

Status check_compute_shaders(const ShaderTexts& texts) {
  if (const Status convolves = ConvCompute::check(texts); !convolves) return convolves;
  const Result<MapMeasure> measures = MapMeasure::create(texts);
  if (!measures) return measures.error();
  return Done{};
}

void SharedShaders::set(ShaderTexts texts) {
  const std::lock_guard lock(mutex_);
  texts_ = std::move(texts);
  ++revision_;
}

SharedShaders::Version SharedShaders::get() const {
  const std::lock_guard lock(mutex_);
  return {texts_, revision_};
}

namespace {

Result<std::unique_ptr<conv::Accelerator>> make(std::shared_ptr<const SharedShaders> shaders,
                                                HeadlessContext::Fallback fallback) {
  Result<HeadlessContext> context = HeadlessContext::create(fallback);
  if (!context) return context.error();
  return GpuAccelerator::create(std::move(*context), std::move(shaders));
}

}  // namespace

Result<std::unique_ptr<conv::Accelerator>> make_gpu_accelerator(std::shared_ptr<const SharedShaders> shaders) {
  return make(std::move(shaders), HeadlessContext::Fallback::kNone);
}

Result<std::unique_ptr<conv::Accelerator>> make_gpu_accelerator(std::shared_ptr<const SharedShaders> shaders,
                                                                WorkerContext& beside) {
  std::optional<WorkerContext::Current> context = beside.enter();
  if (!context) return make_gpu_accelerator(std::move(shaders));
  return GpuAccelerator::create(std::move(*context), std::move(shaders));
}

Result<std::unique_ptr<conv::Accelerator>> gpu_with_shaders_of(const std::filesystem::path& folder) {
  Result<ShaderTexts> texts = ShaderTexts();
  if (!folder.empty()) texts = ShaderTexts::from_folder(folder);
  if (!texts) return texts.error();
  return make(std::make_shared<const SharedShaders>(std::move(*texts)), HeadlessContext::Fallback::kHiddenWindow);
}

}  // namespace convlens::gl
