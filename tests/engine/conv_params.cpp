// Sizes, limits, formulas and messages of conv/params. No pixels.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "engine/conv/params.h"
#include "engine/core/random.h"

namespace convlens::conv {
namespace {

std::string message(const Params& params, const Shape& input, const Shape& weights) {
  const auto result = resolve(params, input, weights);
  return result ? "no error" : result.error().message;
}

Params params_with(PaddingMode padding) {
  Params params;
  params.padding = padding;
  return params;
}

Params random_params(Random& random) {
  Params p;
  p.padding = static_cast<PaddingMode>(random.below(5));
  p.stride_y = 1 + static_cast<int>(random.below(5)), p.stride_x = 1 + static_cast<int>(random.below(5));
  p.dilation_y = 1 + static_cast<int>(random.below(5)), p.dilation_x = 1 + static_cast<int>(random.below(5));
  p.custom = {static_cast<int>(random.below(4)), static_cast<int>(random.below(4)), static_cast<int>(random.below(4)),
              static_cast<int>(random.below(4))};
  return p;
}

TEST_CASE("output_size counts the positions at which the filter fits") {
  for (std::int64_t n = 1; n <= 12; ++n) {
    for (std::int64_t k = 1; k <= 5; ++k) {
      for (std::int64_t d = 1; d <= 3; ++d) {
        for (std::int64_t s = 1; s <= 4; ++s) {
          for (std::int64_t p0 = 0; p0 <= 2; ++p0) {
            std::int64_t count = 0;
            for (std::int64_t at = -p0; at + d * (k - 1) <= n; at += s) ++count;  // one column of padding at the end
            CHECK(output_size(n, p0, 1, k, d, s) == count);
          }
        }
      }
    }
  }
}

TEST_CASE("padding modes resolve per side") {
  Params params = params_with(PaddingMode::kSame);
  CHECK(resolve_padding(params, 480, 640, 3, 3) == Padding{1, 1, 1, 1});
  CHECK(resolve_padding(params, 480, 640, 4, 1) == Padding{1, 2, 0, 0});
  params.dilation_x = 3;
  CHECK(resolve_padding(params, 480, 640, 1, 4) == Padding{0, 0, 4, 5});
  params = params_with(PaddingMode::kSameTf);
  params.stride_y = 2;
  CHECK(resolve_padding(params, 480, 640, 3, 3) == Padding{0, 1, 1, 1});
  CHECK(resolve_padding(params, 481, 640, 3, 3) == Padding{1, 1, 1, 1});
  params.stride_y = 5;
  CHECK(resolve_padding(params, 480, 640, 3, 3) == Padding{0, 0, 1, 1});
  CHECK(resolve_padding(params_with(PaddingMode::kFull), 9, 9, 5, 2) == Padding{4, 4, 1, 1});
  CHECK(resolve_padding(params_with(PaddingMode::kValid), 9, 9, 5, 2) == Padding{});
  params = params_with(PaddingMode::kCustom);
  params.custom = {1, 2, 3, 4};
  CHECK(resolve_padding(params, 9, 9, 5, 2) == Padding{1, 2, 3, 4});
}

TEST_CASE("the modes give the sizes they are named after, whatever the numbers") {
  Random random(3);
  for (int i = 0; i < 2000; ++i) {
    Params p = random_params(random);
    const Shape input{1, 2, 1 + random.below(40), 1 + random.below(40)};
    const Shape weights{4, 2, 1 + random.below(8), 1 + random.below(8)};
    p.padding = PaddingMode::kSameTf;
    auto g = resolve(p, input, weights);
    REQUIRE(g.ok());
    CHECK(g->p == (input.h + p.stride_y - 1) / p.stride_y);
    CHECK(g->q == (input.w + p.stride_x - 1) / p.stride_x);
    p.padding = PaddingMode::kFull;
    p.stride_y = p.stride_x = 1;
    g = resolve(p, input, weights);
    REQUIRE(g.ok());
    CHECK(g->p == input.h + dilated_size(weights.h, p.dilation_y) - 1);
    p.padding = PaddingMode::kSame;
    g = resolve(p, input, weights);
    REQUIRE(g.ok());
    CHECK(g->output_shape() == Shape{1, 4, input.h, input.w});
  }
}

TEST_CASE("resolve fills the whole geometry") {
  Params p;
  p.stride_y = 2;
  p.border = Border::kReflect;
  p.flip = true;
  p.groups = 2;
  p.activation = Activation::kGelu;
  const auto g = resolve(p, {5, 4, 10, 11}, {6, 2, 3, 5});
  REQUIRE(g.ok());
  CHECK(g->input_shape() == Shape{5, 4, 10, 11});
  CHECK(g->weights_shape() == Shape{6, 2, 3, 5});
  CHECK(g->output_shape() == Shape{5, 6, 5, 11});
  CHECK(g->channels_per_group() == 2);
  CHECK(g->filters_per_group() == 3);
  CHECK(g->multiply_adds() == 5 * 6 * 5 * 11 * 2 * 3 * 5);
  CHECK(g->parameters() == 6 * 2 * 3 * 5 + 6);
  CHECK(g->flip);
  CHECK(g->border == Border::kReflect);
  CHECK(g->activation == Activation::kGelu);
  CHECK(g->pad == Padding{1, 1, 2, 2});
}

TEST_CASE("every refusal says what is wrong and what would do") {
  const Shape input{1, 3, 10, 12};
  const Shape weights{8, 3, 3, 3};
  Params p;
  CHECK(message(p, input, weights) == "no error");
  CHECK(message(p, {1, 3, 0, 12}, weights) == "the input of shape 1x3x0x12 is empty: every size must be at least 1");
  CHECK(message(p, {1, 3, 1 << 20, 1 << 20}, weights) ==
        "the input of shape 1x3x1048576x1048576 is too large: at most 17 179 869 184 values are possible");
  CHECK(message(p, input, {0, 3, 3, 3}) == "the filter bank of shape 0x3x3x3 is empty: every size must be at least 1");
  CHECK(message(p, input, {8, 3, 300, 3}) == "the filter height must be between 1 and 255, not 300");
  CHECK(message(p, input, {8, 3, 3, 256}) == "the filter width must be between 1 and 255, not 256");
  CHECK(message(p, input, {8, 2, 3, 3}) ==
        "the filters have 2 channels but an input of 3 channels in 1 group needs filters of 3 channels");

  const auto changed = [](auto&& change) {
    Params params;
    change(params);
    return params;
  };
  CHECK(message(changed([](Params& c) { c.stride_y = 0; }), input, weights) ==
        "the vertical stride must be between 1 and 64, not 0");
  CHECK(message(changed([](Params& c) { c.stride_x = 65; }), input, weights) ==
        "the horizontal stride must be between 1 and 64, not 65");
  CHECK(message(changed([](Params& c) { c.dilation_y = -1; }), input, weights) ==
        "the vertical dilation must be between 1 and 64, not -1");
  CHECK(message(changed([](Params& c) { c.dilation_x = 65; }), input, weights) ==
        "the horizontal dilation must be between 1 and 64, not 65");
  const auto custom = [&](Padding pad) {
    return message(changed([&](Params& c) { c.padding = PaddingMode::kCustom, c.custom = pad; }), input, weights);
  };
  CHECK(custom({-1, 0, 0, 0}) == "the padding above must be between 0 and 4096, not -1");
  CHECK(custom({0, 4097, 0, 0}) == "the padding below must be between 0 and 4096, not 4097");
  CHECK(custom({0, 0, -2, 0}) == "the padding at the left must be between 0 and 4096, not -2");
  CHECK(custom({0, 0, 0, 5000}) == "the padding at the right must be between 0 and 4096, not 5000");
  CHECK(message(changed([](Params& c) { c.groups = 0; }), input, weights) == "groups must be at least 1, not 0");
  CHECK(message(changed([](Params& c) { c.groups = 4; }), {1, 6, 9, 9}, {12, 1, 3, 3}) ==
        "4 groups do not divide both 6 input channels and 12 filters: choose one of 1, 2, 3, 6");

  const auto valid = [](auto&& change) {
    Params params;
    params.padding = PaddingMode::kValid;
    change(params);
    return params;
  };
  CHECK(message(valid([](Params&) {}), input, {8, 3, 11, 3}) ==
        "the filter is 11 rows tall but the padded input has only 10 rows: use a smaller filter, less dilation, more "
        "padding or a larger input");
  CHECK(message(valid([](Params& c) { c.dilation_x = 6; }), {1, 3, 10, 12}, weights) ==
        "the filter is 13 columns wide at dilation 6 but the padded input has only 12 columns: use a smaller filter, "
        "less dilation, more padding or a larger input");
  CHECK(message(p, {1, 1, 1 << 16, 1 << 16}, {64, 1, 3, 3}) ==
        "the feature maps would have shape 1x64x65536x65536, more than 17 179 869 184 values: use fewer filters, a "
        "larger stride or a smaller input");
}

TEST_CASE("border_index against a row written out") {
  // What a row of 4 samples looks like from -5 to 8.
  const std::vector<std::int64_t> reflect = {1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1, 2};
  const std::vector<std::int64_t> replicate = {0, 0, 0, 0, 0, 0, 1, 2, 3, 3, 3, 3, 3, 3};
  const std::vector<std::int64_t> circular = {3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0};
  const std::vector<std::int64_t> zero = {-1, -1, -1, -1, -1, 0, 1, 2, 3, -1, -1, -1, -1, -1};
  for (std::int64_t i = -5; i <= 8; ++i) {
    const auto at = static_cast<std::size_t>(i + 5);
    CHECK(border_index(i, 4, Border::kReflect) == reflect[at]);
    CHECK(border_index(i, 4, Border::kReplicate) == replicate[at]);
    CHECK(border_index(i, 4, Border::kCircular) == circular[at]);
    CHECK(border_index(i, 4, Border::kZero) == zero[at]);
  }
}

TEST_CASE("border_index against walking, far outside and for every small length") {
  for (std::int64_t n = 1; n <= 9; ++n) {
    std::int64_t bounce = 0, direction = 1, around = 0;
    for (std::int64_t i = 0; i <= 1000; ++i) {
      CHECK(border_index(i, n, Border::kReflect) == bounce);
      CHECK(border_index(-i, n, Border::kReflect) == bounce);  // a mirror is the same on both sides of sample 0
      CHECK(border_index(i, n, Border::kCircular) == around);
      CHECK(border_index(i - 1000 * n, n, Border::kCircular) == around);
      CHECK(border_index(i, n, Border::kReplicate) == std::min(i, n - 1));
      CHECK(border_index(-i, n, Border::kReplicate) == 0);
      CHECK(border_index(i, n, Border::kZero) == (i < n ? i : -1));
      around = (around + 1 == n) ? 0 : around + 1;
      if (n == 1) continue;
      if (bounce + direction < 0 || bounce + direction == n) direction = -direction;
      bounce += direction;
    }
  }
}

TEST_CASE("limits are exactly where resolve begins to refuse") {
  Random random(11);
  int restricted = 0;
  for (int i = 0; i < 500; ++i) {
    const Params p = random_params(random);
    const Shape input{1, 1, 1 + random.below(30), 1 + random.below(30)};
    const Shape weights{1, 1, 1 + random.below(5), 1 + random.below(5)};
    for (const Axis axis : {Axis::kY, Axis::kX}) {
      const bool y = axis == Axis::kY;
      const auto fits = [&](const Params& params, std::int64_t r, std::int64_t s) {
        return resolve(params, input, {1, 1, r, s}).ok();
      };
      const IntLimits sizes = kernel_size_limits(p, input, axis, static_cast<int>(y ? weights.w : weights.h));
      for (int size = 1; size <= kMaxKernelSize; ++size) {
        const bool ok = y ? fits(p, size, weights.w) : fits(p, weights.h, size);
        if (sizes.hi > 1 || sizes.reason.empty()) CHECK(ok == (size <= sizes.hi));
      }
      const IntLimits dilations = dilation_limits(p, input, weights.h, weights.w, axis);
      const IntLimits strides = stride_limits(p, input, weights.h, weights.w, axis);
      Params changed = p;
      for (int d = 1; d <= kMaxDilation; ++d) {
        (y ? changed.dilation_y : changed.dilation_x) = d;
        if (dilations.hi > 1) CHECK(fits(changed, weights.h, weights.w) == (d <= dilations.hi));
      }
      changed = p;
      for (int s = 1; s <= kMaxStride && fits(p, weights.h, weights.w); ++s) {
        (y ? changed.stride_y : changed.stride_x) = s;
        CHECK(fits(changed, weights.h, weights.w) == (s <= strides.hi));
      }
      CHECK((sizes.hi == kMaxKernelSize) == sizes.reason.empty());
      CHECK((dilations.hi == kMaxDilation) == dilations.reason.empty());
      CHECK((strides.hi == kMaxStride) == strides.reason.empty());
      CHECK(std::min({sizes.lo, dilations.lo, strides.lo}) == 1);
      restricted += sizes.hi < kMaxKernelSize;
    }
  }
  CHECK(restricted > 100);
}

TEST_CASE("limits say why") {
  Params p = params_with(PaddingMode::kValid);
  CHECK(kernel_size_limits(p, {1, 1, 7, 9}, Axis::kY, 3).hi == 7);
  CHECK(kernel_size_limits(p, {1, 1, 7, 9}, Axis::kX, 3).reason ==
        "a larger filter would not fit into the padded input, which has 9 columns");
  CHECK(kernel_size_limits(p, {1, 1, 7, 9}, Axis::kX, 8).reason ==
        "the filter is 8 rows tall but the padded input has only 7 rows");
  CHECK(dilation_limits(p, {1, 1, 7, 9}, 3, 3, Axis::kY).hi == 3);
  CHECK(dilation_limits(p, {1, 1, 7, 9}, 3, 3, Axis::kY).reason ==
        "more dilation would stretch the filter beyond the padded input, which has 7 rows");
  CHECK(stride_limits(p, {1, 1, 2, 9}, 3, 3, Axis::kX).reason ==
        "the filter is 3 rows tall but the padded input has only 2 rows");
  p.dilation_y = 2;
  CHECK(kernel_size_limits(p, {1, 1, 7, 9}, Axis::kY, 3).hi == 4);
  CHECK(kernel_size_limits(p, {1, 1, 7, 9}, Axis::kY, 3).reason ==
        "a larger filter would not fit into the padded input, which has 7 rows, at dilation 2");
}

TEST_CASE("legal_groups are the common divisors") {
  CHECK(legal_groups(12, 18) == std::vector<int>{1, 2, 3, 6});
  CHECK(legal_groups(1, 64) == std::vector<int>{1});
  CHECK(legal_groups(3, 3) == std::vector<int>{1, 3});
}

TEST_CASE("formulas carry the numbers") {
  Params p;
  p.stride_y = 2;
  const auto g = resolve(p, {1, 3, 480, 640}, {8, 3, 3, 3});
  REQUIRE(g.ok());
  CHECK(output_size_formula(*g, Axis::kY) == "floor((480 + 1 + 1 - 1·(3 - 1) - 1) / 2) + 1 = 240");
  CHECK(output_size_formula(*g, Axis::kX) == "floor((640 + 1 + 1 - 1·(3 - 1) - 1) / 1) + 1 = 640");
  CHECK(parameters_formula(*g) == "8 × 3 × 3 × 3 + 8 = 224");
  CHECK(multiply_adds_formula(*g) == "1 × 8 × 240 × 640 × 3 × 3 × 3 = 33 177 600");
}

TEST_CASE("names are unique, complete and parse back") {
  const auto check = [](std::span<const ChoiceName> names, auto parse, std::size_t count) {
    CHECK(names.size() == count);
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < names.size(); ++i) {
      CHECK(seen.insert(names[i].name).second);
      CHECK(!names[i].label.empty());
      CHECK(!names[i].summary.empty());
      const auto parsed = parse(names[i].name);
      REQUIRE(parsed.has_value());
      CHECK(static_cast<std::size_t>(*parsed) == i);
    }
    CHECK(!parse("no such name").has_value());
  };
  check(border_names(), parse_border, 4);
  check(padding_mode_names(), parse_padding_mode, 5);
  check(activation_names(), parse_activation, 9);
  CHECK(parse_padding_mode("same-tf") == PaddingMode::kSameTf);
  CHECK(parse_activation("softplus") == Activation::kSoftplus);
}

}  // namespace
}  // namespace convlens::conv
