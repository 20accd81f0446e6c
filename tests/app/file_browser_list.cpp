// What the file browser lists and in which order, on a folder made for it.
#include "app/ui/file_browser_list.h"

#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "engine/core/random.h"

namespace convlens::ui {
namespace {

namespace fs = std::filesystem;

struct Folder {
  fs::path path = fs::temp_directory_path() / ("convlens-browser-" + std::to_string(std::uintptr_t(this)));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  void add(const std::string& name, std::size_t bytes = 1) const {
    std::ofstream(path / name) << std::string(bytes, 'x');
  }
};

std::vector<std::string> names(const std::vector<FileEntry>& entries, const ListOptions& options) {
  std::vector<std::string> result;
  for (const std::size_t i : listed(entries, options)) result.push_back(entries[i].name);
  return result;
}

TEST_CASE("folders come first, names count like people, filters and search narrow") {
  const Folder folder;
  for (const char* name : {"b10.png", "B2.PNG", "a.jpg", "w.npy", "s.json", "notes.txt", ".hidden.png"})
    folder.add(name);
  fs::create_directory(folder.path / "zoo");
  fs::create_directory(folder.path / ".cache");
  const auto entries = read_folder(folder.path);
  REQUIRE(entries);
  REQUIRE(entries->size() == 9);

  using Names = std::vector<std::string>;
  CHECK(names(*entries, {.filter = FileFilter::kPictures, .search = {}}) ==
        Names{"zoo", "a.jpg", "B2.PNG", "b10.png", "w.npy"});
  CHECK(names(*entries, {.filter = FileFilter::kSessions, .search = {}}) == Names{"zoo", "s.json"});
  CHECK(names(*entries, {.filter = FileFilter::kAll, .search = {}}) ==
        Names{"zoo", "a.jpg", "B2.PNG", "b10.png", "notes.txt", "s.json", "w.npy"});
  CHECK(names(*entries, {.filter = FileFilter::kPictures, .shows_hidden = true, .search = {}}) ==
        Names{".cache", "zoo", ".hidden.png", "a.jpg", "B2.PNG", "b10.png", "w.npy"});
  CHECK(names(*entries, {.filter = FileFilter::kAll, .search = "B"}) == Names{"B2.PNG", "b10.png"});
}

TEST_CASE("the newest file is first when sorted by date") {
  const Folder folder;
  const auto now = fs::file_time_type::clock::now();
  int age = 0;
  for (const char* name : {"new.png", "older.png", "oldest.png"}) {
    folder.add(name);
    fs::last_write_time(folder.path / name, now - std::chrono::hours(age++));
  }
  const auto entries = read_folder(folder.path);
  REQUIRE(entries);
  CHECK(names(*entries, {.order = FileOrder::kDate, .search = {}}) ==
        std::vector<std::string>{"new.png", "older.png", "oldest.png"});
}

TEST_CASE("the order of names is a strict order") {
  Random random(5);
  std::vector<std::string> words;
  for (int i = 0; i < 60; ++i) {
    std::string word;
    for (std::uint32_t length = random.below(5); length > 0; --length) word += "aA0019.-"[random.below(8)];
    words.push_back(word);
  }
  for (const auto& a : words) {
    CHECK_FALSE(comes_before(a, a));
    for (const auto& b : words) {
      CHECK((a == b || comes_before(a, b) != comes_before(b, a)));
      for (const auto& c : words) {
        if (comes_before(a, b) && comes_before(b, c)) CHECK(comes_before(a, c));
      }
    }
  }
}

TEST_CASE("what cannot be listed is said in words") {
  const Folder folder;
  folder.add("file");
  const auto missing = read_folder(folder.path / "missing");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message.find("There is no folder") == 0);
  const auto file = read_folder(folder.path / "file");
  REQUIRE_FALSE(file);
  CHECK(file.error().message.find("is not a folder") != std::string::npos);
}

TEST_CASE("kinds, typed paths and sizes") {
  CHECK(kind_of_name("A.JPeG") == FileKind::kPicture);
  CHECK(kind_of_name("x.npy") == FileKind::kArray);
  CHECK(kind_of_name("x.tar.json") == FileKind::kSession);
  CHECK(kind_of_name("net.safetensors") == FileKind::kModel);
  CHECK(kind_of_name("net.NPZ") == FileKind::kModel);
  CHECK(kind_of_name(".png") == FileKind::kOther);
  CHECK(kind_of_name("png") == FileKind::kOther);

  CHECK(typed_path("~", "/tmp") == home_folder());
  CHECK(typed_path("~/a", "/tmp") == (home_folder() / "a").lexically_normal());
  CHECK(typed_path("../b.png", "/tmp/a") == fs::path("/tmp/b.png"));
  CHECK(typed_path("/etc/x", "/tmp") == fs::path("/etc/x"));

  CHECK(size_words(0) == "0 bytes");
  CHECK(size_words(999) == "999 bytes");
  CHECK(size_words(1000) == "1.0 KB");
  CHECK(size_words(999'999) == "1.0 MB");
  CHECK(size_words(43'500'000) == "44 MB");
}

}  // namespace
}  // namespace convlens::ui
