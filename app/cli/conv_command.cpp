// `convlens conv`: gathers input, weights and bias, convolves, writes the maps.
#include "app/cli/conv_command.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "app/cli/layer_files.h"
#include "app/cli/map_picture.h"

namespace convlens::cli {
namespace {

double median(std::vector<double> values) {
  const std::size_t half = values.size() / 2;
  std::sort(values.begin(), values.end());
  return values.size() % 2 == 1 ? values[half] : 0.5 * (values[half - 1] + values[half]);
}

// One timed run after the other, by the processor or by the accelerator.
class Runner {
 public:
  explicit Runner(const ConvOptions& options) : options_(options), parallel_(options.threads) {}

  Status start(const GpuFactory& make_gpu) {
    if (options_.kernel.kernel != conv::kAcceleratorKernel) return Done{};
    if (options_.kernel.isa != "auto") {
      return Error{"the kernel glsl runs on the GPU and takes no instruction set; leave --isa out"};
    }
    Result<std::unique_ptr<conv::Accelerator>> made = make_gpu(options_.shader_dir);
    if (!made) return made.error();
    gpu_ = std::move(*made);
    return Done{};
  }

  Result<conv::Report> run(const conv::Geometry& geometry, ConstView input, ConstView weights,
                           std::span<const float> bias, View output) {
    if (!gpu_) return conv::forward(geometry, input, weights, bias, output, options_.kernel, workspace_, parallel_);
    constexpr std::uint64_t kTheInput = 1;  // there is but one
    return gpu_->forward(geometry, input, kTheInput, weights, bias, output);
  }

  const conv::Accelerator* gpu() const { return gpu_.get(); }

 private:
  const ConvOptions& options_;
  const Parallel parallel_;
  conv::Workspace workspace_;
  std::unique_ptr<conv::Accelerator> gpu_;
};

Result<ConvOutcome> convolve(const ConvOptions& options, const GpuFactory& make_gpu, Shape& wanted) {
  const Result<Layer> layer = read_layer(options);
  if (!layer) return layer.error();
  const conv::Geometry& geometry = layer->geometry;

  wanted = geometry.output_shape();
  Tensor output = Tensor::uninitialized(wanted);
  Runner runner(options);
  if (const Status started = runner.start(make_gpu); !started) return started.error();
  ConvOutcome outcome;
  std::vector<double> times;
  std::vector<double> total_times;
  for (int i = 0; i < options.repeat; ++i) {
    const auto start = std::chrono::steady_clock::now();
    Result<conv::Report> report =
        runner.run(geometry, layer->input.view(), layer->weights.view(), layer->bias, output.view());
    if (!report) return report.error();
    total_times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    times.push_back(report->milliseconds);
    outcome.report = std::move(report).value();
  }
  if (runner.gpu()) {
    outcome.renderer = runner.gpu()->description();
    outcome.total_ms = median(std::move(total_times));
  }
  outcome.shape = wanted;
  outcome.median_ms = median(std::move(times));
  outcome.gflops = outcome.median_ms > 0 ? 2e-6 * static_cast<double>(geometry.multiply_adds()) / outcome.median_ms : 0;
  const Status written = write_maps(options.output, output);
  if (!written) return written.error();
  return outcome;
}

}  // namespace

Result<ConvOutcome> run_conv(const ConvOptions& options, const GpuFactory& make_gpu) {
  Shape wanted{0, 0, 0, 0};
  try {
    return convolve(options, make_gpu, wanted);
  } catch (const std::bad_alloc&) {
    const std::string what = wanted.size() > 0 ? "an output of " + to_string(wanted) : options.input.string();
    return Error{"there is not enough memory for " + what +
                 "; use a smaller picture, a larger stride or fewer filters"};
  }
}

std::string to_json(const ConvOutcome& outcome) {
  const Shape& shape = outcome.shape;
  nlohmann::ordered_json json;
  json["shape"] = {shape.n, shape.c, shape.h, shape.w};
  json["kernel"] = outcome.report.kernel;
  json["isa"] = outcome.report.isa;
  json["threads"] = outcome.report.threads;
  json["median_ms"] = outcome.median_ms;
  json["gflops"] = outcome.gflops;
  if (!outcome.renderer.empty()) {
    json["renderer"] = outcome.renderer;
    json["total_ms"] = outcome.total_ms;
  }
  return json.dump();
}

std::string to_words(const ConvOutcome& outcome) {
  std::array<char, 64> numbers{};
  std::snprintf(numbers.data(), numbers.size(), "%.3f ms, %.2f GFLOP/s", outcome.median_ms, outcome.gflops);
  const conv::Report& report = outcome.report;
  if (!outcome.renderer.empty()) {
    std::array<char, 64> total{};
    std::snprintf(total.data(), total.size(), "; %.3f ms with transfers", outcome.total_ms);
    return to_string(outcome.shape) + " by " + report.kernel + " on " + outcome.renderer + ", " + numbers.data() +
           total.data();
  }
  return to_string(outcome.shape) + " by " + report.kernel + " (" + report.isa + "), " +
         std::to_string(report.threads) + (report.threads == 1 ? " thread, " : " threads, ") + numbers.data();
}

}  // namespace convlens::cli
