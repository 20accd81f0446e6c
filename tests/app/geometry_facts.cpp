// What the geometry overlays say, against counting by hand over random convolutions.
#include "app/model/geometry_facts.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace convlens::model {
namespace {

conv::Geometry random_geometry() {
  for (;;) {
    conv::Params params;
    params.stride_y = *rc::gen::inRange(1, 5);
    params.stride_x = *rc::gen::inRange(1, 5);
    params.dilation_y = *rc::gen::inRange(1, 5);
    params.dilation_x = *rc::gen::inRange(1, 5);
    params.padding = static_cast<conv::PaddingMode>(*rc::gen::inRange(0, 4));
    params.border = static_cast<conv::Border>(*rc::gen::inRange(0, 4));
    const Shape input{1, 1, *rc::gen::inRange(1, 24), *rc::gen::inRange(1, 24)};
    const Shape weights{1, 1, *rc::gen::inRange(1, 6), *rc::gen::inRange(1, 6)};
    if (const auto geometry = conv::resolve(params, input, weights)) return *geometry;
  }
}

// How often each pixel is read, window by window.
std::vector<std::int64_t> reads(const conv::Geometry& g) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(g.h * g.w), 0);
  for (std::int64_t p = 0; p < g.p; ++p) {
    for (std::int64_t q = 0; q < g.q; ++q) {
      for (std::int64_t r = 0; r < g.r; ++r) {
        for (std::int64_t s = 0; s < g.s; ++s) {
          const std::int64_t y = conv::border_index(p * g.stride_y - g.pad.top + r * g.dilation_y, g.h, g.border);
          const std::int64_t x = conv::border_index(q * g.stride_x - g.pad.left + s * g.dilation_x, g.w, g.border);
          if (y >= 0 && x >= 0) ++counts[static_cast<std::size_t>(y * g.w + x)];
        }
      }
    }
  }
  return counts;
}

std::int64_t taps_inside(const conv::Geometry& g, std::int64_t p, std::int64_t q) {
  std::int64_t inside = 0;
  for (std::int64_t r = 0; r < g.r; ++r) {
    for (std::int64_t s = 0; s < g.s; ++s) {
      const std::int64_t y = p * g.stride_y - g.pad.top + r * g.dilation_y;
      const std::int64_t x = q * g.stride_x - g.pad.left + s * g.dilation_x;
      inside += y >= 0 && y < g.h && x >= 0 && x < g.w;
    }
  }
  return inside;
}

TEST_CASE("counts of the legends equal counting window by window") {
  int with_unread = 0, with_padding = 0;
  CHECK(rc::check("counts", [&] {
    const conv::Geometry g = random_geometry();
    const GeometryFacts facts = geometry_facts(g);
    const std::vector<std::int64_t> counts = reads(g);
    RC_ASSERT(facts.least_read == *std::min_element(counts.begin(), counts.end()));
    RC_ASSERT(facts.most_read == *std::max_element(counts.begin(), counts.end()));
    RC_ASSERT(facts.unread == std::count(counts.begin(), counts.end(), 0));
    with_unread += facts.unread > 0;

    std::int64_t touched = 0;
    double share = 0, largest = 0;
    for (std::int64_t p = 0; p < g.p; ++p) {
      for (std::int64_t q = 0; q < g.q; ++q) {
        const double outside = 1 - static_cast<double>(taps_inside(g, p, q)) / static_cast<double>(g.r * g.s);
        const bool is_clean =
            p >= facts.clean.row0 && p < facts.clean.row1 && q >= facts.clean.col0 && q < facts.clean.col1;
        RC_ASSERT(is_clean == (outside == 0));
        touched += outside > 0;
        share += outside;
        largest = std::max(largest, outside);
      }
    }
    RC_ASSERT(facts.touched == touched);
    RC_ASSERT(facts.outputs == g.p * g.q);
    RC_ASSERT(std::abs(facts.mean_share - share / static_cast<double>(facts.outputs)) < 1e-9);
    RC_ASSERT(std::abs(facts.largest_share - largest) < 1e-9);
    with_padding += touched > 0;
  }));
  CHECK(with_unread > 5);
  CHECK(with_padding > 20);
}

// Positions that outputs read along one axis, padding included.
std::set<std::int64_t> positions(std::int64_t output, std::int64_t taps, int stride, int dilation, int pad) {
  std::set<std::int64_t> all;
  for (std::int64_t i = 0; i < taps; ++i) all.insert(output * stride - pad + i * dilation);
  return all;
}

TEST_CASE("kin of an output: the pixels that its grid may read, and the outputs that may share one with it") {
  int cut = 0;
  CHECK(rc::check("kin", [&] {
    const conv::Geometry g = random_geometry();
    const std::int64_t output = *rc::gen::inRange<std::int64_t>(0, g.p);
    const std::vector<double> inputs = kin_inputs(g, conv::Axis::kY, output);
    const std::vector<double> outputs = kin_outputs(g, conv::Axis::kY, output);
    RC_ASSERT(std::ssize(inputs) == g.h);
    RC_ASSERT(std::ssize(outputs) == g.p);
    RC_ASSERT(outputs[static_cast<std::size_t>(output)] == 1);
    const auto own = positions(output, g.r, g.stride_y, g.dilation_y, g.pad.top);
    for (const std::int64_t y : own) {
      if (y >= 0 && y < g.h) RC_ASSERT(inputs[static_cast<std::size_t>(y)] == 1);
    }
    for (std::int64_t p = 0; p < g.p; ++p) {
      const auto other = positions(p, g.r, g.stride_y, g.dilation_y, g.pad.top);
      std::vector<std::int64_t> shared;
      std::set_intersection(own.begin(), own.end(), other.begin(), other.end(), std::back_inserter(shared));
      if (!shared.empty()) RC_ASSERT(outputs[static_cast<std::size_t>(p)] == 1);
      if (outputs[static_cast<std::size_t>(p)] == 1) {
        for (const std::int64_t y : other) {
          if (y >= 0 && y < g.h && g.r > 1) RC_ASSERT(inputs[static_cast<std::size_t>(y)] == 1);
        }
      }
    }
    cut += std::count(outputs.begin(), outputs.end(), 0.0) > 0;
  }));
  CHECK(cut > 10);
}

conv::Geometry geometry_of(const conv::Params& params, const Shape& input, const Shape& weights) {
  const auto geometry = conv::resolve(params, input, weights);
  REQUIRE(geometry);
  return *geometry;
}

// With plain spaces.
std::string plain(std::string text) {
  constexpr std::string_view kNoBreak = "\u00a0";
  for (std::size_t at = text.find(kNoBreak); at != std::string::npos; at = text.find(kNoBreak)) {
    text.replace(at, kNoBreak.size(), " ");
  }
  return text;
}

TEST_CASE("the sentences of hand-worked cases") {
  conv::Params params;
  const GeometryFacts same = geometry_facts(geometry_of(params, {1, 1, 480, 640}, {1, 1, 3, 3}));
  CHECK(plain(coverage_words(same)) == "Each map reads a pixel 4 to 9 times.");
  CHECK(plain(padding_words(same)) ==
        "2 236 of 307 200 outputs (0.73 %) have padding in their window, at most 56 % of it; 0.24 % of all that is "
        "read.");
  CHECK(plain(gridding_words(same)) == "The filter is dense: no holes.");
  CHECK(plain(sampling_words(same)) == "Stride 1: an output at every position.");
  CHECK(plain(alignment_words(same)) ==
        "Output (0, 0) is centred on (0, 0), the next one 1 down, 1 right. The middles agree.");

  params.padding = conv::PaddingMode::kValid;
  params.stride_y = params.stride_x = 2;
  const GeometryFacts strided = geometry_facts(geometry_of(params, {1, 1, 8, 9}, {1, 1, 3, 3}));
  CHECK(plain(coverage_words(strided)) ==
        "Each map reads a pixel 0 to 4 times. 9 pixels are never read, the last 1 row among them.");
  CHECK(plain(padding_words(strided)) == "No output has padding in its window.");
  CHECK(plain(sampling_words(strided)) == "Keeps 1 of 4 positions (25 %): outputs stand 2 rows and 2 columns apart.");
  CHECK(plain(alignment_words(strided)) ==
        "Output (0, 0) is centred on (1, 1), the next one 2 down, 2 right. The map is shifted 0.5 px up.");

  params.stride_y = params.stride_x = 1;
  params.dilation_y = params.dilation_x = 2;
  const GeometryFacts dilated = geometry_facts(geometry_of(params, {1, 1, 20, 20}, {1, 1, 3, 3}));
  CHECK(plain(gridding_words(dilated)) ==
        "The outputs fall into 2 × 2 grids that share no position. Two such layers never read 69 % of the field "
        "they span.");
  CHECK(dilated.two_layers == std::vector<std::int64_t>{1, 0, 2, 0, 3, 0, 2, 0, 1});
}

}  // namespace
}  // namespace convlens::model
