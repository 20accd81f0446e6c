// Films of filters: which moments, what the files hold, stopping, refusals.
#include "app/model/filter_film.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <set>

#include "engine/io/file.h"
#include "engine/io/picture.h"
#include "engine/nn/presets.h"
#include "tests/support/temporary_folder.h"

namespace convlens::model {
namespace {

namespace fs = std::filesystem;

// Frames at 0, 1, 2, 4, 8, ... whose weights grow from -1 towards 1.
FilmSource source_of(int frames) {
  FilmSource source;
  auto made = nn::make_model("lenet5", 1, 28, 28, 10);
  REQUIRE(made);
  source.model = *made;
  const auto count = static_cast<std::size_t>(training::count_values(source.model));
  for (int f = 0; f < frames; ++f) {
    const float value = -1 + 2 * static_cast<float>(f) / static_cast<float>(frames - 1);
    source.frames.push_back(
        {f == 0 ? 0 : std::int64_t{1} << (f - 1), std::make_shared<const std::vector<float>>(count, value), nullptr});
  }
  return source;
}

ColourTable colours() {
  ColourTable table{};
  for (std::size_t i = 0; i < 256; ++i)
    table[i] = {static_cast<std::uint8_t>(i), 0, static_cast<std::uint8_t>(255 - i)};
  return table;
}

FilmChoice choice_of(FilmForm form, int pictures) {
  FilmChoice choice;
  choice.form = form;
  choice.pictures = pictures;
  choice.tile = 10;
  choice.colours = colours();
  return choice;
}

}  // namespace

TEST_CASE("the first and the last moment are always shown, each once") {
  const FilmSource source = source_of(12);
  for (const bool is_dense_early : {true, false}) {
    for (const int most : {2, 3, 7, 12, 500}) {
      const auto chosen = choose_frames(source.frames, most, is_dense_early);
      CAPTURE(most);
      REQUIRE(chosen.size() >= 2);
      CHECK(std::ssize(chosen) == std::min(most, 12));
      CHECK(chosen.front() == 0);
      CHECK(chosen.back() == 11);
      CHECK(std::set(chosen.begin(), chosen.end()).size() == chosen.size());
      CHECK(std::ranges::is_sorted(chosen));
    }
  }
  CHECK(choose_frames(source.frames, 12, true).size() == 12);
  // Halfway through 1024 steps, and an eighth.
  const auto even = choose_frames(source.frames, 3, false);
  REQUIRE(even.size() == 3);
  CHECK(source.frames[even[1]].step == 512);
  CHECK(source.frames[choose_frames(source.frames, 3, true)[1]].step == 128);
  CHECK(choose_frames({}, 5, true).empty());
}

TEST_CASE("a GIF has a picture for each moment and begins with the first weights") {
  const TemporaryFolder folder;
  const FilmSource source = source_of(9);
  const fs::path path = folder.path() / "life.gif";
  double share = 0;
  const auto facts = write_film(path, source, choice_of(FilmForm::kGif, 6), [&](double s) {
    CHECK(s > share);
    share = s;
    return true;
  });
  REQUIRE(facts);
  CHECK(share == doctest::Approx(1));
  CHECK(facts->pictures == 6);
  CHECK(facts->range == 1);
  CHECK(facts->last_step == 128);
  REQUIRE(facts->files == std::vector<fs::path>{path});
  const auto picture = io::read_picture(path);
  REQUIRE(picture);
  CHECK(picture->format == "GIF");
  CHECK(picture->pixels.shape().w == facts->width);
  CHECK(picture->pixels.shape().h == facts->height);
  // -1 everywhere has the colour of the lower end.
  std::int64_t blue = 0;
  for (std::int64_t y = 0; y < facts->height; ++y) {
    for (std::int64_t x = 0; x < facts->width; ++x) {
      blue += picture->pixels.at(0, 2, y, x) == 1 && picture->pixels.at(0, 0, y, x) == 0;
    }
  }
  CHECK(blue == 6 * 10 * 10);
}

TEST_CASE("a strip is as wide as its moments together") {
  const TemporaryFolder folder;
  const FilmSource source = source_of(9);
  const auto facts = write_film(folder.path() / "life.png", source, choice_of(FilmForm::kStrip, 4));
  REQUIRE(facts);
  const auto picture = io::read_picture(folder.path() / "life.png");
  REQUIRE(picture);
  CHECK(picture->pixels.shape().w == facts->width);
  CHECK(facts->width % 4 == 0);
  std::int64_t red = 0;
  for (const float value : picture->pixels.values()) red += value == 1;
  CHECK(red >= 2 * 6 * 10 * 10);  // the first moment in blue, the last in red
}

TEST_CASE("numbered pictures, one for each moment") {
  const TemporaryFolder folder;
  const auto facts = write_film(folder.path() / "life.png", source_of(5), choice_of(FilmForm::kPictures, 50));
  REQUIRE(facts);
  REQUIRE(facts->files.size() == 5);
  CHECK(facts->files[4].filename() == "life-005.png");
  for (const fs::path& file : facts->files) CHECK(io::read_picture(file));
  CHECK_FALSE(fs::exists(folder.path() / "life.png"));
}

TEST_CASE("a film that is stopped leaves no half file") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "life.gif";
  REQUIRE(io::write_file(path, std::string_view("as it was")));
  CHECK_FALSE(write_film(path, source_of(9), choice_of(FilmForm::kGif, 9), [](double share) { return share < 0.4; }));
  const auto bytes = io::read_file(path);
  REQUIRE(bytes);
  CHECK(bytes->size() == 9);
}

TEST_CASE("what cannot be a film is said") {
  const TemporaryFolder folder;
  FilmSource source = source_of(5);
  FilmChoice choice = choice_of(FilmForm::kGif, 5);
  choice.layer = 1;  // pooling
  CHECK_FALSE(plan_film(source, choice));
  choice.layer = 99;
  CHECK_FALSE(plan_film(source, choice));
  choice.layer = 0;
  choice.form = FilmForm::kStrip;
  choice.tile = 4000;
  const auto large = plan_film(source, choice);
  REQUIRE_FALSE(large);
  CHECK(large.error().message.find("smaller tiles") != std::string::npos);
  source.frames.clear();
  CHECK_FALSE(plan_film(source, choice_of(FilmForm::kGif, 5)));
  CHECK_FALSE(write_film(folder.path() / "no" / "folder.gif", source_of(3), choice_of(FilmForm::kGif, 5)));
}

}  // namespace convlens::model
