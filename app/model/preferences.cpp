// Preferences as a small JSON file in the user's configuration folder.
#include "app/model/preferences.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include "app/model/user_folders.h"
#include "engine/io/file.h"

namespace convlens::model {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxRecent = 12;
constexpr std::array<std::string_view, 3> kThemeNames{"dark", "light", "projector"};
constexpr std::array<std::string_view, 3> kWorkspaceNames{"explore", "stack", "train"};

std::string text_or(const Json& json, const char* key, const std::string& otherwise) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

double number_or(const Json& json, const char* key, double lo, double hi, double otherwise) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number()) return otherwise;
  const auto value = found->get<double>();
  return std::isfinite(value) ? std::clamp(value, lo, hi) : otherwise;
}

// Leaves `value` as it is where the file names none of them.
template <class Enum>
void read_choice(const Json& json, const char* key, std::span<const std::string_view> names, Enum& value) {
  const auto found = std::ranges::find(names, text_or(json, key, ""));
  if (found != names.end()) value = static_cast<Enum>(found - names.begin());
}

}  // namespace

std::filesystem::path preferences_path() { return config_folder() / "preferences.json"; }

Preferences load_preferences(const std::filesystem::path& path) {
  Preferences preferences;
  const auto bytes = io::read_file(path);
  if (!bytes) return preferences;
  const Json json = Json::parse(bytes->begin(), bytes->end(), nullptr, false);
  if (!json.is_object()) return preferences;
  read_choice(json, "theme", kThemeNames, preferences.theme);
  read_choice(json, "workspace", kWorkspaceNames, preferences.workspace);
  preferences.scale = static_cast<float>(number_or(json, "scale", 0.75, 2.5, static_cast<double>(preferences.scale)));
  preferences.last_folder = text_or(json, "last_folder", "");
  preferences.train_data = text_or(json, "train_data", "");
  preferences.window_width = static_cast<int>(number_or(json, "window_width", 320, 16384, preferences.window_width));
  preferences.window_height = static_cast<int>(number_or(json, "window_height", 240, 16384, preferences.window_height));
  const auto share = [&](const char* key, float otherwise) {
    return static_cast<float>(number_or(json, key, 0.05, 0.95, static_cast<double>(otherwise)));
  };
  preferences.input_share = share("input_share", preferences.input_share);
  preferences.filters_share = share("filters_share", preferences.filters_share);
  preferences.bank_share = share("bank_share", preferences.bank_share);
  if (const auto shows = json.find("shows_performance"); shows != json.end() && shows->is_boolean()) {
    preferences.shows_performance = shows->get<bool>();
  }
  if (const auto recent = json.find("recent_files"); recent != json.end() && recent->is_array()) {
    for (const Json& file : *recent) {
      if (file.is_string() && preferences.recent_files.size() < kMaxRecent) {
        preferences.recent_files.push_back(file.get<std::string>());
      }
    }
  }
  return preferences;
}

Status save_preferences(const Preferences& preferences, const std::filesystem::path& path) {
  std::error_code failed;
  std::filesystem::create_directories(path.parent_path(), failed);
  if (failed) {
    return Error{"The folder " + path.parent_path().string() +
                 " for preferences could not be made: " + failed.message() + "."};
  }
  const Json json{{"theme", kThemeNames[static_cast<std::size_t>(preferences.theme)]},
                  {"scale", preferences.scale},
                  {"recent_files", preferences.recent_files},
                  {"last_folder", preferences.last_folder},
                  {"train_data", preferences.train_data},
                  {"window_width", preferences.window_width},
                  {"window_height", preferences.window_height},
                  {"input_share", preferences.input_share},
                  {"filters_share", preferences.filters_share},
                  {"bank_share", preferences.bank_share},
                  {"workspace", kWorkspaceNames[static_cast<std::size_t>(preferences.workspace)]},
                  {"shows_performance", preferences.shows_performance}};
  // File names that are not UTF-8 are written with replacement characters rather than not at all.
  return io::write_file(path, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::string remembered_data(const Preferences& preferences) {
  const std::string& words = preferences.train_data;
  const std::size_t colon = words.find(':');
  if (colon == std::string::npos || words.starts_with("synthetic")) return words;
  std::error_code failed;
  // "idx:FOLDER/PREFIX" names files, not a folder.
  const std::filesystem::path path = words.substr(colon + 1);
  const bool is_there = std::filesystem::exists(path, failed) || std::filesystem::exists(path.parent_path(), failed);
  return is_there ? words : std::string();
}

void remember_file(Preferences& preferences, const std::filesystem::path& path) {
  const std::string name = path.string();
  std::erase(preferences.recent_files, name);
  preferences.recent_files.insert(preferences.recent_files.begin(), name);
  if (preferences.recent_files.size() > kMaxRecent) preferences.recent_files.resize(kMaxRecent);
  preferences.last_folder = path.parent_path().string();
}

}  // namespace convlens::model
