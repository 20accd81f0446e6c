// Names on both sides are compared as sets; the first few of each difference are told.
#include "app/model/stack_weights.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "engine/io/safetensors.h"

namespace convlens::model {
namespace {

constexpr std::size_t kNamesTold = 4;

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kNamesTold); ++i) text += (i > 0 ? ", '" : "'") + names[i] + "'";
  if (names.size() > kNamesTold) text += " and " + std::to_string(names.size() - kNamesTold) + " more";
  return text;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t size : shape) text += (text.empty() ? "" : " x ") + std::to_string(size);
  return text.empty() ? "a single number" : text;
}

}  // namespace

Result<explain::StackParameters> match_weights(const nn::ModelSpec& model, std::span<const io::NamedTensor> tensors,
                                               const std::string& file) {
  const nn::ChainShapes chain = nn::chain_shapes(model);
  if (chain.error) return *chain.error;
  explain::StackParameters parameters;
  std::vector<std::string> missing, wanted;
  for (const nn::ParameterInfo& info : nn::list_parameters(model)) {
    wanted.push_back(info.name);
    const auto found = std::ranges::find(tensors, info.name, &io::NamedTensor::name);
    if (found == tensors.end()) {
      missing.push_back(info.name);
      continue;
    }
    if (found->shape != info.shape) {
      return Error{file + ": '" + info.name + "' is " + shape_text(found->shape) + " but the layer needs " +
                   shape_text(info.shape) + ": change the layer or choose another file."};
    }
    parameters.push_back(found->values);
  }
  std::vector<std::string> extra;
  for (const io::NamedTensor& tensor : tensors) {
    if (tensor.name.ends_with("num_batches_tracked")) continue;
    if (std::ranges::find(wanted, tensor.name) == wanted.end()) extra.push_back(tensor.name);
  }
  if (missing.empty() && extra.empty()) return parameters;
  std::string text = file + " does not belong to this stack: ";
  if (!missing.empty()) text += "it lacks " + listed(missing);
  if (!missing.empty() && !extra.empty()) text += " and ";
  if (!extra.empty()) text += (missing.empty() ? "it has " : "has ") + listed(extra) + ", which no layer takes";
  return Error{text + "."};
}

Result<explain::StackParameters> read_weights(const nn::ModelSpec& model, const std::filesystem::path& path) {
  const auto file = io::read_safetensors(path);
  if (!file) return file.error();
  return match_weights(model, file->tensors, path.filename().string());
}

}  // namespace convlens::model
