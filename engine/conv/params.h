// Every parameter of a 2-D convolution and the only size arithmetic in the program.
// Kernels, sliders, sessions and the command line all take sizes, limits, names and messages from here.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/tensor.h"

namespace convlens::conv {

inline constexpr int kMaxKernelSize = 255;
inline constexpr int kMaxStride = 64;
inline constexpr int kMaxDilation = 64;
inline constexpr int kMaxPadding = 4096;

enum class Border { kZero, kReflect, kReplicate, kCircular };
enum class PaddingMode { kValid, kSame, kSameTf, kFull, kCustom };
enum class Activation { kNone, kRelu, kLeakyRelu, kSigmoid, kTanh, kElu, kGelu, kSoftplus, kAbs };

inline constexpr float kLeakySlope = 0.01f;  // leaky ReLU, as PyTorch's default
inline constexpr float kEluAlpha = 1.0f;

// A choice as it is spelt in files and on the command line (name), on the screen (label), and what it does.
struct ChoiceName {
  std::string_view name;
  std::string_view label;
  std::string_view summary;
};
// The choice of that name in a list indexed by the enum's value.
template <class Enum>
std::optional<Enum> parse_choice(std::span<const ChoiceName> names, std::string_view name) {
  const auto found = std::ranges::find(names, name, &ChoiceName::name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}
// Indexed by the enum's value.
std::span<const ChoiceName> border_names();        // zero, reflect, replicate, circular
std::span<const ChoiceName> padding_mode_names();  // valid, same, same-tf, full, custom
std::span<const ChoiceName> activation_names();    // none, relu, leaky-relu, sigmoid, tanh, elu, gelu, softplus, abs
std::optional<Border> parse_border(std::string_view name);
std::optional<PaddingMode> parse_padding_mode(std::string_view name);
std::optional<Activation> parse_activation(std::string_view name);

// Rows or columns added on each side, in input pixels.
struct Padding {
  int top = 0;
  int bottom = 0;
  int left = 0;
  int right = 0;
  bool operator==(const Padding&) const = default;
};

// What a person chooses. Kernel size, C and K come from the tensors.
struct Params {
  int stride_y = 1;
  int stride_x = 1;
  PaddingMode padding = PaddingMode::kSame;
  Padding custom;  // used when padding == kCustom
  Border border = Border::kZero;
  int dilation_y = 1;
  int dilation_x = 1;
  int groups = 1;
  bool flip = false;  // true convolution (filter rotated by 180 degrees); false is cross-correlation
  Activation activation = Activation::kNone;
  bool operator==(const Params&) const = default;
};

// A checked convolution: input (N,C,H,W) * weights (K,C/groups,R,S) -> output (N,K,P,Q), padding resolved per side.
struct Geometry {
  std::int64_t n = 0, c = 0, h = 0, w = 0;
  std::int64_t k = 0, r = 0, s = 0;
  std::int64_t p = 0, q = 0;
  int stride_y = 1, stride_x = 1;
  int dilation_y = 1, dilation_x = 1;
  int groups = 1;
  Padding pad;
  Border border = Border::kZero;
  bool flip = false;
  Activation activation = Activation::kNone;

  std::int64_t channels_per_group() const { return c / groups; }
  std::int64_t filters_per_group() const { return k / groups; }
  Shape input_shape() const { return {n, c, h, w}; }
  Shape weights_shape() const { return {k, c / groups, r, s}; }
  Shape output_shape() const { return {n, k, p, q}; }
  // Multiply-adds of the whole layer, padding cells counted like any other: N*K*P*Q*(C/groups)*R*S.
  std::int64_t multiply_adds() const { return n * k * p * q * (c / groups) * r * s; }
  // Weights plus one bias per filter.
  std::int64_t parameters() const { return k * (c / groups) * r * s + k; }
  bool operator==(const Geometry&) const = default;
};

// Checks everything and resolves the padding; the error says what does not fit and what would.
Result<Geometry> resolve(const Params& params, const Shape& input, const Shape& weights);

// Extent of a dilated filter along one axis: d(k-1)+1.
constexpr std::int64_t dilated_size(std::int64_t k, std::int64_t dilation) { return dilation * (k - 1) + 1; }

// floor((n + p0 + p1 - d(k-1) - 1)/s) + 1, or 0 where the filter does not fit. (Dumoulin and Visin, "A guide to
// convolution arithmetic for deep learning", relationship 15.)
std::int64_t output_size(std::int64_t n, std::int64_t p0, std::int64_t p1, std::int64_t k, std::int64_t dilation,
                         std::int64_t stride);

// Per-side padding that `params` means for this input height and width and this filter size R x S.
//   valid    nothing;  full  d(k-1) on each side
//   same     d(k-1) in all, the odd one below / right, whatever the stride (PyTorch's 'same' at stride 1)
//   same-tf  what makes ceil(n/stride) outputs, the odd one below / right (TensorFlow's SAME)
Padding resolve_padding(const Params& params, std::int64_t h, std::int64_t w, std::int64_t r, std::int64_t s);

// Source index in [0, n) that position i (any integer) reads along one axis of length n, or -1 for a zero cell.
// reflect does not repeat the edge sample (period 2(n-1)); all modes are defined for any i and n >= 1.
std::int64_t border_index(std::int64_t i, std::int64_t n, Border border);

// What a control may offer for an integer parameter in the present state; empty reason when nothing restricts it.
struct IntLimits {
  int lo = 1;
  int hi = 1;
  std::string reason;  // why hi (or lo) is where it is, e.g. "stride 5 would leave no output row: ..."
};
enum class Axis { kY, kX };
// Largest values that keep the output at least 1x1, all other parameters held.
IntLimits kernel_size_limits(const Params& params, const Shape& input, Axis axis, int other_size);
IntLimits stride_limits(const Params& params, const Shape& input, std::int64_t r, std::int64_t s, Axis axis);
IntLimits dilation_limits(const Params& params, const Shape& input, std::int64_t r, std::int64_t s, Axis axis);
// Group counts that divide both C and K, ascending.
std::vector<int> legal_groups(std::int64_t c, std::int64_t k);

// Rows (columns) of the padded input below (right of) the last window: what the floor of the output size drops.
// 0 where the stride divides; less than the stride always.
std::int64_t floor_remainder(const Geometry& geometry, Axis axis);

// "floor((480 + 1 + 1 - 1·(3 - 1) - 1) / 2) + 1 = 240", the output-size formula with the numbers written in.
std::string output_size_formula(const Geometry& geometry, Axis axis);
// "8 × 3 × 3 × 3 + 8 = 224"
std::string parameters_formula(const Geometry& geometry);
// "1 × 8 × 480 × 640 × 3 × 3 × 3 = 66 355 200"
std::string multiply_adds_formula(const Geometry& geometry);

}  // namespace convlens::conv
