// Names of the tensors and notes of a checkpoint.
#include "engine/training/checkpoint.h"

#include <charconv>
#include <iterator>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/training/run_json.h"
#include "engine/training/weights.h"

namespace convlens::training {
namespace {

const std::string kFirst = "optimizer.first.";
const std::string kSecond = "optimizer.second.";
const std::vector<std::string> kPrefixes = {kFirst, kSecond};

void append(std::vector<io::NamedTensorView>& all, std::vector<io::NamedTensorView> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

Result<Checkpoint> parse_checkpoint(const io::Safetensors& file, const std::string& name) {
  for (const char* key : {"run", "state", "step"}) {
    if (file.metadata.contains(key)) continue;
    return Error{name +
                 " is no checkpoint to go on from, though it may be a model to evaluate: give the file that "
                 "--checkpoint wrote"};
  }
  const auto damaged = [&](const std::string& what) { return Error{name + " is damaged: " + what}; };
  Result<RunDescription> run = run_from_json(file.metadata.at("run"));
  if (!run) return damaged(run.error().message);
  Result<KeyState> key = key_from_json(file.metadata.at("state"));
  if (!key) return damaged(key.error().message);
  const nn::ModelSpec& model = run->model;
  if (auto names = check_names(model, file.tensors, kPrefixes, name); !names) return names.error();
  Result<std::vector<float>> values = row_of(model, file.tensors, "", false, name);
  if (!values) return values.error();
  const bool has_means = key->age > 0;
  for (auto& [mean, prefix, is_there] : {std::tuple{&key->first, &kFirst, keeps_first(key->rule)},
                                         std::tuple{&key->second, &kSecond, keeps_second(key->rule)}}) {
    if (!has_means || !is_there) continue;
    Result<std::vector<float>> row = row_of(model, file.tensors, *prefix, true, name);
    if (!row) return row.error();
    *mean = std::move(*row);
  }
  Frame frame;
  const std::string& step = file.metadata.at("step");
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), frame.step);
  if (error != std::errc() || end != step.data() + step.size() || frame.step < 0) return damaged("it has no step");
  frame.values = std::make_shared<const std::vector<float>>(std::move(*values));
  frame.key = std::make_shared<const KeyState>(std::move(*key));
  if (auto fits = check_frame(model, frame); !fits) return damaged(fits.error().message);
  return Checkpoint{std::move(*run), std::move(frame)};
}

Status save_checkpoint(const std::filesystem::path& path, const RunDescription& run, const Frame& frame) {
  const KeyState& key = *frame.key;
  std::vector<io::NamedTensorView> tensors = tensors_of(run.model, *frame.values, "", false);
  if (!key.first.empty()) append(tensors, tensors_of(run.model, key.first, kFirst, true));
  if (!key.second.empty()) append(tensors, tensors_of(run.model, key.second, kSecond, true));
  return io::write_safetensors(path, tensors,
                               {{"format", "pt"},
                                {"model", model_to_json(run.model, run.preprocessing)},
                                {"run", run_to_json(run)},
                                {"state", key_to_json(key)},
                                {"step", std::to_string(frame.step)}});
}

Result<Checkpoint> load_checkpoint(const std::filesystem::path& path) {
  const Result<io::Safetensors> file = io::read_safetensors(path);
  if (!file) return file.error();
  return parse_checkpoint(*file, path.string());
}

}  // namespace convlens::training
