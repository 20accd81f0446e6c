// Folders from the environment.
#include "app/model/user_folders.h"

#include <cstdlib>

namespace convlens::model {
namespace {

std::filesystem::path variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::filesystem::path folder(const char* name, const char* otherwise) {
  std::filesystem::path base = variable(name);
  if (!base.is_absolute()) base = variable("HOME") / otherwise;
  return base / "convlens";
}

}  // namespace

std::filesystem::path config_folder() { return folder("XDG_CONFIG_HOME", ".config"); }
std::filesystem::path data_folder() { return folder("XDG_DATA_HOME", ".local/share"); }
std::filesystem::path state_folder() { return folder("XDG_STATE_HOME", ".local/state"); }

}  // namespace convlens::model
