// Which classes have a row where there are too many for all of them.
#include "app/ui/class_bars.h"

#include <doctest/doctest.h>

#include <vector>

namespace convlens::ui {
namespace {

TEST_CASE("all classes in their order where they fit, else the likeliest first") {
  const std::vector<double> shares{0.1, 0.4, 0.1, 0.05, 0.35};
  CHECK(shown_classes(shares, 5) == std::vector<std::size_t>{0, 1, 2, 3, 4});
  CHECK(shown_classes(shares, 9) == std::vector<std::size_t>{0, 1, 2, 3, 4});
  CHECK(shown_classes(shares, 4) == std::vector<std::size_t>{1, 4, 0, 2});
  CHECK(shown_classes(shares, 1) == std::vector<std::size_t>{1});
}

}  // namespace
}  // namespace convlens::ui
