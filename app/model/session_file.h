// Sessions as JSON text. Unknown and broken fields keep their defaults and are reported.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/model/probe_state.h"
#include "app/model/settings.h"
#include "engine/core/error.h"

namespace convlens::model {

struct SessionText {
  Settings settings;
  std::vector<Pin> pins;             // of filters that are there
  std::vector<std::string> remarks;  // one sentence per field that was unknown, broken or out of range
};

// Picture paths below the session's own folder are stored relative to it.
std::string to_session_text(const Settings& settings, const std::filesystem::path& folder,
                            std::span<const Pin> pins = {});
// Error only where the text is not a ConvLens session at all.
Result<SessionText> from_session_text(std::string_view text, const std::filesystem::path& folder);

}  // namespace convlens::model
