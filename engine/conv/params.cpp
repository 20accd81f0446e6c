// Size arithmetic, limits and messages of a 2-D convolution. No pixels are touched here.
#include "engine/conv/params.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>

#include "engine/core/text.h"

namespace convlens::conv {
namespace {

constexpr std::array kBorders = {
    ChoiceName{"zero", "Zero", "Outside the picture everything is 0"},
    ChoiceName{"reflect", "Reflect", "The picture is mirrored at its edge; the edge pixel itself is not repeated"},
    ChoiceName{"replicate", "Replicate", "The nearest edge pixel is repeated"},
    ChoiceName{"circular", "Circular", "The picture repeats like a tile"},
};
constexpr std::array kPaddingModes = {
    ChoiceName{"valid", "Valid", "No padding: the filter stays inside the picture and the map shrinks"},
    ChoiceName{"same", "Same",
               "Pads by the filter's extent less one, so that at stride 1 the map is as large as the picture"},
    ChoiceName{"same-tf", "Same (TF)",
               "As TensorFlow: just enough for ceil(size / stride) outputs, the odd row below and column right"},
    ChoiceName{"full", "Full", "Every position at which filter and picture overlap"},
    ChoiceName{"custom", "Custom", "Rows and columns added on each side, as given"},
};
constexpr std::array kActivations = {
    ChoiceName{"none", "None", "y = x"},
    ChoiceName{"relu", "ReLU", "y = max(x, 0)"},
    ChoiceName{"leaky-relu", "Leaky ReLU", "y = x for x > 0, else 0.01 x"},
    ChoiceName{"sigmoid", "Sigmoid", "y = 1 / (1 + exp(-x))"},
    ChoiceName{"tanh", "Tanh", "y = tanh(x)"},
    ChoiceName{"elu", "ELU", "y = x for x > 0, else exp(x) - 1"},
    ChoiceName{"gelu", "GELU", "y = x times the normal distribution function of x (the exact form, with erf)"},
    ChoiceName{"softplus", "Softplus", "y = log(1 + exp(x))"},
    ChoiceName{"abs", "Absolute value", "y = |x|"},
};

// Values a tensor may hold: 64 GiB of floats. Keeps every product of sizes far from 64-bit overflow.
constexpr std::int64_t kMaxValues = std::int64_t{1} << 34;

std::string plural(std::int64_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

// One axis of a convolution, with the words for it.
struct AxisSizes {
  std::int64_t n = 0;  // input size
  std::int64_t p0 = 0, p1 = 0;
  std::int64_t k = 0;
  std::int64_t dilation = 1;
  std::int64_t stride = 1;
  const char* noun = "row";  // what is counted along it
  const char* adjective = "tall";
};

AxisSizes axis_sizes(const Params& params, const Shape& input, std::int64_t r, std::int64_t s, Axis axis) {
  const Padding pad = resolve_padding(params, input.h, input.w, r, s);
  if (axis == Axis::kY) {
    return {input.h, pad.top, pad.bottom, r, params.dilation_y, params.stride_y, "row", "tall"};
  }
  return {input.w, pad.left, pad.right, s, params.dilation_x, params.stride_x, "column", "wide"};
}

bool fits(const AxisSizes& a) { return dilated_size(a.k, a.dilation) <= a.n + a.p0 + a.p1; }

// "the filter is 9 rows tall but the padded input has only 7 rows" (with the dilation named where it matters).
std::string does_not_fit(const AxisSizes& a) {
  std::string text = "the filter is " + plural(dilated_size(a.k, a.dilation), a.noun) + " " + a.adjective;
  if (a.dilation > 1) text += " at dilation " + std::to_string(a.dilation);
  return text + " but the padded input has only " + plural(a.n + a.p0 + a.p1, a.noun);
}

std::optional<Error> check_between(const char* what, std::int64_t value, std::int64_t lo, std::int64_t hi) {
  if (value >= lo && value <= hi) return std::nullopt;
  return Error{std::string(what) + " must be between " + std::to_string(lo) + " and " + std::to_string(hi) + ", not " +
               std::to_string(value)};
}

// True if n*c*h*w is at most kMaxValues, without overflow; all are at least 1.
bool is_small_enough(const Shape& shape) {
  std::int64_t left = kMaxValues;
  for (const std::int64_t size : {shape.n, shape.c, shape.h, shape.w}) {
    if (size > left) return false;
    left /= size;
  }
  return true;
}

std::optional<Error> check_tensor(const char* what, const Shape& shape) {
  if (std::min({shape.n, shape.c, shape.h, shape.w}) < 1) {
    return Error{std::string(what) + " of shape " + to_string(shape) + " is empty: every size must be at least 1"};
  }
  if (!is_small_enough(shape)) {
    return Error{std::string(what) + " of shape " + to_string(shape) + " is too large: at most " + grouped(kMaxValues) +
                 " values are possible"};
  }
  return std::nullopt;
}

std::optional<Error> check_params(const Params& params) {
  for (const auto& error : {check_between("the vertical stride", params.stride_y, 1, kMaxStride),
                            check_between("the horizontal stride", params.stride_x, 1, kMaxStride),
                            check_between("the vertical dilation", params.dilation_y, 1, kMaxDilation),
                            check_between("the horizontal dilation", params.dilation_x, 1, kMaxDilation)}) {
    if (error) return error;
  }
  if (params.padding == PaddingMode::kCustom) {
    for (const auto& error : {check_between("the padding above", params.custom.top, 0, kMaxPadding),
                              check_between("the padding below", params.custom.bottom, 0, kMaxPadding),
                              check_between("the padding at the left", params.custom.left, 0, kMaxPadding),
                              check_between("the padding at the right", params.custom.right, 0, kMaxPadding)}) {
      if (error) return error;
    }
  }
  return std::nullopt;
}

std::optional<Error> check_groups(int groups, const Shape& input, const Shape& weights) {
  if (groups < 1) return Error{"groups must be at least 1, not " + std::to_string(groups)};
  if (input.c % groups != 0 || weights.n % groups != 0) {
    std::string legal;
    for (const int g : legal_groups(input.c, weights.n)) legal += (legal.empty() ? "" : ", ") + std::to_string(g);
    return Error{std::to_string(groups) + " groups do not divide both " + plural(input.c, "input channel") + " and " +
                 plural(weights.n, "filter") + ": choose one of " + legal};
  }
  if (weights.c != input.c / groups) {
    return Error{"the filters have " + plural(weights.c, "channel") + " but an input of " + plural(input.c, "channel") +
                 " in " + plural(groups, "group") + " needs filters of " + plural(input.c / groups, "channel")};
  }
  return std::nullopt;
}

}  // namespace

std::span<const ChoiceName> border_names() { return kBorders; }
std::span<const ChoiceName> padding_mode_names() { return kPaddingModes; }
std::span<const ChoiceName> activation_names() { return kActivations; }
std::optional<Border> parse_border(std::string_view name) { return parse_choice<Border>(kBorders, name); }
std::optional<PaddingMode> parse_padding_mode(std::string_view name) {
  return parse_choice<PaddingMode>(kPaddingModes, name);
}
std::optional<Activation> parse_activation(std::string_view name) {
  return parse_choice<Activation>(kActivations, name);
}

std::int64_t output_size(std::int64_t n, std::int64_t p0, std::int64_t p1, std::int64_t k, std::int64_t dilation,
                         std::int64_t stride) {
  const std::int64_t slack = n + p0 + p1 - dilated_size(k, dilation);
  return slack < 0 ? 0 : slack / stride + 1;
}

Padding resolve_padding(const Params& params, std::int64_t h, std::int64_t w, std::int64_t r, std::int64_t s) {
  const std::int64_t span_y = dilated_size(r, params.dilation_y);
  const std::int64_t span_x = dilated_size(s, params.dilation_x);
  const auto halves = [](std::int64_t total_y, std::int64_t total_x) {
    return Padding{static_cast<int>(total_y / 2), static_cast<int>(total_y - total_y / 2),
                   static_cast<int>(total_x / 2), static_cast<int>(total_x - total_x / 2)};
  };
  const auto tf_total = [](std::int64_t n, std::int64_t span, std::int64_t stride) {
    const std::int64_t outputs = (n + stride - 1) / stride;
    return std::max<std::int64_t>(0, (outputs - 1) * stride + span - n);
  };
  switch (params.padding) {
    case PaddingMode::kValid:
      return {};
    case PaddingMode::kSame:
      return halves(span_y - 1, span_x - 1);
    case PaddingMode::kSameTf:
      return halves(tf_total(h, span_y, params.stride_y), tf_total(w, span_x, params.stride_x));
    case PaddingMode::kFull:
      return halves(2 * (span_y - 1), 2 * (span_x - 1));
    case PaddingMode::kCustom:
      return params.custom;
  }
  return {};
}

Result<Geometry> resolve(const Params& params, const Shape& input, const Shape& weights) {
  if (auto error = check_tensor("the input", input)) return *error;
  if (auto error = check_tensor("the filter bank", weights)) return *error;
  if (auto error = check_between("the filter height", weights.h, 1, kMaxKernelSize)) return *error;
  if (auto error = check_between("the filter width", weights.w, 1, kMaxKernelSize)) return *error;
  if (auto error = check_params(params)) return *error;
  if (auto error = check_groups(params.groups, input, weights)) return *error;
  for (const Axis axis : {Axis::kY, Axis::kX}) {
    const AxisSizes sizes = axis_sizes(params, input, weights.h, weights.w, axis);
    if (!fits(sizes)) {
      return Error{does_not_fit(sizes) + ": use a smaller filter, less dilation, more padding or a larger input"};
    }
  }

  Geometry g;
  g.n = input.n, g.c = input.c, g.h = input.h, g.w = input.w;
  g.k = weights.n, g.r = weights.h, g.s = weights.w;
  g.stride_y = params.stride_y, g.stride_x = params.stride_x;
  g.dilation_y = params.dilation_y, g.dilation_x = params.dilation_x;
  g.groups = params.groups;
  g.pad = resolve_padding(params, g.h, g.w, g.r, g.s);
  g.border = params.border;
  g.flip = params.flip;
  g.activation = params.activation;
  g.p = output_size(g.h, g.pad.top, g.pad.bottom, g.r, g.dilation_y, g.stride_y);
  g.q = output_size(g.w, g.pad.left, g.pad.right, g.s, g.dilation_x, g.stride_x);
  if (!is_small_enough(g.output_shape())) {
    return Error{"the feature maps would have shape " + to_string(g.output_shape()) + ", more than " +
                 grouped(kMaxValues) + " values: use fewer filters, a larger stride or a smaller input"};
  }
  return g;
}

std::int64_t border_index(std::int64_t i, std::int64_t n, Border border) {
  assert(n >= 1);
  if (i >= 0 && i < n) return i;
  const auto modulo = [](std::int64_t a, std::int64_t m) { return (a % m + m) % m; };
  switch (border) {
    case Border::kZero:
      return -1;
    case Border::kReplicate:
      return i < 0 ? 0 : n - 1;
    case Border::kCircular:
      return modulo(i, n);
    case Border::kReflect: {
      if (n == 1) return 0;
      const std::int64_t phase = modulo(i, 2 * (n - 1));
      return phase < n ? phase : 2 * (n - 1) - phase;
    }
  }
  return -1;
}

IntLimits kernel_size_limits(const Params& params, const Shape& input, Axis axis, int other_size) {
  const Axis other = axis == Axis::kY ? Axis::kX : Axis::kY;
  const AxisSizes crossing = axis_sizes(params, input, other_size, other_size, other);
  if (!fits(crossing)) return {1, 1, does_not_fit(crossing)};
  // The modes that pad by the filter's own extent let any filter fit.
  if (params.padding != PaddingMode::kValid && params.padding != PaddingMode::kCustom) return {1, kMaxKernelSize, ""};
  const AxisSizes a = axis_sizes(params, input, 1, 1, axis);
  const std::int64_t padded = a.n + a.p0 + a.p1;
  const std::int64_t largest = std::max<std::int64_t>(1, (padded - 1) / a.dilation + 1);
  if (largest >= kMaxKernelSize) return {1, kMaxKernelSize, ""};
  std::string reason = "a larger filter would not fit into the padded input, which has " + plural(padded, a.noun);
  if (a.dilation > 1) reason += ", at dilation " + std::to_string(a.dilation);
  return {1, static_cast<int>(largest), reason};
}

IntLimits stride_limits(const Params& params, const Shape& input, std::int64_t r, std::int64_t s, Axis axis) {
  // Where the filter fits at all, its first position is an output at any stride.
  for (const Axis each : {axis, axis == Axis::kY ? Axis::kX : Axis::kY}) {
    const AxisSizes a = axis_sizes(params, input, r, s, each);
    if (!fits(a)) return {1, 1, does_not_fit(a)};
  }
  return {1, kMaxStride, ""};
}

IntLimits dilation_limits(const Params& params, const Shape& input, std::int64_t r, std::int64_t s, Axis axis) {
  const AxisSizes crossing = axis_sizes(params, input, r, s, axis == Axis::kY ? Axis::kX : Axis::kY);
  if (!fits(crossing)) return {1, 1, does_not_fit(crossing)};
  Params undilated = params;
  (axis == Axis::kY ? undilated.dilation_y : undilated.dilation_x) = 1;
  const AxisSizes a = axis_sizes(undilated, input, r, s, axis);
  if (!fits(a)) return {1, 1, does_not_fit(a)};
  if (a.k == 1) return {1, kMaxDilation, ""};
  if (params.padding != PaddingMode::kValid && params.padding != PaddingMode::kCustom) return {1, kMaxDilation, ""};
  const std::int64_t padded = a.n + a.p0 + a.p1;
  const std::int64_t largest = (padded - 1) / (a.k - 1);
  if (largest >= kMaxDilation) return {1, kMaxDilation, ""};
  return {1, static_cast<int>(largest),
          "more dilation would stretch the filter beyond the padded input, which has " + plural(padded, a.noun)};
}

std::vector<int> legal_groups(std::int64_t c, std::int64_t k) {
  std::vector<int> groups;
  const std::int64_t most = std::min({c, k, std::int64_t{std::numeric_limits<int>::max()}});
  for (std::int64_t g = 1; g <= most; ++g) {
    if (c % g == 0 && k % g == 0) groups.push_back(static_cast<int>(g));
  }
  return groups;
}

std::int64_t floor_remainder(const Geometry& g, Axis axis) {
  if (axis == Axis::kY) return (g.h + g.pad.top + g.pad.bottom - dilated_size(g.r, g.dilation_y)) % g.stride_y;
  return (g.w + g.pad.left + g.pad.right - dilated_size(g.s, g.dilation_x)) % g.stride_x;
}

std::string output_size_formula(const Geometry& g, Axis axis) {
  const bool y = axis == Axis::kY;
  const auto text = [](std::int64_t value) { return std::to_string(value); };
  return "floor((" + text(y ? g.h : g.w) + " + " + text(y ? g.pad.top : g.pad.left) + " + " +
         text(y ? g.pad.bottom : g.pad.right) + " - " + text(y ? g.dilation_y : g.dilation_x) + "·(" +
         text(y ? g.r : g.s) + " - 1) - 1) / " + text(y ? g.stride_y : g.stride_x) + ") + 1 = " + text(y ? g.p : g.q);
}

std::string parameters_formula(const Geometry& g) {
  return std::to_string(g.k) + " × " + std::to_string(g.channels_per_group()) + " × " + std::to_string(g.r) + " × " +
         std::to_string(g.s) + " + " + std::to_string(g.k) + " = " + grouped(g.parameters());
}

std::string multiply_adds_formula(const Geometry& g) {
  std::string text;
  for (const std::int64_t factor : {g.n, g.k, g.p, g.q, g.channels_per_group(), g.r, g.s}) {
    text += (text.empty() ? "" : " × ") + std::to_string(factor);
  }
  return text + " = " + grouped(g.multiply_adds());
}

}  // namespace convlens::conv
