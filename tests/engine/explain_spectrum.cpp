// Spectra against the definition of the Fourier transform and against the kernels; filters in words on the named ones.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include "engine/explain/cost.h"
#include "engine/explain/portrait.h"
#include "engine/explain/spectrum.h"
#include "engine/filters/presets.h"
#include "tests/engine/conv_oracle.h"

namespace convlens::test {
namespace {

using explain::ComplexGrid;

ComplexGrid random_grid(Random& random, std::int64_t rows, std::int64_t cols) {
  ComplexGrid grid(rows, cols);
  for (auto& value : grid.values) {
    value = {static_cast<double>(random.uniform(-1, 1)), static_cast<double>(random.uniform(-1, 1))};
  }
  return grid;
}

double largest_difference(const ComplexGrid& a, const ComplexGrid& b) {
  REQUIRE(a.values.size() == b.values.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) largest = std::max(largest, std::abs(a.values[i] - b.values[i]));
  return largest;
}

Tensor preset(const char* name, int size = 3) {
  filters::PresetArgs args;
  args.rows = args.cols = size;
  const auto values = filters::make_preset(name, args);
  REQUIRE(values);
  Tensor weights({1, 1, size, size});
  std::ranges::copy(*values, weights.data());
  return weights;
}

Tensor weights_of(std::int64_t rows, std::int64_t cols, std::initializer_list<float> values) {
  Tensor weights({1, 1, rows, cols});
  REQUIRE(std::ssize(values) == rows * cols);
  std::ranges::copy(values, weights.data());
  return weights;
}

std::vector<std::string> words_of(const Tensor& weights) {
  return explain::in_words(explain::portrait_of(weights.view(), 0, 0), weights.shape().h, weights.shape().w);
}

bool says(const std::vector<std::string>& words, const std::string& text) {
  return std::ranges::any_of(words, [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

TEST_CASE("the transform is the sum that defines it, for every size, and its inverse brings the grid back") {
  Random random(3);
  for (std::int64_t rows = 1; rows <= 13; ++rows) {
    for (const std::int64_t cols : {1, 2, 3, 8, 11, 12}) {
      const ComplexGrid grid = random_grid(random, rows, cols);
      ComplexGrid expected(rows, cols);
      for (std::int64_t u = 0; u < rows; ++u) {
        for (std::int64_t v = 0; v < cols; ++v) {
          for (std::int64_t y = 0; y < rows; ++y) {
            for (std::int64_t x = 0; x < cols; ++x) {
              const double turns = static_cast<double>(u * y) / static_cast<double>(rows) +
                                   static_cast<double>(v * x) / static_cast<double>(cols);
              expected.at(u, v) += grid.at(y, x) * std::polar(1.0, -2 * std::numbers::pi * turns);
            }
          }
        }
      }
      ComplexGrid found = grid;
      transform(found);
      CHECK(largest_difference(found, expected) < 1e-11);
      inverse_transform(found);
      CHECK(largest_difference(found, grid) < 1e-13);
    }
  }
  const ComplexGrid large = random_grid(random, 127, 360);
  ComplexGrid there_and_back = large;
  transform(there_and_back);
  CHECK(largest_difference(there_and_back, large) > 1);
  inverse_transform(there_and_back);
  CHECK(largest_difference(there_and_back, large) < 1e-12);
}

TEST_CASE("on circular borders a map's spectrum is the product of spectra, for every parameter") {
  Random random(17);
  const Parallel parallel(1);
  conv::Workspace workspace;
  int tried = 0, flips = 0, dilated = 0, grouped = 0;
  while (tried < 2000) {
    Case c = random_case(random, 3000);
    c.params.border = conv::Border::kCircular;
    c.params.stride_y = c.params.stride_x = 1;
    c.params.activation = conv::Activation::kNone;
    const auto geometry = conv::resolve(c.params, c.input, c.weights);
    if (!geometry || geometry->multiply_adds() > 30000) continue;
    INFO(describe(c));
    const Data data = make_data(c);
    Tensor maps(geometry->output_shape());
    REQUIRE(conv::forward(*geometry, data.input.view(), data.weights.view(), {}, maps.view(), {"reference", "auto"},
                          workspace, parallel));
    const std::int64_t n = geometry->n - 1, k = geometry->k - 1;
    const auto map = explain::map_by_product_rule(*geometry, data.input.view(), data.weights.view(), n, k);
    REQUIRE(map);
    const double scale = static_cast<double>(geometry->channels_per_group() * geometry->r * geometry->s);
    double worst = 0;
    for (std::int64_t i = 0; i < geometry->p * geometry->q; ++i) {
      worst = std::max(worst,
                       std::abs(static_cast<double>(map->data()[i]) - static_cast<double>(maps.view().plane(n, k)[i])));
    }
    CHECK(worst <= 1e-6 * std::max(1.0, scale));
    ++tried;
    flips += c.params.flip, dilated += c.params.dilation_x > 1, grouped += c.params.groups > 1;
  }
  CHECK(std::min({flips, dilated, grouped}) > 150);
}

TEST_CASE("the product rule is refused where it does not hold") {
  const Tensor input({1, 1, 8, 8});
  const Tensor weights = preset("box");
  conv::Params params;
  const auto zero_border = conv::resolve(params, input.shape(), weights.shape());
  REQUIRE(zero_border);
  const auto refused = explain::map_by_product_rule(*zero_border, input.view(), weights.view(), 0, 0);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("circular") != std::string::npos);
  params.border = conv::Border::kCircular;
  params.stride_x = 2;
  const auto strided = conv::resolve(params, input.shape(), weights.shape());
  REQUIRE(strided);
  CHECK_FALSE(explain::map_by_product_rule(*strided, input.view(), weights.view(), 0, 0));
}

TEST_CASE("the response of a filter: the sum in the middle, by hand at the edges") {
  const Tensor sobel = weights_of(3, 3, {-1, 0, 1, -2, 0, 2, -1, 0, 1});
  const Tensor response = explain::magnitude_response(sobel.view(), 0, 0, 8, 8);
  CHECK(response.at(0, 0, 4, 4) == doctest::Approx(0).scale(1));
  // |2i sin(2 pi fx)| * |2 + 2 cos(2 pi fy)| with fx = 1/4, fy = 0 and 1/8.
  CHECK(response.at(0, 0, 4, 6) == doctest::Approx(8));
  CHECK(response.at(0, 0, 4, 2) == doctest::Approx(8));
  CHECK(response.at(0, 0, 5, 6) == doctest::Approx(2 * (2 + std::numbers::sqrt2)));
  const Tensor box = explain::magnitude_response(preset("box").view(), 0, 0, 9, 9);
  CHECK(box.at(0, 0, 4, 4) == doctest::Approx(1));
  CHECK(box.at(0, 0, 4, 7) == doctest::Approx(0).scale(1));
}

TEST_CASE("decibels count from the largest magnitude down to the floor") {
  Tensor plane({1, 1, 4, 4});
  for (float& value : plane.values()) value = 1;
  plane.at(0, 0, 0, 0) = 2;
  const Tensor picture = explain::decibel_picture(explain::spectrum_of(plane.view(), 0, 0), -60);
  CHECK(picture.at(0, 0, 2, 2) == 0);
  CHECK(picture.at(0, 0, 0, 0) == doctest::Approx(20 * std::log10(1.0 / 17)));
  const Tensor nothing({1, 1, 4, 4});
  const Tensor dark = explain::decibel_picture(explain::spectrum_of(nothing.view(), 0, 0), -60);
  CHECK(std::ranges::all_of(dark.values(), [](float value) { return value == -60; }));
}

TEST_CASE("a stride folds the spectrum: the fold is the transform of the sampled plane") {
  Random random(23);
  for (const auto& [sy, sx] : {std::pair{1, 2}, {2, 1}, {2, 3}, {3, 2}, {4, 4}}) {
    Tensor plane({1, 1, 12, 24});
    for (float& value : plane.values()) value = random.uniform(-1, 1);
    Tensor sampled({1, 1, 12 / sy, 24 / sx});
    for (std::int64_t y = 0; y < sampled.shape().h; ++y) {
      for (std::int64_t x = 0; x < sampled.shape().w; ++x) sampled.at(0, 0, y, x) = plane.at(0, 0, y * sy, x * sx);
    }
    const ComplexGrid folded = explain::fold(explain::spectrum_of(plane.view(), 0, 0), sy, sx);
    CHECK(largest_difference(folded, explain::spectrum_of(sampled.view(), 0, 0)) < 1e-12);
  }
}

TEST_CASE("waves beyond the Nyquist box appear folded") {
  CHECK(explain::nyquist_box(2, 4).rows == 0.25);
  CHECK(explain::nyquist_box(2, 4).cols == 0.125);
  CHECK(explain::alias_of(0.125, 2) == 0.125);
  CHECK(explain::alias_of(0.375, 2) == doctest::Approx(-0.125));
  CHECK(explain::alias_of(-0.375, 2) == doctest::Approx(0.125));
  CHECK(explain::alias_of(0.5, 2) == doctest::Approx(0));
  // The sampled wave is the wave of the alias.
  for (int i = -32; i < 32; ++i) {
    const double f = i / 64.0;
    for (const int stride : {1, 2, 3, 5}) {
      const double alias = explain::alias_of(f, stride);
      CHECK(std::abs(alias) <= 0.5 / stride + 1e-12);
      for (int x = 0; x < 40; x += stride) {
        CHECK(std::cos(2 * std::numbers::pi * f * x) == doctest::Approx(std::cos(2 * std::numbers::pi * alias * x)));
      }
    }
  }
  Tensor wave({1, 1, 16, 16});
  for (std::int64_t y = 0; y < 16; ++y) {
    for (std::int64_t x = 0; x < 16; ++x) {
      wave.at(0, 0, y, x) = 5 + static_cast<float>(std::cos(2 * std::numbers::pi * 6 * static_cast<double>(x) / 16) +
                                                   std::cos(2 * std::numbers::pi * 2 * static_cast<double>(y) / 16));
    }
  }
  const ComplexGrid spectrum = explain::spectrum_of(wave.view(), 0, 0);
  CHECK(explain::folded_share(spectrum, explain::nyquist_box(2, 2)) == doctest::Approx(0.5));
  CHECK(explain::folded_share(spectrum, explain::nyquist_box(1, 1)) == doctest::Approx(0).scale(1));
  CHECK(explain::folded_share(spectrum, explain::nyquist_box(4, 4)) == doctest::Approx(1));
}

TEST_CASE("the impulse response is the filter, turned in a correlation") {
  const Tensor weights = weights_of(2, 3, {1, 2, 3, 4, 5, 6});
  conv::Params params;
  params.flip = true;
  const auto convolved = explain::impulse_response(params, weights.view(), 0, 0);
  REQUIRE(convolved);
  CHECK(convolved->shape() == Shape{1, 1, 3, 5});
  for (std::int64_t r = 0; r < 2; ++r) {
    for (std::int64_t s = 0; s < 3; ++s) CHECK(convolved->at(0, 0, r, s + 1) == weights.at(0, 0, r, s));
  }
  params.flip = false;
  const auto correlated = explain::impulse_response(params, weights.view(), 0, 0);
  REQUIRE(correlated);
  for (std::int64_t r = 0; r < 2; ++r) {
    for (std::int64_t s = 0; s < 3; ++s) CHECK(correlated->at(0, 0, r, s + 1) == weights.at(0, 0, 1 - r, 2 - s));
  }
}

TEST_CASE("filters in words") {
  CHECK(words_of(preset("sobel-x")) ==
        std::vector<std::string>{"100 % Sobel x", "sums to 0: blind to flat areas",
                                 "band-pass: answers to changes of one width",
                                 "rank 1: two 1-D passes would do, 3 + 3 = 6 products in place of 9",
                                 "antisymmetric from left to right, symmetric from top to bottom"});
  CHECK(words_of(Tensor({1, 1, 3, 3})) ==
        std::vector<std::string>{"dead: every weight is 0, its map is the bias alone"});
  CHECK(words_of(weights_of(1, 1, {std::numeric_limits<float>::quiet_NaN()}))[0].find("NaN") != std::string::npos);

  const Tensor negated = weights_of(3, 3, {1, 0, -1, 2, 0, -2, 1, 0, -1});
  CHECK(words_of(negated)[0] == "100 % Sobel x, negated");
  const Tensor diagonal = weights_of(3, 3, {0, 1, 2, -1, 0, 1, -2, -1, 0});
  CHECK(words_of(diagonal)[0] == "100 % Sobel x, turned by 45°");
  Tensor noisy = preset("sobel-y");
  noisy.at(0, 0, 1, 1) += 0.1f;
  const auto noisy_words = words_of(noisy);
  CHECK(noisy_words[0].find(" % Sobel y") != std::string::npos);
  CHECK(noisy_words[0] != "100 % Sobel y");
  CHECK(says(noisy_words, "rank 2: two pairs of 1-D passes would do, 2 × (3 + 3) = 12 products in place of 9"));

  CHECK(says(words_of(preset("identity")), "all-pass"));
  CHECK(says(words_of(preset("identity")), "sums to 1: keeps flat areas"));
  for (const char* name : {"box", "gaussian"}) {
    for (const int size : {3, 5, 7, 9}) CHECK(says(words_of(preset(name, size)), "low-pass"));
  }
  for (const char* name : {"laplacian-4", "laplacian-8", "outline"}) CHECK(says(words_of(preset(name)), "high-pass"));
  for (const char* name : {"sharpen", "unsharp"}) CHECK(says(words_of(preset(name, 5)), "high-boost"));
  for (const char* name : {"log", "dog"}) CHECK(says(words_of(preset(name, 9)), "band-pass"));
  CHECK(says(words_of(preset("gaussian", 5)), "rank 1: two 1-D passes would do, 5 + 5 = 10 products in place of 25"));
  CHECK(says(words_of(preset("laplacian-8")), "the same after a quarter turn"));
  Random random(8);
  Tensor noise({1, 1, 5, 5});
  for (float& value : noise.values()) value = random.normal();
  const auto noise_words = words_of(noise);
  CHECK(says(noise_words, "rank 5: the nearest rank-1 filter is off by "));
  CHECK_FALSE(says(noise_words, "symmetric"));
}

TEST_CASE("every named filter is most like itself") {
  int checked = 0;
  for (const filters::Preset& named : filters::presets()) {
    if (named.colour || named.name == "random") continue;
    const Tensor weights = preset(std::string(named.name).c_str(), named.default_size);
    const explain::Portrait portrait = explain::portrait_of(weights.view(), 0, 0);
    INFO(named.name);
    REQUIRE(portrait.similar);
    CHECK(portrait.similar->cosine == doctest::Approx(1));
    CHECK(portrait.similar->eighths == 0);
    CHECK_FALSE(portrait.similar->is_negated);
    ++checked;
  }
  CHECK(checked > 15);
}

TEST_CASE("a filter that mixes channels gives one factor for each") {
  Tensor weights({2, 3, 1, 2});
  std::ranges::copy(std::vector<float>{0.25f, 0.5f, -0.5f, -1, 0, 0, 1, 2, 2, 1, 1, 1}, weights.data());
  CHECK(explain::channel_mix(weights.view(), 0) == std::vector<double>{-0.5, 1, 0});
  CHECK(explain::channel_mix(weights.view(), 1).empty());
}

TEST_CASE("costs are products of sizes, written out") {
  conv::Params params;
  const auto geometry = conv::resolve(params, {1, 3, 480, 640}, {8, 3, 3, 3});
  REQUIRE(geometry);
  const explain::Cost cost = explain::cost_of(*geometry);
  CHECK(cost.parameters.value == 224);
  CHECK(cost.parameters.arithmetic == "8 × 3 × 3 × 3 + 8 = 224");
  CHECK(cost.multiply_adds.value == 66355200);
  CHECK(cost.per_output.arithmetic == "3 × 3 × 3 = 27");
  CHECK(cost.bytes.arithmetic == "4 × (921 600 in + 224 parameters + 2 457 600 out) = 13 517 696");
  CHECK(cost.intensity.value == doctest::Approx(2 * 66355200.0 / 13517696));
  CHECK(cost.dense_parameters.arithmetic == "(3 × 480 × 640) × (8 × 480 × 640) + 8 × 480 × 640 = 2 264 926 617 600");
  CHECK(cost.sharing.value == doctest::Approx(2264926617600.0 / 224));
  CHECK(explain::lines_of(cost).size() == 8);

  params.groups = 4;
  const auto depthwise = conv::resolve(params, {2, 4, 6, 5}, {4, 1, 3, 3});
  REQUIRE(depthwise);
  CHECK(explain::cost_of(*depthwise).per_output.value == 9);
  CHECK(explain::cost_of(*depthwise).dense_multiply_adds.value == 2.0 * (4 * 30) * (4 * 30));
}

TEST_CASE("kernels are listed with one choice among them, and run when measured") {
  conv::Params params;
  const auto geometry = conv::resolve(params, {1, 2, 20, 20}, {3, 2, 3, 3});
  REQUIRE(geometry);
  Random random(1);
  Tensor input(geometry->input_shape()), weights(geometry->weights_shape());
  for (float& value : input.values()) value = random.uniform(-1, 1);
  for (float& value : weights.values()) value = random.uniform(-1, 1);
  const auto expected = explain::kernel_times(*geometry, weights.view());
  CHECK(expected.size() == conv::kernels().size());
  CHECK(std::ranges::count_if(expected, [](const auto& time) { return time.is_choice; }) == 1);
  const auto measured = explain::measure_kernels(*geometry, input.view(), weights.view(), {}, Parallel(1), 2, 1e9);
  REQUIRE(measured);
  int ran = 0;
  for (const explain::KernelTime& time : *measured) {
    CHECK((time.measured_ms > 0) == time.refusal.empty());
    ran += time.measured_ms > 0;
  }
  CHECK(ran >= 2);
}

}  // namespace
}  // namespace convlens::test
