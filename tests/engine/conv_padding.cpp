// Padding modes, borders and the meaning of flip on rows worked out by hand. Every kernel, exact numbers.
#include <doctest/doctest.h>

#include <vector>

#include "tests/engine/conv_oracle.h"

namespace convlens::test {
namespace {

using conv::Border;
using conv::PaddingMode;
using Row = std::vector<float>;

// A row of pixels through a row filter, by every kernel that takes it; all must give the same row, which is returned.
Row filtered(const Row& pixels, const Row& filter, const conv::Params& params) {
  const auto width = static_cast<std::int64_t>(pixels.size());
  const auto taps = static_cast<std::int64_t>(filter.size());
  Case c;
  c.params = params;
  c.input = {1, 1, 1, width};
  c.weights = {1, 1, 1, taps};
  Data data{Tensor(c.input), Tensor(c.weights), {}};
  std::copy(pixels.begin(), pixels.end(), data.input.data());
  std::copy(filter.begin(), filter.end(), data.weights.data());
  const Parallel parallel(1);
  Row row;
  for (const conv::KernelChoice& choice : choices_for(c, data)) {
    INFO("kernel " << choice.kernel << " isa " << choice.isa);
    const Outcome outcome = run_engine(c, data, choice, parallel);
    if (row.empty()) row = outcome.values;
    CHECK(outcome.values == row);
  }
  return row;
}

conv::Params with(PaddingMode padding, Border border = Border::kZero) {
  conv::Params params;
  params.padding = padding;
  params.border = border;
  return params;
}

const Row kPixels = {1, 2, 3, 4, 5};

TEST_CASE("padding modes on a row, worked by hand") {
  CHECK(filtered(kPixels, {1, 1, 1}, with(PaddingMode::kValid)) == Row{6, 9, 12});
  CHECK(filtered(kPixels, {1, 1, 1}, with(PaddingMode::kSame)) == Row{3, 6, 9, 12, 9});
  CHECK(filtered(kPixels, {1, 1, 1}, with(PaddingMode::kFull)) == Row{1, 3, 6, 9, 12, 9, 5});
  // An even filter: the odd column is added at the right.
  CHECK(filtered(kPixels, {10, 1}, with(PaddingMode::kSame)) == Row{12, 23, 34, 45, 50});
  CHECK(filtered(kPixels, {10, 1}, with(PaddingMode::kFull)) == Row{1, 12, 23, 34, 45, 50});
}

TEST_CASE("TensorFlow's same pads for ceil(n / stride) outputs, the odd column at the right") {
  conv::Params params = with(PaddingMode::kSameTf);
  params.stride_x = 2;
  // 5 columns, 3 taps, stride 2: 3 outputs need 7 columns, one more on each side.
  CHECK(filtered(kPixels, {1, 1, 1}, params) == Row{3, 9, 9});
  // 4 columns: 2 outputs need 5 columns, the one more at the right.
  CHECK(filtered({1, 2, 3, 4}, {1, 1, 1}, params) == Row{6, 7});
  // The symmetric mode puts it on both sides and reads elsewhere.
  params.padding = PaddingMode::kSame;
  CHECK(filtered({1, 2, 3, 4}, {1, 1, 1}, params) == Row{3, 9});
}

TEST_CASE("borders on a row, worked by hand") {
  // Two cells beyond each end: 100, 10 weigh the cells to the left, 0 the centre, 1 and 1000 those to the right.
  const Row taps = {100, 10, 0, 1, 1000};
  CHECK(filtered({1, 2, 3}, taps, with(PaddingMode::kSame, Border::kZero)) == Row{3002, 13, 120});
  CHECK(filtered({1, 2, 3}, taps, with(PaddingMode::kSame, Border::kReplicate)) == Row{3112, 3113, 3123});
  CHECK(filtered({1, 2, 3}, taps, with(PaddingMode::kSame, Border::kReflect)) == Row{3322, 2213, 1122});
  CHECK(filtered({1, 2, 3}, taps, with(PaddingMode::kSame, Border::kCircular)) == Row{3232, 1313, 2121});
}

TEST_CASE("custom padding is taken side by side") {
  conv::Params params = with(PaddingMode::kCustom, Border::kReplicate);
  params.custom = {0, 0, 3, 1};
  CHECK(filtered({7, 8}, {1, 10}, params) == Row{77, 77, 77, 87, 88});
  params.border = Border::kZero;
  CHECK(filtered({7, 8}, {1, 10}, params) == Row{0, 0, 70, 87, 8});
}

TEST_CASE("dilation spreads the taps, stride thins the outputs") {
  conv::Params params = with(PaddingMode::kValid);
  params.dilation_x = 3;
  CHECK(filtered(kPixels, {1, 10}, params) == Row{41, 52});
  params.dilation_x = 1;
  params.stride_x = 3;
  CHECK(filtered(kPixels, {1, 10}, params) == Row{21, 54});
}

TEST_CASE("flip turns correlation into convolution") {
  conv::Params params = with(PaddingMode::kValid);
  CHECK(filtered({1, 2, 3}, {1, 10, 100}, params) == Row{321});
  params.flip = true;
  CHECK(filtered({1, 2, 3}, {1, 10, 100}, params) == Row{123});
}

}  // namespace
}  // namespace convlens::test
