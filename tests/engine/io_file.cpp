// Whole files: round trips, replacement at once, and the words for what goes wrong.
#include <doctest/doctest.h>

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/io/file.h"
#include "tests/support/temporary_folder.h"

namespace convlens::io {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  const auto bytes = read_file(path);
  return bytes ? std::string(bytes->begin(), bytes->end()) : "error: " + bytes.error().message;
}

std::string failure(const Status& status) { return status ? "no error" : status.error().message; }

TEST_CASE("what is written is read back") {
  const TemporaryFolder folder;
  std::vector<std::uint8_t> bytes(100'003);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 7);
  REQUIRE(write_file(folder / "data.bin", bytes).ok());
  const auto back = read_file(folder / "data.bin");
  REQUIRE(back.ok());
  CHECK(*back == bytes);
  const auto start = read_file(folder / "data.bin", 10);
  REQUIRE(start.ok());
  CHECK(std::ranges::equal(*start, std::span(bytes).first(10)));
  CHECK(folder.count_files() == 1);
}

TEST_CASE("an empty file is read as no bytes, and files that hide their size are read whole") {
  const TemporaryFolder folder;
  REQUIRE(write_file(folder / "empty", std::string_view()).ok());
  CHECK(text_of(folder / "empty").empty());
  CHECK(text_of("/proc/self/status").size() > 100);
}

TEST_CASE("a file is replaced whole; its permissions and links to it stay") {
  const TemporaryFolder folder;
  REQUIRE(write_file(folder / "target", std::string_view("old")).ok());
  fs::permissions(folder / "target", fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("target", folder / "link");
  REQUIRE(write_file(folder / "link", std::string_view("new")).ok());
  CHECK(text_of(folder / "target") == "new");
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(fs::status(folder / "target").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(folder.count_files() == 2);
}

TEST_CASE("what cannot be read is said with a reason") {
  const TemporaryFolder folder;
  REQUIRE(write_file(folder / "file", std::string_view("x")).ok());
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  const std::string missing = (folder / "missing").string();
  CHECK(text_of(missing) == "error: cannot read " + missing + ": it does not exist; check the spelling and the folder");
  CHECK(text_of(folder.path()).find("it is a folder") != std::string::npos);
  CHECK(text_of(folder / "file/inside").find("a part of its path is a file") != std::string::npos);
  CHECK(text_of(folder / "pipe").find("a device or a pipe") != std::string::npos);
  CHECK(text_of("/dev/zero").find("a device or a pipe") != std::string::npos);
  CHECK(text_of(folder / std::string(5000, 'a')).find("too long") != std::string::npos);
}

TEST_CASE("what cannot be written is said with a reason and leaves nothing behind") {
  const TemporaryFolder folder;
  REQUIRE(write_file(folder / "file", std::string_view("x")).ok());
  const std::string_view text = "hello";
  CHECK(failure(write_file(folder / "file/inside", text)).find("a part of its path is a file") != std::string::npos);
  CHECK(failure(write_file(folder / "none/inside", text)).find("its folder does not exist") != std::string::npos);
  CHECK(failure(write_file(folder.path(), text)).find("it is a folder") != std::string::npos);
  CHECK(failure(write_file("/dev/full", text)) ==
        "cannot write /dev/full: the disk is full; free some space or choose another disk");
  CHECK(folder.count_files() == 1);
  CHECK(text_of(folder / "file") == "x");
}

}  // namespace
}  // namespace convlens::io
