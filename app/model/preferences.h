// What the program remembers between runs and no document holds: theme, scale, recent files, window size.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/core/error.h"

namespace convlens::model {

enum class Theme { kDark, kLight, kProjector };
// What fills the window: one layer and everything about it, a chain of layers, or a net that learns.
enum class Workspace { kExplore, kStack, kTrain };

struct Preferences {
  Theme theme = Theme::kDark;
  float scale = 1.0F;                     // user scale on top of the monitor's, 0.75 to 2.5
  std::vector<std::string> recent_files;  // newest first, at most 12
  std::string last_folder;
  std::string train_data;  // what was learnt from last, as training::open_data takes it; empty: nothing yet
  int window_width = 1280;
  int window_height = 800;
  // Shares of the window's width for input and filters, and of the middle column's height for the filter bank.
  float input_share = 0.30F;
  float filters_share = 0.32F;
  float bank_share = 0.47F;
  Workspace workspace = Workspace::kExplore;
  bool shows_performance = false;  // the overlay with the time from an edit to its picture
  bool operator==(const Preferences&) const = default;
};

// $XDG_CONFIG_HOME/convlens/preferences.json (or ~/.config/...).
std::filesystem::path preferences_path();
// Defaults where the file is missing or broken.
Preferences load_preferences(const std::filesystem::path& path);
Status save_preferences(const Preferences& preferences, const std::filesystem::path& path);
// What to learn from at the start: train_data, or nothing where its folder is gone.
std::string remembered_data(const Preferences& preferences);
void remember_file(Preferences& preferences, const std::filesystem::path& path);

}  // namespace convlens::model
