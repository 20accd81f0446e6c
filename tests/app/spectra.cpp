// What the frequency view says: the product rule on the window, folding, the activation's share, readings, and the
// session.
#include "app/model/spectra.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <semaphore>
#include <string>

#include "tests/app/desk.h"

namespace convlens::model {
namespace {

struct Desk : SettledDesk {
  SpectraPtr spectra(int channel = 0, bool has_soft_edges = false) {
    SpectraMaker maker;
    return maker.run({document.result(), document.selection.filter, channel, has_soft_edges});
  }
};

TEST_CASE("the window is the largest that both strides divide, of small factors, in the middle") {
  conv::Geometry g;
  g.h = 480;
  g.w = 640;
  CHECK(spectrum_window(g) == SpectrumWindow{.y = 0, .x = 80, .size = 480});
  g.h = 1080;
  g.w = 1920;
  CHECK(spectrum_window(g).size == 512);
  g.stride_y = 3;
  g.stride_x = 2;
  const SpectrumWindow strided = spectrum_window(g);
  CHECK(strided.size % 6 == 0);
  CHECK(strided.size <= kLargestSpectrumWindow);
  CHECK(strided.size > 450);
  CHECK(strided.is_folding);
  g.stride_y = 63;
  g.stride_x = 64;
  CHECK_FALSE(spectrum_window(g).is_folding);
  CHECK(spectrum_window(g).size == 512);
  g = {};
  g.h = 1;
  g.w = 7;
  CHECK(spectrum_window(g).size == 1);
}

TEST_CASE("on a circular border the product of spectra is the map's, whatever the other parameters") {
  Desk desk;
  desk.choose("conv/border", "circular");
  CHECK(desk.spectra()->picture.value().rule_error < 1e-6);
  desk.set("conv/flip", 1);
  desk.set("conv/dilation_y", 3);
  desk.set("conv/stride_y", 3);
  desk.set("conv/stride_x", 2);
  const SpectraPtr spectra = desk.spectra(1);
  const PictureSpectra& picture = spectra->picture.value();
  CHECK(picture.rule_error < 1e-6);
  CHECK(picture.window.size % 6 == 0);
  CHECK(picture.map.shape() == Shape{1, 1, picture.window.size / 3, picture.window.size / 2});
  CHECK(picture.folded_share > 0);
  CHECK(rule_in_words(picture, spectra->geometry).find("exact") != std::string::npos);
  CHECK(folding_in_words(picture, spectra->geometry).find("0.1667 × 0.25") != std::string::npos);
}

TEST_CASE("another border spoils the rule at the edges, and the words say which") {
  Desk desk;
  const SpectraPtr zero = desk.spectra();
  CHECK(zero->picture.value().rule_error > 1e-4);
  CHECK(zero->picture->rule_error < 2);
  CHECK(rule_in_words(*zero->picture, zero->geometry).find("the border is Zero") != std::string::npos);
  CHECK(folding_in_words(*zero->picture, zero->geometry).empty());
  // Nothing jumps at edges that are faded to nothing.
  CHECK(desk.spectra(0, true)->picture.value().rule_error < 0.1 * zero->picture->rule_error);
}

TEST_CASE("an activation adds what no multiple of the product has") {
  Desk desk;
  CHECK(desk.spectra()->picture.value().activation_share == 0);
  desk.choose("conv/activation", "relu");
  const double share = desk.spectra()->picture.value().activation_share;
  CHECK(share > 0.1);
  CHECK(share < 1);
}

TEST_CASE("the filter alone: words, gains and passes of the slice") {
  Desk desk;
  desk.choose("conv/channels", "grey");
  const SpectraPtr spectra = desk.spectra();
  CHECK(spectra->name == "Sobel x");
  CHECK(spectra->peak.gain == doctest::Approx(8));
  CHECK(spectra->peak.fx == doctest::Approx(0.25).epsilon(0.01));
  CHECK(spectra->peak.fy == 0);
  CHECK_FALSE(spectra->through_peak);
  CHECK(spectra->portrait.rank == 1);
  REQUIRE(spectra->across.band);
  CHECK(spectra->across.band->low * 0.5 == doctest::Approx(0.125).epsilon(0.01));
  CHECK(spectra->across.band->high * 0.5 == doctest::Approx(0.375).epsilon(0.01));
  CHECK_FALSE(spectra->down.band);
  CHECK(std::ranges::any_of(spectra->words, [](const std::string& line) { return line.starts_with("rank 1"); }));
  for (const float value : spectra->left_over.values()) CHECK(std::abs(value) < 1e-6F);
  CHECK(spectra->response.shape().h == spectra->picture.value().window.size);
}

TEST_CASE("a wave is looked up in all of it") {
  Desk desk;
  desk.choose("conv/channels", "grey");
  desk.set("conv/stride_x", 4);
  const SpectraPtr spectra = desk.spectra();
  const WaveReading inside = read_wave(*spectra, 0, 0.05);
  CHECK_FALSE(inside.is_folded);
  CHECK(inside.period() == doctest::Approx(20));
  const WaveReading beyond = read_wave(*spectra, 0, 0.25);
  CHECK(beyond.is_folded);
  CHECK(beyond.gain == doctest::Approx(8));
  CHECK(beyond.alias_fx == doctest::Approx(0).scale(1));
  REQUIRE(beyond.map);
  const auto lines = in_words(beyond, spectra->peak.gain);
  CHECK(lines.size() == 4);
  CHECK(lines[0] == "0.25 across, 0 down cycles/px, period 4 px");
  CHECK(lines[1].starts_with("gain 8, 100 % of the largest"));
  const WaveReading mean = read_wave(*spectra, 0, 0);
  CHECK(mean.is_mean());
  CHECK(mean.gain == doctest::Approx(0).scale(1));
  CHECK(mean.input == 0.0);  // the largest of a picture
  // Both ends of the axis are one frequency.
  CHECK(read_wave(*spectra, 0, 0.5).input == read_wave(*spectra, 0, -0.5).input);
}

TEST_CASE("a picture with NaN in its middle has no spectrum, but the filter has its response") {
  Desk desk;
  auto broken = std::make_shared<ConvResult>(*desk.document.result());
  Tensor input = broken->input->clone();
  input.at(0, 1, input.shape().h / 2, input.shape().w / 2) = std::nanf("");
  broken->input = std::make_shared<const Tensor>(std::move(input));
  SpectraMaker maker;
  const SpectraPtr spectra = maker.run({broken, 0, 0, false});
  CHECK_FALSE(spectra->picture);
  CHECK(spectra->no_picture.find("not finite") != std::string::npos);
  CHECK(spectra->response.shape().h == 256);
}

TEST_CASE("the session asks once for what is the same and brings the newest") {
  Desk desk;
  std::counting_semaphore<> woken{0};
  SpectraSession session([&] { woken.release(); });
  session.follow(desk.document.result(), 0, 0, false);
  session.follow(desk.document.result(), 0, 0, false);
  woken.acquire();
  REQUIRE(session.collect());
  CHECK(session.serial() == 1);
  CHECK(session.spectra()->filter == 0);
  session.follow(desk.document.result(), 0, 0, false);
  CHECK_FALSE(session.collect());
  session.follow(desk.document.result(), 2, 1, false);
  woken.acquire();
  REQUIRE(session.collect());
  CHECK(session.spectra()->filter == 2);
  CHECK(session.spectra()->channel == 1);
  CHECK(session.spectra()->generation == desk.document.result()->generation);
}

}  // namespace
}  // namespace convlens::model
