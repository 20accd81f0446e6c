// All parameters of a network in one aligned block, their gradients in another, and how each tensor lies in them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/nn/parameters.h"

namespace convlens::nn {

// A parameter inside the blocks: PyTorch's index (i0, i1, i2, i3) stands at offset + i0 * strides[0] + ...
struct StoredParameter {
  ParameterInfo info;
  std::int64_t offset = 0;
  std::int64_t span = 0;  // floats taken, gaps included; gaps hold zeros in both blocks
  std::array<std::int64_t, 4> sizes{1, 1, 1, 1};
  std::array<std::int64_t, 4> strides{0, 0, 0, 0};
};

// Trainable parameters come first, each at a multiple of 16 floats, so that an optimizer works on one flat range.
class ParameterStore {
 public:
  // Where a tensor's values go: sizes (PyTorch's shape, possibly with one dimension split) and strides.
  struct Layout {
    std::array<std::int64_t, 4> sizes{1, 1, 1, 1};
    std::array<std::int64_t, 4> strides{0, 0, 0, 0};
    std::int64_t span = 0;
  };

  // One layout for each of the parameters.
  ParameterStore(std::vector<ParameterInfo> parameters, const std::vector<Layout>& layouts);

  const std::vector<StoredParameter>& parameters() const { return parameters_; }
  std::size_t index_of(std::size_t layer, ParameterRole role) const;

  // The whole blocks, and the part that training changes.
  std::span<float> values() { return values_.values(); }
  std::span<const float> values() const { return values_.values(); }
  std::span<float> gradients() { return gradients_.values(); }
  std::int64_t trainable_floats() const { return trainable_floats_; }

  float* value(std::size_t parameter) { return values_.data() + parameters_[parameter].offset; }
  float* gradient(std::size_t parameter) { return gradients_.data() + parameters_[parameter].offset; }

  // In PyTorch order, info.count() values.
  void read(std::size_t parameter, std::span<float> out) const { gather(parameter, values_.data(), out); }
  void write(std::size_t parameter, std::span<const float> in);
  void read_gradient(std::size_t parameter, std::span<float> out) const { gather(parameter, gradients_.data(), out); }
  // One filter or dense output, info.count() / shape[0] values.
  void read_slice(std::size_t parameter, std::int64_t slice, std::span<float> out) const;
  void write_slice(std::size_t parameter, std::int64_t slice, std::span<const float> in);
  // The same for a block of somebody else's with this layout, as an optimizer's moments.
  void gather(std::size_t parameter, const float* block, std::span<float> out) const;
  void scatter(std::size_t parameter, std::span<const float> in, float* block) const;

 private:
  std::vector<StoredParameter> parameters_;
  Tensor values_, gradients_;
  std::int64_t trainable_floats_ = 0;
};

}  // namespace convlens::nn
