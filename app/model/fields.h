// The field table: one row per single-valued setting, from which controls, limits, save, load, reset and undo labels
// all come. Filters and the picture reference are not fields; everything else in Settings is.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/model/settings.h"
#include "engine/core/tensor.h"

namespace convlens::model {

enum class FieldKind { kInt, kFloat, kBool, kChoice };

struct FieldChoice {
  std::string_view name;     // in files and the text twin
  std::string_view label;    // on the screen
  std::string_view summary;  // what it does
};

// Values of every kind travel as double: integers exact, booleans 0 or 1, choices by index.
struct Field {
  std::string_view name;     // "conv/stride_y": files, text twin
  std::string_view label;    // "Stride y"
  std::string_view unit;     // "px", "" ...
  std::string_view tooltip;  // what it does, one or two sentences
  FieldKind kind = FieldKind::kInt;
  double lo = 0;
  double hi = 0;
  double initial = 0;
  double (*get)(const Settings&) = nullptr;
  void (*set)(Settings&, double) = nullptr;
  std::span<const FieldChoice> choices;  // kChoice only
};

// Names: conv/kernel_rows, conv/kernel_cols, conv/stride_y, conv/stride_x, conv/padding, conv/pad_top, conv/pad_bottom,
// conv/pad_left, conv/pad_right, conv/border, conv/dilation_y, conv/dilation_x, conv/groups, conv/flip,
// conv/activation, conv/channels, conv/kernel, conv/isa, conv/threads, view/map_colormap, view/unsigned_colormap,
// view/weight_colormap, view/range, view/clip, view/fixed_lo, view/fixed_hi, view/layout, view/link, view/grid,
// view/values, view/histogram, view/animation_speed, view/coverage, view/padding_share, view/gridding, view/sampling,
// view/alignment, view/activation_first, view/soft_edges, pool/on, pool/kind, pool/size, pool/stride.
std::span<const Field> fields();
const Field* find_field(std::string_view name);

// What may be chosen in the present state. `picture` is the shape of the picture as opened (1,C,H,W).
struct FieldLimits {
  double lo = 0;
  double hi = 0;
  bool enabled = true;
  std::string reason;                // why a limit or a disabled control is as it is; may be empty
  std::vector<bool> choice_enabled;  // kChoice: which entries may be chosen (empty: all)
};
FieldLimits field_limits(const Field& field, const Settings& settings, const Shape& picture);

// Sets a value, clamped to its limits, and keeps the whole settings legal: the bank follows kernel size, channels and
// groups, and other parameters that no longer fit give way (groups falls to 1, dilation and stride shrink).
// True if anything changed.
bool set_field(Settings& settings, const Field& field, double value, const Shape& picture);

// "3", "0.25", "on", "reflect": a field's value as text for undo labels, tooltips and the twin.
std::string field_text(const Field& field, double value);

// Input shape (1,C,H,W) that the convolution sees for a picture of this shape.
Shape conv_input_shape(const Settings& settings, const Shape& picture);
// The checked convolution of these settings on a picture of this shape.
Result<conv::Geometry> settings_geometry(const Settings& settings, const Shape& picture);
// Makes settings legal for a picture (after opening another one or loading a session). Says what it changed.
std::vector<std::string> make_legal(Settings& settings, const Shape& picture);

}  // namespace convlens::model
