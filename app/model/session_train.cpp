// Fields of the training settings as JSON. Model and optimizer are written as the files of runs write them.
#include "app/model/session_train.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "app/model/train_live.h"
#include "engine/nn/model_json.h"
#include "engine/training/run_json.h"

namespace convlens::model {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::int64_t kMostBatch = 65536;
constexpr std::int64_t kMostEpochs = 1'000'000;

std::string dumped(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

// The folder in words such as "mnist:FOLDER", where there is one.
template <class Change>
std::string with_folder(const std::string& data, const Change& change) {
  const std::size_t colon = data.find(':');
  if (colon == std::string::npos || data.starts_with("synthetic")) return data;
  return data.substr(0, colon + 1) + change(fs::path(data.substr(colon + 1)));
}

std::string relative_data(const std::string& data, const fs::path& folder) {
  return with_folder(data, [&](const fs::path& path) {
    const fs::path relative = folder.empty() ? fs::path() : path.lexically_relative(folder);
    const bool is_below = !relative.empty() && *relative.begin() != "..";
    return is_below ? relative.generic_string() : path.string();
  });
}

std::string absolute_data(const std::string& data, const fs::path& folder) {
  return with_folder(data, [&](const fs::path& path) { return (folder / path).lexically_normal().string(); });
}

bool is_frozen_part(const Json& part) {
  return part.is_array() && (part.size() == 1 || part.size() == 2) &&
         std::ranges::all_of(part, [](const Json& n) { return n.is_number_unsigned(); });
}

struct Reader {
  const Json& json;
  std::vector<std::string> remarks;

  const Json* find(const char* name) const {
    const auto found = json.find(name);
    return found == json.end() ? nullptr : &*found;
  }
  void remark(const std::string& what) {
    remarks.push_back("The session's " + what + " for training cannot be used; it stays as it was.");
  }
  template <class Number>
  void number(const char* name, Number& value, std::int64_t least, std::int64_t most) {
    const Json* found = find(name);
    if (!found) return;
    const bool is_good = found->is_number_integer() && (found->is_number_unsigned() || least < 0) &&
                         found->get<std::int64_t>() >= least && found->get<std::int64_t>() <= most;
    if (!is_good) return remark(name);
    value = found->get<Number>();
  }
  void text(const char* name, std::string& value) {
    const Json* found = find(name);
    if (!found) return;
    if (!found->is_string() || found->get<std::string>().empty()) return remark(name);
    value = found->get<std::string>();
  }
};

void read_model(Reader& reader, TrainSettings& settings) {
  const Json* found = reader.find("model");
  if (!found) return;
  auto model = nn::model_from_json(dumped(*found));
  if (!model) return reader.remark("model");
  settings.model = std::move(*model);
}

void read_optimizer(Reader& reader, TrainSettings& settings) {
  const Json* found = reader.find("recipe");
  if (!found) return;
  const auto recipe = training::settings_from_json(dumped(*found));
  if (!recipe) return reader.remark("recipe");
  settings.optimizer = recipe->optimizer;
  settings.label_smoothing = recipe->label_smoothing;
  settings.seed = recipe->seed;
}

void read_frozen(Reader& reader, TrainSettings& settings) {
  const Json* found = reader.find("frozen");
  if (!found) return;
  if (!found->is_array() || !std::ranges::all_of(*found, is_frozen_part)) return reader.remark("list of frozen parts");
  for (const Json& part : *found) {
    FrozenPart frozen{part[0].get<std::size_t>(), std::nullopt};
    if (part.size() == 2) frozen.filter = part[1].get<std::int64_t>();
    settings.frozen.push_back(frozen);
  }
}

}  // namespace

std::string train_session_text(const TrainSettings& settings, const fs::path& folder) {
  Json json;
  json["data"] = relative_data(settings.data, folder);
  json["batch"] = settings.batch;
  json["epochs"] = settings.epochs;
  json["threads"] = settings.threads;
  json["augmentation"] = to_string(settings.augmentation);
  json["recipe"] =
      Json::parse(training::settings_to_json(trainer_settings(settings, settings.optimizer.schedule.total)));
  Json frozen = Json::array();
  for (const FrozenPart& part : settings.frozen) {
    Json item = {part.layer};
    if (part.filter) item.push_back(*part.filter);
    frozen.push_back(std::move(item));
  }
  if (!frozen.empty()) json["frozen"] = std::move(frozen);
  json["model"] = Json::parse(nn::to_json(settings.model));
  std::string text = dumped(json, 2);
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1))
    text.insert(at + 1, "  ");
  return text;
}

std::vector<std::string> read_train_session(std::string_view text, const fs::path& folder, TrainSettings& settings) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!json.is_object()) return {"The session's settings for training cannot be used; the usual ones are."};
  Reader reader{json, {}};
  reader.text("data", settings.data);
  settings.data = absolute_data(settings.data, folder);
  reader.number("batch", settings.batch, 1, kMostBatch);
  reader.number("epochs", settings.epochs, 1, kMostEpochs);
  reader.number("threads", settings.threads, 0, 1024);
  std::string augmentation = to_string(settings.augmentation);
  reader.text("augmentation", augmentation);
  if (const auto parsed = training::parse_augmentation(augmentation)) {
    settings.augmentation = *parsed;
  } else {
    reader.remark("augmentation");
  }
  read_model(reader, settings);
  read_optimizer(reader, settings);
  read_frozen(reader, settings);
  return std::move(reader.remarks);
}

}  // namespace convlens::model
