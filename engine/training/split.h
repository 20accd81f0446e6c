// Which pictures train, validate and test, and in which order an epoch meets them. Copies no pictures.
#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "engine/training/dataset.h"

namespace convlens::training {

// Puts `indices` into an order that depends on seed and epoch alone (Fisher-Yates), so that an epoch can be taken up
// again at any position.
void shuffle(std::span<std::int64_t> indices, std::uint64_t seed, std::uint64_t epoch);

// The share (in [0,1]) of every class that is set aside, drawn by seed and rounded to the nearest count, at least one
// picture of each class that has two or more if the share is above zero. first: what stays; second: what is set aside.
// Both keep the subset's order.
std::pair<Subset, Subset> set_aside(const Subset& subset, double share, std::uint64_t seed);

// The first `count` pictures with every class as often as the others: round by round, the next one of each class.
// Classes that run out leave their turn to the rest. All pictures if there are fewer than `count`.
Subset first_balanced(const Subset& subset, std::int64_t count);

// Walks a subset in batches, epoch after epoch, each epoch in its own order.
class Batches {
 public:
  struct Position {
    std::int64_t epoch = 0;
    std::int64_t at = 0;  // pictures of the epoch already handed out
    bool operator==(const Position&) const = default;
  };

  // The subset is not empty and batch_size at least 1; the last batch of an epoch may be smaller. Without `is_shuffled`
  // every epoch has the subset's own order.
  Batches(Subset subset, std::int64_t batch_size, std::uint64_t seed, bool is_shuffled = true);

  // The next batch's positions in the dataset; valid until the next call.
  std::span<const std::int64_t> next();

  const Subset& subset() const { return subset_; }
  std::int64_t batch_size() const { return batch_size_; }
  std::int64_t batches_per_epoch() const { return (subset_.size() + batch_size_ - 1) / batch_size_; }
  // Where next() goes on: {epoch + 1, 0} when an epoch has been handed out whole.
  Position position() const { return position_; }
  // Goes on from there as if it had come that way. at is in [0, subset().size()).
  void seek(Position position);
  // Takes effect with the next batch; the position stays.
  void set_batch_size(std::int64_t batch_size);

 private:
  Subset subset_;
  std::int64_t batch_size_;
  std::uint64_t seed_;
  bool is_shuffled_;
  Position position_;
  Indices order_;
  std::int64_t order_epoch_ = -1;
};

}  // namespace convlens::training
