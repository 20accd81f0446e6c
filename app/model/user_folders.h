// Where a user's files of the program lie (the XDG base directory specification, which ignores relative paths). Makes
// no folder.
#pragma once

#include <filesystem>

namespace convlens::model {

std::filesystem::path config_folder();  // $XDG_CONFIG_HOME/convlens, or ~/.config/convlens
std::filesystem::path data_folder();    // $XDG_DATA_HOME/convlens, or ~/.local/share/convlens
std::filesystem::path state_folder();   // $XDG_STATE_HOME/convlens, or ~/.local/state/convlens

}  // namespace convlens::model
