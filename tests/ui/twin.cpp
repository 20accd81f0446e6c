// The text twin's file: whole, equal to what was recorded, and left alone while nothing changes.
#include "app/ui/twin.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

using convlens::ui::Twin;
namespace fs = std::filesystem;

namespace {

fs::path fresh_path() {
  const fs::path path = fs::temp_directory_path() / "convlens-test-twin.json";
  fs::remove(path);
  return path;
}

nlohmann::json read(const fs::path& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

void one_frame(Twin& twin, std::uint64_t frame, int value) {
  twin.begin_frame();
  twin.add({.name = "conv/stride_y",
            .kind = "slider",
            .label = "Stride y",
            .rect = {10, 20, 30, 40},
            .value = value,
            .range = {1, 64},
            .tooltip = "Rows the window moves by."});
  twin.set("status", "ready");
  twin.end_frame(frame, {.median = 1, .p99 = 2});
}

}  // namespace

TEST_CASE("the twin's file holds the controls and facts of the newest frame") {
  const fs::path path = fresh_path();
  Twin twin(path);
  one_frame(twin, 7, 2);
  const nlohmann::json json = read(path);
  CHECK(json["frame"] == 7);
  CHECK(json["status"] == "ready");
  REQUIRE(json["controls"].size() == 1);
  const nlohmann::json& control = json["controls"][0];
  CHECK(control["name"] == "conv/stride_y");
  CHECK(control["rect"] == nlohmann::json({10, 20, 30, 40}));
  CHECK(control["value"] == 2);
  CHECK(control["range"] == nlohmann::json({1, 64}));
  CHECK(control["enabled"] == true);
  CHECK_FALSE(fs::exists(path.string() + ".part"));
  fs::remove(path);
}

TEST_CASE("the twin's file is written again only when something but the frame number changed") {
  const fs::path path = fresh_path();
  Twin twin(path);
  one_frame(twin, 1, 2);
  one_frame(twin, 2, 2);
  CHECK(read(path)["frame"] == 1);
  one_frame(twin, 3, 5);
  CHECK(read(path)["frame"] == 3);
  CHECK(read(path)["controls"][0]["value"] == 5);
  fs::remove(path);
}

TEST_CASE("controls that a panel would show when scrolled stand beside the others") {
  const fs::path path = fresh_path();
  Twin twin(path);
  twin.begin_frame();
  twin.add_hidden({.name = "conv/groups", .rect = {10, 900, 30, 40}, .panel = {0, 100, 300, 400}});
  twin.end_frame(1, {});
  const nlohmann::json json = read(path);
  CHECK(json["controls"].empty());
  CHECK(json["hidden"]["conv/groups"]["rect"] == nlohmann::json({10, 900, 30, 40}));
  CHECK(json["hidden"]["conv/groups"]["panel"] == nlohmann::json({0, 100, 300, 400}));
  twin.begin_frame();
  twin.end_frame(2, {});
  CHECK_FALSE(read(path).contains("hidden"));
  fs::remove(path);
}

TEST_CASE("names that are not UTF-8 do not spoil the twin's file") {
  const fs::path path = fresh_path();
  Twin twin(path);
  twin.begin_frame();
  twin.set("document", std::string("caf\xE9.png"));
  twin.end_frame(1, {});
  CHECK(read(path)["document"].get<std::string>().substr(0, 3) == "caf");
  fs::remove(path);
}

TEST_CASE("a twin without a file records nothing") {
  Twin twin{fs::path()};
  CHECK_FALSE(twin.is_active());
  one_frame(twin, 1, 2);
  CHECK_FALSE(fs::exists(".part"));
}
