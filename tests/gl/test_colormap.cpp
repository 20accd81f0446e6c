// The tables: names, published colours, even and symmetric lightness, and the same for three kinds of colour vision.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "app/model/colormap_names.h"
#include "app/view/colormap.h"
#include "app/view/oklab.h"

using namespace convlens;
using view::Colormap;
using view::OkLab;
using view::Rgb;
using view::ValueRange;

namespace {

// Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color vision deficiency", 2009,
// severity 1; applied to linear RGB.
using Matrix = std::array<std::array<double, 3>, 3>;
constexpr Matrix kNormal{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
constexpr Matrix kProtanopia{
    {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}};
constexpr Matrix kDeuteranopia{
    {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}};

struct Vision {
  std::string name;
  Matrix matrix;
};
const std::array<Vision, 3> kVisions{
    {{"normal", kNormal}, {"protanopia", kProtanopia}, {"deuteranopia", kDeuteranopia}}};

OkLab seen(const Vision& vision, Rgb colour) {
  const std::array<double, 3> linear{view::to_linear(colour.r / 255.0), view::to_linear(colour.g / 255.0),
                                     view::to_linear(colour.b / 255.0)};
  std::array<std::uint8_t, 3> out{};
  for (std::size_t i = 0; i < 3; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < 3; ++j) sum += vision.matrix[i][j] * linear[j];
    out[i] = static_cast<std::uint8_t>(std::lround(255 * view::to_encoded(std::clamp(sum, 0.0, 1.0))));
  }
  return view::to_oklab({out[0], out[1], out[2]});
}

double distance(const OkLab& a, const OkLab& b) {
  return std::sqrt(std::pow(a.lightness - b.lightness, 2) + std::pow(a.a - b.a, 2) + std::pow(a.b - b.b, 2));
}

double lightness(const Colormap& map, int i) {
  return view::to_oklab(map.colours[static_cast<std::size_t>(i)]).lightness;
}

// Rounding to bytes moves lightness by this much.
constexpr double kByteNoise = 0.004;

void check_rising(const Vision& vision, const Colormap& map, int from, int to) {
  const int step = to > from ? 1 : -1;
  const bool is_rising = seen(vision, map.colours[static_cast<std::size_t>(to)]).lightness >
                         seen(vision, map.colours[static_cast<std::size_t>(from)]).lightness;
  double extreme = is_rising ? -1 : 2;
  for (int i = from; i != to + step; i += step) {
    const double value = seen(vision, map.colours[static_cast<std::size_t>(i)]).lightness;
    CAPTURE(i);
    if (is_rising) {
      REQUIRE(value > extreme - kByteNoise);
      extreme = std::max(extreme, value);
    } else {
      REQUIRE(value < extreme + kByteNoise);
      extreme = std::min(extreme, value);
    }
  }
}

bool is_signed_by_lightness(const Colormap& map) { return map.name == "grey-signed"; }

int largest_difference(Rgb a, Rgb b) {
  return std::max({std::abs(a.r - b.r), std::abs(a.g - b.g), std::abs(a.b - b.b)});
}

}  // namespace

TEST_CASE("every name of the model has a table of its kind, and the other way round") {
  std::vector<std::string> names;
  const auto add = [&](const auto& choices, bool is_diverging) {
    for (const auto& choice : choices) {
      const std::string name(choice.name);
      CAPTURE(name);
      names.push_back(name);
      CHECK(view::find_colormap(name).name == name);
      CHECK(view::find_colormap(name).is_diverging == is_diverging);
    }
  };
  add(model::kSignedColormaps, true);
  add(model::kWeightColormaps, true);
  add(model::kUnsignedColormaps, false);
  CHECK(names.size() == view::colormaps().size());
  CHECK(view::find_colormap("no such map").name == "red-blue");
}

TEST_CASE("published maps are met between their stops too") {
  struct Sample {
    std::string_view map;
    int index;
    Rgb colour;
  };
  const std::vector<Sample> samples = {
      {"viridis", 8, {71, 13, 96}},     {"viridis", 42, {68, 57, 131}},    {"viridis", 76, {53, 95, 141}},
      {"viridis", 110, {39, 128, 142}}, {"viridis", 127, {33, 144, 141}},  {"viridis", 144, {31, 160, 136}},
      {"viridis", 178, {66, 190, 113}}, {"viridis", 212, {142, 214, 69}},  {"viridis", 246, {231, 228, 25}},
      {"magma", 8, {3, 3, 18}},         {"magma", 42, {44, 17, 95}},       {"magma", 76, {100, 26, 128}},
      {"magma", 110, {153, 45, 128}},   {"magma", 127, {181, 54, 122}},    {"magma", 144, {208, 65, 111}},
      {"magma", 178, {246, 110, 92}},   {"magma", 212, {254, 174, 119}},   {"magma", 246, {252, 236, 174}},
      {"cividis", 60, {63, 76, 108}},   {"cividis", 128, {125, 124, 120}}, {"cividis", 195, {191, 176, 107}},
      {"cividis", 246, {247, 222, 62}},
  };
  for (const Sample& sample : samples) {
    CAPTURE(sample.map);
    CAPTURE(sample.index);
    const Rgb colour = view::find_colormap(sample.map).colours[static_cast<std::size_t>(sample.index)];
    CHECK(largest_difference(colour, sample.colour) <= 8);
  }
}

TEST_CASE("a diverging map has one neutral middle and arms of the same lightness") {
  int checked = 0;
  for (const Colormap& map : view::colormaps()) {
    if (!map.is_diverging) continue;
    ++checked;
    CAPTURE(map.name);
    CHECK(map.colours[127] == map.colours[128]);
    CHECK(map.colours[127].r == map.colours[127].g);
    CHECK(map.colours[127].g == map.colours[127].b);
    const double middle = lightness(map, 128);
    for (int i = 0; i < 128; ++i) {
      CAPTURE(i);
      const double negative = lightness(map, 127 - i) - middle;
      const double positive = lightness(map, 128 + i) - middle;
      if (is_signed_by_lightness(map)) {
        REQUIRE(std::fabs(positive + negative) < 3 * kByteNoise);
      } else {
        REQUIRE(std::fabs(positive - negative) < 2 * kByteNoise);
      }
    }
  }
  CHECK(checked == 5);
}

TEST_CASE("lightness is monotone along each arm for every kind of colour vision") {
  for (const Vision& vision : kVisions) {
    CAPTURE(vision.name);
    for (const Colormap& map : view::colormaps()) {
      CAPTURE(map.name);
      if (map.is_diverging && !is_signed_by_lightness(map)) {
        check_rising(vision, map, 127, 0);
        check_rising(vision, map, 128, 255);
      } else {
        check_rising(vision, map, 0, 255);
      }
    }
  }
}

TEST_CASE("the two signs stay apart for every kind of colour vision") {
  for (const Vision& vision : kVisions) {
    CAPTURE(vision.name);
    for (const Colormap& map : view::colormaps()) {
      CAPTURE(map.name);
      // Ends, and half-way out, where most values are: five and three times what is just noticeable (0.02).
      CHECK(distance(seen(vision, map.colours.front()), seen(vision, map.colours.back())) > 0.1);
      CHECK(distance(seen(vision, map.colours[64]), seen(vision, map.colours[191])) > 0.06);
      if (map.is_diverging) {
        CHECK(distance(seen(vision, map.colours[127]), seen(vision, map.colours.front())) > 0.3);
        CHECK(distance(seen(vision, map.colours[127]), seen(vision, map.colours.back())) > 0.3);
      }
    }
  }
}

TEST_CASE("sequential maps take even steps of lightness") {
  for (const Colormap& map : view::colormaps()) {
    if (map.is_diverging || map.name == "grey") continue;
    CAPTURE(map.name);
    const double first = lightness(map, 0);
    const double span = lightness(map, 255) - first;
    CHECK(span > 0.5);
    for (int i = 0; i < 256; ++i) {
      CAPTURE(i);
      REQUIRE(std::fabs((lightness(map, i) - first) / span - i / 255.0) < 0.1);
    }
  }
}

TEST_CASE("OKLab and back is the same colour") {
  CHECK(rc::check([] {
    const auto byte = [] { return static_cast<std::uint8_t>(*rc::gen::inRange(0, 256)); };
    const Rgb colour{byte(), byte(), byte()};
    RC_ASSERT(view::to_rgb(view::to_oklab(colour)) == colour);
  }));
}

TEST_CASE("colours that a screen cannot show keep their lightness") {
  const Rgb shown = view::to_rgb({0.6, 0.5, 0.1});
  CHECK(view::to_oklab(shown).lightness == doctest::Approx(0.6).epsilon(0.01));
}

TEST_CASE("display_range is symmetric for signed maps, holds zero for the others, and is never empty") {
  const Colormap& diverging = view::find_colormap("red-blue");
  const Colormap& sequential = view::find_colormap("viridis");
  CHECK(view::display_range(diverging, -1, 3) == ValueRange{-3, 3});
  CHECK(view::display_range(diverging, 0, 0) == ValueRange{-1, 1});
  CHECK(view::display_range(sequential, 2, 5) == ValueRange{0, 5});
  CHECK(view::display_range(sequential, -5, -2) == ValueRange{-5, 0});
  CHECK(view::display_range(sequential, -2, 5) == ValueRange{-2, 5});
  CHECK(view::display_range(sequential, 0, 0) == ValueRange{0, 1});
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(view::display_range(diverging, nan, nan) == ValueRange{-1, 1});
  CHECK(view::display_range(sequential, nan, 1) == ValueRange{0, 1});
}

TEST_CASE("zero has the neutral colour in a symmetric range, whatever its width") {
  for (const float reach : {1e-25f, 1e-3f, 1.0f, 7.3f, 1e20f, std::numeric_limits<float>::max()}) {
    CAPTURE(reach);
    CHECK(view::colour_index({-reach, reach}, 0.0f) == 128);
    CHECK(view::colour_index({-reach, reach}, reach) == 255);
    CHECK(view::colour_index({-reach, reach}, -reach) == 0);
  }
}

TEST_CASE("values beyond the range get the ends, NaN gets its own colour") {
  const Colormap& map = view::find_colormap("viridis");
  const float inf = std::numeric_limits<float>::infinity();
  CHECK(view::colour_index({0, 1}, -0.5f) == 0);
  CHECK(view::colour_index({0, 1}, 1.5f) == 255);
  CHECK(view::colour_index({0, 1}, inf) == 255);
  CHECK(view::colour_index({0, 1}, -inf) == 0);
  CHECK(view::colour_of(map, {0, 1}, std::numeric_limits<float>::quiet_NaN()) == view::kNotFinite);
}

TEST_CASE("colour_index never falls while values rise") {
  CHECK(rc::check([] {
    const auto number = [] {
      return std::ldexp(static_cast<float>(*rc::gen::inRange(-1000, 1001)) / 1000.0f, *rc::gen::inRange(-60, 60));
    };
    float lo = number();
    float hi = number();
    RC_PRE(lo != hi);
    if (lo > hi) std::swap(lo, hi);
    float a = number();
    float b = number();
    if (a > b) std::swap(a, b);
    const int first = view::colour_index({lo, hi}, a);
    const int second = view::colour_index({lo, hi}, b);
    RC_ASSERT(0 <= first && first <= second && second <= 255);
  }));
}
