// The keys of the file browser: arrows, Enter, Backspace, and letters that search.
#include <algorithm>
#include <string>

#include "app/ui/file_browser_view.h"
#include "app/ui/keys.h"

namespace convlens::ui {
namespace {

// Removes the last UTF-8 character.
void drop_last(std::string& text) {
  while (!text.empty()) {
    const bool is_continuation = (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U;
    text.pop_back();
    if (!is_continuation) break;
  }
}

void append_utf8(std::string& text, unsigned code) {
  const auto put = [&](unsigned byte) { text += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6)), put(0x80 | (code & 0x3F));
  } else {
    put(0xE0 | (code >> 12)), put(0x80 | ((code >> 6) & 0x3F)), put(0x80 | (code & 0x3F));
  }
}

}  // namespace

void FolderView::hear_keys(Ui& ui, std::optional<std::filesystem::path>& chosen) {
  const ImGuiIO& io = ImGui::GetIO();
  if (is_pressed(ImGuiKey_Backspace)) {
    if (!options.search.empty()) {
      drop_last(options.search);
    } else if (folder_.has_relative_path()) {
      const std::string from = folder_.filename().string();
      go_to(folder_.parent_path());
      select_named(from);
    }
  }
  if (!io.KeyCtrl && !io.KeyAlt) {
    for (const ImWchar code : io.InputQueueCharacters) {
      if (code >= 32 && code != 127) append_utf8(options.search, code);
    }
  }
  const int last = static_cast<int>(listed_.size()) - 1;
  const auto move = [&](ImGuiKey key, int distance) {
    if (is_pressed(key) && last >= 0) select(selected_ < 0 ? 0 : std::clamp(selected_ + distance, 0, last), true);
  };
  move(ImGuiKey_RightArrow, 1);
  move(ImGuiKey_LeftArrow, -1);
  move(ImGuiKey_DownArrow, columns_);
  move(ImGuiKey_UpArrow, -columns_);
  move(ImGuiKey_PageDown, columns_ * rows_per_page_);
  move(ImGuiKey_PageUp, -columns_ * rows_per_page_);
  if (is_pressed(ImGuiKey_Home)) select(0, true);
  if (is_pressed(ImGuiKey_End)) select(last, true);
  const bool is_entered = is_enter_pressed(false);
  if (is_entered && selected()) {
    const FileEntry entry = *selected();
    chosen = activate(entry);
  }
  ui.keys.clear();
}

}  // namespace convlens::ui
