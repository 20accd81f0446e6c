// Feature maps and the memory they stand in. A map never changes once it is published; every result that it is part of
// shares it. Computing maps is app/model/map_maker.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "app/model/input_channels.h"
#include "app/model/reduce.h"
#include "engine/conv/accelerator.h"
#include "engine/conv/conv.h"
#include "engine/core/tensor.h"

namespace convlens::model {

// The maps of one call of the engine, one after the other, with their reduced copies.
struct MapBlock {
  Tensor values;               // (1,n,P,Q)
  std::vector<Tensor> levels;  // as reduce.h makes them
};

// All that the bits of one map depend on, and what a person changes to see them computed again.
struct MapRecipe {
  std::shared_ptr<const InputChannels> input;
  std::int64_t first_channel = 0;  // of its group
  conv::Geometry geometry;         // of this filter alone on the channels of its group
  std::vector<float> weights;      // (1, C/groups, R, S), as convolved
  float bias = 0;
  conv::KernelChoice asked;
  conv::KernelChoice kernel;  // what that meant: never "auto" for a kernel with instruction sets
  int threads = 0;
};
// Bit for bit: 0 and -0 differ, and a NaN equals itself.
bool is_same(const MapRecipe& a, const MapRecipe& b);

struct FeatureMap {
  std::uint64_t version = 0;              // the key of textures and counts made from it: other values have another
  std::uint64_t generation = 0;           // of the request that it was computed for
  std::shared_ptr<const MapBlock> block;  // never null; its values are empty while they are on the GPU alone
  int plane = 0;                          // of the block and of the maps on the GPU
  std::shared_ptr<const conv::DeviceMaps> device;  // the same values where they can be drawn from; else null
  MapStats stats;
  MapRecipe recipe;

  bool has_values() const { return !block->values.empty(); }
  Shape shape() const { return has_values() ? block->values.shape() : device->shape(); }  // of the whole block
  std::int64_t rows() const { return shape().h; }
  std::int64_t cols() const { return shape().w; }
  // What follows is for maps that have their values.
  const float* row(std::int64_t y) const { return block->values.view().row(0, plane, y); }
  float at(std::int64_t y, std::int64_t x) const { return block->values.at(0, plane, y, x); }
  ConstView view() const { return dense_view(row(0), Shape{1, 1, rows(), cols()}); }
  // (P,Q), row by row.
  std::span<const float> values() const { return {row(0), static_cast<std::size_t>(rows() * cols())}; }
};
using FeatureMapPtr = std::shared_ptr<const FeatureMap>;

// `map` as it is published. When it goes and other maps of its block stay, the pages under it go back to the system.
FeatureMapPtr publish(FeatureMap map);

// Blocks that nobody looks at any more, so that the next maps of the same shape touch no new pages. Three results live
// at once during a drag (shown, waiting to be shown, being computed), so two of them can be spare. Thread-safe; make
// one with make_shared.
class MapPool : public std::enable_shared_from_this<MapPool> {
 public:
  // A block with values of `shape`, contents unspecified. Comes back to the pool when its last owner lets it go.
  std::shared_ptr<MapBlock> take(const Shape& shape);
  // How many floats the spare blocks may hold.
  void keep_at_most(std::int64_t floats);
  void clear() { keep_at_most(0); }

 private:
  void give(MapBlock block);
  void drop_old();

  std::mutex mutex_;
  std::vector<MapBlock> spares_;  // the oldest first
  std::int64_t most_floats_ = 0;
};

}  // namespace convlens::model
