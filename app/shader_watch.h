// The folder of --shader-dir: notices that a shader in it was rewritten and reads all of them again.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "app/gl/shader_library.h"
#include "app/watched_file.h"
#include "engine/core/error.h"

namespace convlens {

class ShaderWatch {
 public:
  // What is there now counts as seen. An empty path: nothing is watched.
  void watch(const std::filesystem::path& folder);
  // The texts where a file has changed since the last look and holds still; nothing where none has.
  std::optional<Result<gl::ShaderTexts>> look();

 private:
  std::filesystem::path folder_;
  std::vector<WatchedFile> files_;
};

}  // namespace convlens
