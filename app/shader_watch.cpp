// One watched file for every shader.
#include "app/shader_watch.h"

namespace convlens {

void ShaderWatch::watch(const std::filesystem::path& folder) {
  folder_ = folder;
  files_.clear();
  if (folder_.empty()) return;
  for (const std::string_view name : gl::shader_names()) files_.emplace_back().watch(folder_ / name);
}

std::optional<Result<gl::ShaderTexts>> ShaderWatch::look() {
  bool has_changed = false;
  for (WatchedFile& file : files_) has_changed |= file.has_changed();
  if (!has_changed) return std::nullopt;
  return gl::ShaderTexts::from_folder(folder_);
}

}  // namespace convlens
