// The shelf's bookkeeping. Nothing here waits: a texture that is still being read stays where it is.
#include "app/gl/kept_maps.h"

#include <algorithm>
#include <utility>

namespace convlens::gl {

namespace {

constexpr std::size_t kMostSpares = 2;

}  // namespace

KeptMaps::KeptMaps(std::shared_ptr<MapShelf> shelf, GpuMaps maps) : shelf_(std::move(shelf)), maps_(std::move(maps)) {}

KeptMaps::~KeptMaps() { shelf_->give({std::move(maps_), read_}); }

void KeptMaps::was_read() const {
  if (read_ != nullptr) glDeleteSync(read_);
  read_ = glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
}

bool MapShelf::is_idle(const Spare& spare) {
  if (spare.read == nullptr) return true;
  const GLenum state = glClientWaitSync(spare.read, 0, 0);
  return state == GL_ALREADY_SIGNALED || state == GL_CONDITION_SATISFIED;
}

Result<std::shared_ptr<KeptMaps>> MapShelf::take(const Shape& shape, const ConvCompute& compute) {
  const std::lock_guard lock(mutex_);
  const auto is_other = [&](const Spare& spare) { return spare.maps.shape != shape; };
  free_first(
      static_cast<std::size_t>(std::stable_partition(spares_.begin(), spares_.end(), is_other) - spares_.begin()));
  if (spares_.size() > kMostSpares) free_first(spares_.size() - kMostSpares);
  const auto found = std::find_if(spares_.begin(), spares_.end(), is_idle);
  if (found != spares_.end()) {
    GpuMaps maps = std::move(found->maps);
    if (found->read != nullptr) glDeleteSync(found->read);
    spares_.erase(found);
    return std::make_shared<KeptMaps>(shared_from_this(), std::move(maps));
  }
  Result<GpuMaps> maps = compute.make_maps(shape);
  if (!maps) return maps.error();
  ++textures_;
  return std::make_shared<KeptMaps>(shared_from_this(), std::move(*maps));
}

void MapShelf::give(Spare spare) {
  const std::lock_guard lock(mutex_);
  if (is_closed_) {
    spare.maps.texture.release();
    --textures_;
    return;
  }
  spares_.push_back(std::move(spare));
}

void MapShelf::free_first(std::size_t count) {
  const auto end = spares_.begin() + static_cast<std::ptrdiff_t>(count);
  for (auto spare = spares_.begin(); spare != end; ++spare) {
    if (spare->read != nullptr) glDeleteSync(spare->read);
    --textures_;
  }
  spares_.erase(spares_.begin(), end);
}

void MapShelf::clear() {
  const std::lock_guard lock(mutex_);
  free_first(spares_.size());
}

void MapShelf::close() {
  const std::lock_guard lock(mutex_);
  free_first(spares_.size());
  is_closed_ = true;
}

MapShelf::Counts MapShelf::counts() const {
  const std::lock_guard lock(mutex_);
  return {textures_, static_cast<int>(spares_.size())};
}

}  // namespace convlens::gl
