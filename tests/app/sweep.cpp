// The path of the sliding window: every stop inside, in reading order, ends included, and few enough to watch.
#include "app/model/sweep.h"

#include <doctest/doctest.h>

#include <vector>

namespace convlens::model {
namespace {

std::vector<OutputCell> walk(const Sweep& sweep) {
  std::vector<OutputCell> cells{first_stop(sweep)};
  while (const auto next = next_stop(sweep, cells.back())) {
    cells.push_back(*next);
    REQUIRE(cells.size() <= 100000);
  }
  return cells;
}

TEST_CASE("A small output is walked cell by cell") {
  const Sweep sweep{0, 3, 0, 4};
  const std::vector<OutputCell> cells = walk(sweep);
  REQUIRE(cells.size() == 12);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    CHECK(cells[i] == OutputCell{static_cast<std::int64_t>(i / 4), static_cast<std::int64_t>(i % 4)});
  }
}

TEST_CASE("A large output is walked in at most twenty lines of thirty stops, corners included") {
  const Sweep sweep{0, 480, 0, 640};
  const std::vector<OutputCell> cells = walk(sweep);
  CHECK(cells.size() == 600);
  CHECK(cells.front() == OutputCell{0, 0});
  CHECK(cells[29] == OutputCell{0, 639});
  CHECK(cells.back() == OutputCell{479, 639});
  for (std::size_t i = 1; i < cells.size(); ++i) {
    CHECK(cells[i].row * 640 + cells[i].col > cells[i - 1].row * 640 + cells[i - 1].col);
  }
}

TEST_CASE("Ragged sizes end on their last cell") {
  for (const Sweep& sweep : {Sweep{0, 1, 0, 1}, Sweep{0, 1, 0, 5000}, Sweep{0, 5000, 0, 1}, Sweep{7, 60, 11, 90},
                             Sweep{0, 21, 0, 31}, Sweep{100, 2000, 3, 5}}) {
    const std::vector<OutputCell> cells = walk(sweep);
    CHECK(cells.size() <= 600);
    CHECK(cells.front() == OutputCell{sweep.row0, sweep.col0});
    CHECK(cells.back() == OutputCell{sweep.row1 - 1, sweep.col1 - 1});
  }
}

TEST_CASE("From between the stops the walk goes on, from outside it begins anew") {
  const Sweep sweep{0, 480, 0, 640};
  const auto next = next_stop(sweep, {3, 5});
  REQUIRE(next);
  CHECK(next->row == 3);
  CHECK(next->col > 5);
  const auto below = next_stop(sweep, {3, 639});
  REQUIRE(below);
  CHECK(below->row > 3);
  CHECK(below->col == 0);
  CHECK(next_stop({10, 20, 10, 20}, {0, 0}) == OutputCell{10, 10});
  CHECK(next_stop({10, 20, 10, 20}, {15, 20}) == OutputCell{10, 10});
}

}  // namespace
}  // namespace convlens::model
