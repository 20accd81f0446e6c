// The kernels that sweep over rows, depthwise and direct: against the oracle where they cut, copy and read in place,
// and the promise that a value's bits depend on its own products alone.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/engine/conv_checks.h"

namespace convlens::test {
namespace {

using conv::Activation;
using conv::Border;
using conv::PaddingMode;

std::int64_t below(Random& random, std::int64_t count) {
  return static_cast<std::int64_t>(random.below(static_cast<std::uint32_t>(count)));
}

// Stride 1; pictures large enough to have an inside, or with fewer rows than a tile; few channels a group.
Case random_sweep_case(Random& random) {
  Case c;
  c.seed = random.next();
  c.has_bias = below(random, 2) == 1;
  conv::Params& p = c.params;
  p.padding = static_cast<PaddingMode>(below(random, 5));
  p.border = static_cast<Border>(below(random, 4));
  p.activation = below(random, 3) ? Activation::kNone : static_cast<Activation>(below(random, 9));
  p.flip = below(random, 2) == 1;
  p.dilation_y = below(random, 3) ? 1 : 1 + static_cast<int>(below(random, 5));
  p.dilation_x = below(random, 3) ? 1 : 1 + static_cast<int>(below(random, 5));
  p.custom = {static_cast<int>(below(random, 4)), static_cast<int>(below(random, 4)),
              static_cast<int>(below(random, 4)), static_cast<int>(below(random, 4))};
  p.groups = below(random, 2) ? 1 : 1 + static_cast<int>(below(random, 5));
  const std::int64_t channels = below(random, 3) ? 1 : 1 + below(random, 3);
  const std::int64_t filters = below(random, 2) ? 1 : 1 + below(random, 3);
  c.weights = {p.groups * filters, channels, 1 + below(random, 8), 1 + below(random, 8)};
  c.input = {1 + below(random, 2), p.groups * channels, below(random, 3) ? 1 + below(random, 40) : 1 + below(random, 6),
             below(random, 2) ? 1 + below(random, 40) : 30 + below(random, 200)};
  c.input.h += p.dilation_y * (c.weights.h - 1);
  c.input.w += p.dilation_x * (c.weights.w - 1);
  return c;
}

// The two kernels on every instruction set, depthwise first.
std::vector<conv::KernelChoice> sweep_choices() {
  std::vector<conv::KernelChoice> choices;
  for (const char* kernel : {"depthwise", "direct"}) {
    for (const std::string& isa : conv::isa_targets()) choices.push_back({kernel, isa});
  }
  return choices;
}

std::vector<std::uint32_t> bits_of(const std::vector<float>& values) {
  std::vector<std::uint32_t> bits(values.size());
  std::ranges::transform(values, bits.begin(), [](float v) { return std::bit_cast<std::uint32_t>(v); });
  return bits;
}

std::vector<std::uint32_t> run_bits(const Case& c, const Data& data, const conv::KernelChoice& choice, int threads) {
  const Outcome outcome = run_engine(c, data, choice, Parallel(threads));
  CHECK(outcome.report.kernel == choice.kernel);
  CHECK(outcome.report.isa == choice.isa);
  CHECK(outcome.guards_intact);
  CHECK(outcome.wrote_all);
  return bits_of(outcome.values);
}

TEST_CASE("depthwise and direct agree with the oracle where they cut and read in place") {
  constexpr std::uint64_t kSeed = 20250214;
  INFO("seed " << kSeed);
  Random random(kSeed);
  const Parallel parallel(2);
  std::size_t values = 0, non_zero = 0;
  int single = 0, few_rows = 0, dilated = 0, wide = 0, deep = 0;
  for (int i = 0; i < 400; ++i) {
    const Case c = random_sweep_case(random);
    INFO(describe(c));
    const Data data = make_data(c);
    const Expected expected = oracle(c, data);
    single += c.weights.c == 1, deep += c.weights.c > 1, few_rows += expected.shape.h < 4;
    dilated += c.params.dilation_y > 1, wide += c.input.w > 100;
    values += expected.values.size();
    non_zero += static_cast<std::size_t>(std::ranges::count_if(expected.values, [](double v) { return v != 0; }));
    for (const conv::KernelChoice& choice : sweep_choices()) {
      INFO("kernel " << choice.kernel << " isa " << choice.isa);
      check_outcome(run_engine(c, data, choice, parallel), expected, choice);
    }
  }
  for (const int count : {single, few_rows, dilated, wide, deep}) CHECK(count >= 30);
  CHECK(non_zero > values * 3 / 4);
}

TEST_CASE("whole numbers come out whole from depthwise and direct") {
  Random random(3);
  const Parallel parallel(2);
  for (int i = 0; i < 60; ++i) {
    Case c = random_sweep_case(random);
    c.integers = true;
    c.params.activation = i % 2 ? Activation::kRelu : Activation::kNone;
    INFO(describe(c));
    const Data data = make_data(c);
    const Expected expected = oracle(c, data);
    for (const conv::KernelChoice& choice : sweep_choices()) {
      INFO("kernel " << choice.kernel << " isa " << choice.isa);
      const Outcome outcome = run_engine(c, data, choice, parallel);
      CHECK(is_exact(outcome.values, expected));
    }
  }
}

TEST_CASE("depthwise and direct give the same bits as each other, for any number of threads") {
  Random random(7);
  for (int i = 0; i < 60; ++i) {
    const Case c = random_sweep_case(random);
    INFO(describe(c));
    const Data data = make_data(c);
    for (const std::string& isa : conv::isa_targets()) {
      INFO("isa " << isa);
      const auto once = run_bits(c, data, {"depthwise", isa}, 1);
      REQUIRE(!once.empty());
      CHECK(run_bits(c, data, {"direct", isa}, 1) == once);
      for (const int threads : {2, 3, 8}) CHECK(run_bits(c, data, {"depthwise", isa}, threads) == once);
    }
  }
}

// The case and its data with nothing but `filter` of the bank.
std::pair<Case, Data> one_filter(const Case& c, const Data& data, std::int64_t filter) {
  Case one = c;
  one.weights.n = 1;
  one.has_bias = c.has_bias;
  Data alone{data.input.clone(), Tensor(one.weights), {}};
  std::copy_n(data.weights.view().plane(filter, 0), one.weights.size(), alone.weights.data());
  if (c.has_bias) alone.bias = {data.bias[static_cast<std::size_t>(filter)]};
  return {one, std::move(alone)};
}

TEST_CASE("a filter alone gives the bits that it gives within its bank") {
  Random random(11);
  for (int i = 0; i < 20; ++i) {
    Case c = random_sweep_case(random);
    c.params.groups = 1;
    c.params.stride_x = i % 3 == 0 ? 2 : 1;
    c.input.n = 1;
    c.input.c = c.weights.c = 1 + i % 4;
    c.weights.n = 2 + i % 12;
    INFO(describe(c));
    const Data data = make_data(c);
    for (const std::string& isa : conv::isa_targets()) {
      INFO("isa " << isa);
      const auto bank = run_bits(c, data, {"direct", isa}, 2);
      const std::size_t map = bank.size() / static_cast<std::size_t>(c.weights.n);
      REQUIRE(map > 0);
      for (std::int64_t k = 0; k < c.weights.n; ++k) {
        const auto [one, alone] = one_filter(c, data, k);
        const auto begin = bank.begin() + k * static_cast<std::int64_t>(map);
        const std::vector<std::uint32_t> within(begin, begin + static_cast<std::int64_t>(map));
        CHECK(run_bits(one, alone, {"direct", isa}, 2) == within);
        if (c.params.stride_x == 1) CHECK(run_bits(one, alone, {"depthwise", isa}, 2) == within);
      }
    }
  }
}

TEST_CASE("rows of a picture give the bits that they give within it") {
  Case c;
  c.input = {1, 2, 61, 150};
  c.weights = {3, 2, 5, 3};
  c.params.padding = PaddingMode::kValid;
  const Data data = make_data(c);
  for (const conv::KernelChoice& choice : sweep_choices()) {
    INFO("kernel " << choice.kernel << " isa " << choice.isa);
    const Outcome whole = run_engine(c, data, choice, Parallel(2));
    REQUIRE(whole.shape.h == 57);
    for (const std::int64_t rows : {1, 3, 4, 6, 23}) {
      for (const std::int64_t first : {0, 5, 30}) {
        INFO("output rows " << first << " to " << first + rows);
        Case part = c;
        part.input.h = rows + 4;
        Data cut{Tensor(part.input), data.weights.clone(), {}};
        for (std::int64_t ch = 0; ch < 2; ++ch) {
          std::copy_n(data.input.view().row(0, ch, first), part.input.h * part.input.w, cut.input.view().plane(0, ch));
        }
        const Outcome outcome = run_engine(part, cut, choice, Parallel(1));
        REQUIRE(outcome.shape.h == rows);
        bool same = true;
        const auto width = static_cast<std::size_t>(whole.shape.w);
        for (std::size_t k = 0; k < 3; ++k) {
          for (std::size_t i = 0; i < static_cast<std::size_t>(rows) * width; ++i) {
            same &= std::bit_cast<std::uint32_t>(outcome.values[k * static_cast<std::size_t>(rows) * width + i]) ==
                    std::bit_cast<std::uint32_t>(whole.values[(k * 57 + static_cast<std::size_t>(first)) * width + i]);
          }
        }
        CHECK(same);
      }
    }
  }
}

TEST_CASE("a NaN shows in exactly the windows that it lies in") {
  Case c;
  c.input = {1, 1, 23, 140};
  c.weights = {1, 1, 3, 5};
  for (const Border border : {Border::kZero, Border::kReplicate}) {
    c.params.border = border;
    for (const std::int64_t y : {0, 1, 4, 11, 21, 22}) {
      for (const std::int64_t x : {0, 2, 15, 16, 64, 127, 128, 139}) {
        INFO("NaN at row " << y << " column " << x);
        Data data = make_data(c);
        data.input.at(0, 0, y, x) = std::numeric_limits<float>::quiet_NaN();
        const Expected expected = oracle(c, data);
        for (const conv::KernelChoice& choice : sweep_choices()) {
          INFO("kernel " << choice.kernel << " isa " << choice.isa);
          const Outcome outcome = run_engine(c, data, choice, Parallel(1));
          CHECK(std::ranges::equal(outcome.values, expected.values,
                                   [](float a, double b) { return std::isnan(a) == std::isnan(b); }));
        }
      }
    }
  }
}

TEST_CASE("depthwise refuses strides in words") {
  Tensor input({1, 1, 8, 8});
  Tensor weights({1, 1, 3, 3});
  conv::Workspace workspace;
  for (const bool down : {true, false}) {
    conv::Params params;
    (down ? params.stride_y : params.stride_x) = 2;
    const auto g = conv::resolve(params, input.shape(), weights.shape());
    REQUIRE(g.ok());
    Tensor output(g->output_shape());
    const auto report = conv::forward(*g, input.view(), weights.view(), {}, output.view(), {"depthwise", "auto"},
                                      workspace, Parallel(1));
    REQUIRE(!report.ok());
    CHECK(report.error().message == "the kernel 'depthwise' needs stride 1: choose another, or auto");
  }
}

}  // namespace
}  // namespace convlens::test
