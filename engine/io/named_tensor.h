// A tensor with a name, of any rank: what weight files hold. Knows nothing about layers or file formats.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace convlens::io {

struct NamedTensor {
  std::string name;                 // "conv1.weight"
  std::vector<std::int64_t> shape;  // empty for a scalar
  std::vector<float> values;        // C order; as many as the product of `shape`
  bool operator==(const NamedTensor&) const = default;
};

// The same with values that somebody else keeps.
struct NamedTensorView {
  std::string name;
  std::vector<std::int64_t> shape;
  std::span<const float> values;
};

}  // namespace convlens::io
