// What the workspaces have in common is weights in PyTorch's order.
#include "app/model/train_bridges.h"

#include <algorithm>
#include <cmath>
#include <system_error>
#include <utility>

#include "app/model/filter_bank.h"
#include "engine/io/md5.h"
#include "engine/io/picture.h"
#include "engine/nn/network.h"
#include "engine/training/model_file.h"

namespace convlens::model {
namespace {

namespace fs = std::filesystem;

template <class T>
std::string hash_of(std::span<const T> values) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(values.data());
  return io::md5_hex({bytes, values.size_bytes()}).substr(0, 8);
}

Error no_folder(const fs::path& folder, const std::error_code& error) {
  return Error{"cannot make the folder " + folder.string() + ": " + error.message() + "; check who may write there"};
}

}  // namespace

std::string cannot_explore(const TrainRun& run, std::size_t layer) {
  const nn::LayerSpec& spec = run.layers[layer];
  if (spec.kind != nn::LayerKind::kConv)
    return spec.name + " is no convolution: its weights cannot slide over a picture.";
  const Shape shape = filter_shape(run, layer);
  if (shape.c != 1 && shape.c != 3) {
    return "The filters of " + spec.name + " read " + std::to_string(shape.c) +
           " channels, and a picture has one (grey) or three: open the net in Stack to see what they make of it.";
  }
  if (shape.c == 3 && spec.conv.groups != 1) return spec.name + " has groups, and a picture in Explore has one.";
  if (shape.h > kMaxEditableKernel || shape.w > kMaxEditableKernel) {
    return "The filters of " + spec.name + " are larger than the " + std::to_string(kMaxEditableKernel) + " × " +
           std::to_string(kMaxEditableKernel) + " that Explore can edit.";
  }
  return {};
}

std::string use_in_explore(ConvSettings& conv, const TrainRun& run, const std::vector<float>& row, std::size_t layer) {
  const nn::LayerSpec& spec = run.layers[layer];
  const Shape shape = filter_shape(run, layer);
  const std::int64_t filters = nn::filter_count(spec);
  const std::int64_t shown = std::min<std::int64_t>(filters, kMaxFilters);
  FilterBank bank{static_cast<int>(shape.c), static_cast<int>(shape.h), static_cast<int>(shape.w), {}};
  for (std::int64_t k = 0; k < shown; ++k) {
    const auto weights = filter_weights(run, row, layer, k);
    Filter filter;
    filter.name = spec.name + " " + std::to_string(k + 1);
    filter.weights.assign(weights.begin(), weights.end());
    filter.bias = filter_bias(run, row, layer, k);
    bank.filters.push_back(std::move(filter));
  }
  repair_bank(bank);
  conv.bank = std::move(bank);
  conv.channels = shape.c == 3 ? Channels::kRgb : Channels::kGrey;
  conv.params = spec.conv;
  conv.params.groups = 1;
  const std::string what = shown == filters ? "the " + std::to_string(shown) + " filters of " + spec.name
                                            : std::to_string(shown) + " of the " + std::to_string(filters) +
                                                  " filters of " + spec.name + " (a bank holds no more)";
  return "These are " + what + (shape.c == 1 ? ", on the picture in grey." : ", on the picture's three channels.");
}

Result<FilterValues> take_from_explore(const FilterBank& bank, int filter, const FilterForm& form) {
  if (bank.rows != form.rows || bank.cols != form.cols) {
    return Error{"The filter of Explore is " + std::to_string(bank.rows) + " × " + std::to_string(bank.cols) +
                 " and this one is " + std::to_string(form.rows) + " × " + std::to_string(form.cols) +
                 ": change the kernel size there first."};
  }
  const Filter& chosen = bank.filters[static_cast<std::size_t>(filter)];
  FilterBank one = bank;
  one.filters = {chosen};
  bake_strength(one, one.filters.front());
  if (form.channels != one.channels) {
    set_channels(one, 1);
    set_channels(one, static_cast<int>(form.channels));
  }
  return FilterValues{one.filters.front().weights, chosen.bias};
}

Result<StackSettings> net_for_stack(const TrainRun& run, const std::vector<float>& row, const fs::path& folder) {
  StackSettings stack;
  stack.has_softmax = true;
  stack.model = run.description.model;
  stack.model.layers = run.layers;
  training::TrainedModel trained{stack.model, run.description.preprocessing, row};
  const training::Normalisation& normal = run.description.preprocessing.normalisation;
  if (normal.mean != 0 || normal.deviation != 1) {
    // (x - mean) / deviation is what a batch norm layer at rest does.
    nn::LayerSpec layer;
    layer.kind = nn::LayerKind::kBatchNorm;
    layer.name = "normalise";
    layer.epsilon = 1e-12F;
    stack.model.layers.insert(stack.model.layers.begin(), layer);
    const auto channels = static_cast<std::size_t>(stack.model.channels);
    std::vector<float> values(channels, 1);    // scale
    values.resize(2 * channels, 0);            // shift
    values.resize(3 * channels, normal.mean);  // running mean
    values.resize(4 * channels, normal.deviation * normal.deviation);
    values.insert(values.end(), row.begin(), row.end());
    trained.model = stack.model;
    trained.values = std::move(values);
    trained.preprocessing.normalisation = {};
  }
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return no_folder(folder, failed);
  const std::string name = stack.model.name.empty() ? "net" : stack.model.name;
  const fs::path path = folder / (name + "-" + hash_of(std::span<const float>(trained.values)) + ".safetensors");
  if (Status saved = training::save_model(path, trained); !saved) return saved.error();
  stack.weights_file = path.string();
  return stack;
}

Result<fs::path> picture_for_stack(const Shape& shape, std::span<const float> values, const std::string& name,
                                   const fs::path& folder) {
  if (shape.c != 1 && shape.c != 3) {
    return Error{"a sample of " + std::to_string(shape.c) + " channels is no picture; Stack keeps its own"};
  }
  std::vector<std::uint8_t> pixels;
  for (std::int64_t i = 0; i < shape.h * shape.w; ++i) {
    for (std::int64_t c = 0; c < shape.c; ++c) {
      const float value = values[static_cast<std::size_t>(c * shape.h * shape.w + i)];
      pixels.push_back(static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0F, 1.0F) * 255)));
    }
  }
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return no_folder(folder, failed);
  const fs::path path = folder / (name + "-" + hash_of(std::span<const std::uint8_t>(pixels)) + ".png");
  const Status written =
      io::write_png(path, pixels, static_cast<int>(shape.w), static_cast<int>(shape.h), static_cast<int>(shape.c));
  if (!written) return written.error();
  return path;
}

}  // namespace convlens::model
