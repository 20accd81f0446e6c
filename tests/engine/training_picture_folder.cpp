// A folder of pictures per class: sizes, colours, and what is missing or broken.
#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/io/file.h"
#include "engine/io/picture.h"
#include "engine/training/picture_folder.h"
#include "engine/training/source.h"
#include "tests/support/temporary_folder.h"

namespace convlens::training {
namespace {

using Colour = std::vector<std::uint8_t>;

// A picture of one colour, 1 or 3 values.
void paint(const std::filesystem::path& path, int width, int height, const Colour& colour) {
  std::filesystem::create_directories(path.parent_path());
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < width * height; ++i) pixels.insert(pixels.end(), colour.begin(), colour.end());
  REQUIRE(io::write_png(path, pixels, width, height, static_cast<int>(colour.size())).ok());
}

Dataset read(const std::filesystem::path& folder, const PictureFolderOptions& options = {}) {
  Result<Dataset> data = read_picture_folder(folder, options, Parallel(2));
  REQUIRE_MESSAGE(data.ok(), data.error().message);
  CHECK(check(*data).ok());
  return std::move(data).value();
}

std::string failure(const std::filesystem::path& folder, const PictureFolderOptions& options = {}) {
  const Result<Dataset> data = read_picture_folder(folder, options, Parallel(1));
  return data ? "no error" : data.error().message;
}

bool says(const std::string& message, const std::string& words) {
  return message.find(words) != std::string::npos && message.find('\n') == std::string::npos;
}

TEST_CASE("classes and pictures in alphabetical order") {
  const TemporaryFolder folder;
  paint(folder / "dog/b.png", 6, 4, {20});
  paint(folder / "dog/a.PNG", 6, 4, {10});
  paint(folder / "cat/z.png", 6, 4, {30});
  REQUIRE(io::write_file(folder / "cat/notes.txt", "not a picture").ok());
  REQUIRE(io::write_file(folder / "labels.csv", "x").ok());
  paint(folder / ".hidden/x.png", 6, 4, {1});
  const Dataset data = read(folder.path());
  CHECK(data.class_names == std::vector<std::string>{"cat", "dog"});
  CHECK(data.labels == std::vector<std::int32_t>{0, 1, 1});
  CHECK(data.picture_shape() == Shape{1, 1, 4, 6});
  CHECK(data.picture(0)[0] == 30);
  CHECK(data.picture(1)[0] == 10);
  CHECK(data.picture(2)[23] == 20);
  CHECK(data.warnings.empty());
}

TEST_CASE("one coloured picture makes the data set coloured; either can be asked for") {
  const TemporaryFolder folder;
  paint(folder / "a/1.png", 2, 2, {100, 100, 100});
  paint(folder / "b/1.png", 2, 2, {60});
  CHECK(read(folder.path()).channels == 1);
  paint(folder / "b/2.png", 2, 2, {255, 0, 0});
  const Dataset colour = read(folder.path());
  REQUIRE(colour.channels == 3);
  CHECK(std::vector<std::uint8_t>(colour.picture(1).begin(), colour.picture(1).end()) ==
        std::vector<std::uint8_t>(12, 60));
  CHECK(colour.picture(2)[0] == 255);
  CHECK(colour.picture(2)[4] == 0);
  PictureFolderOptions options;
  options.channels = 1;
  const Dataset grey = read(folder.path(), options);
  CHECK(grey.channels == 1);
  CHECK(grey.picture(2)[0] == 54);  // 0.2126 * 255
}

TEST_CASE("pictures are brought to one size by area average of their middle") {
  const TemporaryFolder folder;
  // 8 x 4 with columns 0, 10, ..., 70: the middle 4 columns are 20 to 50.
  std::vector<std::uint8_t> columns;
  for (int i = 0; i < 32; ++i) columns.push_back(static_cast<std::uint8_t>(10 * (i % 8)));
  std::filesystem::create_directories(folder / "a");
  REQUIRE(io::write_png(folder / "a/1.png", columns, 8, 4, 1).ok());
  paint(folder / "b/1.png", 1, 1, {7});
  PictureFolderOptions options;
  options.height = options.width = 2;
  const Dataset data = read(folder.path(), options);
  CHECK(std::vector<std::uint8_t>(data.picture(0).begin(), data.picture(0).end()) ==
        std::vector<std::uint8_t>{25, 45, 25, 45});
  CHECK(std::vector<std::uint8_t>(data.picture(1).begin(), data.picture(1).end()) ==
        std::vector<std::uint8_t>{7, 7, 7, 7});
  // Parts of pixels count by their part: 4 rows to 3.
  options.height = options.width = 3;
  const Dataset thirds = read(folder.path(), options);
  CHECK(thirds.picture(0)[0] == 23);  // (20 + 30 / 3) / (4 / 3), rounded from 22.5
  CHECK(thirds.picture(0)[1] == 35);
  CHECK(thirds.picture(0)[2] == 48);
}

TEST_CASE("an unasked size is the first picture's, up to a limit") {
  const TemporaryFolder folder;
  paint(folder / "a/1.png", 300, 150, {7});
  paint(folder / "b/1.png", 20, 20, {9});
  const Dataset data = read(folder.path());
  CHECK(data.width == 64);
  CHECK(data.height == 32);
  CHECK(data.picture(1)[0] == 9);
}

TEST_CASE("what cannot be read is left out and told") {
  const TemporaryFolder folder;
  paint(folder / "a/1.png", 3, 3, {1});
  REQUIRE(io::write_file(folder / "a/2.png", "no picture").ok());
  paint(folder / "a/3.png", 3, 3, {3});
  paint(folder / "b/1.png", 3, 3, {4});
  std::filesystem::create_directories(folder / "empty");
  const Dataset data = read(folder.path());
  CHECK(data.size() == 3);
  CHECK(data.labels == std::vector<std::int32_t>{0, 0, 1});
  CHECK(data.picture(1)[0] == 3);
  CHECK(data.picture(2)[0] == 4);
  REQUIRE(data.warnings.size() == 2);
  CHECK(says(data.warnings[0], "empty holds no pictures"));
  CHECK(says(data.warnings[1], "2.png"));
}

TEST_CASE("folders that are no data set") {
  const TemporaryFolder folder;
  CHECK(says(failure(folder / "nowhere"), "does not exist"));
  CHECK(says(failure(folder.path()), "holds no pictures in folders"));
  REQUIRE(io::write_file(folder / "file", "x").ok());
  CHECK(says(failure(folder / "file"), "is a file"));
  paint(folder / "cats/1.png", 3, 3, {1});
  CHECK(says(failure(folder.path()), "one class only (cats)"));
  REQUIRE(io::write_file(folder / "cats/1.png", "broken").ok());
  REQUIRE(io::write_file(folder / "dogs.png", "broken").ok());
  std::filesystem::create_directories(folder / "dogs");
  REQUIRE(io::write_file(folder / "dogs/1.png", "broken").ok());
  CHECK(says(failure(folder.path()), "none of the 2 pictures can be read"));
  PictureFolderOptions options;
  options.height = options.width = 4;
  CHECK(says(failure(folder.path(), options), "none of the 2 pictures can be read"));
}

TEST_CASE("the folder source: parts of its own, or a share set aside") {
  const TemporaryFolder folder;
  for (int i = 0; i < 6; ++i) {
    paint(folder / ("all/a/" + std::to_string(i) + ".png"), 3, 3, {1});
    paint(folder / ("all/b/" + std::to_string(i) + ".png"), 3, 3, {2});
  }
  const Result<DataParts> shared = open_data("folder:" + (folder / "all").string(), 1, {}, Parallel(1));
  REQUIRE(shared.ok());
  CHECK(count_classes(shared->train) == std::vector<std::int64_t>{5, 5});
  CHECK(count_classes(shared->test) == std::vector<std::int64_t>{1, 1});

  paint(folder / "own/train/a/1.png", 3, 3, {1, 2, 3});
  paint(folder / "own/train/b/1.png", 3, 3, {4});
  paint(folder / "own/train/c/1.png", 3, 3, {4});
  paint(folder / "own/test/c/1.png", 9, 9, {5});
  const std::string own = "folder:" + (folder / "own").string();
  const Result<DataParts> parts = open_data(own, 1, {}, Parallel(1));
  REQUIRE_MESSAGE(parts.ok(), parts.error().message);
  CHECK(parts->train.size() == 3);
  CHECK(parts->test.data->labels == std::vector<std::int32_t>{2});
  CHECK(parts->test.data->picture_shape() == parts->train.data->picture_shape());
  paint(folder / "own/test/d/1.png", 9, 9, {5});
  const Result<DataParts> unknown = open_data(own, 1, {}, Parallel(1));
  REQUIRE_FALSE(unknown.ok());
  CHECK(says(unknown.error().message, "d is a class that the training pictures do not have"));
}

}  // namespace
}  // namespace convlens::training
