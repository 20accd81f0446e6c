// Navigation and drawing of one folder. Items are drawn in file_browser_items.cpp, keys heard in file_browser_keys.cpp.
#include "app/ui/file_browser_view.h"

#include <algorithm>
#include <cmath>

#include "app/ui/builtin_picker.h"
#include "app/ui/file_browser_items.h"
#include "app/ui/keys.h"
#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

namespace fs = std::filesystem;

constexpr double kLookInterval = 1;  // seconds between looks whether the folder has changed
constexpr float kPlacesWidth = 172;

struct Place {
  const char* name;
  const char* label;
  fs::path path;
};

std::vector<Place> places() {
  std::error_code failed;
  std::vector<Place> list{{"home", "Home", home_folder()}};
  for (const char* folder : {"Pictures", "Documents", "Downloads", "Desktop"}) {
    const fs::path path = home_folder() / folder;
    if (fs::is_directory(path, failed)) list.push_back({folder, folder, path});
  }
  const fs::path working = fs::current_path(failed);
  if (!failed && working != home_folder()) list.push_back({"working", "Working folder", working});
  list.push_back({"computer", "Computer", "/"});
  return list;
}

}  // namespace

void FolderView::go_to(const fs::path& folder) {
  std::error_code failed;
  fs::path there = folder.empty() ? home_folder() : folder.lexically_normal();
  if (!there.has_filename() && there.has_relative_path()) there = there.parent_path();
  while (there.has_relative_path() && !fs::is_directory(there, failed)) there = there.parent_path();
  folder_ = there;
  options.search.clear();
  edits_path_ = false;
  selected_ = -1;
  looked_at_ = -kLookInterval;
  folder_changed_ = fs::file_time_type::min();
  refresh(ImGui::GetTime());
}

const FileEntry* FolderView::selected() const {
  if (selected_ < 0 || selected_ >= static_cast<int>(listed_.size())) return nullptr;
  return &entries_[listed_[static_cast<std::size_t>(selected_)]];
}

// Reads the folder when it has changed, and lists it again when anything has; the selection stays on its file.
void FolderView::refresh(double now) {
  const std::string chosen_name = selected() ? selected()->name : std::string();
  bool is_new = options != listed_options_;
  if (now - looked_at_ >= kLookInterval) {
    looked_at_ = now;
    std::error_code failed;
    const fs::file_time_type changed = fs::last_write_time(folder_, failed);
    if (failed || changed != folder_changed_) {
      Result<std::vector<FileEntry>> entries = read_folder(folder_);
      entries_ = entries ? std::move(*entries) : std::vector<FileEntry>{};
      error_ = entries ? std::string() : entries.error().message;
      folder_changed_ = changed;
      is_new = true;
    }
  }
  if (!is_new) return;
  listed_ = listed(entries_, options);
  // What is searched for is ready to be opened; otherwise nothing is chosen for anybody.
  const bool is_other_search = listed_options_.search != options.search;
  listed_options_ = options;
  selected_ = -1;
  if (is_other_search && !options.search.empty() && !listed_.empty()) {
    select(0, true);
  } else if (!chosen_name.empty()) {
    select_named(chosen_name);
  }
}

void FolderView::select(int position, bool shows_it) {
  selected_ = std::clamp(position, -1, static_cast<int>(listed_.size()) - 1);
  scrolls_to_selected_ |= shows_it;
}

void FolderView::select_named(const std::string& name) {
  for (std::size_t i = 0; i < listed_.size(); ++i) {
    if (entries_[listed_[i]].name == name) select(static_cast<int>(i), true);
  }
}

std::optional<fs::path> FolderView::activate(const FileEntry& entry) {
  if (entry.kind != FileKind::kFolder) return entry.path;
  go_to(fs::path(entry.path));
  return std::nullopt;
}

std::optional<fs::path> FolderView::draw(Ui& ui, const ImVec2& size, bool hears_keys) {
  std::optional<fs::path> chosen;
  thumbnails_.collect();
  refresh(ImGui::GetTime());
  const float top = ImGui::GetCursorPosY();
  draw_path_row(ui, chosen);
  draw_toolbar(ui);
  const float height = size.y - (ImGui::GetCursorPosY() - top);
  const float places_width = kPlacesWidth * ui.scale;
  draw_places(ui, {places_width, height}, chosen);
  ImGui::SameLine();
  draw_files(ui, {size.x - places_width - ImGui::GetStyle().ItemSpacing.x, height}, chosen);
  if (hears_keys && !ImGui::GetIO().WantTextInput) hear_keys(ui, chosen);
  if (thumbnails_.is_busy()) ui.needs_frames = true;
  ui.wake_in(kLookInterval);
  return chosen;
}

void FolderView::draw_path_row(Ui& ui, std::optional<fs::path>& chosen) {
  const bool has_parent = folder_.has_relative_path();
  if (button(ui, "browser/up", "↑", "The folder above (Backspace)", has_parent, "This is the topmost folder")) {
    const std::string from = folder_.filename().string();
    go_to(folder_.parent_path());
    select_named(from);
  }
  ImGui::SameLine(0, 4 * ui.scale);
  const float edit_width = ImGui::CalcTextSize("Type path").x + 2 * ImGui::GetStyle().FramePadding.x;
  const float width = ImGui::GetContentRegionAvail().x - edit_width - ImGui::GetStyle().ItemSpacing.x;
  if (edits_path_) {
    if (focuses_path_) ImGui::SetKeyboardFocusHere();
    focuses_path_ = false;
    text_field(ui, "browser/path", "##path", &path_text_,
               "A folder or a file; ~ is your home folder. Enter goes there.", width);
    if (ImGui::IsItemDeactivated() && is_enter_pressed()) {
      const fs::path path = typed_path(path_text_, folder_);
      std::error_code failed;
      if (fs::is_directory(path, failed)) {
        go_to(path);
      } else if (fs::exists(path, failed)) {
        chosen = path;
      } else {
        error_ = "There is nothing at " + path.string() + ".";
      }
    }
  } else {
    draw_crumbs(ui, width);
  }
  ImGui::SameLine();
  ImGui::SetCursorPosX(ImGui::GetWindowContentRegionMax().x - edit_width);
  if (button(ui, "browser/edit_path", edits_path_ ? "Folders" : "Type path",
             edits_path_ ? "Show the path as buttons" : "Type or paste a path (Ctrl+L)") ||
      ui.take_key("Ctrl+L")) {
    edits_path_ = focuses_path_ = !edits_path_;
    path_text_ = folder_.string();
  }
}

// The path as buttons; where it is too long, its beginning gives way.
void FolderView::draw_crumbs(Ui& ui, float width) {
  std::vector<fs::path> crumbs;
  for (fs::path part = folder_; !part.empty(); part = part.parent_path()) {
    crumbs.push_back(part);
    if (!part.has_relative_path()) break;
  }
  const auto label_of = [](const fs::path& part) {
    return part.has_filename() ? part.filename().string() : std::string("/");
  };
  const float gap = 2 * ui.scale;
  const float pad = 2 * ImGui::GetStyle().FramePadding.x;
  std::size_t count = 0;
  float used = ImGui::CalcTextSize("…").x + pad;
  while (count < crumbs.size()) {
    const float next = ImGui::CalcTextSize(label_of(crumbs[count]).c_str()).x + pad + gap;
    if (count > 0 && used + next > width) break;
    used += next;
    ++count;
  }
  if (count < crumbs.size()) {
    if (button(ui, "browser/crumb/above", "…", crumbs[count].string())) {
      go_to(crumbs[count]);
      return;
    }
    ImGui::SameLine(0, gap);
  }
  for (std::size_t i = count; i-- > 0;) {
    const std::string name = "browser/crumb/" + std::to_string(crumbs.size() - 1 - i);
    if (choice_button(ui, name, shortened(label_of(crumbs[i]), width * 0.6F).c_str(), i == 0, crumbs[i].string())) {
      go_to(fs::path(crumbs[i]));
      return;
    }
    if (i > 0) ImGui::SameLine(0, gap);
  }
}

void FolderView::draw_toolbar(Ui& ui) {
  const float gap = 2 * ui.scale;
  const float wide_gap = 14 * ui.scale;
  text_field(ui, "browser/search", "##search", &options.search,
             "Only files with this in their name. Just type: no click needed.", 170 * ui.scale);
  if (options.search.empty() && !ImGui::IsItemActive()) {
    const ImVec2 min = ImGui::GetItemRectMin();
    const ImVec2 pad = ImGui::GetStyle().FramePadding;
    ImGui::GetWindowDrawList()->AddText({min.x + pad.x, min.y + pad.y}, ui.palette.text_dim, "Type to search");
  }
  const auto choose_filter = [&](const char* name, const char* label, FileFilter filter, const char* help) {
    if (choice_button(ui, std::string("browser/filter/") + name, label, options.filter == filter, help)) {
      options.filter = filter;
    }
  };
  flow(wide_gap, {"Pictures", "Sessions", "Models", "All files"});
  choose_filter("pictures", "Pictures", FileFilter::kPictures, "Pictures and .npy arrays");
  ImGui::SameLine(0, gap);
  choose_filter("sessions", "Sessions", FileFilter::kSessions, "Sessions saved by ConvLens (.json)");
  ImGui::SameLine(0, gap);
  choose_filter("models", "Models", FileFilter::kModels, "Nets, checkpoints and recorded runs (.safetensors, .npz)");
  ImGui::SameLine(0, gap);
  choose_filter("all", "All files", FileFilter::kAll, "Everything in the folder");
  flow(wide_gap, {"Name", "Newest"});
  if (choice_button(ui, "browser/sort/name", "Name", options.order == FileOrder::kName, "Sort by name")) {
    options.order = FileOrder::kName;
  }
  ImGui::SameLine(0, gap);
  if (choice_button(ui, "browser/sort/date", "Newest", options.order == FileOrder::kDate,
                    "Sort by date, newest first")) {
    options.order = FileOrder::kDate;
  }
  flow(wide_gap, {"Grid", "List"});
  if (choice_button(ui, "browser/view/grid", "Grid", is_grid, "Large thumbnails")) is_grid = true;
  ImGui::SameLine(0, gap);
  if (choice_button(ui, "browser/view/list", "List", !is_grid, "One line per file, with size and date")) {
    is_grid = false;
  }
  flow(wide_gap, {"Hidden", "[]"});
  toggle(ui, "browser/hidden", "Hidden", &options.shows_hidden, "Also files whose name starts with a dot");
}

void FolderView::draw_places(Ui& ui, const ImVec2& size, std::optional<fs::path>& chosen) {
  ImGui::BeginChild("browser/places", size, true);
  for (const Place& place : places()) {
    if (ImGui::Selectable(place.label, folder_ == place.path)) go_to(place.path);
    const std::string help = place.path.string();
    record(ui, std::string("browser/place/") + place.name, "item", place.label, folder_ == place.path, {}, true, help);
    tooltip(ui, help);
  }
  if (shows_recent && !ui.preferences.recent_files.empty()) {
    ImGui::Dummy({0, 4 * ui.scale});
    ImGui::PushFont(ui.fonts.small);
    dim_text(ui, "Recent");
    ImGui::PopFont();
    draw_recent(ui, chosen);
  }
  ImGui::EndChild();
}

void FolderView::draw_recent(Ui& ui, std::optional<fs::path>& chosen) {
  const float side = 30 * ui.scale;
  const float width = ImGui::GetContentRegionAvail().x;
  int index = 0;
  for (const std::string& file : ui.preferences.recent_files) {
    const fs::path path(file);
    const std::string name = path.filename().string();
    const std::string id = "browser/recent/" + std::to_string(index++);
    const ImVec2 min = ImGui::GetCursorScreenPos();
    if (ImGui::InvisibleButton(id.c_str(), {width, side})) chosen = path;
    const ImVec2 max(min.x + width, min.y + side);
    if (ImGui::IsItemVisible()) {
      ImDrawList* draw = ImGui::GetWindowDrawList();
      if (ImGui::IsItemHovered()) {
        draw->AddRectFilled(min, max, ImGui::GetColorU32(ImGuiCol_ButtonHovered), 4 * ui.scale);
      }
      FileEntry entry;
      entry.path = path;
      entry.kind = kind_of_name(name);
      draw_file_icon(ui, thumbnails_, entry, {min.x, min.y + 1}, {min.x + side, max.y - 1});
      const float text_x = side + 6 * ui.scale;
      draw->AddText({min.x + text_x, min.y + (side - ImGui::GetFontSize()) / 2}, ui.palette.text,
                    shortened(name, width - text_x).c_str());
    }
    record(ui, id, "item", name, file, {}, true, file);
    tooltip(ui, file);
  }
}

void FolderView::draw_files(Ui& ui, const ImVec2& size, std::optional<fs::path>& chosen) {
  ImGui::BeginChild("browser/files", size, true);
  if (listed_.empty()) {
    const bool is_bare = entries_.empty() || options.search.empty();
    dim_text(ui, !error_.empty() ? error_
                 : is_bare       ? "Nothing here that passes the filter above."
                                 : "No name here contains “" + options.search + "”.");
  }
  const float gap = is_grid ? 4 * ui.scale : 0;
  const float width = ImGui::GetContentRegionAvail().x;
  const ImVec2 least = item_size(ui, is_grid);
  columns_ = is_grid ? std::max(1, static_cast<int>((width + gap) / (least.x + gap))) : 1;
  const auto columns = static_cast<float>(columns_);
  const ImVec2 item(std::floor((width - gap * (columns - 1)) / columns), least.y);
  const float pitch = item.y + gap;
  rows_per_page_ = std::max(1, static_cast<int>(ImGui::GetWindowHeight() / pitch) - 1);
  const int count = static_cast<int>(listed_.size());
  const int rows = (count + columns_ - 1) / columns_;

  if (scrolls_to_selected_ && selected_ >= 0) {
    const float top = static_cast<float>(selected_ / columns_) * pitch;
    const float page = ImGui::GetWindowHeight() - 2 * ImGui::GetStyle().WindowPadding.y;
    if (top < ImGui::GetScrollY()) ImGui::SetScrollY(top);
    if (top + item.y > ImGui::GetScrollY() + page) ImGui::SetScrollY(top + item.y - page);
    scrolls_to_selected_ = false;
  }
  // Only rows in sight are drawn; a folder of thousands costs no more than one of twenty.
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  const int first_row = std::clamp(static_cast<int>(ImGui::GetScrollY() / pitch) - 1, 0, std::max(0, rows - 1));
  const int last_row = std::min(rows, first_row + rows_per_page_ + 4);
  for (int position = first_row * columns_; position < std::min(count, last_row * columns_); ++position) {
    const auto row = static_cast<float>(position / columns_), column = static_cast<float>(position % columns_);
    const ImVec2 min(origin.x + column * (item.x + gap), origin.y + row * pitch);
    if (draw_item(ui, position, min, item, chosen)) break;
  }
  ImGui::SetCursorScreenPos(origin);
  ImGui::Dummy({1, static_cast<float>(rows) * pitch});
  ImGui::EndChild();
}

// True when it was chosen for good: the folder may be another one then.
bool FolderView::draw_item(Ui& ui, int position, const ImVec2& min, const ImVec2& size,
                           std::optional<fs::path>& chosen) {
  const FileEntry entry = entries_[listed_[static_cast<std::size_t>(position)]];
  ImGui::SetCursorScreenPos(min);
  ImGui::PushID(position);
  const bool is_clicked = ImGui::InvisibleButton("item", size);
  ImGui::PopID();
  const bool is_hovered = ImGui::IsItemHovered();
  const bool is_selected = position == selected_;
  if (is_selected || is_hovered) {
    ImGui::GetWindowDrawList()->AddRectFilled(
        min, {min.x + size.x, min.y + size.y},
        ImGui::GetColorU32(is_selected ? ImGuiCol_Header : ImGuiCol_ButtonHovered), 5 * ui.scale);
  }
  draw_file(ui, thumbnails_, entry, is_grid, min, size);
  record_rect(ui, min, {min.x + size.x, min.y + size.y}, "browser/item/" + entry.name, "item", entry.name, is_selected);
  tooltip(ui, file_tooltip(thumbnails_, entry));
  if (is_clicked) select(position, false);
  if (!is_hovered || !ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) return false;
  chosen = activate(entry);
  return true;
}

}  // namespace convlens::ui
