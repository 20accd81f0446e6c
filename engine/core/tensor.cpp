// Aligned memory for tensors. No arithmetic on their values.
#include "engine/core/tensor.h"

#include <algorithm>

#include <sys/mman.h>

namespace convlens {

std::string to_string(const Shape& shape) {
  return std::to_string(shape.n) + "x" + std::to_string(shape.c) + "x" + std::to_string(shape.h) + "x" +
         std::to_string(shape.w);
}

void AlignedDelete::operator()(float* p) const { ::operator delete(p, alignment); }

std::unique_ptr<float[], AlignedDelete> Tensor::allocate(std::int64_t count) {
  constexpr std::size_t kHugePage = 2 * 1024 * 1024;
  const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(float);
  const bool is_large = bytes >= 2 * kHugePage;
  const AlignedDelete deleter{std::align_val_t{is_large ? kHugePage : 64}};
  std::unique_ptr<float[], AlignedDelete> block(static_cast<float*>(::operator new(bytes, deleter.alignment)), deleter);
  // Fewer page faults when feature maps are made and fewer address translations when they are written. Only advice:
  // where it is refused, small pages serve.
  if (is_large) static_cast<void>(madvise(block.get(), bytes, MADV_HUGEPAGE));
  return block;
}

Tensor::Tensor(const Shape& shape) {
  reshape_uninitialized(shape);
  std::fill_n(data(), size(), 0.0f);
}

Tensor Tensor::uninitialized(const Shape& shape) {
  Tensor tensor;
  tensor.reshape_uninitialized(shape);
  return tensor;
}

Tensor::Tensor(Tensor&& other) noexcept
    : shape_(std::exchange(other.shape_, kEmpty)),
      capacity_(std::exchange(other.capacity_, 0)),
      data_(std::move(other.data_)) {}

Tensor& Tensor::operator=(Tensor&& other) noexcept {
  shape_ = std::exchange(other.shape_, kEmpty);
  capacity_ = std::exchange(other.capacity_, 0);
  data_ = std::move(other.data_);
  return *this;
}

Tensor Tensor::clone() const {
  Tensor copy = uninitialized(shape_);
  std::copy_n(data(), size(), copy.data());
  return copy;
}

void Tensor::reshape_uninitialized(const Shape& shape) {
  assert(shape.n >= 0 && shape.c >= 0 && shape.h >= 0 && shape.w >= 0);
  if (shape.size() > capacity_) {
    data_.reset();  // before the new block, so that the two never exist together
    capacity_ = 0;
    shape_ = kEmpty;
    data_ = allocate(shape.size());
    capacity_ = shape.size();
  }
  shape_ = shape;
}

}  // namespace convlens
