// Offsets of the parameters, and copies between PyTorch's order and theirs.
#include "engine/nn/store.h"

#include <algorithm>
#include <cassert>

#include "engine/conv/row_products.h"

namespace convlens::nn {
namespace {

// Calls f(position in PyTorch order, offset in the tensor's memory) for the slices [begin, end) of the first dimension.
template <class F>
void for_each_element(const StoredParameter& p, std::int64_t begin, std::int64_t end, const F& f) {
  std::int64_t position = 0;
  for (std::int64_t a = begin; a < end; ++a) {
    for (std::int64_t b = 0; b < p.sizes[1]; ++b) {
      for (std::int64_t c = 0; c < p.sizes[2]; ++c) {
        const std::int64_t row = a * p.strides[0] + b * p.strides[1] + c * p.strides[2];
        for (std::int64_t d = 0; d < p.sizes[3]; ++d, ++position) {
          f(static_cast<std::size_t>(position), row + d * p.strides[3]);
        }
      }
    }
  }
}

}  // namespace

ParameterStore::ParameterStore(std::vector<ParameterInfo> parameters, const std::vector<Layout>& layouts) {
  assert(parameters.size() == layouts.size());
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    parameters_.push_back(
        {std::move(parameters[i]), 0, conv::whole_rows(layouts[i].span), layouts[i].sizes, layouts[i].strides});
  }
  std::int64_t end = 0;
  for (const bool trainable : {true, false}) {
    for (StoredParameter& p : parameters_) {
      if (p.info.is_trainable() != trainable) continue;
      p.offset = end;
      end += p.span;
    }
    if (trainable) trainable_floats_ = end;
  }
  // A vector may be read past the last one.
  values_ = Tensor({1, 1, 1, end + conv::kRowUnit});
  gradients_ = Tensor({1, 1, 1, end + conv::kRowUnit});
}

std::size_t ParameterStore::index_of(std::size_t layer, ParameterRole role) const {
  const auto found = std::ranges::find_if(
      parameters_, [&](const StoredParameter& p) { return p.info.layer == layer && p.info.role == role; });
  assert(found != parameters_.end());
  return static_cast<std::size_t>(found - parameters_.begin());
}

void ParameterStore::write(std::size_t parameter, std::span<const float> in) { scatter(parameter, in, values_.data()); }

void ParameterStore::read_slice(std::size_t parameter, std::int64_t slice, std::span<float> out) const {
  const StoredParameter& p = parameters_[parameter];
  assert(std::ssize(out) == p.info.count() / p.sizes[0]);
  for_each_element(p, slice, slice + 1,
                   [&](std::size_t i, std::int64_t at) { out[i] = values_.data()[p.offset + at]; });
}

void ParameterStore::write_slice(std::size_t parameter, std::int64_t slice, std::span<const float> in) {
  const StoredParameter& p = parameters_[parameter];
  assert(std::ssize(in) == p.info.count() / p.sizes[0]);
  for_each_element(p, slice, slice + 1, [&](std::size_t i, std::int64_t at) { values_.data()[p.offset + at] = in[i]; });
}

void ParameterStore::gather(std::size_t parameter, const float* block, std::span<float> out) const {
  const StoredParameter& p = parameters_[parameter];
  assert(std::ssize(out) == p.info.count());
  for_each_element(p, 0, p.sizes[0], [&](std::size_t i, std::int64_t offset) { out[i] = block[p.offset + offset]; });
}

void ParameterStore::scatter(std::size_t parameter, std::span<const float> in, float* block) const {
  const StoredParameter& p = parameters_[parameter];
  assert(std::ssize(in) == p.info.count());
  for_each_element(p, 0, p.sizes[0], [&](std::size_t i, std::int64_t offset) { block[p.offset + offset] = in[i]; });
}

}  // namespace convlens::nn
