// Aligned memory for tensors. No arithmetic on their values.
#include "engine/core/tensor.h"

#include <algorithm>
#include <new>

namespace convlens {
namespace {

constexpr std::align_val_t kAlignment{64};

float* allocate(std::int64_t count) {
  return static_cast<float*>(::operator new(static_cast<std::size_t>(count) * sizeof(float), kAlignment));
}

}  // namespace

std::string to_string(const Shape& shape) {
  return std::to_string(shape.n) + "x" + std::to_string(shape.c) + "x" + std::to_string(shape.h) + "x" +
         std::to_string(shape.w);
}

void Tensor::AlignedDelete::operator()(float* p) const { ::operator delete(p, kAlignment); }

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
    data_.reset(allocate(shape.size()));
    capacity_ = shape.size();
  }
  shape_ = shape;
}

}  // namespace convlens
