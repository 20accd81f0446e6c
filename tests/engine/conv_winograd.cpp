// The winograd kernel on every instruction set: ragged deep layers, pictures in which tiles hold strong and empty
// regions, numbers that are not numbers, and the weights it must refuse.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "tests/engine/conv_checks.h"

namespace convlens::test {
namespace {

using conv::Activation;
using conv::Border;
using conv::PaddingMode;

// What pictures of deep layers look like, and what is hard on transforms.
enum class Fill {
  kUniform,
  kHalfZero,
  kMostlyZero,
  kZeroBlocks,
  kZeroHalfPlane,
  kRelu,
  kBrightPixel,
  kBrightColumn,
  kOneChannel,
  kSmooth,
  kConstant,
  kWideRange,
  kEmpty,
};
constexpr int kFills = 13;

void fill_input(Fill fill, Random& random, const View& input) {
  const auto below = [&](std::int64_t count) {
    return static_cast<std::int64_t>(random.below(static_cast<std::uint32_t>(count)));
  };
  const Shape& shape = input.shape;
  const std::int64_t y0 = below(shape.h), x0 = below(shape.w), c0 = below(shape.c);
  const float slope_y = random.uniform(-0.1f, 0.1f), slope_x = random.uniform(-0.1f, 0.1f);
  for (std::int64_t n = 0; n < shape.n; ++n) {
    for (std::int64_t c = 0; c < shape.c; ++c) {
      const float level = random.uniform(0, 1);
      for (std::int64_t y = 0; y < shape.h; ++y) {
        for (std::int64_t x = 0; x < shape.w; ++x) {
          float& value = input.at(n, c, y, x);
          const float u = random.uniform(-1, 1);
          switch (fill) {
            case Fill::kUniform:
              value = u;
              break;
            case Fill::kHalfZero:
              value = below(2) ? u : 0;
              break;
            case Fill::kMostlyZero:
              value = below(10) == 0 ? u : 0;
              break;
            case Fill::kZeroBlocks:
              value = (x / 3 + y / 5) % 3 ? 0 : u;
              break;
            case Fill::kZeroHalfPlane:
              value = x + y < x0 + y0 ? 0 : u;
              break;
            case Fill::kRelu:
              value = std::max(0.0f, u + random.uniform(-1, 1) + 0.5f * (level - 0.5f));
              break;
            case Fill::kBrightPixel:
              value = y == y0 && x == x0 && c == c0 ? 1000.0f : 1e-3f * u;
              break;
            case Fill::kBrightColumn:
              value = y == y0 && x == x0 ? u : 0;
              break;
            case Fill::kOneChannel:
              value = c == c0 ? u : 0;
              break;
            case Fill::kSmooth:
              value = level + slope_y * static_cast<float>(y) + slope_x * static_cast<float>(x) + 0.01f * u;
              break;
            case Fill::kConstant:
              value = 0.1f;
              break;
            case Fill::kWideRange:
              value = u * std::exp2(static_cast<float>(below(40)) - 20);
              break;
            case Fill::kEmpty:
              value = 0;
              break;
          }
        }
      }
    }
  }
}

// A case that winograd takes: 3 x 3, stride 1, at least 16 channels a group.
Case deep_case(Random& random, std::int64_t max_multiply_adds) {
  const auto below = [&](std::int64_t count) {
    return static_cast<std::int64_t>(random.below(static_cast<std::uint32_t>(count)));
  };
  while (true) {
    Case c;
    c.seed = random.next();
    c.has_bias = below(2) == 1;
    c.params.padding = static_cast<PaddingMode>(below(5));
    c.params.border = static_cast<Border>(below(4));
    c.params.activation = below(2) ? Activation::kNone : static_cast<Activation>(below(9));
    c.params.flip = below(2) == 1;
    c.params.custom = {static_cast<int>(below(4)), static_cast<int>(below(4)), static_cast<int>(below(4)),
                       static_cast<int>(below(4))};
    c.params.groups = below(4) == 0 ? 1 + static_cast<int>(below(3)) : 1;
    const std::int64_t channels = 16 + below(30);
    const std::int64_t filters = 1 + below(26);
    c.weights = {c.params.groups * filters, channels, 3, 3};
    c.input = {1 + below(3), c.params.groups * channels, 3 + below(22), 3 + below(below(3) ? 30 : 90)};
    const std::int64_t outputs = c.input.n * c.weights.n * (c.input.h + 4) * (c.input.w + 4);
    if (outputs * channels * 9 <= max_multiply_adds) return c;
  }
}

double share_of_zeros(const std::vector<double>& values) {
  return static_cast<double>(std::ranges::count(values, 0.0)) / static_cast<double>(values.size());
}

// Share of values that are not, bit for bit, what plain sums give: where the transforms ran.
double share_transformed(const Case& c, const Data& data, const conv::KernelChoice& choice, const Parallel& parallel) {
  const Outcome transformed = run_engine(c, data, choice, parallel);
  const Outcome plain = run_engine(c, data, {"gemm", choice.isa}, parallel);
  std::size_t differ = 0;
  for (std::size_t i = 0; i < plain.values.size(); ++i) differ += transformed.values[i] != plain.values[i];
  return static_cast<double>(differ) / static_cast<double>(plain.values.size());
}

TEST_CASE("winograd agrees with the float64 oracle on random deep layers") {
  constexpr std::uint64_t kSeed = 31;
  INFO("seed " << kSeed);
  Random random(kSeed);
  const Parallel parallel(2);
  int groups = 0, flips = 0, batches = 0, biases = 0, activations = 0, borders = 0;
  double zeros = 0;
  constexpr int kCases = 220;
  for (int i = 0; i < kCases; ++i) {
    const Case c = deep_case(random, 2'000'000);
    INFO(describe(c));
    groups += c.params.groups > 1, flips += c.params.flip, batches += c.input.n > 1, biases += c.has_bias;
    activations += c.params.activation != Activation::kNone, borders += c.params.border != Border::kZero;
    const Data data = make_data(c);
    const Expected expected = oracle(c, data);
    zeros += share_of_zeros(expected.values);
    for (const conv::KernelChoice& choice : choices_of("winograd")) {
      INFO("isa " << choice.isa);
      check_outcome(run_engine(c, data, choice, parallel), expected, choice, 1.0 / 3);
    }
  }
  for (const int count : {groups, flips, batches, biases, activations, borders}) CHECK(count >= 20);
  CHECK(zeros < 0.25 * kCases);
}

TEST_CASE("strong and empty regions in one tile keep every output within a third of the tolerance") {
  constexpr std::uint64_t kSeed = 32;
  INFO("seed " << kSeed);
  Random random(kSeed);
  const Parallel parallel(2);
  for (int i = 0; i < 40 * kFills; ++i) {
    const auto fill = static_cast<Fill>(i % kFills);
    Case c = deep_case(random, 1'500'000);
    c.params.activation = Activation::kNone;
    INFO(describe(c) << " fill " << i % kFills);
    Data data = make_data(c);
    fill_input(fill, random, data.input.view());
    const Expected expected = oracle(c, data);
    for (const conv::KernelChoice& choice : choices_of("winograd")) {
      INFO("isa " << choice.isa);
      // An output whose window is all zeros has no tolerance: it must be exact.
      CHECK(worst_error(expected, run_engine(c, data, choice, parallel).values) <= 1.0 / 3);
    }
  }
}

TEST_CASE("dense layers are transformed; tiles that would lose digits are summed plainly") {
  const Parallel parallel(2);
  Case c;
  c.input = {1, 32, 33, 41};
  c.weights = {24, 32, 3, 3};
  c.seed = 9;
  Data data = make_data(c);
  Random random(3);
  for (const conv::KernelChoice& choice : choices_of("winograd")) {
    INFO("isa " << choice.isa);
    fill_input(Fill::kUniform, random, data.input.view());
    CHECK(share_transformed(c, data, choice, parallel) > 0.8);
    fill_input(Fill::kRelu, random, data.input.view());
    CHECK(share_transformed(c, data, choice, parallel) > 0.8);
    fill_input(Fill::kBrightColumn, random, data.input.view());
    CHECK(share_transformed(c, data, choice, parallel) == 0);
    // A strong value far from everything spoils its own tiles only.
    fill_input(Fill::kUniform, random, data.input.view());
    data.input.at(0, 5, 17, 17) = 1e6f;
    const double share = share_transformed(c, data, choice, parallel);
    CHECK(share > 0.7);
    CHECK(worst_error(oracle(c, data), run_engine(c, data, choice, parallel).values) <= 1.0 / 3);
  }
}

TEST_CASE("a NaN or an infinity shows in winograd exactly where it shows in plain sums") {
  const Parallel parallel(2);
  Random random(77);
  for (int i = 0; i < 40; ++i) {
    Case c = deep_case(random, 600'000);
    c.params.activation = i % 2 ? Activation::kRelu : Activation::kNone;
    INFO(describe(c));
    Data data = make_data(c);
    for (int spoilt = 0; spoilt < 3; ++spoilt) {
      const auto at = random.below(static_cast<std::uint32_t>(data.input.size()));
      const std::array<float, 3> bad = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                                        -3e38f};
      data.input.values()[at] = bad[static_cast<std::size_t>((i + spoilt) % 3)];
    }
    for (const conv::KernelChoice& choice : choices_of("winograd")) {
      INFO("isa " << choice.isa);
      const Outcome outcome = run_engine(c, data, choice, parallel);
      const Outcome plain = run_engine(c, data, {"gemm", choice.isa}, parallel);
      CHECK(std::ranges::count_if(plain.values, [](float v) { return !std::isfinite(v); }) > 0);
      const auto same_kind = [](float a, float b) {
        return std::isnan(a) == std::isnan(b) && (std::isfinite(a) || std::isfinite(b) || std::isnan(a) || a == b);
      };
      CHECK(std::ranges::equal(outcome.values, plain.values, same_kind));
    }
  }
}

TEST_CASE("sums of small integers round to themselves in winograd") {
  const Parallel parallel(2);
  Random random(41);
  for (int i = 0; i < 40; ++i) {
    Case c = deep_case(random, 600'000);
    c.integers = true;
    c.params.activation = i % 2 ? Activation::kRelu : Activation::kNone;
    INFO(describe(c));
    const Data data = make_data(c);
    const Expected expected = oracle(c, data);
    CHECK(share_of_zeros(expected.values) < 0.75);
    for (const conv::KernelChoice& choice : choices_of("winograd")) {
      INFO("isa " << choice.isa);
      const Outcome outcome = run_engine(c, data, choice, parallel);
      CHECK(std::ranges::equal(outcome.values, expected.values,
                               [](float a, double b) { return std::round(static_cast<double>(a)) == b; }));
    }
  }
}

TEST_CASE("winograd gives the same bits for any number of threads") {
  Random random(43);
  for (int i = 0; i < 12; ++i) {
    const Case c = deep_case(random, 1'500'000);
    INFO(describe(c));
    Data data = make_data(c);
    if (i % 2) fill_input(Fill::kZeroBlocks, random, data.input.view());
    for (const conv::KernelChoice& choice : choices_of("winograd")) {
      INFO("isa " << choice.isa);
      const auto bits = [&](int threads) {
        std::vector<std::uint32_t> result;
        for (const float v : run_engine(c, data, choice, Parallel(threads)).values) {
          result.push_back(std::bit_cast<std::uint32_t>(v));
        }
        return result;
      };
      const auto once = bits(1);
      for (const int threads : {2, 3, 8}) CHECK(bits(threads) == once);
    }
  }
}

std::string refusal_of(const Case& c, const Data& data) {
  const auto geometry = conv::resolve(c.params, c.input, c.weights);
  const auto answers = conv::candidates(*geometry, data.weights.view());
  return std::string(std::ranges::find(answers, "winograd", &conv::Candidate::kernel)->refusal);
}

TEST_CASE("winograd refuses what it cannot do, and filters that it would compute badly") {
  const auto refusal = [](auto change) {
    Case c;
    c.input = {1, 16, 12, 12};
    c.weights = {4, 16, 3, 3};
    Data none;
    change(c, none);
    Data data = make_data(c);
    change(c, data);
    return refusal_of(c, data);
  };
  CHECK(refusal([](Case&, Data&) {}).empty());
  CHECK(refusal([](Case& c, Data&) { c.weights.h = 5; }) == "needs filters of 3 x 3");
  CHECK(refusal([](Case& c, Data&) { c.weights.w = 1; }) == "needs filters of 3 x 3");
  CHECK(refusal([](Case& c, Data&) { c.params.stride_x = 2; }) == "needs stride 1");
  CHECK(refusal([](Case& c, Data&) { c.params.stride_y = 2; }) == "needs stride 1");
  CHECK(refusal([](Case& c, Data&) { c.params.dilation_y = 2; }) == "needs dilation 1");
  CHECK(refusal([](Case& c, Data&) { c.params.dilation_x = 2; }) == "needs dilation 1");
  const std::string few = "needs at least 16 input channels in each group";
  CHECK(refusal([](Case& c, Data&) { c.input.c = c.weights.c = 15; }) == few);
  CHECK(refusal([](Case& c, Data&) { c.params.groups = 2, c.weights.c = 8; }) == few);

  const auto with_weights = [&](auto change) {
    return refusal([&](Case&, Data& data) {
      if (!data.weights.empty()) change(data.weights);
    });
  };
  CHECK(with_weights([](Tensor& w) { w.at(3, 9, 1, 1) = std::numeric_limits<float>::quiet_NaN(); }) ==
        "needs finite weights that are neither huge nor tiny");
  CHECK(with_weights([](Tensor& w) { w.at(0, 0, 0, 0) = std::numeric_limits<float>::infinity(); }) ==
        "needs finite weights that are neither huge nor tiny");
  CHECK(with_weights([](Tensor& w) {
          for (float& v : w.values()) v *= 1e-30f;
        }) == "needs finite weights that are neither huge nor tiny");
  // One filter that only sees its windows' centres.
  CHECK(with_weights([](Tensor& w) {
          for (std::int64_t c = 0; c < 16; ++c) {
            for (std::int64_t i = 0; i < 9; ++i) w.at(2, c, i / 3, i % 3) *= i == 4;
          }
        }) == "needs filters in which every tap counts");
  // One weight of 100 beside weights below 1.
  CHECK(with_weights([](Tensor& w) {
          for (float& v : w.values()) v = 0.1f;
          w.at(1, 3, 2, 2) = 8;
        }) == "needs filters without a few dominant weights");
  CHECK(with_weights([](Tensor& w) {
          for (std::int64_t c = 8; c < 16; ++c) {
            std::fill_n(w.view().plane(1, c), 9, 0.0f);
          }
        }) == "needs filters that look at all channels");
  // An empty filter among others is welcome: its map is exactly its bias.
  CHECK(with_weights([](Tensor& w) { std::fill_n(w.data(), 16 * 9, 0.0f); }).empty());
}

}  // namespace
}  // namespace convlens::test
