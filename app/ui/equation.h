// A sum written out, broken into lines between its terms and never inside a number.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/ui/ui.h"
#include "engine/explain/probe.h"

namespace convlens::ui {

// "-0.21", "+ 0.11", "- 0.04": a term as it stands first in a sum, or after another.
std::string first_term(const explain::Decimal& value);
std::string next_term(const explain::Decimal& value);

// The subtotals of the channels, the bias, what they give, the activation, and the value in the map, term by term.
std::vector<std::string> equation_of(const explain::Probe& probe);
// Mono, as wide as there is room; recorded as one line of text under `name`.
void draw_equation(Ui& ui, std::string_view name, const std::vector<std::string>& terms, const std::string& help);

}  // namespace convlens::ui
