// Reading, filtering and sorting of folders.
#include "app/ui/file_browser_list.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "engine/io/picture.h"

namespace convlens::ui {
namespace {

namespace fs = std::filesystem;

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

bool passes(FileKind kind, FileFilter filter) {
  switch (filter) {
    case FileFilter::kPictures:
      return kind == FileKind::kPicture || kind == FileKind::kArray;
    case FileFilter::kSessions:
      return kind == FileKind::kSession;
    case FileFilter::kModels:
      return kind == FileKind::kModel;
    case FileFilter::kAll:
      return true;
  }
  return true;
}

FileEntry look_at(const fs::directory_entry& item) {
  FileEntry entry;
  entry.path = item.path();
  entry.name = item.path().filename().string();
  entry.is_hidden = entry.name.starts_with('.');
  std::error_code failed;
  if (item.is_directory(failed)) {
    entry.kind = FileKind::kFolder;
  } else {
    entry.kind = kind_of_name(entry.name);
    const std::uintmax_t size = item.file_size(failed);
    if (!failed) entry.size = size;
  }
  const fs::file_time_type changed = item.last_write_time(failed);
  if (!failed) entry.changed = changed;
  return entry;
}

// The run of digits at `at`, without its leading zeros.
std::string_view number_at(std::string_view text, std::size_t at, std::size_t& end) {
  end = at;
  while (end < text.size() && is_digit(text[end])) ++end;
  while (at + 1 < end && text[at] == '0') ++at;
  return text.substr(at, end - at);
}

}  // namespace

FileKind kind_of_name(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return FileKind::kOther;
  const std::string ending = lower_case(name.substr(dot));
  if (ending == ".npy") return FileKind::kArray;
  if (ending == ".json") return FileKind::kSession;
  if (ending == ".safetensors" || ending == ".npz") return FileKind::kModel;
  const auto pictures = io::picture_extensions();
  return std::find(pictures.begin(), pictures.end(), ending) != pictures.end() ? FileKind::kPicture : FileKind::kOther;
}

Result<std::vector<FileEntry>> read_folder(const fs::path& folder) {
  std::error_code failed;
  if (!fs::exists(folder, failed)) {
    if (failed) return Error{folder.string() + " cannot be reached: " + failed.message() + "."};
    return Error{"There is no folder " + folder.string() + "."};
  }
  if (!fs::is_directory(folder, failed)) return Error{folder.string() + " is not a folder."};
  fs::directory_iterator items(folder, failed);
  if (failed) return Error{folder.string() + " cannot be read: " + failed.message() + "."};
  std::vector<FileEntry> entries;
  while (items != fs::directory_iterator()) {
    entries.push_back(look_at(*items));
    items.increment(failed);
    if (failed) return Error{folder.string() + " cannot be read to its end: " + failed.message() + "."};
  }
  return entries;
}

bool comes_before(std::string_view a, std::string_view b) {
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      std::size_t a_end = 0, b_end = 0;
      const std::string_view x = number_at(a, i, a_end), y = number_at(b, j, b_end);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
      i = a_end, j = b_end;
      continue;
    }
    const char x = lower(a[i]), y = lower(b[j]);
    if (x != y) return static_cast<unsigned char>(x) < static_cast<unsigned char>(y);
    ++i, ++j;
  }
  const bool a_ends = i == a.size(), b_ends = j == b.size();
  if (a_ends != b_ends) return a_ends;
  return a < b;  // the same but for case and zeros: any fixed order
}

std::vector<std::size_t> listed(std::span<const FileEntry> entries, const ListOptions& options) {
  const std::string search = lower_case(options.search);
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const FileEntry& entry = entries[i];
    if (entry.is_hidden && !options.shows_hidden) continue;
    if (entry.kind != FileKind::kFolder && !passes(entry.kind, options.filter)) continue;
    if (!search.empty() && lower_case(entry.name).find(search) == std::string::npos) continue;
    indices.push_back(i);
  }
  std::sort(indices.begin(), indices.end(), [&](std::size_t i, std::size_t j) {
    const FileEntry& a = entries[i];
    const FileEntry& b = entries[j];
    const bool a_is_folder = a.kind == FileKind::kFolder, b_is_folder = b.kind == FileKind::kFolder;
    if (a_is_folder != b_is_folder) return a_is_folder;
    if (options.order == FileOrder::kDate && a.changed != b.changed) return a.changed > b.changed;
    return comes_before(a.name, b.name);
  });
  return indices;
}

fs::path home_folder() {
  const char* home = std::getenv("HOME");
  return home && *home == '/' ? fs::path(home) : fs::path("/");
}

fs::path typed_path(const std::string& text, const fs::path& folder) {
  if (text == "~" || text == "~/") return home_folder();
  if (text.starts_with("~/")) return (home_folder() / text.substr(2)).lexically_normal();
  return (folder / fs::path(text)).lexically_normal();
}

std::string size_words(std::uintmax_t bytes) {
  constexpr std::array kUnits{"bytes", "KB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof text, unit > 0 && value < 9.95 ? "%.1f %s" : "%.0f %s", value, kUnits[unit]);
  return text;
}

std::string date_words(fs::file_time_type changed) {
  const auto seconds = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::file_clock::to_sys(changed));
  const std::time_t time = seconds.time_since_epoch().count();
  std::tm local{};
  if (!localtime_r(&time, &local)) return {};
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local)};
}

}  // namespace convlens::ui
