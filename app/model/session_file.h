// Sessions as JSON text. Unknown and broken fields keep their defaults and are reported.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/model/ab_session.h"
#include "app/model/probe_state.h"
#include "app/model/settings.h"
#include "app/model/stack_look.h"
#include "engine/core/error.h"

namespace convlens::model {

// What A is compared with, and how.
struct SessionB {
  BKind kind = BKind::kNone;
  ConvSettings frozen{};  // where B is frozen
  AbShow show = AbShow::kDifference;
  float swipe = 0.5F;
  bool operator==(const SessionB&) const = default;
};

// What is looked at: kept beside the settings, never undone.
struct SessionView {
  std::vector<Pin> pins{};  // of filters that are there
  int filter = 0;           // the chosen one, and the slice of it that is looked at
  int channel = 0;
  std::size_t stack_layer = 0;
  std::optional<UnitRef> stack_pin{};
  SessionB b{};
  bool operator==(const SessionView&) const = default;
};

struct SessionText {
  Settings settings;
  SessionView view;
  std::vector<std::string> remarks;  // one sentence per field that was unknown, broken or out of range
};

// Picture paths below the session's own folder are stored relative to it.
std::string to_session_text(const Settings& settings, const std::filesystem::path& folder,
                            const SessionView& view = {});
// Error only where the text is not a ConvLens session at all.
Result<SessionText> from_session_text(std::string_view text, const std::filesystem::path& folder);

}  // namespace convlens::model
