// The probe as lines of text: columns that line up, sums written out.
#include "engine/explain/probe_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "engine/core/text.h"

namespace convlens::explain {
namespace {

constexpr std::array kFormats = {
    conv::ChoiceName{"text", "Text", "Lines for people"},
    conv::ChoiceName{"latex", "LaTeX", "Matrices and sums as an align* environment"},
    conv::ChoiceName{"numpy", "NumPy", "A script that computes the value"},
    conv::ChoiceName{"cpp", "C++", "A program that computes the value"},
    conv::ChoiceName{"json", "JSON", "Every number for other programs"},
};

std::string number(std::int64_t value) { return std::to_string(value); }

std::string pad_left(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : std::string(width - text.size(), ' ') + text;
}
std::string pad_right(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : text + std::string(width - text.size(), ' ');
}

std::string counted(std::int64_t count, const std::string& noun) {
  return number(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string percent(double share) { return formatted("%.1f %%", 100 * share); }

std::string_view border_name(const Probe& probe) {
  return conv::border_names()[static_cast<std::size_t>(probe.geometry.border)].name;
}
std::string activation_name(const Probe& probe) {
  return std::string(conv::activation_names()[static_cast<std::size_t>(probe.geometry.activation)].name);
}

std::string cell_words(const ProbeCell& cell) {
  std::string text = "(" + number(cell.row.position) + "," + number(cell.col.position) + ")";
  if (!cell.is_padding()) return text;
  if (cell.is_zero()) return text + " outside: 0";
  return text + " reads (" + number(cell.row.source) + "," + number(cell.col.source) + ")";
}

std::string weight_words(const ProbeCell& cell) {
  return "w(" + number(cell.row.weight) + "," + number(cell.col.weight) + ")";
}

std::string extent_words(const std::vector<Tap>& taps, const char* noun) {
  if (taps.size() == 1) return std::string(noun) + " " + number(taps.front().position);
  std::string text = std::string(noun) + "s " + number(taps.front().position) + " to " + number(taps.back().position);
  const std::int64_t step = taps[1].position - taps[0].position;
  if (step > 1) text += " in steps of " + number(step);
  return text;
}

std::string head(const Probe& probe) {
  const conv::Geometry& g = probe.geometry;
  const OutputIndex& at = probe.at;
  std::string text = "map " + number(at.k) + ", row " + number(at.p) + ", column " + number(at.q);
  if (g.n > 1) text += ", image " + number(at.n);
  text += " of " + convlens::to_string(g.output_shape()) + "\n";
  text += "window: " + extent_words(probe.window.rows, "row") + ", " + extent_words(probe.window.cols, "column") +
          " of " + counted(std::ssize(probe.channels), "input channel");
  if (g.groups > 1) text += " (group " + number(at.k / g.filters_per_group()) + " of " + number(g.groups) + ")";
  text += g.flip ? "; convolution: the filter is turned by 180 degrees\n" : "\n";
  if (probe.padding_cells > 0) {
    text += "padding: " + number(probe.padding_cells) + " of " + counted(std::ssize(probe.cells), "cell") +
            ", border " + std::string(border_name(probe)) + ", " + percent(probe.padding_share) +
            " of the sum of absolute products\n";
  }
  return text;
}

// One line per product; all channels share the widths.
class CellTable {
 public:
  explicit CellTable(const Probe& probe) {
    for (const ProbeCell& cell : probe.cells) {
      widen(place_, cell_words(cell));
      widen(weight_name_, weight_words(cell));
      widen(input_, to_text(cell.input));
      widen(weight_, to_text(cell.weight));
      widen(product_, to_text(cell.product));
      widen(running_, to_text(cell.running));
    }
  }
  std::string line(const ProbeCell& cell) const {
    return "  " + pad_right(cell_words(cell), place_) + "  " + pad_left(to_text(cell.input), input_) + " × " +
           pad_left(to_text(cell.weight), weight_) + " " + pad_right(weight_words(cell), weight_name_) + " = " +
           pad_left(to_text(cell.product), product_) + "   running sum " + pad_left(to_text(cell.running), running_) +
           "\n";
  }

 private:
  static void widen(std::size_t& width, const std::string& text) { width = std::max(width, text.size()); }
  std::size_t place_ = 0, weight_name_ = 0, input_ = 0, weight_ = 0, product_ = 0, running_ = 0;
};

// " + 1.5" or " - 1.5".
std::string signed_term(const Decimal& value) {
  const std::string text = to_text(value);
  if (text.front() == '-') return " - " + text.substr(1);
  return " + " + (text.front() == '+' ? text.substr(1) : text);
}

std::string channels_text(const Probe& probe, int depth) {
  const CellTable table(probe);
  std::string text;
  for (const ProbeChannel& channel : probe.channels) {
    if (depth >= kMaxProbeDepth) {
      text += "channel " + number(channel.channel) + "\n";
      for (std::size_t i = 0; i < channel.cell_count; ++i) text += table.line(probe.cells[channel.first_cell + i]);
    }
    text += "subtotal of channel " + number(channel.channel) + " = " + to_text(channel.subtotal) + "\n";
  }
  return text;
}

std::string sum_text(const Probe& probe) {
  std::string terms;
  for (const ProbeChannel& channel : probe.channels) {
    terms += terms.empty() ? to_text(channel.subtotal) : signed_term(channel.subtotal);
  }
  std::string text = "sum = " + terms;
  if (probe.channels.size() > 1) text += " = " + to_text(probe.sum);
  text += "\n";
  if (probe.has_bias) {
    text += "bias = " + to_text(probe.bias) + "\n";
    text += "pre-activation = " + to_text(probe.sum) + signed_term(probe.bias) + " = " + to_text(probe.pre_activation) +
            "\n";
  }
  if (probe.geometry.activation != conv::Activation::kNone) {
    text += activation_name(probe) + "(" + to_text(probe.pre_activation) + ") = " + to_text(probe.activated) + "\n";
  }
  return text;
}

std::string value_text(const Probe& probe) {
  std::string text = "value = " + to_text(probe.value) + " (float32 " + shortest(probe.map_value) + ")\n";
  if (probe.agrees) return text;
  if (!std::isfinite(probe.map_value) && probe.activated.is_finite()) {
    return text + "the sum is finite, and the map holds " + to_text(probe.value) +
           ": a float32 ends at 3.4e+38, or a kernel multiplied a zero outside the picture by a weight that is not "
           "finite\n";
  }
  return text + "the sum gives " + to_text(probe.activated) + ": the map was made from other numbers\n";
}

}  // namespace

std::span<const conv::ChoiceName> probe_format_names() { return kFormats; }

std::optional<ProbeFormat> parse_probe_format(std::string_view name) {
  for (std::size_t i = 0; i < kFormats.size(); ++i) {
    if (kFormats[i].name == name) return static_cast<ProbeFormat>(i);
  }
  return std::nullopt;
}

std::string shortest(float value) {
  std::array<char, 32> text;
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

std::string probe_text(const Probe& probe, int depth) {
  std::string text = head(probe);
  if (depth > kMinProbeDepth) text += channels_text(probe, depth) + sum_text(probe);
  return text + value_text(probe);
}

std::string to_string(const Probe& probe, ProbeFormat format, int depth) {
  switch (format) {
    case ProbeFormat::kText:
      return probe_text(probe, depth);
    case ProbeFormat::kLatex:
      return probe_latex(probe, depth);
    case ProbeFormat::kNumpy:
      return probe_numpy(probe);
    case ProbeFormat::kCpp:
      return probe_cpp(probe);
    case ProbeFormat::kJson:
      return probe_json(probe, depth);
  }
  return {};
}

}  // namespace convlens::explain
