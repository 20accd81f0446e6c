// Division of counts that rounds up.
#pragma once

#include <cstdint>

namespace convlens {

// The least whole number not below a / b; a >= 0, b > 0.
constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }
// The least multiple of `to` not below a.
constexpr std::int64_t round_up(std::int64_t a, std::int64_t to) { return ceil_div(a, to) * to; }

}  // namespace convlens
