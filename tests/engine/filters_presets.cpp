// Named filters: textbook values, sums, symmetries, answers to known signals, and refusals with a reason.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "engine/filters/presets.h"

namespace convlens::filters {
namespace {

using Weights = std::vector<float>;

PresetArgs square(int size, int channels = 1) {
  PresetArgs args;
  args.rows = args.cols = size;
  args.channels = channels;
  return args;
}

Weights make(std::string_view name, const PresetArgs& args) {
  const Result<Weights> weights = make_preset(name, args);
  REQUIRE_MESSAGE(weights.ok(), std::string(name), ": ", weights ? "" : weights.error().message);
  return *weights;
}

std::string refusal(std::string_view name, const PresetArgs& args) {
  const Result<Weights> weights = make_preset(name, args);
  return weights ? "no error" : weights.error().message;
}

double sum(const Weights& weights) {
  double total = 0;
  for (const float weight : weights) total += weight;
  return total;
}

double magnitude(const Weights& weights) {
  double total = 0;
  for (const float weight : weights) total += std::abs(weight);
  return total;
}

// Correlation of one plane of weights with value(y, x), y and x counted down and right from the centre.
template <class Value>
double answer(const Weights& plane, int rows, int cols, Value value) {
  double total = 0;
  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < cols; ++x) {
      total += static_cast<double>(plane[static_cast<std::size_t>(y * cols + x)]) *
               value(y - (rows - 1) / 2.0, x - (cols - 1) / 2.0);
    }
  }
  return total;
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_CASE("the table is complete and well-formed") {
  const std::set<std::string_view> families = {"Basic", "Blur", "Sharpen", "Edge", "Texture", "Colour"};
  std::set<std::string_view> names;
  for (const Preset& preset : presets()) {
    CAPTURE(preset.name);
    CHECK(names.insert(preset.name).second);
    CHECK(std::ranges::all_of(preset.name,
                              [](char c) { return (c >= 'a' && c <= 'z') || c == '-' || (c >= '0' && c <= '9'); }));
    CHECK(!preset.label.empty());
    CHECK(preset.shows.size() > 20);
    CHECK(preset.shows.size() < 100);
    CHECK(families.contains(preset.family));
    CHECK(preset.colour == (preset.family == "Colour"));
    CHECK(find_preset(preset.name) == &preset);
    const Weights weights = make(preset.name, square(preset.default_size, 3));
    CHECK(weights.size() == static_cast<std::size_t>(3 * preset.default_size * preset.default_size));
    CHECK(magnitude(weights) > 0.1);
  }
  for (const std::string_view wanted : {"identity",
                                        "shift",
                                        "box",
                                        "gaussian",
                                        "motion-blur",
                                        "sharpen",
                                        "unsharp",
                                        "sobel-x",
                                        "sobel-y",
                                        "prewitt-x",
                                        "prewitt-y",
                                        "scharr-x",
                                        "scharr-y",
                                        "roberts-diagonal",
                                        "roberts-antidiagonal",
                                        "laplacian-4",
                                        "laplacian-8",
                                        "log",
                                        "dog",
                                        "emboss",
                                        "outline",
                                        "gabor",
                                        "checker",
                                        "random",
                                        "red-green",
                                        "blue-yellow"}) {
    CAPTURE(wanted);
    CHECK(names.contains(wanted));
  }
  CHECK(find_preset("sobel") == nullptr);
}

TEST_CASE("3 x 3 filters are those of the textbooks") {
  CHECK(make("identity", square(3)) == Weights{0, 0, 0, 0, 1, 0, 0, 0, 0});
  CHECK(make("sobel-x", square(3)) == Weights{-1, 0, 1, -2, 0, 2, -1, 0, 1});
  CHECK(make("sobel-y", square(3)) == Weights{-1, -2, -1, 0, 0, 0, 1, 2, 1});
  CHECK(make("prewitt-x", square(3)) == Weights{-1, 0, 1, -1, 0, 1, -1, 0, 1});
  CHECK(make("prewitt-y", square(3)) == Weights{-1, -1, -1, 0, 0, 0, 1, 1, 1});
  CHECK(make("scharr-x", square(3)) == Weights{-3, 0, 3, -10, 0, 10, -3, 0, 3});
  CHECK(make("scharr-y", square(3)) == Weights{-3, -10, -3, 0, 0, 0, 3, 10, 3});
  CHECK(make("laplacian-4", square(3)) == Weights{0, 1, 0, 1, -4, 1, 0, 1, 0});
  CHECK(make("laplacian-8", square(3)) == Weights{1, 1, 1, 1, -8, 1, 1, 1, 1});
  CHECK(make("outline", square(3)) == Weights{-1, -1, -1, -1, 8, -1, -1, -1, -1});
  CHECK(make("sharpen", square(3)) == Weights{0, -1, 0, -1, 5, -1, 0, -1, 0});
  CHECK(make("emboss", square(3)) == Weights{-2, -1, 0, -1, 1, 1, 0, 1, 2});
  CHECK(make("roberts-diagonal", square(2)) == Weights{1, 0, 0, -1});
  CHECK(make("roberts-antidiagonal", square(2)) == Weights{0, 1, -1, 0});
  const Weights gaussian = make("gaussian", square(3));
  CHECK(gaussian == Weights{1 / 16.f, 2 / 16.f, 1 / 16.f, 2 / 16.f, 4 / 16.f, 2 / 16.f, 1 / 16.f, 2 / 16.f, 1 / 16.f});
}

TEST_CASE("5 x 5 filters are those of the textbooks") {
  const Weights gaussian = make("gaussian", square(5));
  CHECK(gaussian[0] == 1 / 256.f);
  CHECK(gaussian[2] == 6 / 256.f);
  CHECK(gaussian[12] == 36 / 256.f);
  const Weights unsharp = make("unsharp", square(5));
  CHECK(unsharp[12] == 476 / 256.f);
  CHECK(unsharp[7] == -24 / 256.f);
  // [-1 -2 0 2 1] across and [1 4 6 4 1] down, divided by 16 to answer a ramp like the 3 x 3 filter.
  const Weights sobel = make("sobel-x", square(5));
  CHECK(Weights(sobel.begin() + 10, sobel.begin() + 15) == Weights{-6 / 16.f, -12 / 16.f, 0, 12 / 16.f, 6 / 16.f});
}

TEST_CASE("weights sum to 1 in blurs and sharpeners and to 0 in edge and texture filters, at every size") {
  int made = 0;
  for (const Preset& preset : presets()) {
    if (preset.colour || preset.name == "random") continue;
    const bool sums_to_one = preset.family != "Edge" && preset.family != "Texture";
    const double expected = sums_to_one || preset.name == "emboss" ? 1 : 0;
    for (int rows = 1; rows <= 31; ++rows) {
      for (const int cols : {1, 2, 3, 7, 8, 31}) {
        for (const int channels : {1, 3}) {
          PresetArgs args;
          args.rows = rows;
          args.cols = cols;
          args.channels = channels;
          args.orientation_degrees = static_cast<float>(17 * rows);
          const Result<Weights> weights = make_preset(preset.name, args);
          if (!weights) continue;
          ++made;
          CAPTURE(preset.name);
          CAPTURE(rows);
          CAPTURE(cols);
          CHECK(std::ranges::all_of(*weights, [](float w) { return std::isfinite(w); }));
          CHECK(std::abs(sum(*weights) - expected) <= 2e-6 * std::max(1.0, magnitude(*weights)));
          CHECK(magnitude(*weights) > 0.05);
        }
      }
    }
  }
  CHECK(made > 5000);
}

TEST_CASE("first derivatives answer a ramp alike at every size") {
  const auto across = [](double, double x) { return x; };
  const auto down = [](double y, double) { return y; };
  const struct {
    std::string_view x, y;
    double slope;
  } pairs[] = {{"sobel-x", "sobel-y", 8}, {"prewitt-x", "prewitt-y", 6}, {"scharr-x", "scharr-y", 32}};
  for (const auto& pair : pairs) {
    for (const int size : {2, 3, 4, 5, 7, 9, 15, 31, 255}) {
      CAPTURE(pair.x);
      CAPTURE(size);
      const Weights x = make(pair.x, square(size)), y = make(pair.y, square(size));
      CHECK(answer(x, size, size, across) == doctest::Approx(pair.slope).epsilon(1e-5));
      CHECK(std::abs(answer(x, size, size, down)) < 1e-3);
      CHECK(answer(y, size, size, down) == doctest::Approx(pair.slope).epsilon(1e-5));
      for (int i = 0; i < size; ++i) {
        for (int j = 0; j < size; ++j) {
          CHECK(x[static_cast<std::size_t>(i * size + j)] == y[static_cast<std::size_t>(j * size + i)]);
        }
      }
    }
  }
}

TEST_CASE("second derivatives ignore a ramp and answer a bowl") {
  for (const std::string_view name : {"laplacian-4", "laplacian-8", "log"}) {
    for (const int size : {3, 5, 9, 15}) {
      CAPTURE(name);
      CAPTURE(size);
      const Weights plane = make(name, square(size));
      CHECK(std::abs(answer(plane, size, size, [](double y, double x) { return 3 * x - 2 * y + 5; })) < 1e-3);
      CHECK(answer(plane, size, size, [](double y, double x) { return x * x + y * y; }) > 0.5);
      CHECK(plane[static_cast<std::size_t>(size * size / 2)] < 0);
    }
  }
  const Weights dog = make("dog", square(9));
  CHECK(dog[40] > 0);
  CHECK(dog[36] < 0);
}

TEST_CASE("shift moves the picture where it is told") {
  PresetArgs args = square(5);
  CHECK(make("shift", args)[2 * 5 + 0] == 1);  // to the right: the output reads from the left
  args.orientation_degrees = 90;
  CHECK(make("shift", args)[4 * 5 + 2] == 1);  // up: reads from below
  args.orientation_degrees = 180;
  CHECK(make("shift", args)[2 * 5 + 4] == 1);
  args.orientation_degrees = -90;
  CHECK(make("shift", args)[0 * 5 + 2] == 1);
  args.rows = 1;  // no room upwards: the only axis there is
  CHECK(make("shift", args)[0] == 1);
}

TEST_CASE("motion blur runs along its direction") {
  PresetArgs args = square(3);
  const float third = 1 / 3.f;
  CHECK(make("motion-blur", args) == Weights{0, 0, 0, third, third, third, 0, 0, 0});
  args.orientation_degrees = 90;
  CHECK(make("motion-blur", args) == Weights{0, third, 0, 0, third, 0, 0, third, 0});
  args.orientation_degrees = 45;
  const Weights rising = make("motion-blur", args);
  CHECK(rising[2] > 3 * rising[1]);
  CHECK(rising[6] == doctest::Approx(rising[2]));
  CHECK(rising[0] == 0);
}

TEST_CASE("a Gabor filter prefers its own direction and wavelength") {
  for (const float degrees : {0.0f, 30.0f, 90.0f, 135.0f}) {
    PresetArgs args = square(15);
    args.orientation_degrees = degrees;
    args.wavelength = 5;
    const Weights gabor = make("gabor", args);
    const auto stripes = [&](double direction, double wavelength) {
      const double angle = direction * 3.14159265358979 / 180;
      return answer(gabor, 15, 15, [&](double y, double x) {
        return std::cos(6.28318530717959 * (x * std::cos(angle) - y * std::sin(angle)) / wavelength);
      });
    };
    CAPTURE(degrees);
    const double own = stripes(degrees, 5);
    CHECK(own > 0.9);
    CHECK(std::abs(stripes(degrees + 90, 5)) < 0.1 * own);
    CHECK(std::abs(stripes(degrees, 20)) < 0.3 * own);
    args.phase_degrees = 180;
    const Weights opposite = make("gabor", args);
    for (std::size_t i = 0; i < gabor.size(); ++i) CHECK(opposite[i] == doctest::Approx(-gabor[i]).epsilon(1e-4));
  }
  PresetArgs silent = square(9);  // a sine of wavelength 2 is sampled at its zeros
  silent.wavelength = 2;
  silent.phase_degrees = 90;
  CHECK(magnitude(make("gabor", silent)) < 1e-6);
}

TEST_CASE("a grey filter sees the mean of the channels") {
  const Weights one = make("sobel-x", square(3));
  const Weights three = make("sobel-x", square(3, 3));
  for (std::size_t i = 0; i < three.size(); ++i) CHECK(three[i] == doctest::Approx(one[i % 9] / 3));
}

TEST_CASE("opponent colours are blind to grey") {
  for (const std::string_view name :
       {"red-green", "blue-yellow", "warm-cool", "excess-green", "double-opponent", "red-green-edge"}) {
    for (const int size : {3, 5, 7}) {
      CAPTURE(name);
      const Weights weights = make(name, square(size, 3));
      const std::size_t cells = weights.size() / 3;
      for (std::size_t i = 0; i < cells; ++i) {
        CHECK(std::abs(weights[i] + weights[cells + i] + weights[2 * cells + i]) < 1e-6f);
      }
    }
  }
  const Weights red_green = make("red-green", square(1, 3));
  CHECK(red_green == Weights{1, -1, 0});
  CHECK(make("blue-yellow", square(1, 3)) == Weights{-0.5f, -0.5f, 1});
  CHECK(sum(make("luminance", square(3, 3))) == doctest::Approx(1));
}

TEST_CASE("random weights depend on the seed alone") {
  PresetArgs args = square(5, 3);
  const Weights first = make("random", args);
  CHECK(make("random", args) == first);
  args.seed = 2;
  CHECK(make("random", args) != first);
  CHECK(std::abs(sum(first)) < 4);
}

TEST_CASE("what cannot be made is refused with a reason") {
  CHECK(contains(refusal("sobel", square(3)), "did you mean sobel-x, sobel-y?"));
  CHECK(contains(refusal("gausian", square(3)), "did you mean gaussian?"));
  CHECK(contains(refusal("nothing-like-it", square(3)), "the names are: identity, shift"));
  CHECK(contains(refusal("", square(3)), "the names are"));
  CHECK(contains(refusal("sharpen", square(4)), "odd sides"));
  CHECK(contains(refusal("sharpen", square(1)), "odd sides"));
  CHECK(contains(refusal("log", square(2)), "at least 3"));
  CHECK(contains(refusal("sobel-x", square(1)), "across columns"));
  CHECK(contains(refusal("sobel-y", square(1)), "across rows"));
  CHECK(contains(refusal("roberts-diagonal", square(3)), "2 x 2 only"));
  CHECK(contains(refusal("box", square(0)), "1 to 255"));
  CHECK(contains(refusal("box", square(256)), "1 to 255"));
  CHECK(contains(refusal("box", square(3, 0)), "0 channels"));
  CHECK(contains(refusal("red-green", square(3, 1)), "red, green and blue"));
  CHECK(contains(refusal("red-green", square(3, 4)), "4 channels"));
  PresetArgs args = square(9);
  args.wavelength = 1.5f;
  CHECK(contains(refusal("gabor", args), "at least 2 pixels"));
  args.wavelength = std::numeric_limits<float>::quiet_NaN();
  CHECK(contains(refusal("gabor", args), "wavelength"));
  args = square(9);
  args.orientation_degrees = std::numeric_limits<float>::infinity();
  CHECK(contains(refusal("gabor", args), "finite"));
}

}  // namespace
}  // namespace convlens::filters
