// Comparing recipes, and keeping or giving back the memory of maps that are gone.
#include "app/model/feature_map.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#ifdef __linux__
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace convlens::model {
namespace {

// A spare block serves where it is at most this much larger than what is asked for.
constexpr std::int64_t fitting(std::int64_t floats) { return floats + floats / 4; }

// Gives the whole pages inside of `values` back to the system; their contents become unspecified.
void release_pages(float* values, std::int64_t count) {
#ifdef __linux__
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto begin = (reinterpret_cast<std::uintptr_t>(values) + page - 1) / page * page;
  const auto end = reinterpret_cast<std::uintptr_t>(values + count) / page * page;
  // Failing leaves the memory as it was, which is no worse than before.
  if (end > begin) static_cast<void>(madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED));
#else
  static_cast<void>(values);
  static_cast<void>(count);
#endif
}

}  // namespace

bool is_same(const MapRecipe& a, const MapRecipe& b) {
  return a.input == b.input && a.first_channel == b.first_channel && a.geometry == b.geometry && a.asked == b.asked &&
         a.kernel == b.kernel && a.threads == b.threads &&
         std::bit_cast<std::uint32_t>(a.bias) == std::bit_cast<std::uint32_t>(b.bias) &&
         a.weights.size() == b.weights.size() &&
         std::memcmp(a.weights.data(), b.weights.data(), a.weights.size() * sizeof(float)) == 0;
}

FeatureMapPtr publish(FeatureMap map) {
  return {new FeatureMap(std::move(map)), [](FeatureMap* gone) {
            if (gone->has_values() && gone->block.use_count() > 1) {
              // No one reads the plane of a map that is gone, and the block is not spare while this map holds it.
              release_pages(const_cast<float*>(gone->row(0)), gone->rows() * gone->cols());
            }
            delete gone;
          }};
}

std::shared_ptr<MapBlock> MapPool::take(const Shape& shape) {
  auto block = std::make_unique<MapBlock>();
  {
    std::lock_guard lock(mutex_);
    const auto found = std::find_if(spares_.rbegin(), spares_.rend(), [&](const MapBlock& spare) {
      return spare.values.capacity() >= shape.size() && spare.values.capacity() <= fitting(shape.size());
    });
    if (found != spares_.rend()) {
      *block = std::move(*found);
      spares_.erase(std::next(found).base());
    }
  }
  block->values.reshape_uninitialized(shape);
  return {block.release(), [pool = weak_from_this()](MapBlock* gone) {
            if (const auto keeper = pool.lock()) keeper->give(std::move(*gone));
            delete gone;
          }};
}

void MapPool::keep_at_most(std::int64_t floats) {
  std::lock_guard lock(mutex_);
  most_floats_ = floats;
  drop_old();
}

void MapPool::give(MapBlock block) {
  std::lock_guard lock(mutex_);
  spares_.push_back(std::move(block));
  drop_old();
}

void MapPool::drop_old() {
  std::int64_t floats = 0;
  for (const MapBlock& spare : spares_) floats += spare.values.capacity();
  auto first = spares_.begin();
  for (; first != spares_.end() && floats > most_floats_; ++first) floats -= first->values.capacity();
  spares_.erase(spares_.begin(), first);
}

}  // namespace convlens::model
