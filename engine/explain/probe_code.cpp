// The probe as a NumPy script and as a C++ program that compute the value from the floats, to their last bit.
#include <cmath>
#include <string>

#include "engine/explain/probe_text.h"

namespace convlens::explain {
namespace {

using Literal = std::string (*)(float);

// A weight over a cell that reads nothing plays no part, even where it is not finite.
float input_of(const ProbeCell& cell) { return cell.input_value; }
float weight_of(const ProbeCell& cell) {
  return cell.is_zero() && !std::isfinite(cell.weight_value) ? 0.0f : cell.weight_value;
}

// C x R x S floats in nested brackets, a row on each line.
std::string nested(const Probe& probe, float (*value)(const ProbeCell&), Literal literal, char open, char close) {
  const std::size_t rows = probe.window.rows.size();
  const std::size_t cols = probe.window.cols.size();
  std::string text(1, open);
  std::size_t i = 0;
  for (std::size_t c = 0; c < probe.channels.size(); ++c) {
    text += (c > 0 ? ",\n    " : "\n    ") + std::string(1, open);
    for (std::size_t r = 0; r < rows; ++r) {
      text += (r > 0 ? ",\n     " : "") + std::string(1, open);
      for (std::size_t s = 0; s < cols; ++s, ++i) text += (s > 0 ? ", " : "") + literal(value(probe.cells[i]));
      text += close;
    }
    text += close;
  }
  return text + close;
}

std::string python_literal(float value) {
  if (std::isnan(value)) return "np.nan";
  if (std::isinf(value)) return value > 0 ? "np.inf" : "-np.inf";
  return shortest(value);
}

std::string cpp_literal(float value) {
  if (std::isnan(value)) return "NAN";
  if (std::isinf(value)) return value > 0 ? "INFINITY" : "-INFINITY";
  const std::string text = shortest(value);
  return text + (text.find_first_of(".e") == std::string::npos ? ".0f" : "f");
}

std::string where(const Probe& probe) {
  return "map " + std::to_string(probe.at.k) + ", row " + std::to_string(probe.at.p) + ", column " +
         std::to_string(probe.at.q);
}

const char* python_activation(conv::Activation activation) {
  switch (activation) {
    case conv::Activation::kNone:
      return "z";
    case conv::Activation::kRelu:
      return "np.maximum(z, 0.0)";
    case conv::Activation::kLeakyRelu:
      return "z if z > 0 else float(np.float32(0.01)) * z";
    case conv::Activation::kSigmoid:
      return "1 / (1 + np.exp(-z))";
    case conv::Activation::kTanh:
      return "np.tanh(z)";
    case conv::Activation::kElu:
      return "z if z > 0 else np.expm1(z)";
    case conv::Activation::kGelu:
      return "0.5 * z * math.erfc(-z / math.sqrt(2))";
    case conv::Activation::kSoftplus:
      return "np.logaddexp(0.0, z)";
    case conv::Activation::kAbs:
      return "abs(z)";
  }
  return "z";
}

const char* cpp_activation(conv::Activation activation) {
  switch (activation) {
    case conv::Activation::kNone:
      return "z";
    case conv::Activation::kRelu:
      return "z < 0 ? 0 : z";
    case conv::Activation::kLeakyRelu:
      return "z > 0 ? z : double{0.01f} * z";
    case conv::Activation::kSigmoid:
      return "1 / (1 + std::exp(-z))";
    case conv::Activation::kTanh:
      return "std::tanh(z)";
    case conv::Activation::kElu:
      return "z > 0 ? z : std::expm1(z)";
    case conv::Activation::kGelu:
      return "0.5 * z * std::erfc(-z / std::sqrt(2.0))";
    case conv::Activation::kSoftplus:
      return "(z > 0 ? z : 0) + std::log1p(std::exp(-std::abs(z)))";
    case conv::Activation::kAbs:
      return "std::abs(z)";
  }
  return "z";
}

}  // namespace

std::string probe_numpy(const Probe& probe) {
  std::string text;
  if (probe.geometry.activation == conv::Activation::kGelu) text += "import math\n\n";
  text += "import numpy as np\n\n";
  text += "# " + where(probe) + ": (channels, rows, columns) as the window reads them, the filter turned if it is\n";
  text += "x = np.array(" + nested(probe, input_of, python_literal, '[', ']') + ", dtype=np.float32)\n";
  text += "w = np.array(" + nested(probe, weight_of, python_literal, '[', ']') + ", dtype=np.float32)\n";
  text += "b = np.float32(" + (probe.has_bias ? python_literal(probe.bias_value) : "0") + ")\n";
  text += "products = x.astype(np.float64) * w\n";
  text += "subtotals = products.sum(axis=(1, 2))\n";
  text += "z = float(subtotals.sum()) + float(b)\n";
  text += "y = " + std::string(python_activation(probe.geometry.activation)) + "\n";
  return text + "print(y)  # the map holds " + shortest(probe.map_value) + "\n";
}

std::string probe_cpp(const Probe& probe) {
  const std::string sizes = "[" + std::to_string(probe.channels.size()) + "][" +
                            std::to_string(probe.window.rows.size()) + "][" + std::to_string(probe.window.cols.size()) +
                            "]";
  std::string text = "#include <cmath>\n#include <cstdio>\n\n";
  text += "// " + where(probe) + ": channels, rows, columns as the window reads them, the filter turned if it is\n";
  text += "const float x" + sizes + " = " + nested(probe, input_of, cpp_literal, '{', '}') + ";\n";
  text += "const float w" + sizes + " = " + nested(probe, weight_of, cpp_literal, '{', '}') + ";\n\n";
  text += "int main() {\n";
  text += "  double z = " + (probe.has_bias ? cpp_literal(probe.bias_value) : "0") + ";\n";
  text += "  for (int c = 0; c < " + std::to_string(probe.channels.size()) + "; ++c)\n";
  text += "    for (int r = 0; r < " + std::to_string(probe.window.rows.size()) + "; ++r)\n";
  text += "      for (int s = 0; s < " + std::to_string(probe.window.cols.size()) + "; ++s)\n";
  text += "        z += double{x[c][r][s]} * double{w[c][r][s]};\n";
  text += "  const double y = " + std::string(cpp_activation(probe.geometry.activation)) + ";\n";
  text += "  std::printf(\"%.9g\\n\", y);  // the map holds " + shortest(probe.map_value) + "\n";
  return text + "}\n";
}

}  // namespace convlens::explain
