// Only what changed is computed, the bits are those of computing everything, and what is looked at comes first.
#include "app/model/map_maker.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

#include "app/model/fields.h"
#include "app/model/filter_bank.h"
#include "engine/core/random.h"

namespace convlens::model {
namespace {

PicturePtr random_picture(const Shape& shape, std::uint64_t seed) {
  auto picture = std::make_shared<LoadedPicture>();
  picture->pixels = Tensor(shape);
  Random random(seed);
  for (float& value : picture->pixels.values()) value = random.uniform(-1, 1);
  picture->id = seed;
  return picture;
}

ConvSettings settings_for(const Shape& picture) {
  Settings settings = default_settings();
  make_legal(settings, picture);
  return settings.conv;
}

// Runs jobs one after the other, as a session does that nobody disturbs.
struct Desk {
  MapMaker maker;
  JobProgress progress;
  std::vector<int> looked_at;
  std::vector<ConvResultPtr> parts;
  std::function<bool(bool)> may_go_on = [](bool) { return true; };
  std::uint64_t generation = 0;

  std::optional<Result<ConvResultPtr>> run(const PicturePtr& picture, const ConvSettings& settings) {
    parts.clear();
    const JobControl control{.progress = progress,
                             .may_go_on = may_go_on,
                             .looked_at = [this] { return looked_at; },
                             .publish = [this](ConvResultPtr part) { parts.push_back(std::move(part)); }};
    return maker.run({picture, settings, ++generation}, control);
  }
  ConvResultPtr whole(const PicturePtr& picture, const ConvSettings& settings) {
    auto result = run(picture, settings);
    if (!result) FAIL("the job was given up");
    if (!*result) FAIL(result->error().message);
    CHECK((**result)->is_complete);
    return **result;
  }
};

bool has_same_bits(const float* a, const float* b, std::int64_t count) {
  return std::memcmp(a, b, static_cast<std::size_t>(count) * sizeof(float)) == 0;
}

// Values, reduced copies and statistics.
bool has_same_bits(const FeatureMap& a, const FeatureMap& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols() || !has_same_bits(a.row(0), b.row(0), a.rows() * a.cols())) {
    return false;
  }
  if (a.block->levels.size() != b.block->levels.size()) return false;
  for (std::size_t i = 0; i < a.block->levels.size(); ++i) {
    const Tensor& one = a.block->levels[i];
    const Tensor& other = b.block->levels[i];
    const std::int64_t count = one.shape().h * one.shape().w;
    if (!has_same_bits(one.view().plane(0, a.plane), other.view().plane(0, b.plane), count)) return false;
  }
  return a.stats.min == b.stats.min && a.stats.max == b.stats.max && a.stats.mean == b.stats.mean &&
         a.stats.standard_deviation == b.stats.standard_deviation && a.stats.bulk == b.stats.bulk;
}

float& any_weight(FilterBank& bank, Random& random) {
  Filter& filter = bank.filters[random.below(static_cast<std::uint32_t>(bank.filters.size()))];
  return filter.weights[random.below(static_cast<std::uint32_t>(filter.weights.size()))];
}

// One edit as a hand makes it; mostly of filters.
void edit(Settings& settings, const Shape& picture, Random& random) {
  FilterBank& bank = settings.conv.bank;
  const auto any_filter = [&] {
    return static_cast<int>(random.below(static_cast<std::uint32_t>(bank.filters.size())));
  };
  switch (random.below(12)) {
    case 0:
      bank.filters[static_cast<std::size_t>(any_filter())].bias = random.uniform(-1, 1);
      break;
    case 1:
      bank.filters[static_cast<std::size_t>(any_filter())].strength = random.uniform(0, 2);
      break;
    case 2:
      if (bank.filters.size() < 12) duplicate_filter(bank, any_filter());
      break;
    case 3:
      delete_filter(bank, any_filter());
      break;
    case 4:
      move_filter(bank, any_filter(), any_filter());
      break;
    case 5:
      bank.filters[static_cast<std::size_t>(any_filter())].name += "'";
      break;
    case 6:
      settings.conv.params.groups = settings.conv.params.groups == 1 ? 3 : 1;
      break;
    case 7:
      settings.conv.params.stride_x = 1 + static_cast<int>(random.below(2));
      settings.conv.params.dilation_y = 1 + static_cast<int>(random.below(2));
      break;
    case 8:
      settings.conv.params.activation = random.below(2) == 0 ? conv::Activation::kNone : conv::Activation::kRelu;
      settings.conv.channels = random.below(3) == 0 ? Channels::kGrey : Channels::kRgb;
      break;
    default:
      any_weight(bank, random) = random.below(4) == 0 ? 0.0F : random.uniform(-1, 1);
  }
  make_legal(settings, picture);
}

TEST_CASE("a changed filter gives the bits of computing everything, whatever was edited before") {
  std::vector<std::string> kernels{"auto"};
  for (const conv::KernelInfo& kernel : conv::kernels()) kernels.emplace_back(kernel.name);
  for (const std::string& kernel : kernels) {
    CAPTURE(kernel);
    int shared = 0;
    int computed = 0;
    CHECK(rc::check("edits with kernel " + kernel, [&](std::uint64_t seed) {
      Random random(seed);
      // Some have reduced copies.
      const Shape shape{1, 3, 1 + random.below(random.below(5) == 0 ? 300 : 40), 1 + random.below(60)};
      const PicturePtr picture = random_picture(shape, seed);
      Settings settings = default_settings();
      settings.conv.kernel.kernel = kernel;
      settings.conv.threads = 2;
      make_legal(settings, shape);
      Desk desk;
      for (int i = 0; i < 6; ++i) {
        edit(settings, shape, random);
        const auto result = desk.run(picture, settings.conv);
        Desk fresh;
        const auto truth = fresh.run(picture, settings.conv);
        RC_ASSERT(result.has_value());
        RC_ASSERT(truth.has_value());
        // Some kernels refuse some convolutions.
        RC_ASSERT(result->ok() == truth->ok());
        if (!*result) continue;
        const ConvResult& now = ***result;
        const ConvResult& whole = ***truth;
        RC_ASSERT(now.maps.size() == settings.conv.bank.filters.size());
        RC_ASSERT(whole.computed_maps == static_cast<int>(whole.maps.size()));
        for (int k = 0; k < static_cast<int>(now.maps.size()); ++k) {
          RC_ASSERT(now.has(k));
          RC_ASSERT(has_same_bits(now.map(k), whole.map(k)));
        }
        RC_ASSERT(now.report.kernel == whole.report.kernel);
        computed += now.computed_maps;
        shared += static_cast<int>(now.maps.size()) - now.computed_maps;
      }
    }));
    CHECK(computed > 0);
    CHECK(shared > 0);
  }
}

TEST_CASE("one changed weight computes one map, and the others are the very same") {
  const Shape shape{1, 3, 60, 80};
  const PicturePtr picture = random_picture(shape, 1);
  ConvSettings settings = settings_for(shape);
  Desk desk;
  const ConvResultPtr before = desk.whole(picture, settings);
  CHECK(before->computed_maps == 8);
  CHECK(desk.parts.empty());
  settings.bank.filters[3].weights[4] += 0.5F;
  const ConvResultPtr after = desk.whole(picture, settings);
  CHECK(after->computed_maps == 1);
  for (int k = 0; k < 8; ++k) {
    CHECK((after->maps[static_cast<std::size_t>(k)] == before->maps[static_cast<std::size_t>(k)]) == (k != 3));
    CHECK(after->map(k).generation == (k == 3 ? 2 : 1));
  }
  CHECK(after->map(3).version != before->map(3).version);
  CHECK(after->report.milliseconds > 0);

  SUBCASE("back again, and to and fro in the bank") {
    settings.bank.filters[3].weights[4] -= 0.5F;
    CHECK(desk.whole(picture, settings)->computed_maps == 1);
    move_filter(settings.bank, 0, 6);
    const ConvResultPtr moved = desk.whole(picture, settings);
    CHECK(moved->computed_maps == 0);
    CHECK(moved->maps[6] == before->maps[0]);
    CHECK(moved->report.kernel == before->report.kernel);
    CHECK(moved->report.milliseconds == 0);
  }
  SUBCASE("a name is no number") {
    settings.bank.filters[3].name = "Another";
    CHECK(desk.whole(picture, settings)->computed_maps == 0);
  }
  SUBCASE("an added filter, a removed one") {
    Filter filter = settings.bank.filters[0];
    filter.bias = 2;
    add_filter(settings.bank, filter);
    CHECK(desk.whole(picture, settings)->computed_maps == 1);
    delete_filter(settings.bank, 0);
    CHECK(desk.whole(picture, settings)->computed_maps == 0);
  }
  SUBCASE("a filter of one group") {
    settings.bank = {.channels = 1, .rows = 3, .cols = 3, .filters = {}};
    for (int k = 0; k < 6; ++k) {
      settings.bank.filters.push_back(
          {.name = "f", .weights = std::vector<float>(9, 0.1F * static_cast<float>(k + 1))});
    }
    settings.params.groups = 3;
    CHECK(desk.whole(picture, settings)->computed_maps == 6);
    settings.bank.filters[1].bias = 1;
    settings.bank.filters[4].bias = 1;
    CHECK(desk.whole(picture, settings)->computed_maps == 2);
  }
  SUBCASE("all of them for another border, picture, kernel, number of threads") {
    settings.params.border = conv::Border::kReflect;
    CHECK(desk.whole(picture, settings)->computed_maps == 8);
    CHECK(desk.whole(random_picture(shape, 2), settings)->computed_maps == 8);
    settings.kernel.kernel = "reference";
    CHECK(desk.whole(picture, settings)->computed_maps == 8);
    settings.threads = 2;
    CHECK(desk.whole(picture, settings)->computed_maps == 8);
  }
}

TEST_CASE("a map stays readable after its neighbours are gone") {
  const Shape shape{1, 3, 200, 300};
  const PicturePtr picture = random_picture(shape, 3);
  ConvSettings settings = settings_for(shape);
  Desk desk;
  const ConvResultPtr first = desk.whole(picture, settings);
  const FeatureMapPtr kept = first->maps[2];
  const std::vector<float> values(kept->values().begin(), kept->values().end());
  FeatureMapPtr last;
  for (int i = 0; i < 5; ++i) {
    for (std::size_t k = 0; k < 8; ++k) {
      if (k != 2) settings.bank.filters[k].bias += 1;
    }
    last = desk.whole(picture, settings)->maps[2];
  }
  CHECK(last == kept);
  CHECK(std::equal(values.begin(), values.end(), kept->values().begin()));
}

// 8 maps by the slow kernel: a job that is done in parts.
struct LongJob {
  Shape shape{1, 3, 400, 600};
  PicturePtr picture = random_picture(shape, 4);
  ConvSettings settings = settings_for(shape);
  LongJob() { settings.kernel.kernel = "reference"; }
};

TEST_CASE("of a long job the maps that are looked at come first") {
  LongJob job;
  Desk desk;
  desk.looked_at = {5, 1, 99};
  const ConvResultPtr whole = desk.whole(job.picture, job.settings);
  CHECK(whole->computed_maps == 8);
  REQUIRE_FALSE(desk.parts.empty());
  const ConvResult& part = *desk.parts.front();
  CHECK_FALSE(part.is_complete);
  CHECK(part.generation == whole->generation);
  CHECK(part.computed_maps <= 2);
  CHECK((part.has(5) || part.has(1)));
  for (const int k : {0, 2, 3, 4, 6, 7}) {
    CHECK_FALSE(part.has(k));
    CHECK(part.maps[static_cast<std::size_t>(k)] == nullptr);
    CHECK_FALSE(part.value(k, 0, 0).has_value());
  }
  for (const ConvResultPtr& some : desk.parts) {
    for (int k = 0; k < 8; ++k) {
      if (some->has(k)) CHECK(some->map(k).version == whole->map(k).version);
    }
  }

  // What is not computed yet is the older map.
  job.settings.params.padding = conv::PaddingMode::kValid;
  const ConvResultPtr smaller = desk.whole(job.picture, job.settings);
  REQUIRE_FALSE(desk.parts.empty());
  CHECK(desk.parts.front()->maps[0] == whole->maps[0]);
  CHECK_FALSE(desk.parts.front()->has(0));
  CHECK(smaller->map(0).rows() == 398);
  CHECK(desk.progress.fraction() == doctest::Approx(1));
}

TEST_CASE("the rest of a long job gives way, and what it computed is kept") {
  LongJob job;
  Desk desk;
  desk.looked_at = {2};
  std::vector<bool> asked;
  desk.may_go_on = [&](bool is_later_part) {
    asked.push_back(is_later_part);
    return !is_later_part;
  };
  CHECK_FALSE(desk.run(job.picture, job.settings).has_value());
  CHECK(asked == std::vector<bool>{false, true});
  REQUIRE(desk.parts.size() == 1);
  const ConvResultPtr part = desk.parts.front();
  REQUIRE(part->has(2));

  desk.may_go_on = [](bool) { return true; };
  const ConvResultPtr whole = desk.whole(job.picture, job.settings);
  CHECK(whole->computed_maps == 7);
  CHECK(whole->maps[2] == part->maps[2]);

  // Cancelled in the midst of a later part: nothing is said, as a newer job follows.
  job.settings.params.border = conv::Border::kReflect;
  desk.may_go_on = [&](bool is_later_part) {
    desk.progress.call.is_cancelled = is_later_part;
    return true;
  };
  CHECK_FALSE(desk.run(job.picture, job.settings).has_value());
  desk.progress.call.is_cancelled = false;
  desk.may_go_on = [](bool) { return true; };
  CHECK(desk.whole(job.picture, job.settings)->computed_maps == 7);
}

}  // namespace
}  // namespace convlens::model
