// What every test of a kernel asks of an outcome. Shares the oracle's types; asserts through doctest.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "tests/engine/conv_oracle.h"

namespace convlens::test {

// One kernel on every instruction set that it has.
inline std::vector<conv::KernelChoice> choices_of(std::string_view kernel) {
  std::vector<conv::KernelChoice> choices = all_choices();
  std::erase_if(choices, [&](const conv::KernelChoice& choice) { return choice.kernel != kernel; });
  REQUIRE(!choices.empty());
  return choices;
}

// The kernel that was forced ran, wrote its output and nothing else, and its worst error is `most` of the tolerance.
inline void check_outcome(const Outcome& outcome, const Expected& expected, const conv::KernelChoice& choice,
                          double most = 1) {
  REQUIRE(outcome.shape == expected.shape);
  CHECK(outcome.guards_intact);
  CHECK(outcome.wrote_all);
  CHECK(worst_error(expected, outcome.values) <= most);
  CHECK(outcome.report.kernel == choice.kernel);
  if (choice.isa != "auto") CHECK(outcome.report.isa == choice.isa);
}

// Float32 holds these sums exactly, and the kernel did.
inline bool is_exact(const std::vector<float>& values, const Expected& expected) {
  return std::ranges::equal(values, expected.values, [](float a, double b) { return static_cast<double>(a) == b; });
}

}  // namespace convlens::test
