// Names and shapes of parameters against those of a file.
#include "engine/training/weights.h"

#include <algorithm>

#include "engine/nn/parameters.h"

namespace convlens::training {
namespace {

std::string shape_in_words(std::span<const std::int64_t> shape) {
  std::string text;
  for (const std::int64_t size : shape) text += (text.empty() ? "" : "x") + std::to_string(size);
  return text.empty() ? "a single number" : text;
}

}  // namespace

std::vector<io::NamedTensorView> tensors_of(const nn::ModelSpec& model, std::span<const float> row,
                                            const std::string& prefix, bool only_trainable) {
  std::vector<io::NamedTensorView> tensors;
  std::size_t at = 0;
  for (const nn::ParameterInfo& info : nn::list_parameters(model)) {
    if (only_trainable && !info.is_trainable()) continue;
    const auto count = static_cast<std::size_t>(info.count());
    tensors.push_back({prefix + info.name, info.shape, row.subspan(at, count)});
    at += count;
  }
  return tensors;
}

Result<std::vector<float>> row_of(const nn::ModelSpec& model, std::span<const io::NamedTensor> tensors,
                                  const std::string& prefix, bool only_trainable, const std::string& file) {
  std::vector<float> row;
  for (const nn::ParameterInfo& info : nn::list_parameters(model)) {
    if (only_trainable && !info.is_trainable()) continue;
    const std::string name = prefix + info.name;
    const auto tensor = std::ranges::find(tensors, name, &io::NamedTensor::name);
    if (tensor == tensors.end()) {
      return Error{file + " lacks '" + name + "' of the model '" + model.name +
                   "': it belongs to another architecture, or to another description"};
    }
    if (tensor->shape != info.shape) {
      return Error{file + " holds '" + name + "' of " + shape_in_words(tensor->shape) + ", and the model '" +
                   model.name + "' needs " + shape_in_words(info.shape) +
                   ": it belongs to another architecture, or to another description"};
    }
    row.insert(row.end(), tensor->values.begin(), tensor->values.end());
  }
  return row;
}

Status check_names(const nn::ModelSpec& model, std::span<const io::NamedTensor> tensors,
                   std::span<const std::string> prefixes, const std::string& file) {
  const std::vector<nn::ParameterInfo> list = nn::list_parameters(model);
  for (const io::NamedTensor& tensor : tensors) {
    const bool is_known =
        std::ranges::find(list, tensor.name, &nn::ParameterInfo::name) != list.end() ||
        tensor.name.ends_with(".num_batches_tracked") ||
        std::ranges::any_of(prefixes, [&](const std::string& p) { return tensor.name.starts_with(p); });
    if (!is_known) {
      return Error{file + " holds '" + tensor.name + "', which the model '" + model.name +
                   "' does not have: it belongs to another architecture, or to another description"};
    }
  }
  return Done{};
}

}  // namespace convlens::training
