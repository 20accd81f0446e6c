// The probe for a paper or a slide: matrices of inputs, weights and products, then the sums. Needs amsmath.
#include <string>

#include "engine/explain/probe_text.h"

namespace convlens::explain {
namespace {

// The R x S numbers that `member` names, of one channel.
std::string matrix(const Probe& probe, const ProbeChannel& channel, Decimal ProbeCell::*member) {
  const std::size_t cols = probe.window.cols.size();
  std::string text = "\\begin{bmatrix} ";
  for (std::size_t i = 0; i < channel.cell_count; ++i) {
    if (i > 0) text += i % cols == 0 ? " \\\\ " : " & ";
    text += to_latex(probe.cells[channel.first_cell + i].*member);
  }
  return text + " \\end{bmatrix}";
}

std::string subtotal_name(const ProbeChannel& channel) { return "s_{" + std::to_string(channel.channel) + "}"; }

std::string in_brackets_if_negative(const Decimal& value) {
  const std::string text = to_latex(value);
  return text.front() == '-' ? "(" + text + ")" : text;
}

std::string sum_line(const Probe& probe) {
  std::string names, terms;
  for (const ProbeChannel& channel : probe.channels) {
    names += (names.empty() ? "" : " + ") + subtotal_name(channel);
    terms += terms.empty() ? to_latex(channel.subtotal) : " + " + in_brackets_if_negative(channel.subtotal);
  }
  if (probe.has_bias) {
    names += " + b";
    terms += " + " + in_brackets_if_negative(probe.bias);
  }
  return "z &= " + names + " = " + terms + " = " + to_latex(probe.pre_activation) + " \\\\\n";
}

std::string value_line(const Probe& probe) {
  std::string text = "y &= ";
  if (probe.geometry.activation != conv::Activation::kNone) {
    const auto name = conv::activation_names()[static_cast<std::size_t>(probe.geometry.activation)].name;
    text += "\\operatorname{" + std::string(name) + "}(" + to_latex(probe.pre_activation) + ") = ";
  }
  text += to_latex(probe.activated);
  if (!probe.agrees) return text + " \\neq " + to_latex(probe.value) + "\n";
  return text + (probe.value == probe.activated ? "" : " \\approx " + to_latex(probe.value)) + "\n";
}

}  // namespace

std::string probe_latex(const Probe& probe, int depth) {
  std::string text = "\\begin{align*}\n";
  for (const ProbeChannel& channel : probe.channels) {
    if (depth == kMinProbeDepth) break;
    text += subtotal_name(channel) + " &= ";
    if (depth >= kMaxProbeDepth) {
      text += "\\sum " + matrix(probe, channel, &ProbeCell::input) + " \\odot " +
              matrix(probe, channel, &ProbeCell::weight) + " = \\sum " + matrix(probe, channel, &ProbeCell::product) +
              " = ";
    }
    text += to_latex(channel.subtotal) + " \\\\\n";
  }
  if (depth > kMinProbeDepth) text += sum_line(probe);
  return text + value_line(probe) + "\\end{align*}\n";
}

}  // namespace convlens::explain
