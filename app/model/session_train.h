// The Train workspace's part of a session file. What was done to a run by hand is its recording's.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "app/model/train_settings.h"

namespace convlens::model {

// A JSON object, its lines after the first indented by two. Folders below `folder` are stored relative to it.
std::string train_session_text(const TrainSettings& settings, const std::filesystem::path& folder);
// Sets what the text tells; whatever it does not tell in a usable way stays as it was. One sentence for each such
// thing.
std::vector<std::string> read_train_session(std::string_view text, const std::filesystem::path& folder,
                                            TrainSettings& settings);

}  // namespace convlens::model
