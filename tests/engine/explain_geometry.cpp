// Weight probe, pixel probe and overlays against brute force: plain loops over every tap of every output, with border
// arithmetic written apart, and against derivatives of the reference kernel.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <vector>

#include "engine/explain/overlays.h"
#include "engine/explain/pixel_probe.h"
#include "engine/explain/weight_probe.h"
#include "tests/engine/conv_oracle.h"

namespace convlens::test {
namespace {

// Source of a padding position, by walking there one step at a time; -1 where nothing is read.
std::int64_t walk_to(std::int64_t position, std::int64_t n, conv::Border border) {
  const auto inside = [&](std::int64_t i) { return i >= 0 && i < n; };
  switch (border) {
    case conv::Border::kZero:
      return inside(position) ? position : -1;
    case conv::Border::kReplicate:
      while (position < 0) ++position;
      while (position >= n) --position;
      return position;
    case conv::Border::kCircular:
      while (position < 0) position += n;
      while (position >= n) position -= n;
      return position;
    case conv::Border::kReflect:
      if (n == 1) return 0;
      while (!inside(position)) position = position < 0 ? -position : 2 * (n - 1) - position;
      return position;
  }
  return -1;
}

// One tap of one output.
struct Read {
  std::int64_t p, q, weight_r, weight_s, row, col, y, x;
};

template <class Visit>
void for_each_read(const conv::Geometry& g, const Visit& visit) {
  for (std::int64_t p = 0; p < g.p; ++p) {
    for (std::int64_t q = 0; q < g.q; ++q) {
      for (std::int64_t r = 0; r < g.r; ++r) {
        for (std::int64_t s = 0; s < g.s; ++s) {
          const std::int64_t row = p * g.stride_y + r * g.dilation_y - g.pad.top;
          const std::int64_t col = q * g.stride_x + s * g.dilation_x - g.pad.left;
          visit(Read{p, q, g.flip ? g.r - 1 - r : r, g.flip ? g.s - 1 - s : s, row, col, walk_to(row, g.h, g.border),
                     walk_to(col, g.w, g.border)});
        }
      }
    }
  }
}

struct Sample {
  Case c;
  conv::Geometry geometry;
  Data data;
};

std::vector<Sample> samples(std::uint64_t seed, int count) {
  Random random(seed);
  std::vector<Sample> list;
  for (int i = 0; i < count; ++i) {
    Case c = random_case(random, 3000);
    c.integers = true;
    const auto geometry = conv::resolve(c.params, c.input, c.weights);
    REQUIRE(geometry);
    list.push_back({c, *geometry, make_data(c)});
  }
  return list;
}

std::int64_t pick(Random& random, std::int64_t n) {
  return static_cast<std::int64_t>(random.below(static_cast<std::uint32_t>(n)));
}

TEST_CASE("coverage and padding share are the counts over every tap of every output") {
  int unread = 0, dropped = 0, touched = 0;
  for (const Sample& sample : samples(31, 2000)) {
    INFO(describe(sample.c));
    const conv::Geometry& g = sample.geometry;
    std::vector<std::int64_t> reads(static_cast<std::size_t>(g.h * g.w), 0);
    std::vector<std::int64_t> outside(static_cast<std::size_t>(g.p * g.q), 0);
    for_each_read(g, [&](const Read& read) {
      if (read.y >= 0 && read.x >= 0) ++reads[static_cast<std::size_t>(read.y * g.w + read.x)];
      const bool is_inside = read.row >= 0 && read.row < g.h && read.col >= 0 && read.col < g.w;
      outside[static_cast<std::size_t>(read.p * g.q + read.q)] += !is_inside;
    });
    const explain::Coverage coverage = explain::coverage(g);
    const explain::PaddingShare share = explain::padding_share(g);
    const Tensor coverage_plane = to_plane(coverage);
    const Tensor share_plane = to_plane(share);
    bool all_equal = true;
    for (std::int64_t i = 0; i < g.h * g.w; ++i) {
      const std::int64_t count = coverage.at(i / g.w, i % g.w);
      all_equal &= count == reads[static_cast<std::size_t>(i)];
      all_equal &= coverage_plane.data()[i] == static_cast<float>(count);
    }
    CHECK(all_equal);
    bool all_near = true;
    for (std::int64_t i = 0; i < g.p * g.q; ++i) {
      const double expected =
          static_cast<double>(outside[static_cast<std::size_t>(i)]) / static_cast<double>(g.r * g.s);
      all_near &= std::abs(share.at(i / g.q, i % g.q) - expected) < 1e-12;
      all_near &= std::abs(static_cast<double>(share_plane.data()[i]) - expected) < 1e-6;
    }
    CHECK(all_near);
    CHECK(coverage.largest() == *std::ranges::max_element(reads));
    CHECK(coverage.unread_pixels() == std::ranges::count(reads, 0));
    CHECK(share.touched_outputs() == std::ranges::count_if(outside, [](std::int64_t n) { return n > 0; }));
    std::int64_t rows = 0;
    while (rows < g.h && std::all_of(reads.end() - (rows + 1) * g.w, reads.end() - rows * g.w,
                                     [](std::int64_t n) { return n == 0; })) {
      ++rows;
    }
    // A row may also be unread because no column is.
    if (coverage.unread_pixels() < g.h * g.w) CHECK(coverage.dropped_rows() == rows);
    unread += coverage.unread_pixels() > 0, dropped += coverage.dropped_rows() > 0;
    touched += share.touched_outputs() > 0;
  }
  CHECK(unread > 100);
  CHECK(dropped > 50);
  CHECK(touched > 100);
}

TEST_CASE("a weight's probe holds its every product, and its gradient is the change of the map's sum") {
  Random random(5);
  const Parallel parallel(1);
  conv::Workspace workspace;
  int padded = 0, not_zero = 0;
  for (const Sample& sample : samples(32, 2000)) {
    INFO(describe(sample.c));
    conv::Geometry g = sample.geometry;
    g.activation = conv::Activation::kNone;
    const explain::WeightIndex at{pick(random, g.k), pick(random, g.channels_per_group()), pick(random, g.r),
                                  pick(random, g.s)};
    const explain::WeightProbe probe = explain::probe_weight(g, sample.data.input.view(), at);
    CHECK(probe.channel == at.k / (g.k / g.groups) * (g.c / g.groups) + at.c);
    Tensor gradient(g.output_shape());
    for (float& value : gradient.values()) value = static_cast<float>(random.below(9)) - 4;
    std::int64_t padding = 0, inside = 0;
    double sum = 0, weighted = 0;
    for_each_read(g, [&](const Read& read) {
      if (read.weight_r != at.r || read.weight_s != at.s) return;
      CHECK(read.row == probe.footprint.rows.first + read.p * probe.footprint.rows.step);
      CHECK(read.col == probe.footprint.cols.first + read.q * probe.footprint.cols.step);
      const bool is_inside = read.row >= 0 && read.row < g.h && read.col >= 0 && read.col < g.w;
      const explain::OutputRange& range = probe.inside;
      const bool in_range = read.p >= range.row0 && read.p < range.row1 && read.q >= range.col0 && read.q < range.col1;
      CHECK(is_inside == in_range);
      padding += g.n * !is_inside, inside += is_inside;
      if (read.y < 0 || read.x < 0) return;
      for (std::int64_t n = 0; n < g.n; ++n) {
        const double value = sample.data.input.at(n, probe.channel, read.y, read.x);
        sum += value;
        weighted += value * static_cast<double>(gradient.at(n, at.k, read.p, read.q));
      }
    });
    CHECK(probe.padding_positions == padding);
    CHECK(probe.inside.count() == inside);
    CHECK(probe.positions == g.n * g.p * g.q);
    CHECK(probe.input_sum == sum);
    CHECK(explain::weight_gradient(g, sample.data.input.view(), gradient.view(), at) == weighted);
    padded += padding > 0;

    // One more in the weight adds input_sum to the sum of its map, and weighted to the weighted sum.
    Tensor weights = sample.data.weights.clone();
    Tensor before(g.output_shape()), after(g.output_shape());
    REQUIRE(conv::forward(g, sample.data.input.view(), weights.view(), {}, before.view(), {"reference", "auto"},
                          workspace, parallel));
    weights.at(at.k, at.c, at.r, at.s) += 1;
    REQUIRE(conv::forward(g, sample.data.input.view(), weights.view(), {}, after.view(), {"reference", "auto"},
                          workspace, parallel));
    double change = 0, weighted_change = 0;
    for (std::int64_t i = 0; i < before.size(); ++i) {
      const double difference = static_cast<double>(after.data()[i]) - static_cast<double>(before.data()[i]);
      change += difference;
      weighted_change += difference * static_cast<double>(gradient.data()[i]);
    }
    CHECK(change == probe.input_sum);
    CHECK(weighted_change == weighted);
    not_zero += change != 0;
  }
  CHECK(padded > 300);
  CHECK(not_zero > 700);
}

TEST_CASE("a pixel's probe is every tap that reads it, and its influence the change of the map") {
  Random random(6);
  const Parallel parallel(1);
  conv::Workspace workspace;
  int copied = 0, unread = 0;
  for (const Sample& sample : samples(33, 2000)) {
    INFO(describe(sample.c));
    conv::Geometry g = sample.geometry;
    g.activation = conv::Activation::kNone;
    const std::int64_t y = pick(random, g.h), x = pick(random, g.w), c = pick(random, g.c);
    const explain::PixelReads reads = explain::pixel_reads(g, y, x);
    using Entry = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>;
    std::vector<Entry> expected, found;
    for_each_read(g, [&](const Read& read) {
      if (read.y == y && read.x == x) {
        expected.emplace_back(read.p, read.q, read.weight_r, read.weight_s, read.row, read.col);
        copied += read.row != y || read.col != x;
      }
    });
    for (const explain::AxisRead& row : reads.rows) {
      for (const explain::AxisRead& col : reads.cols) {
        found.emplace_back(row.output, col.output, row.weight, col.weight, row.position, col.position);
      }
    }
    std::ranges::sort(expected);
    std::ranges::sort(found);
    CHECK(found == expected);
    unread += found.empty();

    Tensor input = sample.data.input.clone();
    Tensor before(g.output_shape()), after(g.output_shape());
    REQUIRE(conv::forward(g, input.view(), sample.data.weights.view(), {}, before.view(), {"reference", "auto"},
                          workspace, parallel));
    input.at(0, c, y, x) += 1;
    REQUIRE(conv::forward(g, input.view(), sample.data.weights.view(), {}, after.view(), {"reference", "auto"},
                          workspace, parallel));
    const explain::FilterRange filters = explain::filters_of_channel(g, c);
    const std::int64_t k = filters.first + pick(random, filters.count);
    const explain::Influence map = explain::influence_map(g, sample.data.weights.view(), reads, c, k);
    bool all_equal = true;
    for (std::int64_t i = 0; i < g.k * g.p * g.q; ++i) {
      const std::int64_t map_index = i / (g.p * g.q), p = i / g.q % g.p, q = i % g.q;
      const double change =
          static_cast<double>(after.at(0, map_index, p, q)) - static_cast<double>(before.at(0, map_index, p, q));
      if (map_index < filters.first || map_index >= filters.first + filters.count) {
        all_equal &= change == 0;
      } else if (map_index == k) {
        all_equal &= change == explain::influence(g, sample.data.weights.view(), reads, c, k, p, q);
        const std::int64_t row = p - map.first_row, col = q - map.first_col;
        const bool is_in_map =
            !map.plane.empty() && row >= 0 && col >= 0 && row < map.plane.shape().h && col < map.plane.shape().w;
        all_equal &= change == (is_in_map ? static_cast<double>(map.plane.at(0, 0, row, col)) : 0.0);
      }
    }
    CHECK(all_equal);
  }
  CHECK(copied > 300);
  CHECK(unread > 50);
}

TEST_CASE("an output lies on the input where its window's middle does") {
  for (const Sample& sample : samples(34, 300)) {
    const conv::Geometry& g = sample.geometry;
    const explain::Alignment y = explain::alignment(g, conv::Axis::kY);
    CHECK(y.count == g.p);
    std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> extents;
    for_each_read(g, [&](const Read& read) {
      auto& extent = extents.try_emplace(read.p, read.row, read.row).first->second;
      extent = {std::min(extent.first, read.row), std::max(extent.second, read.row)};
    });
    double middle = 0;
    for (const auto& [p, extent] : extents) {
      const double centre = 0.5 * static_cast<double>(extent.first + extent.second);
      CHECK(y.centre(p) == centre);
      middle += centre / static_cast<double>(g.p);
    }
    CHECK(y.shift == doctest::Approx(middle - 0.5 * static_cast<double>(g.h - 1)).epsilon(1e-9).scale(1));
  }
  conv::Params params;
  params.stride_y = params.stride_x = 2;
  params.padding = conv::PaddingMode::kSameTf;
  const auto tensorflow = conv::resolve(params, {1, 1, 8, 8}, {1, 1, 3, 3});
  REQUIRE(tensorflow);
  const explain::Alignment x = explain::alignment(*tensorflow, conv::Axis::kX);
  CHECK(x.first == 1);
  CHECK(x.shift == 0.5);
}

TEST_CASE("holes of stacked dilations") {
  using explain::StackLayer;
  const std::vector<StackLayer> same = {{3, 2, 1}, {3, 2, 1}};
  CHECK(explain::stack_paths(same) == std::vector<std::int64_t>{1, 0, 2, 0, 3, 0, 2, 0, 1});
  CHECK(explain::hole_share(explain::stack_paths(same)) == doctest::Approx(4.0 / 9));
  const std::vector<StackLayer> growing = {{3, 1, 1}, {3, 2, 1}, {3, 4, 1}};
  const auto paths = explain::stack_paths(growing);
  CHECK(paths.size() == 15);
  CHECK(explain::hole_share(paths) == 0);
  const std::vector<StackLayer> strided = {{1, 1, 2}, {3, 1, 1}};
  CHECK(explain::stack_paths(strided) == std::vector<std::int64_t>{1, 0, 1, 0, 1});
  const std::vector<StackLayer> deep(64, StackLayer{3, 1, 1});
  CHECK(explain::stack_paths(deep)[64] == std::int64_t{1} << 62);
}

TEST_CASE("outputs of different interleaved grids read no common position") {
  int apart = 0;
  for (const Sample& sample : samples(35, 300)) {
    const conv::Geometry& g = sample.geometry;
    const std::int64_t grids = explain::interleaved_grids(g, conv::Axis::kX);
    std::map<std::int64_t, std::int64_t> grid_of_position;
    for_each_read(g, [&](const Read& read) {
      const auto [entry, is_new] = grid_of_position.try_emplace(read.col, read.q % grids);
      CHECK(entry->second == read.q % grids);
    });
    apart += grids > 1;
  }
  CHECK(apart > 30);
}

TEST_CASE("geometry in words") {
  conv::Params params;
  params.stride_y = params.stride_x = 2;
  params.padding = conv::PaddingMode::kValid;
  const auto geometry = conv::resolve(params, {1, 1, 8, 7}, {1, 1, 3, 3});
  REQUIRE(geometry);
  CHECK(explain::geometry_in_words(*geometry) ==
        "a pixel is read up to 4 times by each map; 7 pixels are never read, the last 1 row among them\n"
        "0 outputs of 9 in each map have padding in their window\n"
        "output (0,0) is centred on input (1,1), its neighbours 2 rows and 2 columns on; the map lies 0.5 pixels above "
        "the picture's middle\n"
        "the stride keeps 1 of 4 positions\n");
}

}  // namespace
}  // namespace convlens::test
