// Float32 tensors in NCHW order: Shape, non-owning views, and the owning, 64-byte-aligned Tensor.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace convlens {

// N images, C channels, H rows, W columns. Filters use the same four numbers as (K, C/groups, R, S).
struct Shape {
  std::int64_t n = 1;
  std::int64_t c = 1;
  std::int64_t h = 1;
  std::int64_t w = 1;

  std::int64_t size() const { return n * c * h * w; }
  bool operator==(const Shape&) const = default;
};

// "1x3x480x640"
std::string to_string(const Shape& shape);

// A window on float memory with unit column stride. Strides count floats.
template <class T>
struct BasicView {
  T* data = nullptr;
  Shape shape;
  std::int64_t image_stride = 0;
  std::int64_t plane_stride = 0;
  std::int64_t row_stride = 0;

  T* plane(std::int64_t n, std::int64_t c) const {
    assert(n >= 0 && n < shape.n && c >= 0 && c < shape.c);
    return data + n * image_stride + c * plane_stride;
  }
  T* row(std::int64_t n, std::int64_t c, std::int64_t y) const {
    assert(y >= 0 && y < shape.h);
    return plane(n, c) + y * row_stride;
  }
  T& at(std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) const {
    assert(x >= 0 && x < shape.w);
    return row(n, c, y)[x];
  }
  operator BasicView<const T>() const requires(!std::is_const_v<T>) {
    return {data, shape, image_stride, plane_stride, row_stride};
  }
};

using View = BasicView<float>;
using ConstView = BasicView<const float>;

// A dense view of `shape` on memory laid out without gaps.
template <class T>
BasicView<T> dense_view(T* data, const Shape& shape) {
  return {data, shape, shape.c * shape.h * shape.w, shape.h * shape.w, shape.w};
}

// Frees what was allocated with that alignment, in bytes.
struct AlignedDelete {
  std::align_val_t alignment{64};
  void operator()(float* p) const;
};

// Owns a dense NCHW block aligned to 64 bytes. Moves are cheap; copies are deep and explicit via clone().
class Tensor {
 public:
  Tensor() = default;
  // Zero-filled.
  explicit Tensor(const Shape& shape);
  // Contents unspecified: for outputs that are written whole.
  static Tensor uninitialized(const Shape& shape);

  // The tensor moved from is empty.
  Tensor(Tensor&& other) noexcept;
  Tensor& operator=(Tensor&& other) noexcept;
  Tensor(const Tensor&) = delete;
  Tensor& operator=(const Tensor&) = delete;
  Tensor clone() const;

  // Gives the tensor another shape, keeping the memory when it is large enough. Contents become unspecified.
  void reshape_uninitialized(const Shape& shape);

  const Shape& shape() const { return shape_; }
  std::int64_t size() const { return data_ ? shape_.size() : 0; }
  bool empty() const { return size() == 0; }
  std::int64_t capacity() const { return capacity_; }
  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  std::span<float> values() { return {data(), static_cast<std::size_t>(size())}; }
  std::span<const float> values() const { return {data(), static_cast<std::size_t>(size())}; }
  View view() { return dense_view(data(), shape_); }
  ConstView view() const { return dense_view(data(), shape_); }
  float& at(std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) { return view().at(n, c, y, x); }
  float at(std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) const { return view().at(n, c, y, x); }

 private:
  static std::unique_ptr<float[], AlignedDelete> allocate(std::int64_t count);

  static constexpr Shape kEmpty{0, 0, 0, 0};
  Shape shape_ = kEmpty;
  std::int64_t capacity_ = 0;
  std::unique_ptr<float[], AlignedDelete> data_;
};

}  // namespace convlens
