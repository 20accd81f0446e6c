// Arrays, pictures and named filters become the tensors of one layer.
#include "app/cli/layer_files.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

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

Result<Tensor> read_weight_file(const std::filesystem::path& path) {
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
Result<Tensor> preset_weights(const ConvOptions& options, std::int64_t channels) {
  const PresetChoice& choice = *options.preset;
  if (options.params.groups != 1) {
    return Error{"--preset makes one filter over all channels; leave --groups out or give --weights"};
  }
  filters::PresetArgs args;
  args.rows = choice.rows;
  args.cols = choice.cols;
  args.channels = static_cast<int>(std::min<std::int64_t>(channels, INT32_MAX));
  const Result<std::vector<float>> values = filters::make_preset(choice.name, args);
  if (!values) return values.error();
  Tensor weights = Tensor::uninitialized({1, channels, args.rows, args.cols});
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

}  // namespace

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

Result<Tensor> read_weights(const ConvOptions& options, std::int64_t channels) {
  return options.preset ? preset_weights(options, channels) : read_weight_file(*options.weights);
}

Result<Layer> read_layer(const ConvOptions& options) {
  Result<Tensor> input = read_input(options);
  if (!input) return input.error();
  Result<Tensor> weights = read_weights(options, input->shape().c);
  if (!weights) return weights.error();
  const Result<conv::Geometry> geometry = conv::resolve(options.params, input->shape(), weights->shape());
  if (!geometry) return geometry.error();
  Result<std::vector<float>> bias = read_bias(options, geometry->k);
  if (!bias) return bias.error();
  return Layer{std::move(*input), std::move(*weights), std::move(*bias), *geometry};
}

}  // namespace convlens::cli
