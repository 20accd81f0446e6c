// The preview shows what training sees.
#include "app/model/augmentation_preview.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "engine/training/dataset_source.h"
#include "engine/training/digits.h"

namespace convlens::model {
namespace {

AugmentedPicturesPtr made(AugmentationPreview& preview, const AugmentationWish& wish) {
  preview.follow(wish);
  while (!preview.result() || preview.result()->wish != wish) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    preview.collect();
  }
  return preview.result();
}

TEST_CASE("the preview has the pictures of the trainer's own source, epoch by epoch") {
  const Parallel parallel(1);
  const auto digits = std::make_shared<const training::Dataset>(training::make_digits(40, 3, parallel));
  const AugmentationWish wish{.data = digits,
                              .pictures = {7, 0, 31},
                              .augmentation = {.shift = 2, .rotate = 10, .noise = 0.05F},
                              .seed = 9,
                              .epochs = 2};
  AugmentationPreview preview({});
  const AugmentedPicturesPtr shown = made(preview, wish);
  training::DatasetSource source(training::whole(digits), {}, wish.augmentation, wish.seed, parallel);
  std::vector<float> images(3 * 784);
  std::vector<std::int32_t> labels(3);
  for (std::int64_t epoch = 0; epoch < 2; ++epoch) {
    source.fill(wish.pictures, static_cast<std::uint64_t>(epoch), images.data(), labels.data());
    for (std::int64_t i = 0; i < 3; ++i) {
      CHECK(std::equal(shown->picture(epoch, i), shown->picture(epoch, i) + 784, images.data() + i * 784));
    }
  }
  CHECK_FALSE(std::equal(shown->picture(0, 0), shown->picture(0, 0) + 784, shown->picture(1, 0)));
}

TEST_CASE("without augmentation the pictures stay as they are; nothing is made of nothing") {
  const Parallel parallel(1);
  const auto digits = std::make_shared<const training::Dataset>(training::make_digits(20, 3, parallel));
  AugmentationPreview preview({});
  preview.follow({});
  preview.follow({.data = digits, .pictures = {}});
  const AugmentedPicturesPtr shown = made(preview, {.data = digits, .pictures = {4}, .epochs = 1});
  for (std::size_t i = 0; i < 784; ++i) {
    CHECK(shown->values[i] == doctest::Approx(static_cast<float>(digits->picture(4)[i]) / 255));
  }
}

}  // namespace
}  // namespace convlens::model
