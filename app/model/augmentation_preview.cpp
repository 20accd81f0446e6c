// One worker with the augmenter that training itself uses.
#include "app/model/augmentation_preview.h"

#include <optional>
#include <utility>

#include "app/model/latest_worker.h"
#include "engine/core/parallel.h"

namespace convlens::model {

const float* AugmentedPictures::picture(std::int64_t epoch, std::int64_t position) const {
  return values.data() + (epoch * std::ssize(wish.pictures) + position) * wish.data->picture_size();
}

struct AugmentationPreview::State {
  using Worker = LatestWorker<AugmentationWish, AugmentedPicturesPtr>;

  explicit State(std::function<void()> wake)
      : worker(std::move(wake), [this](const AugmentationWish& wish, const std::atomic<bool>& is_stale) {
          return run(wish, is_stale);
        }) {}

  std::optional<Result<AugmentedPicturesPtr>> run(const AugmentationWish& wish, const std::atomic<bool>& is_stale) {
    auto made = std::make_shared<AugmentedPictures>();
    made->wish = wish;
    made->serial = ++serial;
    const std::int64_t each = std::ssize(wish.pictures) * wish.data->picture_size();
    made->values.resize(static_cast<std::size_t>(wish.epochs * each));
    if (!parallel) parallel.emplace(1);
    training::Augmenter augmenter(wish.augmentation, wish.data->picture_shape(), 1);
    for (std::int64_t epoch = 0; epoch < wish.epochs; ++epoch) {
      if (is_stale) return std::nullopt;
      augmenter.fill_batch(*wish.data, wish.pictures, {}, wish.seed, epoch, made->values.data() + epoch * each,
                           *parallel);
    }
    return AugmentedPicturesPtr(std::move(made));
  }

  std::optional<AugmentationWish> asked;
  AugmentedPicturesPtr result;
  std::uint64_t serial = 0;          // the worker's
  std::optional<Parallel> parallel;  // the worker's
  Worker worker;                     // last: it stops before what it uses goes
};

AugmentationPreview::AugmentationPreview(std::function<void()> wake)
    : state_(std::make_unique<State>(std::move(wake))) {}
AugmentationPreview::~AugmentationPreview() = default;

void AugmentationPreview::follow(const AugmentationWish& wish) {
  if (!wish.data || wish.pictures.empty() || state_->asked == wish) return;
  state_->asked = wish;
  state_->worker.request(wish);
}

bool AugmentationPreview::collect() {
  auto outcome = state_->worker.take();
  if (!outcome || !*outcome) return false;
  state_->result = **outcome;
  return true;
}

const AugmentedPicturesPtr& AugmentationPreview::result() const { return state_->result; }

}  // namespace convlens::model
