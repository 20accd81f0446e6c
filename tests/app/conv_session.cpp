// The worker: newest request first, results equal to the engine's, errors as words, nothing shared by accident.
#include "app/model/conv_session.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <semaphore>
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
  for (float& value : picture->pixels.values()) value = random.uniform();
  picture->id = seed;
  return picture;
}

// Collects what a session publishes, in the order in which it does.
class Collector {
 public:
  explicit Collector(std::function<void(const ConvJob&)> before_job = {})
      : session([this] { collect(); }, std::move(before_job)) {}

  // The next result; waits for it.
  ConvSession::Outcome next() {
    arrived_.acquire();
    std::lock_guard lock(mutex_);
    ConvSession::Outcome outcome = std::move(outcomes_.front());
    outcomes_.erase(outcomes_.begin());
    return outcome;
  }
  ConvResultPtr next_result() {
    ConvSession::Outcome outcome = next();
    if (!outcome.result) FAIL(outcome.result.error().message);
    return *outcome.result;
  }
  bool is_empty() {
    std::lock_guard lock(mutex_);
    return outcomes_.empty();
  }

 private:
  void collect() {
    // The session's member may not be set yet when the first result comes; then the test asks for it.
    if (auto outcome = session.take()) {
      std::lock_guard lock(mutex_);
      outcomes_.push_back(std::move(*outcome));
    }
    arrived_.release();
  }

  std::mutex mutex_;
  std::vector<ConvSession::Outcome> outcomes_;
  std::counting_semaphore<> arrived_{0};

 public:
  ConvSession session;
};

ConvSettings settings_for(const Shape& picture) {
  Settings settings = default_settings();
  make_legal(settings, picture);
  return settings.conv;
}

TEST_CASE("twenty requests during one slow job give two results, the newest last") {
  std::binary_semaphore started{0};
  std::binary_semaphore released{0};
  Collector collector([&](const ConvJob& job) {
    if (job.generation != 1) return;
    started.release();
    released.acquire();
  });
  const Shape shape{1, 3, 20, 30};
  const PicturePtr picture = random_picture(shape, 1);
  ConvSettings settings = settings_for(shape);
  CHECK_FALSE(collector.session.is_busy());
  REQUIRE(collector.session.request(picture, settings) == 1);
  started.acquire();
  for (int i = 1; i <= 20; ++i) {
    settings.bank.filters[0].bias = static_cast<float>(i);
    CHECK(collector.session.request(picture, settings) == static_cast<std::uint64_t>(i + 1));
  }
  CHECK(collector.session.is_busy());
  CHECK(collector.session.running_seconds() >= 0);
  released.release();
  CHECK(collector.next_result()->generation == 1);
  const ConvResultPtr last = collector.next_result();
  CHECK(last->generation == 21);
  CHECK(last->settings == settings);
  CHECK(last->biases[0] == 20);
  CHECK(collector.is_empty());
  CHECK_FALSE(collector.session.is_busy());
}

TEST_CASE("the maps are those of a direct call, for every channel choice") {
  const Shape shape{1, 3, 33, 47};
  const PicturePtr picture = random_picture(shape, 2);
  Collector collector;
  for (const Channels channels :
       {Channels::kRgb, Channels::kGrey, Channels::kRed, Channels::kGreen, Channels::kBlue, Channels::kRgb}) {
    Settings settings = default_settings();
    settings.conv.channels = channels;
    settings.conv.params.stride_y = 2;
    settings.conv.params.activation = conv::Activation::kRelu;
    settings.conv.bank.filters[1].bias = 0.25F;
    settings.conv.bank.filters[2].strength = 0.5F;
    make_legal(settings, shape);
    collector.session.request(picture, settings.conv);
    const ConvResultPtr result = collector.next_result();

    const auto geometry = settings_geometry(settings, shape);
    REQUIRE(geometry);
    const std::int64_t c = channels == Channels::kRgb ? 3 : 1;
    REQUIRE(geometry->c == c);
    Tensor input({1, c, shape.h, shape.w});
    for (std::int64_t y = 0; y < shape.h; ++y) {
      for (std::int64_t x = 0; x < shape.w; ++x) {
        const float r = picture->pixels.at(0, 0, y, x);
        const float g = picture->pixels.at(0, 1, y, x);
        const float b = picture->pixels.at(0, 2, y, x);
        if (channels == Channels::kRgb) {
          input.at(0, 0, y, x) = r;
          input.at(0, 1, y, x) = g;
          input.at(0, 2, y, x) = b;
        } else {
          input.at(0, 0, y, x) = channels == Channels::kRed     ? r
                                 : channels == Channels::kGreen ? g
                                 : channels == Channels::kBlue  ? b
                                                                : 0.2126F * r + 0.7152F * g + 0.0722F * b;
        }
      }
    }
    CHECK(std::equal(input.values().begin(), input.values().end(), result->input->values().begin(),
                     result->input->values().end()));
    Tensor maps(geometry->output_shape());
    conv::Workspace workspace;
    const std::vector<float> weights = packed_weights(settings.conv.bank);
    REQUIRE(conv::forward(*geometry, input.view(), dense_view(weights.data(), geometry->weights_shape()),
                          packed_biases(settings.conv.bank), maps.view(), settings.conv.kernel, workspace,
                          Parallel(1)));
    REQUIRE(result->maps.size() == 8);
    for (int k = 0; k < 8; ++k) {
      const std::span<const float> values = result->map(k).values();
      CHECK(
          std::equal(values.begin(), values.end(), maps.view().plane(0, k), maps.view().plane(0, k) + maps.size() / 8));
    }
    CHECK(std::count(maps.values().begin(), maps.values().end(), 0.0F) < maps.size());
    CHECK(result->geometry == *geometry);
    CHECK(result->stats.size() == 8);
    CHECK_FALSE(result->report.kernel.empty());
    if (channels == Channels::kRgb) {
      CHECK(result->input.get() == &picture->pixels);
      CHECK(result->input_levels.empty());
    }
  }
}

TEST_CASE("a job of the same shape reuses the memory of a result that is gone") {
  const Shape shape{1, 3, 300, 400};
  const PicturePtr picture = random_picture(shape, 3);
  ConvSettings settings = settings_for(shape);
  Collector collector;
  collector.session.request(picture, settings);
  ConvResultPtr first = collector.next_result();
  const float* memory = first->map(0).row(0);
  const float* level = first->map(0).block->levels.at(0).data();
  first.reset();
  settings.params.border = conv::Border::kReflect;
  collector.session.request(picture, settings);
  const ConvResultPtr second = collector.next_result();
  CHECK(second->map(0).row(0) == memory);
  CHECK(second->map(0).block->levels.at(0).data() == level);
  settings.params.border = conv::Border::kCircular;
  collector.session.request(picture, settings);
  const ConvResultPtr third = collector.next_result();
  CHECK(third->map(0).row(0) != memory);
  CHECK(second->geometry.border == conv::Border::kReflect);
}

TEST_CASE("a result outlives its session") {
  const Shape shape{1, 1, 9, 9};
  ConvResultPtr result;
  {
    Collector collector;
    collector.session.request(random_picture(shape, 4), settings_for(shape));
    result = collector.next_result();
  }
  CHECK(result->map(0).block->values.shape() == Shape{1, 8, 9, 9});
  result.reset();
}

TEST_CASE("what cannot be computed is told, and the next job runs") {
  const Shape shape{1, 3, 4, 4};
  const PicturePtr picture = random_picture(shape, 5);
  const ConvSettings good = settings_for(shape);
  Collector collector;

  ConvSettings bad = good;
  bad.params.padding = conv::PaddingMode::kValid;
  set_size(bad.bank, 9, 9);
  collector.session.request(picture, bad);
  ConvSession::Outcome outcome = collector.next();
  REQUIRE_FALSE(outcome.result);
  CHECK_FALSE(outcome.result.error().message.empty());

  bad = good;
  bad.kernel.kernel = "no-such-kernel";
  collector.session.request(picture, bad);
  outcome = collector.next();
  REQUIRE_FALSE(outcome.result);
  CHECK(outcome.result.error().message.find("no-such-kernel") != std::string::npos);

  collector.session.request(picture, good);
  CHECK(collector.next_result()->generation == 3);
}

TEST_CASE("too little memory is told") {
  Collector collector([](const ConvJob& job) {
    if (job.generation == 1) throw std::bad_alloc();
  });
  const Shape shape{1, 3, 4, 4};
  const PicturePtr picture = random_picture(shape, 6);
  collector.session.request(picture, settings_for(shape));
  const ConvSession::Outcome outcome = collector.next();
  REQUIRE_FALSE(outcome.result);
  CHECK(outcome.result.error().message.find("memory") != std::string::npos);
  collector.session.request(picture, settings_for(shape));
  CHECK(collector.next_result()->generation == 2);
}

TEST_CASE("another number of threads gives the same bits") {
  const Shape shape{1, 3, 64, 80};
  const PicturePtr picture = random_picture(shape, 7);
  ConvSettings settings = settings_for(shape);
  Collector collector;
  settings.threads = 1;
  collector.session.request(picture, settings);
  const ConvResultPtr one = collector.next_result();
  settings.threads = 3;
  collector.session.request(picture, settings);
  const ConvResultPtr three = collector.next_result();
  CHECK(one->map(0).version != three->map(0).version);
  const std::span<const float> values = one->map(0).block->values.values();
  CHECK(std::equal(values.begin(), values.end(), three->map(0).block->values.data()));
  CHECK(one->stats[0].mean == three->stats[0].mean);
}

TEST_CASE("a session can go while a job runs and another waits") {
  const Shape shape{1, 3, 200, 300};
  const PicturePtr picture = random_picture(shape, 8);
  for (int i = 0; i < 20; ++i) {
    ConvSession session({});
    session.request(picture, settings_for(shape));
    session.request(picture, settings_for(shape));
  }
  CHECK(picture.use_count() == 1);
}

TEST_CASE("the histogram counts finite values inside its range") {
  auto block = std::make_shared<MapBlock>();
  block->values = Tensor({1, 2, 1, 6});
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> values{-1, -0.999F, 0, 1, 2, nan};
  std::copy(values.begin(), values.end(), block->values.view().plane(0, 1));
  FeatureMap map;
  map.block = block;
  map.plane = 1;
  const auto bins = histogram(map, -1, 1);
  CHECK(bins[0] == 2);
  CHECK(bins[128] == 1);
  CHECK(bins[255] == 1);
  std::int64_t total = 0;
  for (const std::int64_t bin : bins) total += bin;
  CHECK(total == 4);
  CHECK(histogram(map, 1, 1)[0] == 0);
}

}  // namespace
}  // namespace convlens::model
