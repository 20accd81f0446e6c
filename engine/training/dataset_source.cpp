// Positions in the subset become positions in the dataset; the rest is the dataset's and the augmenter's work.
#include "engine/training/dataset_source.h"

namespace convlens::training {

DatasetSource::DatasetSource(Subset subset, const Normalisation& normalisation, const Augmentation& augmentation,
                             std::uint64_t seed, const Parallel& parallel)
    : subset_(std::move(subset)), normalisation_(normalisation), seed_(seed), parallel_(&parallel) {
  if (is_on(augmentation)) augmenter_.emplace(augmentation, subset_.data->picture_shape(), parallel.threads());
}

void DatasetSource::fill(std::span<const std::int64_t> indices, std::uint64_t epoch, float* images,
                         std::int32_t* labels) {
  positions_.clear();
  for (const std::int64_t i : indices) positions_.push_back(subset_.indices[static_cast<std::size_t>(i)]);
  fill_labels(*subset_.data, positions_, {labels, positions_.size()});
  if (augmenter_) {
    augmenter_->fill_batch(*subset_.data, positions_, normalisation_, seed_, static_cast<std::int64_t>(epoch), images,
                           *parallel_);
  } else {
    fill_batch(*subset_.data, positions_, normalisation_, images, *parallel_);
  }
}

}  // namespace convlens::training
