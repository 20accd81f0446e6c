// Where a trainer gets its pictures: numbered, labelled, ready as floats. Files and augmentation live behind it.
#pragma once

#include <cstdint>
#include <span>

namespace convlens::training {

class ImageSource {
 public:
  virtual ~ImageSource() = default;
  virtual std::int64_t size() const = 0;
  // Pictures `indices` as the given epoch sees them (augmentation may differ from one to the next): images
  // (indices.size(),C,H,W), labels as many. Depends on its arguments alone.
  virtual void fill(std::span<const std::int64_t> indices, std::uint64_t epoch, float* images,
                    std::int32_t* labels) = 0;
};

}  // namespace convlens::training
