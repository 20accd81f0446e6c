// A folder on the screen: places, path, search, and its files as a grid or a list. Chooses; opens and saves nothing.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/ui/file_browser_list.h"
#include "app/ui/thumbnails.h"
#include "app/ui/ui.h"

namespace convlens::ui {

class FolderView {
 public:
  // Shows this folder, or the nearest one above it that exists; forgets search and selection.
  void go_to(const std::filesystem::path& folder);
  const std::filesystem::path& folder() const { return folder_; }
  const FileEntry* selected() const;
  // What the folder said when it was read, or a typed path led nowhere; empty when all is well.
  const std::string& error() const { return error_; }

  // Fills an area of this size. Keys (arrows, Enter, letters to search) are heard when `hears_keys`. Returns a file
  // that was chosen for good: double-clicked, Enter, typed, or taken from the recent ones.
  std::optional<std::filesystem::path> draw(Ui& ui, const ImVec2& size, bool hears_keys);

  ListOptions options;
  bool is_grid = true;
  bool shows_recent = true;

 private:
  void refresh(double now);
  void select(int position, bool shows_it);
  void select_named(const std::string& name);
  std::optional<std::filesystem::path> activate(const FileEntry& entry);

  void draw_path_row(Ui& ui, std::optional<std::filesystem::path>& chosen);
  void draw_crumbs(Ui& ui, float width);
  void draw_toolbar(Ui& ui);
  void draw_places(Ui& ui, const ImVec2& size, std::optional<std::filesystem::path>& chosen);
  void draw_recent(Ui& ui, std::optional<std::filesystem::path>& chosen);
  void draw_files(Ui& ui, const ImVec2& size, std::optional<std::filesystem::path>& chosen);
  bool draw_item(Ui& ui, int position, const ImVec2& min, const ImVec2& size,
                 std::optional<std::filesystem::path>& chosen);
  void hear_keys(Ui& ui, std::optional<std::filesystem::path>& chosen);

  std::filesystem::path folder_;
  std::filesystem::file_time_type folder_changed_;
  double looked_at_ = 0;
  std::vector<FileEntry> entries_;
  std::vector<std::size_t> listed_;
  ListOptions listed_options_;
  std::string error_;
  int selected_ = -1;  // in listed_
  bool scrolls_to_selected_ = false;
  int columns_ = 1;  // as last drawn
  int rows_per_page_ = 1;
  bool edits_path_ = false;
  bool focuses_path_ = false;
  std::string path_text_;
  Thumbnails thumbnails_;
};

}  // namespace convlens::ui
