// Which slices count as sums of one or two outer products, and how near their factors come to the weights.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "engine/conv/rank.h"
#include "engine/core/random.h"

namespace convlens::test {
namespace {

using conv::Factors;

Tensor slice(std::int64_t rows, std::int64_t columns, const std::function<double(double, double)>& weight) {
  Tensor w({1, 1, rows, columns});
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t s = 0; s < columns; ++s) {
      w.at(0, 0, r, s) =
          static_cast<float>(weight(static_cast<double>(r - rows / 2), static_cast<double>(s - columns / 2)));
    }
  }
  return w;
}

double gauss(double x, double sigma) { return std::exp(-x * x / (2 * sigma * sigma)); }

// 0 where the slice is refused.
int rank_of(const Tensor& w) {
  Factors factors;
  return conv::factorize(w.view(), 0, 0, factors) ? factors.rank : 0;
}

// Largest error of a weight, relative to it; infinite where a weight of zero is missed.
double worst_weight(const Tensor& w, const Factors& factors) {
  double worst = 0;
  for (std::int64_t r = 0; r < w.shape().h; ++r) {
    for (std::int64_t s = 0; s < w.shape().w; ++s) {
      double value = 0;
      for (int t = 0; t < factors.rank; ++t) {
        const auto& term = factors.terms[static_cast<std::size_t>(t)];
        value += double{term.column[static_cast<std::size_t>(r)]} * double{term.row[static_cast<std::size_t>(s)]};
      }
      const double weight = double{w.at(0, 0, r, s)};
      const double error = std::abs(value - weight);
      if (error > 0) worst = std::max(worst, error / std::abs(weight));
    }
  }
  return worst;
}

TEST_CASE("filters that are products are found at every size, as close as float's rounding") {
  for (const std::int64_t size : {2, 3, 5, 7, 15, 31, 63, 255}) {
    const double sigma = static_cast<double>(size) / 6;
    double sum = 0;
    for (std::int64_t i = 0; i < size; ++i) sum += gauss(static_cast<double>(i - size / 2), sigma);
    const Tensor blur =
        slice(size, size, [&](double y, double x) { return gauss(y, sigma) * gauss(x, sigma) / (sum * sum); });
    const Tensor box = slice(size, size, [&](double, double) { return 1.0 / static_cast<double>(size * size); });
    const Tensor slope = slice(size, std::min<std::int64_t>(size + 2, conv::kMaxKernelSize),
                               [&](double y, double x) { return x * gauss(y, sigma) * gauss(x, sigma); });
    for (const Tensor* w : {&blur, &box, &slope}) {
      INFO("size " << size);
      Factors factors;
      REQUIRE(conv::factorize(w->view(), 0, 0, factors));
      CHECK(factors.rank == 1);
      CHECK(worst_weight(*w, factors) <= 0x1p-21);
    }
  }
}

TEST_CASE("products of random floats, rounded once, are found; a change of one weight by more than rounding is not") {
  Random random(31);
  int found = 0;
  for (int i = 0; i < 400; ++i) {
    const std::int64_t rows = 3 + random.below(20);
    const std::int64_t columns = 3 + random.below(20);
    std::vector<float> u(32), v(32);
    for (float& x : u) x = random.uniform(-1, 1);
    for (float& x : v) x = random.uniform(-1, 1);
    Tensor w({1, 1, rows, columns});
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t s = 0; s < columns; ++s)
        w.at(0, 0, r, s) = u[static_cast<std::size_t>(r)] * v[static_cast<std::size_t>(s)];
    }
    found += rank_of(w) == 1;
    float& changed =
        w.at(0, 0, random.below(static_cast<std::uint32_t>(rows)), random.below(static_cast<std::uint32_t>(columns)));
    changed *= 1.001f;
    Factors factors;
    if (conv::factorize(w.view(), 0, 0, factors)) CHECK(worst_weight(w, factors) <= 0x1p-19);
    CHECK(rank_of(w) != 1);
  }
  CHECK(found == 400);
}

TEST_CASE("small integers get factors that are exact") {
  const std::vector<std::vector<double>> parts = {{1, 2, 1},  {-1, 0, 1},    {1, 4, 6, 4, 1},
                                                  {3, 10, 3}, {2, -7, 5, 4}, {1, 1, 1, 1, 1, 1}};
  for (const auto& column : parts) {
    for (const auto& row : parts) {
      for (const double scale : {1.0, 1.0 / 256, 1.0 / 9}) {
        Tensor w({1, 1, static_cast<std::int64_t>(column.size()), static_cast<std::int64_t>(row.size())});
        const auto unit = static_cast<float>(scale);
        for (std::size_t i = 0; i < column.size() * row.size(); ++i) {
          w.data()[i] = static_cast<float>(column[i / row.size()] * row[i % row.size()]) *
                        (scale < 1.0 / 200 || scale == 1 ? unit : 1.0f);
        }
        Factors factors;
        REQUIRE(conv::factorize(w.view(), 0, 0, factors));
        CHECK(factors.rank == 1);
        CHECK(worst_weight(w, factors) == 0);
        // Whole multiples of one power of two each, so that sums of integers stay exact.
        float sum = 0;
        for (std::size_t s = 0; s < row.size(); ++s) sum += std::abs(factors.terms[0].row[s]);
        CHECK(sum <= 1);
        CHECK(sum >= 0.5f);
      }
    }
  }
}

TEST_CASE("two terms are used where they do not cancel, and full rank is refused") {
  const Tensor sum_of_blurs =
      slice(15, 15, [](double y, double x) { return gauss(y, 1) * gauss(x, 1) + 0.2 * gauss(y, 4) * gauss(x, 4); });
  const Tensor plus = slice(9, 9, [](double y, double x) { return y == 0 || x == 0 ? 1.0 / 17 : 0.0; });
  const Tensor laplacian =
      slice(3, 3, [](double y, double x) { return y == 0 && x == 0 ? -4.0 : (y == 0 || x == 0 ? 1.0 : 0.0); });
  const Tensor two_rows = slice(2, 7, [](double y, double x) { return y < 0 ? x * x : 3 - x; });
  for (const Tensor* w : {&sum_of_blurs, &plus, &laplacian, &two_rows}) {
    INFO(to_string(w->shape()));
    Factors factors;
    REQUIRE(conv::factorize(w->view(), 0, 0, factors));
    CHECK(factors.rank == 2);
    CHECK(worst_weight(*w, factors) <= 0x1p-19);
  }
  const Tensor disk = slice(15, 15, [](double y, double x) { return y * y + x * x < 40 ? 1.0 : 0.0; });
  const Tensor diagonal = slice(5, 5, [](double y, double x) { return y == x ? 1.0 : 0.0; });
  for (const Tensor* w : {&disk, &diagonal}) CHECK(rank_of(*w) == 0);
  Random random(3);
  for (int i = 0; i < 200; ++i) {
    const std::int64_t size = 3 + random.below(13);
    CHECK(rank_of(slice(size, size, [&](double, double) { return double{random.uniform(-1, 1)}; })) == 0);
  }
}

TEST_CASE("sums of two products are used only where floats give every weight back, one by one") {
  Random random(9);
  int found = 0, refused = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::int64_t size = 3 + i % 5;
    std::vector<double> u(32);
    for (double& x : u) x = double{random.uniform(i % 2 ? -1 : 0, 1)};
    Tensor w({1, 1, size, size});
    for (std::int64_t r = 0; r < size; ++r) {
      for (std::int64_t s = 0; s < size; ++s) {
        const double* at = u.data();
        w.at(0, 0, r, s) = static_cast<float>(at[r] * at[8 + s] + at[16 + r] * at[24 + s]);
      }
    }
    Factors factors;
    if (!conv::factorize(w.view(), 0, 0, factors)) {
      ++refused;
      continue;
    }
    ++found;
    for (std::int64_t r = 0; r < size; ++r) {
      for (std::int64_t s = 0; s < size; ++s) {
        float value = 0;
        for (int t = 0; t < factors.rank; ++t) {
          const auto& term = factors.terms[static_cast<std::size_t>(t)];
          value += term.column[static_cast<std::size_t>(r)] * term.row[static_cast<std::size_t>(s)];
        }
        CHECK(std::abs(double{value} - double{w.at(0, 0, r, s)}) <= 1e-5 * std::abs(double{w.at(0, 0, r, s)}));
      }
    }
  }
  INFO("found " << found << " refused " << refused);
  CHECK(found >= 500);
  CHECK(refused >= 100);
}

TEST_CASE("single rows and columns, zeros and weights that are not finite") {
  Random random(5);
  const auto draw = [&](double, double) { return double{random.uniform(-1, 1)}; };
  for (const Tensor& w :
       {slice(1, 31, draw), slice(31, 1, draw), slice(1, 1, draw), slice(4, 4, [](double, double) { return 0.0; })}) {
    Factors factors;
    REQUIRE(conv::factorize(w.view(), 0, 0, factors));
    CHECK(factors.rank == 1);
    CHECK(worst_weight(w, factors) == 0);
  }
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    for (const std::int64_t at : {0, 4, 8}) {
      for (const double rest : {0.0, 1.0}) {
        Tensor w = slice(3, 3, [&](double, double) { return rest; });
        w.data()[at] = bad;
        CHECK(rank_of(w) == 0);
      }
    }
  }
}

TEST_CASE("singular values and the nearest product") {
  const Tensor w = slice(3, 4, [](double y, double x) { return y == x ? 3 - y : 0.0; });
  const auto values = conv::singular_values(w.view(), 0, 0);
  REQUIRE(values.size() == 3);
  CHECK(values[0] == doctest::Approx(4));
  CHECK(values[1] == doctest::Approx(3));
  CHECK(values[2] == doctest::Approx(2));
  const conv::RankOne nearest = conv::nearest_rank_one(w.view(), 0, 0);
  CHECK(nearest.scale == doctest::Approx(4));
  CHECK(nearest.relative_error == doctest::Approx(std::sqrt(13.0 / 29.0)));
  REQUIRE(nearest.column.size() == 3);
  REQUIRE(nearest.row.size() == 4);
  CHECK(std::abs(nearest.column[0] * nearest.row[1]) == doctest::Approx(1));

  const Tensor blur = slice(31, 31, [](double y, double x) { return gauss(y, 5) * gauss(x, 5); });
  const conv::RankOne exact = conv::nearest_rank_one(blur.view(), 0, 0);
  CHECK(exact.relative_error < 1e-7);
  CHECK(exact.scale * exact.column[15] * exact.row[12] == doctest::Approx(gauss(3, 5)).epsilon(1e-6));
  CHECK(conv::nearest_rank_one(slice(3, 3, [](double, double) { return 0.0; }).view(), 0, 0).relative_error == 0);
}

}  // namespace
}  // namespace convlens::test
