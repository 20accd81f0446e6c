// File names to roles, and the class names that go with the well-known data sets.
#include "engine/training/idx_folder.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>

namespace convlens::training {
namespace {

namespace fs = std::filesystem;

std::string lower(std::string text) {
  for (char& letter : text) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return text;
}

bool take_ending(std::string& text, std::string_view ending) {
  if (!text.ends_with(ending)) return false;
  text.resize(text.size() - ending.size());
  return true;
}

struct Role {
  std::string prefix;  // "" or "emnist-letters"
  bool is_test = false;
  bool is_labels = false;
};

std::optional<Role> role_of(const std::string& file_name) {
  std::string name = lower(file_name);
  take_ending(name, ".gz");
  std::replace(name.begin(), name.end(), '.', '-');
  Role role;
  role.is_labels = take_ending(name, "-labels-idx1-ubyte");
  if (!role.is_labels && !take_ending(name, "-images-idx3-ubyte")) return std::nullopt;
  role.is_test = take_ending(name, "t10k") || take_ending(name, "test");
  if (!role.is_test && !take_ending(name, "train")) return std::nullopt;
  take_ending(name, "-");
  role.prefix = name;
  return role;
}

// The four files of one data set; empty where missing.
struct Found {
  std::array<fs::path, 4> files;  // [is_test * 2 + is_labels]
};

constexpr std::array<std::string_view, 4> kUsualNames = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                                         "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};

Result<std::map<std::string, Found>> scan(const fs::path& folder) {
  std::map<std::string, Found> sets;
  std::error_code error;
  if (!fs::exists(folder, error)) {
    return Error{"cannot read " + folder.string() + ": it does not exist; check the spelling and the folder"};
  }
  if (!fs::is_directory(folder, error)) {
    return Error{folder.string() + " is a file; give the folder that holds the data set"};
  }
  fs::directory_iterator entries(folder, error);
  if (error) return Error{"cannot read " + folder.string() + ": you may not read it; change its permissions"};
  for (; entries != fs::directory_iterator(); entries.increment(error)) {
    const std::optional<Role> role = role_of(entries->path().filename().string());
    if (!role || !entries->is_regular_file(error)) continue;
    fs::path& file = sets[role->prefix].files[static_cast<std::size_t>(role->is_test * 2 + role->is_labels)];
    // Of two files with the same role the packed one is taken, which has a checksum, else the first by name.
    const bool is_plain = lower(entries->path().extension().string()) != ".gz";
    const bool was_plain = lower(file.extension().string()) != ".gz";
    if (file.empty() || std::pair(is_plain, entries->path()) < std::pair(was_plain, file)) file = entries->path();
  }
  return sets;
}

std::vector<std::string> letter_names(char first, char last) {
  std::vector<std::string> names;
  for (char letter = first; letter <= last; ++letter) names.emplace_back(1, letter);
  return names;
}

std::vector<std::string> joined(std::vector<std::string> names, const std::vector<std::string>& more) {
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

// (Cohen, Afshar, Tapson, van Schaik, "EMNIST: an extension of MNIST to handwritten letters", 2017, and its
// mapping files.)
IdxLabels emnist_meaning(const std::string& prefix) {
  IdxLabels meaning;
  meaning.is_transposed = true;
  const auto is = [&](std::string_view name) { return prefix == "emnist-" + std::string(name); };
  const std::vector<std::string> digits = digit_names(), capitals = letter_names('A', 'Z');
  if (is("digits") || is("mnist")) meaning.class_names = digits;
  if (is("byclass")) meaning.class_names = joined(joined(digits, capitals), letter_names('a', 'z'));
  if (is("balanced") || is("bymerge")) {  // small letters that look like their capitals are one class with them
    meaning.class_names = joined(joined(digits, capitals), {"a", "b", "d", "e", "f", "g", "h", "n", "q", "r", "t"});
  }
  if (is("letters")) {
    meaning.class_names = capitals;
    meaning.first = 1;
  }
  return meaning;
}

IdxLabels meaning_of(const fs::path& folder, const std::string& prefix) {
  if (prefix.starts_with("emnist")) return emnist_meaning(prefix);
  IdxLabels meaning;
  const std::string told = lower(folder.filename().string()) + " " + prefix;
  if (told.find("fashion") != std::string::npos) {
    meaning.class_names = {"T-shirt", "trouser", "pullover", "dress", "coat",
                           "sandal",  "shirt",   "sneaker",  "bag",   "ankle boot"};
  }
  return meaning;
}

}  // namespace

std::optional<fs::path> idx_place(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    const auto sets = scan(path);
    return sets && !sets->empty() ? std::optional(path) : std::nullopt;
  }
  const std::optional<Role> role = role_of(path.filename().string());
  if (!role || !fs::is_regular_file(path, ignored)) return std::nullopt;
  return role->prefix.empty() ? path.parent_path() : path.parent_path() / role->prefix;
}

std::vector<std::string> digit_names() { return letter_names('0', '9'); }

Result<IdxFiles> find_idx_files(const fs::path& where) {
  std::error_code ignored;
  const bool names_prefix = !fs::exists(where, ignored) && fs::is_directory(where.parent_path(), ignored);
  const fs::path folder = names_prefix ? where.parent_path() : where;
  Result<std::map<std::string, Found>> sets = scan(folder);
  if (!sets) return sets.error();
  if (names_prefix && sets->find(lower(where.filename().string())) == sets->end()) {
    return Error{"cannot read " + where.string() + ": it does not exist; check the spelling and the folder"};
  }
  if (sets->empty()) {
    return Error{folder.string() + " holds no IDX data set; the files are called " + std::string(kUsualNames[0]) +
                 ", " + std::string(kUsualNames[1]) + " and so on, with or without .gz"};
  }
  if (!names_prefix && sets->size() > 1) {
    std::string names;
    for (const auto& [prefix, found] : *sets)
      names += (names.empty() ? "" : ", ") + (prefix.empty() ? "(none)" : prefix);
    return Error{folder.string() + " holds several data sets; choose one by its prefix, as in " +
                 (folder / sets->rbegin()->first).string() + " (there are " + names + ")"};
  }
  const std::string prefix = names_prefix ? lower(where.filename().string()) : sets->begin()->first;
  const Found& found = sets->find(prefix)->second;
  const bool has_test = !found.files[2].empty() || !found.files[3].empty();
  for (std::size_t i = 0; i < (has_test ? 4u : 2u); ++i) {
    if (!found.files[i].empty()) continue;
    return Error{folder.string() + " lacks " + (prefix.empty() ? "" : prefix + "-") + std::string(kUsualNames[i]) +
                 " (or .gz); fetch or copy the whole data set"};
  }
  IdxFiles files{found.files[0], found.files[1], std::nullopt, std::nullopt, meaning_of(folder, prefix)};
  if (has_test) {
    files.test_pictures = found.files[2];
    files.test_labels = found.files[3];
  }
  return files;
}

}  // namespace convlens::training
