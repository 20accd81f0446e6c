// The probe's text read back and added up in whole numbers written apart, over random cases of every parameter; the
// map's value from the kernels beside it.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "engine/explain/probe.h"
#include "engine/explain/probe_text.h"
#include "tests/engine/conv_oracle.h"

namespace convlens::test {
namespace {

__extension__ typedef __int128 Wide;

// A decimal as it was printed.
struct Printed {
  Wide units = 0;
  int place = 0;
  double value = 0;
  bool is_finite = true;
};

Printed read(const std::string& text) {
  if (text == "NaN") return {0, 0, std::nan(""), false};
  if (text == "+Inf") return {0, 0, std::numeric_limits<double>::infinity(), false};
  if (text == "-Inf") return {0, 0, -std::numeric_limits<double>::infinity(), false};
  Printed printed;
  bool after_point = false, is_negative = false;
  std::size_t i = 0;
  for (; i < text.size() && text[i] != 'e'; ++i) {
    if (text[i] == '-') {
      is_negative = true;
    } else if (text[i] == '.') {
      after_point = true;
    } else {
      REQUIRE(std::isdigit(static_cast<unsigned char>(text[i])));
      printed.units = 10 * printed.units + (text[i] - '0');
      printed.place -= after_point;
    }
  }
  if (i < text.size()) printed.place += std::stoi(text.substr(i + 1));
  if (is_negative) printed.units = -printed.units;
  printed.value = std::strtod(text.c_str(), nullptr);
  return printed;
}

Wide power(int exponent) {
  REQUIRE(exponent >= 0);
  REQUIRE(exponent <= 37);
  Wide result = 1;
  while (exponent-- > 0) result *= 10;
  return result;
}

// value as a whole number of 10^place; it must be one.
Wide units_at(const Printed& value, int place) {
  if (value.units == 0) return 0;
  if (value.place >= place) return value.units * power(value.place - place);
  const Wide step = power(place - value.place);
  REQUIRE(value.units % step == 0);
  return value.units / step;
}

bool same(const Printed& a, const Printed& b) {
  if (!a.is_finite || !b.is_finite) {
    return a.is_finite == b.is_finite && (std::isnan(a.value) ? std::isnan(b.value) : a.value == b.value);
  }
  const int place = std::min(a.place, b.place);
  return units_at(a, place) == units_at(b, place);
}

Printed sum_of(const Printed& a, const Printed& b) {
  if (!a.is_finite || !b.is_finite) return {0, 0, a.value + b.value, std::isfinite(a.value + b.value)};
  const int place = std::min(a.place, b.place);
  return {units_at(a, place) + units_at(b, place), place, 0, true};
}

// exact to a whole number of 10^place, ties to even.
Wide round_to(Wide units, int from, int place) {
  if (units == 0) return 0;
  if (from >= place) return units * power(from - place);
  if (place - from > 37) return 0;
  const Wide step = power(place - from);
  Wide quotient = units / step;
  Wide rest = units % step;
  if (rest < 0) rest = -rest;
  if (2 * rest > step || (2 * rest == step && quotient % 2 != 0)) quotient += units < 0 ? -1 : 1;
  return quotient;
}

// Whether `product` is what input times weight rounds to at its own place.
// `place` is the place of the products: a zero beyond the plain digits is printed as 0 alone.
bool is_product(const Printed& input, const Printed& weight, const Printed& product, int place) {
  if (!input.is_finite || !weight.is_finite) {
    const double expected = input.value * weight.value;
    return !product.is_finite && (std::isnan(expected) ? std::isnan(product.value) : expected == product.value);
  }
  const Wide exact = input.units * weight.units;
  if (exact == 0) return product.units == 0;
  return round_to(exact, input.place + weight.place, place) == units_at(product, place);
}

struct TextLine {
  Printed input, weight, product, running;
  bool is_outside = false;
};

// What the text of depth 3 says.
struct TextProbe {
  std::vector<std::vector<TextLine>> channels;
  std::vector<Printed> subtotals;
  std::vector<Printed> sum_terms;
  std::optional<Printed> sum, bias, pre_activation, activation_of, activated;
  std::vector<Printed> pre_terms;
  Printed value;
  float map_value = 0;
};

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

// "1.5 - 2 + 3" as terms.
std::vector<Printed> read_terms(const std::vector<std::string>& words, std::size_t from, std::size_t to) {
  std::vector<Printed> terms;
  for (std::size_t i = from; i < to; ++i) {
    if (words[i] == "+") continue;
    if (words[i] == "-") {
      const std::string& next = words[++i];
      terms.push_back(read(next == "Inf" ? "-Inf" : "-" + next));
    } else {
      terms.push_back(read(words[i] == "Inf" ? "+Inf" : words[i]));
    }
  }
  return terms;
}

TextProbe parse(const std::string& text) {
  TextProbe probe;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> words = words_of(line);
    REQUIRE(!words.empty());
    const auto index_of = [&](const std::string& word) {
      const auto at = std::ranges::find(words, word);
      REQUIRE(at != words.end());
      return static_cast<std::size_t>(at - words.begin());
    };
    if (words[0] == "channel") {
      probe.channels.emplace_back();
    } else if (words[0] == "subtotal") {
      probe.subtotals.push_back(read(words.back()));
    } else if (words[0] == "sum") {
      const bool has_total = std::ranges::count(words, "=") == 2;
      const std::size_t end = has_total ? words.size() - 2 : words.size();
      probe.sum_terms = read_terms(words, 2, end);
      probe.sum = has_total ? read(words.back()) : probe.sum_terms.at(0);
    } else if (words[0] == "bias") {
      probe.bias = read(words.back());
    } else if (words[0] == "pre-activation") {
      probe.pre_terms = read_terms(words, 2, words.size() - 2);
      probe.pre_activation = read(words.back());
    } else if (words[0] == "value") {
      probe.value = read(words[2]);
      probe.map_value = std::strtof(words[4].c_str(), nullptr);
    } else if (line.find("×") != std::string::npos) {
      const std::size_t times = index_of("×");
      const std::size_t equals = index_of("=");
      TextLine entry{read(words[times - 1]), read(words[times + 1]), read(words[equals + 1]), read(words.back())};
      entry.is_outside = line.find("outside") != std::string::npos;
      probe.channels.back().push_back(entry);
    } else if (words.size() == 3 && words[1] == "=" && words[0].back() == ')') {
      const std::size_t open = words[0].find('(');
      probe.activation_of = read(words[0].substr(open + 1, words[0].size() - open - 2));
      probe.activated = read(words[2]);
    }
  }
  return probe;
}

// Recomputes everything that the text shows. Returns how many products it saw.
std::size_t check_text(const explain::Probe& probe, const std::string& text) {
  INFO(text);
  const TextProbe shown = parse(text);
  std::size_t products = 0;
  REQUIRE(shown.channels.size() == probe.channels.size());
  REQUIRE(shown.subtotals.size() == shown.channels.size());
  Printed running;
  for (std::size_t c = 0; c < shown.channels.size(); ++c) {
    Printed subtotal;
    for (const TextLine& line : shown.channels[c]) {
      if (line.is_outside) {
        CHECK(line.product.units == 0);
        CHECK(line.product.is_finite);
      } else {
        CHECK(is_product(line.input, line.weight, line.product, probe.sum.place));
      }
      running = sum_of(running, line.product);
      subtotal = sum_of(subtotal, line.product);
      CHECK(same(running, line.running));
      ++products;
    }
    CHECK(same(subtotal, shown.subtotals[c]));
    CHECK(same(shown.sum_terms.at(c), shown.subtotals[c]));
  }
  REQUIRE(shown.sum);
  CHECK(same(running, *shown.sum));
  Printed pre = *shown.sum;
  if (probe.has_bias) {
    REQUIRE(shown.bias);
    pre = sum_of(pre, *shown.bias);
    CHECK(same(pre, *shown.pre_activation));
    CHECK(same(shown.pre_terms.at(0), *shown.sum));
    CHECK(same(shown.pre_terms.at(1), *shown.bias));
  }
  Printed activated = pre;
  if (probe.geometry.activation != conv::Activation::kNone) {
    REQUIRE(shown.activated);
    CHECK(same(*shown.activation_of, pre));
    activated = *shown.activated;
    if (pre.is_finite) {
      const double exact = conv::activate(shown.activation_of->value, probe.geometry.activation);
      CHECK(std::abs(exact - activated.value) <=
            0.5 * std::pow(10.0, probe.activated.place) * (1 + 1e-9) + 1e-15 * std::abs(exact));
    }
  }
  if (probe.agrees && activated.is_finite) {
    // Both the shown sum and the float in the map round to the shown value.
    const double half = 0.5 * std::pow(10.0, probe.value.place);
    CHECK(round_to(activated.units, activated.place, probe.value.place) == units_at(shown.value, probe.value.place));
    CHECK(std::abs(static_cast<double>(shown.map_value) - shown.value.value) <= half * (1 + 1e-9));
  }
  CHECK((std::isnan(probe.map_value) ? std::isnan(shown.map_value) : shown.map_value == probe.map_value));
  return products;
}

// Whether the value has the digits that were asked for, or one less where sum and float stand on different sides of a
// rounding boundary; a value that is the whole exact sum needs no more.
bool shows_enough(const explain::Probe& probe, int digits) {
  if (!probe.agrees || !probe.value.is_finite() || probe.value == probe.activated) return true;
  double magnitude = std::abs(static_cast<double>(probe.bias_value));
  for (const explain::ProbeCell& cell : probe.cells) {
    if (!cell.is_zero()) magnitude += std::abs(static_cast<double>(cell.input_value) * cell.weight_value);
  }
  magnitude = std::max(magnitude, std::abs(static_cast<double>(probe.map_value)));
  // Kernels are held to 1e-5 of the magnitude: they may cost digits beyond the fifth.
  return magnitude == 0 || !std::isfinite(magnitude) ||
         probe.value.place <= explain::leading_place(magnitude) - (std::min(digits, 5) - 1) + 1;
}

enum class Fill { kUniform, kBytes, kIntegers, kHuge, kTiny, kDenormal, kMixed, kNamed };

void refill(Fill fill, Random& random, std::span<float> values) {
  for (float& value : values) {
    switch (fill) {
      case Fill::kUniform:
        break;
      case Fill::kBytes:
        value = static_cast<float>(random.below(256)) / 255;
        break;
      case Fill::kIntegers:
        value = static_cast<float>(random.below(19)) - 9;
        break;
      case Fill::kHuge:
        value *= 3e17f;
        break;
      case Fill::kTiny:
        value *= 1e-16f;
        break;
      case Fill::kDenormal:
        value *= 1e-22f;
        break;
      case Fill::kMixed:
        value *= std::pow(10.0f, static_cast<float>(random.below(37)) - 18);
        break;
      case Fill::kNamed:
        if (random.below(40) == 0) value = std::numeric_limits<float>::quiet_NaN();
        if (random.below(40) == 0) value = std::numeric_limits<float>::infinity();
        if (random.below(40) == 0) value = -std::numeric_limits<float>::infinity();
        break;
    }
  }
}

TEST_CASE("the text of a probe adds up as shown and gives the map's value, for every parameter and magnitude") {
  constexpr int kCases = 2500;
  constexpr std::uint64_t kSeed = 4711;
  INFO("seed " << kSeed);
  Random random(kSeed);
  const Parallel parallel(1);
  conv::Workspace workspace;
  std::map<Fill, int> fills, disagreements;
  std::map<conv::Activation, int> activations;
  std::size_t products = 0, padded = 0;
  for (int i = 0; i < kCases; ++i) {
    const Case c = random_case(random, 4000);
    INFO(describe(c));
    Data data = make_data(c);
    const Fill fill = static_cast<Fill>(random.below(8));
    refill(fill, random, data.input.values());
    refill(fill == Fill::kBytes ? Fill::kUniform : fill, random, data.weights.values());
    const auto geometry = conv::resolve(c.params, c.input, c.weights);
    REQUIRE(geometry);
    Tensor output(geometry->output_shape());
    const conv::KernelChoice choice{fill == Fill::kNamed || i % 3 == 0 ? "reference" : "auto", "auto"};
    REQUIRE(conv::forward(*geometry, data.input.view(), data.weights.view(), data.bias, output.view(), choice,
                          workspace, parallel));
    ++fills[fill];
    ++activations[c.params.activation];
    for (int j = 0; j < 3; ++j) {
      const auto pick = [&](std::int64_t n) {
        return static_cast<std::int64_t>(random.below(static_cast<std::uint32_t>(n)));
      };
      const explain::OutputIndex at{pick(geometry->n), pick(geometry->k), pick(geometry->p), pick(geometry->q)};
      const float map_value = output.at(at.n, at.k, at.p, at.q);
      explain::ProbeOptions options{explain::kMinProbeDigits + static_cast<int>(random.below(6)), map_value};
      const explain::Probe probe =
          explain::probe_output(*geometry, data.input.view(), data.weights.view(), data.bias, at, options);
      products += check_text(probe, explain::probe_text(probe, 3));
      padded += probe.padding_cells > 0;
      disagreements[fill] += !probe.agrees;
      if (fill != Fill::kDenormal) CHECK(shows_enough(probe, options.digits));
      const explain::Probe alone =
          explain::probe_output(*geometry, data.input.view(), data.weights.view(), data.bias, at);
      if (choice.kernel == "reference") {
        CHECK((std::isnan(map_value) ? std::isnan(alone.map_value) : alone.map_value == map_value));
      }
    }
  }
  CHECK(fills.size() == 8);
  CHECK(activations.size() == 9);
  CHECK(products > 100000);
  CHECK(padded > 500);
  for (const auto& [fill, count] : disagreements) {
    INFO("fill " << static_cast<int>(fill));
    CHECK(count == 0);
  }
}

}  // namespace
}  // namespace convlens::test
