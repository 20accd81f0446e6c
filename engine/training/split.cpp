// Seeded orders and shares. Everything follows from the seed, never from what was drawn before.
#include "engine/training/split.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "engine/core/random.h"
#include "engine/core/seed.h"

namespace convlens::training {
namespace {

// Positions within the subset, by class, in the subset's order.
std::vector<Indices> by_class(const Subset& subset) {
  std::vector<Indices> classes(static_cast<std::size_t>(subset.data->class_count()));
  for (std::int64_t i = 0; i < subset.size(); ++i) {
    const std::int64_t index = subset.indices[static_cast<std::size_t>(i)];
    classes[static_cast<std::size_t>(subset.data->labels[static_cast<std::size_t>(index)])].push_back(i);
  }
  return classes;
}

}  // namespace

void shuffle(std::span<std::int64_t> indices, std::uint64_t seed, std::uint64_t epoch) {
  assert(indices.size() <= UINT32_MAX);
  Random random(stream_seed(seed, epoch));
  for (std::size_t left = indices.size(); left > 1; --left) {
    std::swap(indices[left - 1], indices[random.below(static_cast<std::uint32_t>(left))]);
  }
}

std::pair<Subset, Subset> set_aside(const Subset& subset, double share, std::uint64_t seed) {
  std::vector<Indices> classes = by_class(subset);
  std::vector<bool> is_aside(static_cast<std::size_t>(subset.size()), false);
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const std::int64_t have = std::ssize(classes[c]);
    std::int64_t wanted = std::llround(share * static_cast<double>(have));
    if (share > 0 && have >= 2) wanted = std::clamp<std::int64_t>(wanted, 1, share < 1 ? have - 1 : have);
    shuffle(classes[c], seed, c);
    for (std::int64_t i = 0; i < std::clamp<std::int64_t>(wanted, 0, have); ++i) {
      is_aside[static_cast<std::size_t>(classes[c][static_cast<std::size_t>(i)])] = true;
    }
  }
  std::pair<Subset, Subset> parts{{subset.data, {}}, {subset.data, {}}};
  for (std::size_t i = 0; i < is_aside.size(); ++i) {
    (is_aside[i] ? parts.second : parts.first).indices.push_back(subset.indices[i]);
  }
  return parts;
}

Subset first_balanced(const Subset& subset, std::int64_t count) {
  const std::vector<Indices> classes = by_class(subset);
  Subset chosen{subset.data, {}};
  const std::int64_t wanted = std::min(count, subset.size());
  for (std::size_t round = 0; chosen.size() < wanted; ++round) {
    for (const Indices& positions : classes) {
      if (round >= positions.size() || chosen.size() == wanted) continue;
      chosen.indices.push_back(subset.indices[static_cast<std::size_t>(positions[round])]);
    }
  }
  return chosen;
}

Batches::Batches(Subset subset, std::int64_t batch_size, std::uint64_t seed, bool is_shuffled)
    : subset_(std::move(subset)), batch_size_(batch_size), seed_(seed), is_shuffled_(is_shuffled) {
  assert(subset_.size() > 0 && batch_size_ >= 1);
}

std::span<const std::int64_t> Batches::next() {
  if (order_epoch_ != position_.epoch && (is_shuffled_ || order_epoch_ < 0)) {
    order_ = subset_.indices;
    if (is_shuffled_) shuffle(order_, seed_, static_cast<std::uint64_t>(position_.epoch));
    order_epoch_ = position_.epoch;
  }
  const std::int64_t count = std::min(batch_size_, subset_.size() - position_.at);
  const std::span<const std::int64_t> batch(order_.data() + position_.at, static_cast<std::size_t>(count));
  position_.at += count;
  if (position_.at == subset_.size()) position_ = {position_.epoch + 1, 0};
  return batch;
}

void Batches::seek(Position position) {
  assert(position.epoch >= 0 && position.at >= 0 && position.at < subset_.size());
  position_ = position;
}

void Batches::set_batch_size(std::int64_t batch_size) {
  assert(batch_size >= 1);
  batch_size_ = batch_size;
}

}  // namespace convlens::training
