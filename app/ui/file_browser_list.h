// What a folder holds, filtered and sorted, and paths as people type them. No drawing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/error.h"

namespace convlens::ui {

enum class FileKind { kFolder, kPicture, kArray, kSession, kModel, kOther };

struct FileEntry {
  std::filesystem::path path;
  std::string name;
  FileKind kind = FileKind::kOther;
  bool is_hidden = false;
  std::uintmax_t size = 0;  // bytes; 0 for folders
  std::filesystem::file_time_type changed;
};

enum class FileFilter { kPictures, kSessions, kModels, kAll };  // pictures: and .npy arrays
enum class FileOrder { kName, kDate };                          // date: newest first

struct ListOptions {
  FileFilter filter = FileFilter::kPictures;
  FileOrder order = FileOrder::kName;
  bool shows_hidden = false;
  std::string search;  // part of the name, in any case
  bool operator==(const ListOptions&) const = default;
};

// By the name's ending; folders are told by the file system.
FileKind kind_of_name(std::string_view name);
// Everything in the folder, in no order. Links are followed; what cannot be looked at counts as an empty file.
// Error: why the folder cannot be read, in words.
Result<std::vector<FileEntry>> read_folder(const std::filesystem::path& folder);
// Indices of the entries to be listed: folders first, then files; names in the order in which people count
// ("2.png" before "10.png", capitals beside small letters).
std::vector<std::size_t> listed(std::span<const FileEntry> entries, const ListOptions& options);
// Whether `a` comes before `b` in that order.
bool comes_before(std::string_view a, std::string_view b);

// A typed path: "~" is the home folder, what is not absolute starts at `folder`; made normal.
std::filesystem::path typed_path(const std::string& text, const std::filesystem::path& folder);
std::filesystem::path home_folder();

std::string size_words(std::uintmax_t bytes);                     // "768 KB"
std::string date_words(std::filesystem::file_time_type changed);  // "2024-05-01 12:30", local time

}  // namespace convlens::ui
