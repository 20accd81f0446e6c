// Numbers as they are printed everywhere.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "app/ui/widgets.h"

using convlens::ui::number_text;

TEST_CASE("numbers are short, without noise, and neighbours stay apart") {
  CHECK(number_text(0) == "0");
  CHECK(number_text(-0.0) == "0");
  CHECK(number_text(1.0 / 3) == "0.3333");
  CHECK(number_text(-2) == "-2");
  CHECK(number_text(1234.56, 6) == "1234.56");
  CHECK(number_text(1e-5) == "1e-5");
  CHECK(number_text(2.5e12) == "2.5e12");
  CHECK(number_text(std::numeric_limits<double>::infinity()) == "Inf");
  CHECK(number_text(-std::numeric_limits<double>::infinity()) == "-Inf");
  CHECK(number_text(std::nan("")) == "NaN");
}
