// Sums of gradients as text. Every number is engine/explain's.
#include <algorithm>
#include <functional>
#include <iterator>

#include "app/ui/text.h"
#include "app/ui/train_backward.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"

namespace convlens::ui {
namespace {

using explain::Decimal;
using explain::GradientTerm;

constexpr std::size_t kMostTerms = 400;

std::size_t letters(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}
std::string left(const std::string& text, std::size_t width) {
  return text + std::string(width - std::min(width, letters(text)), ' ');
}
std::string right(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, letters(text)), ' ') + text;
}

// Small deltas and products are shown in thousandths, millionths, ...: the same digits with the point elsewhere, so
// that what adds up still does.
struct Unit {
  int place = 0;
  std::string name;  // empty: ones
};
Unit unit_of(const explain::GradientSum& sum, const std::vector<std::size_t>& order) {
  if (order.empty()) return {};
  const Decimal& largest = sum.terms[order.front()].product;
  if (!largest.is_finite() || largest.units == 0) return {};
  const int lead = explain::leading_place(explain::to_double(largest));
  if (lead >= -3) return {};
  const int place = -3 * ((2 - lead) / 3);
  static constexpr const char* kNames[] = {"thousandths", "millionths", "billionths"};
  const auto index = static_cast<std::size_t>(-place / 3 - 1);
  return {place, index < std::size(kNames) ? kNames[index] : "1e" + std::to_string(place)};
}
std::string shown(Decimal value, const Unit& unit) {
  if (value.is_finite()) value.place -= unit.place;
  return explain::to_text(value);
}

}  // namespace

std::vector<std::string> gradient_lines(const explain::GradientSum& sum, const std::string& place_head,
                                        const char* delta_head, const char* factor_head,
                                        const std::function<std::string(const GradientTerm&)>& place) {
  struct Line {
    std::string place, factor, delta, product;
  };
  std::vector<Line> rows{{place_head, factor_head, delta_head, "product"}};
  const std::vector<std::size_t> order = sum.by_size();
  const std::size_t told = std::min(order.size(), kMostTerms);
  const Unit unit = unit_of(sum, order);
  Decimal rest{0, sum.sum.place, {}};
  bool has_padding = false;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const GradientTerm& term = sum.terms[order[i]];
    if (i >= told) {
      rest = explain::add(rest, term.product);
      continue;
    }
    has_padding = has_padding || term.is_padding;
    rows.push_back({place(term) + (term.is_padding ? "*" : ""), explain::to_text(term.factor), shown(term.delta, unit),
                    shown(term.product, unit)});
  }
  if (order.size() > told) {
    const std::string others = grouped(static_cast<std::int64_t>(order.size() - told)) + " others";
    rows.push_back({others, "", "", shown(rest, unit)});
  }
  rows.push_back({"sum", "", "", shown(sum.sum, unit)});
  std::size_t widths[4] = {};
  for (const Line& row : rows) {
    widths[0] = std::max(widths[0], letters(row.place)), widths[1] = std::max(widths[1], letters(row.factor));
    widths[2] = std::max(widths[2], letters(row.delta)), widths[3] = std::max(widths[3], letters(row.product));
  }
  std::vector<std::string> lines;
  for (const Line& row : rows) {
    const bool is_product = !row.factor.empty() && &row != &rows.front();
    lines.push_back(left(row.place, widths[0]) + "  " + right(row.factor, widths[1]) + (is_product ? " × " : "   ") +
                    right(row.delta, widths[2]) + (is_product ? " = " : "   ") + right(row.product, widths[3]));
  }
  if (!unit.name.empty()) {
    lines.insert(lines.begin(), delta_head + std::string("s and products in ") + unit.name);
    lines.push_back("in full " + explain::to_text(sum.sum));
  }
  if (has_padding) lines.push_back("* stands in the padding");
  return lines;
}

void draw_mono_lines(Ui& ui, const char* name, const std::string& title, const std::vector<std::string>& lines) {
  mono_lines(ui, name, lines, std::max(ImGui::GetContentRegionAvail().y, 130 * ui.scale));
  record(ui, name, "text", title, lines);
}

}  // namespace convlens::ui
