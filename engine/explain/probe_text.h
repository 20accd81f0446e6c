// A probe in words and numbers, to read, to paste and to run. Every number is the probe's own; nothing is computed
// here.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/explain/probe.h"

namespace convlens::explain {

enum class ProbeFormat { kText, kLatex, kNumpy, kCpp, kJson };
std::span<const conv::ChoiceName> probe_format_names();  // text, latex, numpy, cpp, json; indexed by the enum's value
std::optional<ProbeFormat> parse_probe_format(std::string_view name);

// How much is told: the window and the value (1), the subtotal of each channel (2), every product (3).
inline constexpr int kMinProbeDepth = 1;
inline constexpr int kMaxProbeDepth = 3;

// Ends with a newline.
//   text    lines for people: "cell  input × weight = product  running sum", channel by channel
//   latex   an align* of the matrices and the sums
//   numpy   a script that computes the value in float64 from the floats as they are, to their last bit
//   cpp     the same as a program
//   json    one object: what is shown as strings that add up, the floats behind them as numbers (null if not finite)
// numpy and cpp do not depend on the depth.
std::string to_string(const Probe& probe, ProbeFormat format, int depth = kMaxProbeDepth);

std::string probe_text(const Probe& probe, int depth);
std::string probe_latex(const Probe& probe, int depth);
std::string probe_numpy(const Probe& probe);
std::string probe_cpp(const Probe& probe);
std::string probe_json(const Probe& probe, int depth);

// The shortest decimal that reads back as the same float: "0.1", "-3", "1e-45", "nan", "inf", "-inf".
std::string shortest(float value);

}  // namespace convlens::explain
