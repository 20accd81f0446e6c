// Datasets, splits, orders and batches.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <numeric>
#include <set>
#include <vector>

#include "engine/core/random.h"
#include "engine/core/seed.h"
#include "engine/training/dataset.h"
#include "engine/training/split.h"

namespace convlens::training {
namespace {

// `count` pictures of 2 x 3 with `classes` classes, all pixels and labels drawn by seed.
std::shared_ptr<const Dataset> some_data(std::int64_t count, std::int64_t classes, std::uint64_t seed = 1) {
  Random random(seed);
  auto data = std::make_shared<Dataset>();
  data->height = 2;
  data->width = 3;
  for (std::int64_t c = 0; c < classes; ++c) data->class_names.push_back("class " + std::to_string(c));
  for (std::int64_t i = 0; i < count; ++i) {
    data->labels.push_back(static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(classes))));
    for (int k = 0; k < 6; ++k) data->pixels.push_back(static_cast<std::uint8_t>(random.next()));
  }
  return data;
}

TEST_CASE("a sound dataset passes, every fault is said") {
  const Dataset good = *some_data(5, 3);
  CHECK(check(good).ok());
  Dataset bad = good;
  bad.width = 0;
  CHECK_FALSE(check(bad).ok());
  bad = good;
  bad.labels.pop_back();
  CHECK(check(bad).error().message.find("not as many pictures") != std::string::npos);
  bad = good;
  bad.labels[2] = 3;
  CHECK(check(bad).error().message.find("the label 3") != std::string::npos);
  bad.labels[2] = -1;
  CHECK_FALSE(check(bad).ok());
  bad.labels.clear();
  CHECK(check(bad).error().message.find("no pictures") != std::string::npos);
}

TEST_CASE("batches hold the chosen pictures, normalised") {
  const auto data = some_data(20, 4);
  const Indices indices = {7, 0, 19, 7};
  const Normalisation normalisation{0.25f, 0.5f};
  std::vector<float> batch(4 * 6, -9), threaded(4 * 6, -9);
  fill_batch(*data, indices, normalisation, batch.data());
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t k = 0; k < 6; ++k) {
      const double byte = data->picture(indices[i])[k];
      CHECK(static_cast<double>(batch[i * 6 + k]) == doctest::Approx((byte / 255 - 0.25) / 0.5).epsilon(1e-5));
    }
  }
  fill_batch(*data, indices, normalisation, threaded.data(), Parallel(2));
  CHECK(batch == threaded);
  std::vector<std::int32_t> labels(4);
  fill_labels(*data, indices, labels);
  for (std::size_t i = 0; i < 4; ++i) CHECK(labels[i] == data->labels[static_cast<std::size_t>(indices[i])]);
}

TEST_CASE("the measured normalisation brings pixels to mean 0 and deviation 1") {
  Subset subset = whole(some_data(50, 4));
  subset.indices.resize(30);
  const Normalisation measured = measure_normalisation(subset);
  std::vector<float> batch(30 * 6);
  fill_batch(*subset.data, subset.indices, measured, batch.data());
  double sum = 0, squares = 0;
  for (const float value : batch) {
    sum += static_cast<double>(value);
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  CHECK(std::abs(sum / 180) < 1e-5);
  CHECK(squares / 180 == doctest::Approx(1).epsilon(1e-5));

  auto flat = std::make_shared<Dataset>(*some_data(3, 2));
  std::fill(flat->pixels.begin(), flat->pixels.end(), std::uint8_t{51});
  CHECK(measure_normalisation(whole(flat)) == Normalisation{0.2f, 1});
}

TEST_CASE("an order depends on seed and epoch alone") {
  Indices a(1000), b(1000), c(1000), d(1000);
  std::iota(a.begin(), a.end(), 0);
  b = c = d = a;
  const Indices sorted = a;
  shuffle(a, 5, 3);
  shuffle(b, 5, 3);
  shuffle(c, 5, 4);
  shuffle(d, 6, 3);
  CHECK(a == b);
  CHECK(a != c);
  CHECK(a != d);
  CHECK(c != d);
  CHECK(std::is_permutation(a.begin(), a.end(), sorted.begin()));
  int still_there = 0;
  for (std::size_t i = 0; i < a.size(); ++i) still_there += a[i] == sorted[i] ? 1 : 0;
  CHECK(still_there < 10);
}

TEST_CASE("every order of three is drawn as often") {
  std::vector<int> counts(27, 0);
  for (std::uint64_t epoch = 0; epoch < 6000; ++epoch) {
    Indices order = {0, 1, 2};
    shuffle(order, 9, epoch);
    ++counts[static_cast<std::size_t>(9 * order[0] + 3 * order[1] + order[2])];
  }
  int used = 0;
  for (const int count : counts) {
    if (count == 0) continue;
    ++used;
    CHECK(count > 850);
    CHECK(count < 1150);
  }
  CHECK(used == 6);
}

TEST_CASE("streams with neighbouring numbers have unrelated seeds") {
  std::set<std::uint64_t> seeds;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    for (std::uint64_t a = 0; a < 10; ++a) {
      for (std::uint64_t b = 0; b < 10; ++b) seeds.insert(stream_seed(seed, a, b));
    }
  }
  CHECK(seeds.size() == 1000);
}

TEST_CASE("what is set aside is a share of every class and the rest stays") {
  const Subset all = whole(some_data(997, 7));
  const std::vector<std::int64_t> before = count_classes(all);
  for (const double share : {0.0, 0.1, 1.0 / 6, 0.5, 1.0}) {
    CAPTURE(share);
    const auto [stays, aside] = set_aside(all, share, 11);
    Indices together = stays.indices;
    together.insert(together.end(), aside.indices.begin(), aside.indices.end());
    std::sort(together.begin(), together.end());
    CHECK(together == all.indices);
    CHECK(std::is_sorted(stays.indices.begin(), stays.indices.end()));
    const std::vector<std::int64_t> counts = count_classes(aside);
    for (std::size_t c = 0; c < counts.size(); ++c) {
      CHECK(std::abs(static_cast<double>(counts[c]) - share * static_cast<double>(before[c])) <= 0.5001);
    }
  }
  const auto [a, a_aside] = set_aside(all, 0.2, 1);
  const auto [b, b_aside] = set_aside(all, 0.2, 1);
  const auto [c, c_aside] = set_aside(all, 0.2, 2);
  CHECK(a_aside.indices == b_aside.indices);
  CHECK(a_aside.indices != c_aside.indices);

  // Small classes keep one and give one.
  auto small = std::make_shared<Dataset>(*some_data(4, 2));
  small->labels = {0, 0, 1, 1};
  const auto [stays, aside] = set_aside(whole(small), 0.01, 1);
  CHECK(count_classes(stays) == std::vector<std::int64_t>{1, 1});
  CHECK(count_classes(aside) == std::vector<std::int64_t>{1, 1});
}

TEST_CASE("the first N are balanced") {
  auto data = std::make_shared<Dataset>(*some_data(9, 3));
  data->labels = {0, 0, 0, 0, 0, 1, 1, 2, 0};
  const Subset all = whole(data);
  CHECK(first_balanced(all, 3).indices == Indices{0, 5, 7});
  CHECK(first_balanced(all, 6).indices == Indices{0, 5, 7, 1, 6, 2});
  CHECK(first_balanced(all, 0).size() == 0);
  const Subset every = first_balanced(all, 100);
  CHECK(std::is_permutation(every.indices.begin(), every.indices.end(), all.indices.begin(), all.indices.end()));
}

TEST_CASE("batches walk every epoch once, and go on anywhere as if they had come that way") {
  const Subset subset = first_balanced(whole(some_data(23, 3)), 21);
  Batches batches(subset, 5, 77);
  CHECK(batches.batches_per_epoch() == 5);
  std::vector<Indices> walked;
  std::vector<Batches::Position> positions;
  for (int epoch = 0; epoch < 3; ++epoch) {
    Indices seen;
    for (int i = 0; i < 5; ++i) {
      CHECK(batches.position() == Batches::Position{epoch, 5 * i});
      positions.push_back(batches.position());
      const std::span<const std::int64_t> batch = batches.next();
      CHECK(batch.size() == (i < 4 ? 5 : 1));
      walked.emplace_back(batch.begin(), batch.end());
      seen.insert(seen.end(), batch.begin(), batch.end());
    }
    CHECK(std::is_permutation(seen.begin(), seen.end(), subset.indices.begin(), subset.indices.end()));
  }
  CHECK(walked[0] != walked[5]);
  for (const std::size_t start : {13u, 2u, 5u, 0u}) {
    Batches resumed(subset, 5, 77);
    resumed.seek(positions[start]);
    for (std::size_t i = start; i < walked.size(); ++i) {
      const std::span<const std::int64_t> batch = resumed.next();
      CHECK(Indices(batch.begin(), batch.end()) == walked[i]);
    }
  }
  Batches unshuffled(subset, 21, 77, false);
  for (int epoch = 0; epoch < 2; ++epoch) {
    const std::span<const std::int64_t> batch = unshuffled.next();
    CHECK(Indices(batch.begin(), batch.end()) == subset.indices);
  }
}

TEST_CASE("a new batch size keeps the place in the epoch") {
  const Subset subset = whole(some_data(10, 2));
  Batches a(subset, 4, 1), b(subset, 2, 1);
  a.next();
  a.set_batch_size(2);
  b.next();
  b.next();
  CHECK(a.position() == b.position());
  const auto from_a = a.next(), from_b = b.next();
  CHECK(std::equal(from_a.begin(), from_a.end(), from_b.begin(), from_b.end()));
}

}  // namespace
}  // namespace convlens::training
