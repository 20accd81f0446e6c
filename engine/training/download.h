// One file over HTTP into a part file that a later call goes on with. Knows nothing about data sets.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "engine/core/error.h"

namespace convlens::training {

// How far a transfer has come, bytes of earlier calls included. total is 0 while it is not known.
struct TransferProgress {
  std::uint64_t done = 0;
  std::uint64_t total = 0;
};

struct TransferHooks {
  std::function<void(const TransferProgress&)> on_progress;  // called a few times a second at least; may be empty
  std::stop_token stop;                                      // asks to leave off; noticed within a second
};

enum class TransferEnd {
  kWhole,      // the part file holds all that the server has
  kBroken,     // some of it came; calling again goes on
  kCancelled,  // hooks.stop asked for it; calling again goes on
  kRefused,    // nothing to be had there: unreachable, not found, or another answer
  kDisk,       // the part file cannot be written
};

struct TransferResult {
  TransferEnd end = TransferEnd::kWhole;
  std::string message;       // one sentence, empty for kWhole
  bool was_resumed = false;  // bytes of an earlier call were kept
};

// Fetches `url` (http or https) to the end of `part`, asking the server for what is missing. A server that cannot go on
// starts over. Stops at `most` bytes, which no honest answer has.
TransferResult download(const std::string& url, const std::filesystem::path& part, std::uint64_t most,
                        const TransferHooks& hooks);

}  // namespace convlens::training
