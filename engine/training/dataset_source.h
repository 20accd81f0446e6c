// A subset of a dataset as a source of pictures for the trainer: normalised, and augmented where told.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/core/parallel.h"
#include "engine/training/augmentation.h"
#include "engine/training/dataset.h"
#include "engine/training/image_source.h"

namespace convlens::training {

class DatasetSource final : public ImageSource {
 public:
  // `seed` is of the augmentation. `parallel` must live as long as the source and is used inside fill() only.
  DatasetSource(Subset subset, const Normalisation& normalisation, const Augmentation& augmentation, std::uint64_t seed,
                const Parallel& parallel);

  std::int64_t size() const override { return subset_.size(); }
  void fill(std::span<const std::int64_t> indices, std::uint64_t epoch, float* images, std::int32_t* labels) override;

  const Subset& subset() const { return subset_; }

 private:
  Subset subset_;
  Normalisation normalisation_;
  std::optional<Augmenter> augmenter_;
  std::uint64_t seed_;
  const Parallel* parallel_;
  std::vector<std::int64_t> positions_;  // in the dataset, of the batch being filled
};

}  // namespace convlens::training
