// Preferences on disk.
#include "app/model/preferences.h"

#include <doctest/doctest.h>

#include "engine/io/file.h"
#include "tests/support/temporary_folder.h"

namespace convlens::model {
namespace {

TEST_CASE("preferences come back, from a folder that did not exist") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a" / "b" / "preferences.json";
  Preferences preferences;
  preferences.theme = Theme::kProjector;
  preferences.scale = 1.35F;
  preferences.shows_performance = true;
  preferences.window_width = 1920;
  preferences.train_data = "mnist:/data/mnist";
  remember_file(preferences, "/pictures/one \"two\".png");
  REQUIRE(save_preferences(preferences, path));
  CHECK(load_preferences(path) == preferences);
  CHECK(load_preferences(folder.path() / "missing.json") == Preferences{});
}

TEST_CASE("broken preferences fall back, one by one") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "preferences.json";
  REQUIRE(
      io::write_file(path, R"({"theme": "light", "scale": 99, "recent_files": [1, "/a"], "window_width": "wide"})"));
  const Preferences preferences = load_preferences(path);
  CHECK(preferences.theme == Theme::kLight);
  CHECK(preferences.scale == 2.5F);
  CHECK(preferences.recent_files == std::vector<std::string>{"/a"});
  CHECK(preferences.window_width == Preferences{}.window_width);
  REQUIRE(io::write_file(path, "not json"));
  CHECK(load_preferences(path) == Preferences{});
}

TEST_CASE("data are learnt from again as long as their folder is there") {
  const TemporaryFolder folder;
  Preferences preferences;
  CHECK(remembered_data(preferences).empty());
  preferences.train_data = "mnist:" + folder.path().string();
  CHECK(remembered_data(preferences) == preferences.train_data);
  preferences.train_data = "idx:" + (folder.path() / "emnist-letters").string();
  CHECK(remembered_data(preferences) == preferences.train_data);
  preferences.train_data = "mnist:" + (folder.path() / "gone" / "mnist").string();
  CHECK(remembered_data(preferences).empty());
  preferences.train_data = "synthetic:500";
  CHECK(remembered_data(preferences) == "synthetic:500");
}

TEST_CASE("an unwritable place is told") {
  const TemporaryFolder folder;
  REQUIRE(io::write_file(folder.path() / "file", "x"));
  const Status saved = save_preferences(Preferences{}, folder.path() / "file" / "preferences.json");
  REQUIRE_FALSE(saved);
  CHECK(saved.error().message.find("file") != std::string::npos);
}

TEST_CASE("recent files are the newest dozen, each once") {
  Preferences preferences;
  for (int i = 0; i < 20; ++i) remember_file(preferences, "/pictures/" + std::to_string(i));
  remember_file(preferences, "/pictures/15");
  REQUIRE(preferences.recent_files.size() == 12);
  CHECK(preferences.recent_files[0] == "/pictures/15");
  CHECK(preferences.recent_files[1] == "/pictures/19");
  CHECK(preferences.last_folder == "/pictures");
}

}  // namespace
}  // namespace convlens::model
