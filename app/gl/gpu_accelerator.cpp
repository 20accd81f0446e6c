// Context, compute, and the maps kept from call to call.
#include "app/gl/gpu_accelerator.h"

#include <utility>

#include "app/gl/conv_compute.h"
#include "app/gl/headless.h"

namespace convlens::gl {

namespace {

class GpuAccelerator : public conv::Accelerator {
 public:
  GpuAccelerator(HeadlessContext context, ConvCompute compute, std::shared_ptr<const SharedShaders> shaders,
                 std::uint64_t revision)
      : context_(std::move(context)), compute_(std::move(compute)), shaders_(std::move(shaders)), revision_(revision) {}

  Result<conv::Report> forward(const conv::Geometry& geometry, ConstView input, std::uint64_t input_identity,
                               ConstView weights, std::span<const float> bias, View output,
                               conv::Progress* progress) override {
    if (shaders_->revision() != revision_) {
      SharedShaders::Version newer = shaders_->get();
      revision_ = newer.revision;
      if (const Status taken = compute_.set_shaders(std::move(newer.texts)); !taken) return taken.error();
    }
    if (maps_.shape != geometry.output_shape() || (!maps_.texture && !maps_.buffer)) {
      maps_ = {};
      Result<GpuMaps> maps = compute_.make_maps(geometry.output_shape());
      if (!maps) return maps.error();
      maps_ = std::move(*maps);
    }
    const Result<GpuTimes> times = compute_.run(geometry, input, input_identity, weights, bias, maps_, progress);
    if (!times) return times.error();
    if (const Status read = compute_.read_back(maps_, output); !read) return read.error();
    conv::Report report;
    report.kernel = conv::kAcceleratorKernel;
    report.isa = short_name(context_.info().renderer);
    report.milliseconds = times->compute_milliseconds;
    if (report.milliseconds > 0) {
      report.gflops = 2e-6 * static_cast<double>(geometry.multiply_adds()) / report.milliseconds;
    }
    return report;
  }

  std::uint64_t revision() const override { return shaders_->revision(); }

  std::string description() const override {
    const ContextInfo& info = context_.info();
    return info.renderer + ", OpenGL " + std::to_string(info.major) + "." + std::to_string(info.minor);
  }

 private:
  // "llvmpipe (LLVM 15.0.6, 256 bits)" and "NVIDIA GeForce RTX 3060/PCIe/SSE2" without what follows the name.
  static std::string short_name(const std::string& renderer) {
    std::string name = renderer.substr(0, renderer.find_first_of("(/"));
    while (!name.empty() && name.back() == ' ') name.pop_back();
    return name.empty() ? renderer : name;
  }

  // In this order: what lives in the context dies before it.
  HeadlessContext context_;
  ConvCompute compute_;
  GpuMaps maps_;
  std::shared_ptr<const SharedShaders> shaders_;
  std::uint64_t revision_;  // of the texts that compute_ has
};

}  // namespace

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
  SharedShaders::Version version = shaders->get();
  Result<ConvCompute> compute = ConvCompute::create(std::move(version.texts));
  if (!compute) return compute.error();
  return std::unique_ptr<conv::Accelerator>(
      std::make_unique<GpuAccelerator>(std::move(*context), std::move(*compute), std::move(shaders), version.revision));
}

}  // namespace

Result<std::unique_ptr<conv::Accelerator>> make_gpu_accelerator(std::shared_ptr<const SharedShaders> shaders) {
  return make(std::move(shaders), HeadlessContext::Fallback::kNone);
}

Result<std::unique_ptr<conv::Accelerator>> gpu_with_shaders_of(const std::filesystem::path& folder) {
  Result<ShaderTexts> texts = ShaderTexts();
  if (!folder.empty()) texts = ShaderTexts::from_folder(folder);
  if (!texts) return texts.error();
  return make(std::make_shared<const SharedShaders>(std::move(*texts)), HeadlessContext::Fallback::kHiddenWindow);
}

}  // namespace convlens::gl
