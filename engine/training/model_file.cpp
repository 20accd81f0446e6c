// Two files for one model.
#include "engine/training/model_file.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/io/file.h"
#include "engine/io/npz.h"
#include "engine/io/safetensors.h"
#include "engine/training/run_json.h"
#include "engine/training/state.h"
#include "engine/training/weights.h"

namespace convlens::training {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSafetensors = ".safetensors";
constexpr const char* kNpz = ".npz";
const std::string kDescription = "model";  // the note in a .safetensors file
const std::vector<std::string> kOtherTensors = {"optimizer."};

Result<DescribedModel> read_described(const fs::path& path) {
  const auto bytes = io::read_file(path);
  if (!bytes) return bytes.error();
  auto described =
      training::model_from_json(std::string_view(reinterpret_cast<const char*>(bytes->data()), bytes->size()));
  if (!described) return Error{path.string() + ": " + described.error().message};
  return described;
}

Result<DescribedModel> description_beside(const fs::path& path) {
  const fs::path beside = description_path(path);
  std::error_code ignored;
  if (fs::exists(beside, ignored)) return read_described(beside);
  return Error{path.string() +
               " does not say which model its weights are of: put the model's description beside it, as " +
               beside.string()};
}

std::vector<std::string> numbers(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back(std::to_string(i));
  return names;
}

}  // namespace

fs::path description_path(const fs::path& path) { return fs::path(path).replace_extension(".json"); }

Status check_model_path(const fs::path& path) {
  if (path.extension() == kSafetensors || path.extension() == kNpz) return Done{};
  return Error{"cannot save the model as " + path.string() + ": give a name that ends in .safetensors or .npz"};
}

Status save_model(const fs::path& path, const TrainedModel& model) {
  if (Status writable = check_model_path(path); !writable) return writable;
  const std::string description = model_to_json(model.model, model.preprocessing);
  const std::vector<io::NamedTensorView> tensors = tensors_of(model.model, model.values, "", false);
  Status saved = Done{};
  if (path.extension() == kSafetensors) {
    saved = io::write_safetensors(path, tensors, {{"format", "pt"}, {kDescription, description}});
  } else {
    std::vector<io::NamedTensor> copies;
    for (const auto& t : tensors) copies.push_back({t.name, t.shape, {t.values.begin(), t.values.end()}});
    saved = io::write_npz(path, copies);
  }
  if (!saved) return saved;
  return io::write_file(description_path(path), description);
}

Result<TrainedModel> load_model(const fs::path& path) {
  std::vector<io::NamedTensor> tensors;
  std::optional<std::string> note;
  if (path.extension() == kNpz) {
    auto file = io::read_npz(path);
    if (!file) return file.error();
    tensors = std::move(*file);
  } else {
    auto file = io::read_safetensors(path);
    if (!file) return file.error();
    tensors = std::move(file->tensors);
    if (const auto found = file->metadata.find(kDescription); found != file->metadata.end()) note = found->second;
  }
  auto described = note ? training::model_from_json(*note) : description_beside(path);
  if (!described) return note ? Error{path.string() + ": " + described.error().message} : described.error();
  if (auto names = check_names(described->model, tensors, kOtherTensors, path.string()); !names) return names.error();
  auto values = row_of(described->model, tensors, "", false, path.string());
  if (!values) return values.error();
  Preprocessing preprocessing = described->preprocessing.value_or(Preprocessing{});
  if (!described->preprocessing) preprocessing.class_names = numbers(described->model.classes);
  return TrainedModel{std::move(described->model), std::move(preprocessing), std::move(*values)};
}

Result<nn::Network> make_network(const TrainedModel& model, const nn::NetworkOptions& options) {
  auto network = nn::Network::create(model.model, options);
  if (network) write_values(*network, model.values);
  return network;
}

Result<std::optional<nn::ModelSpec>> find_description(const fs::path& path) {
  const auto notes = io::read_safetensors_metadata(path);
  if (!notes) return notes.error();
  if (const auto note = notes->find(kDescription); note != notes->end()) {
    auto described = training::model_from_json(note->second);
    if (!described) return Error{path.string() + ": " + described.error().message};
    return std::optional(std::move(described->model));
  }
  std::error_code ignored;
  if (!fs::exists(description_path(path), ignored)) return std::optional<nn::ModelSpec>();
  auto described = read_description(description_path(path));
  if (!described) return described.error();
  return std::optional(std::move(*described));
}

Result<nn::ModelSpec> read_description(const fs::path& path) {
  auto described = read_described(path);
  if (!described) return described.error();
  return std::move(described->model);
}

}  // namespace convlens::training
