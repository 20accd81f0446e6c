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

#include "app/cli/map_picture.h"
#include "engine/filters/presets.h"
#include "engine/io/npy.h"
#include "engine/io/picture.h"

namespace convlens::cli {
namespace {

// The eye's weights of red, green and blue (Rec. 709).
constexpr std::array<float, 3> kLuminance = {0.2126f, 0.7152f, 0.0722f};

Result<Tensor> read_array(const std::filesystem::path& path) {
  const Result<io::NpyArray> array = io::read_npy(path);
  if (!array) return array.error();
  return io::to_image_tensor(*array, path.string());
}

Result<Tensor> to_gray(Tensor input, const std::string& name) {
  const Shape shape = input.shape();
  if (shape.c == 1) return input;
  if (shape.c != 3) {
    return Error{"--gray needs an input with 3 channels, and " + name + " has " + std::to_string(shape.c) +
                 "; leave --gray out"};
  }
  Tensor gray = Tensor::uninitialized({shape.n, 1, shape.h, shape.w});
  for (std::int64_t n = 0; n < shape.n; ++n) {
    float* out = gray.view().plane(n, 0);
    const float* red = input.view().plane(n, 0);
    const float* green = input.view().plane(n, 1);
    const float* blue = input.view().plane(n, 2);
    for (std::int64_t i = 0; i < shape.h * shape.w; ++i) {
      out[i] = kLuminance[0] * red[i] + kLuminance[1] * green[i] + kLuminance[2] * blue[i];
    }
  }
  return gray;
}

Result<Tensor> read_input(const ConvOptions& options) {
  Tensor input;
  if (options.input.extension() == ".npy") {
    Result<Tensor> array = read_array(options.input);
    if (!array) return array;
    input = std::move(array).value();
  } else {
    Result<io::Picture> picture = io::read_picture(options.input);
    if (!picture) return picture.error();
    input = std::move(picture->pixels);
  }
  if (options.gray) return to_gray(std::move(input), options.input.string());
  return input;
}

Result<Tensor> read_weights(const std::filesystem::path& path) {
  const Result<io::NpyArray> array = io::read_npy(path);
  if (!array) return array.error();
  const std::size_t rank = array->shape.size();
  if (rank < 2 || rank > 4) {
    return Error{path.string() + " has " + std::to_string(rank) + (rank == 1 ? " dimension" : " dimensions") +
                 "; weights are (K,C/groups,R,S), (C/groups,R,S) or (R,S): reshape it"};
  }
  return io::to_image_tensor(*array, path.string());
}

// One filter over all channels that a group sees.
Result<Tensor> preset_weights(const ConvOptions& options, const Shape& input) {
  const PresetChoice& choice = *options.preset;
  if (options.params.groups != 1) {
    return Error{"--preset makes one filter over all channels; leave --groups out or give --weights"};
  }
  filters::PresetArgs args;
  args.rows = choice.rows;
  args.cols = choice.cols;
  args.channels = static_cast<int>(std::min<std::int64_t>(input.c, INT32_MAX));
  const Result<std::vector<float>> values = filters::make_preset(choice.name, args);
  if (!values) return values.error();
  Tensor weights = Tensor::uninitialized({1, input.c, args.rows, args.cols});
  std::copy(values->begin(), values->end(), weights.data());
  return weights;
}

Result<std::vector<float>> read_bias(const ConvOptions& options, std::int64_t filters) {
  if (!options.bias) return std::vector<float>{};
  Result<io::NpyArray> array = io::read_npy(*options.bias);
  if (!array) return array.error();
  if (std::ssize(array->values) != filters) {
    return Error{options.bias->string() + " holds " + std::to_string(array->values.size()) +
                 " values, and the bias has one per filter: " + std::to_string(filters) + " are needed"};
  }
  return std::move(array->values);
}

Status write_output(const std::filesystem::path& path, const Tensor& maps) {
  const Shape& shape = maps.shape();
  if (path.extension() == ".npy") {
    const std::array<std::int64_t, 4> sizes = {shape.n, shape.c, shape.h, shape.w};
    return io::write_npy(path, sizes, maps.values());
  }
  Result<MapPicture> picture = to_picture(maps.view());
  if (!picture) return Error{"cannot write " + path.string() + ": " + picture.error().message};
  return io::write_png(path, picture->pixels, picture->width, picture->height, picture->channels);
}

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
  const Result<Tensor> input = read_input(options);
  if (!input) return input.error();
  const Result<Tensor> weights =
      options.preset ? preset_weights(options, input->shape()) : read_weights(*options.weights);
  if (!weights) return weights.error();
  const Result<conv::Geometry> geometry = conv::resolve(options.params, input->shape(), weights->shape());
  if (!geometry) return geometry.error();
  const Result<std::vector<float>> bias = read_bias(options, geometry->k);
  if (!bias) return bias.error();

  wanted = geometry->output_shape();
  Tensor output = Tensor::uninitialized(wanted);
  Runner runner(options);
  if (const Status started = runner.start(make_gpu); !started) return started.error();
  ConvOutcome outcome;
  std::vector<double> times;
  std::vector<double> total_times;
  for (int i = 0; i < options.repeat; ++i) {
    const auto start = std::chrono::steady_clock::now();
    Result<conv::Report> report = runner.run(*geometry, input->view(), weights->view(), *bias, output.view());
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
  outcome.gflops =
      outcome.median_ms > 0 ? 2e-6 * static_cast<double>(geometry->multiply_adds()) / outcome.median_ms : 0;
  const Status written = write_output(options.output, output);
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
