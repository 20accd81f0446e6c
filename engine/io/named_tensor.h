// A tensor with a name, of any rank: what weight files hold. Knows nothing about layers or file formats.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace convlens::io {

struct NamedTensor {
  std::string name;                 // "conv1.weight"
  std::vector<std::int64_t> shape;  // empty for a scalar
  std::vector<float> values;        // C order; as many as the product of `shape`
  bool operator==(const NamedTensor&) const = default;
};

}  // namespace convlens::io
