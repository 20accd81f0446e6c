// The rows of the field table: names, words, ranges, and how each value is read and written. The rules that keep
// values legal together are in field_rules.cpp.
#include "app/model/fields.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include "app/model/colormap_names.h"
#include "app/model/filter_bank.h"

namespace convlens::model {
namespace {

constexpr std::array<FieldChoice, 5> kChannelChoices{{
    {"rgb", "RGB", "All three colour channels"},
    {"grey", "Grey", "One channel of luminance: 0.2126 R + 0.7152 G + 0.0722 B"},
    {"red", "Red", "The red channel alone"},
    {"green", "Green", "The green channel alone"},
    {"blue", "Blue", "The blue channel alone"},
}};

constexpr std::array<FieldChoice, 4> kRangeChoices{{
    {"per-map", "Per map", "Each map by its own largest value"},
    {"layer", "Layer", "All maps by the largest value among them, so that they can be compared"},
    {"global", "Global", "By the largest value seen since the picture was opened, so that edits can be compared"},
    {"fixed", "Fixed", "From and to the numbers given"},
}};

constexpr std::array<FieldChoice, 2> kLayoutChoices{{
    {"tiles", "Tiles", "All maps side by side"},
    {"single", "One map", "The chosen map alone, large"},
}};

std::vector<FieldChoice> choices_of(std::span<const conv::ChoiceName> names) {
  std::vector<FieldChoice> choices;
  for (const conv::ChoiceName& row : names) choices.push_back({row.name, row.label, row.summary});
  return choices;
}

std::span<const FieldChoice> border_choices() {
  static const std::vector<FieldChoice> choices = choices_of(conv::border_names());
  return choices;
}

std::span<const FieldChoice> padding_choices() {
  static const std::vector<FieldChoice> choices = choices_of(conv::padding_mode_names());
  return choices;
}

std::span<const FieldChoice> activation_choices() {
  static const std::vector<FieldChoice> choices = choices_of(conv::activation_names());
  return choices;
}

std::span<const FieldChoice> kernel_choices() {
  static const std::vector<FieldChoice> choices = [] {
    std::vector<FieldChoice> rows{{"auto", "Automatic", "The fastest kernel for these settings"}};
    for (const conv::KernelInfo& kernel : conv::kernels()) rows.push_back({kernel.name, kernel.name, kernel.summary});
    return rows;
  }();
  return choices;
}

std::span<const FieldChoice> isa_choices() {
  static const std::vector<std::string> names = conv::isa_targets();
  static const std::vector<FieldChoice> choices = [] {
    std::vector<FieldChoice> rows{{"auto", "Automatic", "The widest instruction set of this processor"}};
    for (const std::string& name : names) rows.push_back({name, name, "Forces this instruction set"});
    return rows;
  }();
  return choices;
}

// Index of a name among choices, 0 where it is not one of them.
double index_of(std::span<const FieldChoice> choices, std::string_view name) {
  const auto found = std::find_if(choices.begin(), choices.end(), [&](const FieldChoice& c) { return c.name == name; });
  return found == choices.end() ? 0.0 : static_cast<double>(found - choices.begin());
}

std::string name_at(std::span<const FieldChoice> choices, double index) {
  const double last = static_cast<double>(choices.size()) - 1;
  return std::string(choices[static_cast<std::size_t>(std::clamp(index, 0.0, last))].name);
}

int to_int(double value) { return static_cast<int>(std::lround(value)); }

using Get = double (*)(const Settings&);
using Set = void (*)(Settings&, double);

Field int_field(std::string_view name, std::string_view label, std::string_view unit, std::string_view tooltip, int lo,
                int hi, Get get, Set set) {
  return {name, label, unit, tooltip, FieldKind::kInt, double(lo), double(hi), 0, get, set, {}};
}

Field float_field(std::string_view name, std::string_view label, std::string_view unit, std::string_view tooltip,
                  double lo, double hi, Get get, Set set) {
  return {name, label, unit, tooltip, FieldKind::kFloat, lo, hi, 0, get, set, {}};
}

Field bool_field(std::string_view name, std::string_view label, std::string_view tooltip, Get get, Set set) {
  return {name, label, "", tooltip, FieldKind::kBool, 0, 1, 0, get, set, {}};
}

Field choice_field(std::string_view name, std::string_view label, std::string_view tooltip,
                   std::span<const FieldChoice> choices, Get get, Set set) {
  const double hi = static_cast<double>(choices.size()) - 1;
  return {name, label, "", tooltip, FieldKind::kChoice, 0, hi, 0, get, set, choices};
}

// The two lambdas of a member that is an int, a float, a bool or an enum.
#define CONVLENS_MEMBER(member)                       \
  [](const Settings& s) { return double(s.member); }, \
      [](Settings& s, double v) { s.member = static_cast<decltype(s.member)>(v); }
#define CONVLENS_INT_MEMBER(member) \
  [](const Settings& s) { return double(s.member); }, [](Settings& s, double v) { s.member = to_int(v); }
#define CONVLENS_BOOL_MEMBER(member) \
  [](const Settings& s) { return s.member ? 1.0 : 0.0; }, [](Settings& s, double v) { s.member = v != 0; }
#define CONVLENS_ENUM_MEMBER(member)                                    \
  [](const Settings& s) { return static_cast<double>(int(s.member)); }, \
      [](Settings& s, double v) { s.member = static_cast<decltype(s.member)>(to_int(v)); }
#define CONVLENS_NAME_MEMBER(member, choices)                    \
  [](const Settings& s) { return index_of(choices, s.member); }, \
      [](Settings& s, double v) { s.member = name_at(choices, v); }

void add_conv_fields(std::vector<Field>& table) {
  table.push_back(int_field(
      "conv/kernel_rows", "Kernel rows", "px", "Height of every filter (R). The weights stay centred when it changes.",
      1, kMaxEditableKernel, [](const Settings& s) { return double(s.conv.bank.rows); },
      [](Settings& s, double v) { set_size(s.conv.bank, to_int(v), s.conv.bank.cols); }));
  table.push_back(int_field(
      "conv/kernel_cols", "Kernel columns", "px",
      "Width of every filter (S). The weights stay centred when it changes.", 1, kMaxEditableKernel,
      [](const Settings& s) { return double(s.conv.bank.cols); },
      [](Settings& s, double v) { set_size(s.conv.bank, s.conv.bank.rows, to_int(v)); }));
  table.push_back(int_field("conv/stride_y", "Stride y", "px",
                            "Rows the window moves down from one output row to the next.", 1, conv::kMaxStride,
                            CONVLENS_INT_MEMBER(conv.params.stride_y)));
  table.push_back(int_field("conv/stride_x", "Stride x", "px",
                            "Columns the window moves right from one output to the next.", 1, conv::kMaxStride,
                            CONVLENS_INT_MEMBER(conv.params.stride_x)));
  table.push_back(choice_field("conv/padding", "Padding", "How many rows and columns are added around the picture.",
                               padding_choices(), CONVLENS_ENUM_MEMBER(conv.params.padding)));
  table.push_back(int_field("conv/pad_top", "Pad top", "px", "Rows added above, with custom padding.", 0,
                            conv::kMaxPadding, CONVLENS_INT_MEMBER(conv.params.custom.top)));
  table.push_back(int_field("conv/pad_bottom", "Pad bottom", "px", "Rows added below, with custom padding.", 0,
                            conv::kMaxPadding, CONVLENS_INT_MEMBER(conv.params.custom.bottom)));
  table.push_back(int_field("conv/pad_left", "Pad left", "px", "Columns added on the left, with custom padding.", 0,
                            conv::kMaxPadding, CONVLENS_INT_MEMBER(conv.params.custom.left)));
  table.push_back(int_field("conv/pad_right", "Pad right", "px", "Columns added on the right, with custom padding.", 0,
                            conv::kMaxPadding, CONVLENS_INT_MEMBER(conv.params.custom.right)));
  table.push_back(choice_field("conv/border", "Border", "What the filter reads outside the picture.", border_choices(),
                               CONVLENS_ENUM_MEMBER(conv.params.border)));
  table.push_back(int_field("conv/dilation_y", "Dilation y", "px",
                            "Rows between neighbouring weights: 1 is dense, 2 leaves one row out.", 1,
                            conv::kMaxDilation, CONVLENS_INT_MEMBER(conv.params.dilation_y)));
  table.push_back(int_field("conv/dilation_x", "Dilation x", "px",
                            "Columns between neighbouring weights: 1 is dense, 2 leaves one column out.", 1,
                            conv::kMaxDilation, CONVLENS_INT_MEMBER(conv.params.dilation_x)));
  table.push_back(int_field("conv/groups", "Groups", "",
                            "Parts into which channels and filters are cut; each filter sees only the channels of its "
                            "part. As many groups as channels is a depthwise convolution.",
                            1, 3, CONVLENS_INT_MEMBER(conv.params.groups)));
  table.push_back(bool_field("conv/flip", "True convolution",
                             "Turns the filter by 180° before it slides, as mathematics defines convolution; off is "
                             "cross-correlation, as deep learning does it.",
                             CONVLENS_BOOL_MEMBER(conv.params.flip)));
  table.push_back(choice_field("conv/activation", "Activation", "Applied to every value after the bias.",
                               activation_choices(), CONVLENS_ENUM_MEMBER(conv.params.activation)));
  table.push_back(choice_field("conv/channels", "Channels", "Which channels of the picture are convolved.",
                               kChannelChoices, CONVLENS_ENUM_MEMBER(conv.channels)));
  table.push_back(choice_field("conv/kernel", "Kernel", "Which implementation computes the maps.", kernel_choices(),
                               CONVLENS_NAME_MEMBER(conv.kernel.kernel, kernel_choices())));
  table.push_back(choice_field("conv/isa", "Instruction set", "Which processor instructions the kernel may use.",
                               isa_choices(), CONVLENS_NAME_MEMBER(conv.kernel.isa, isa_choices())));
  table.push_back(int_field("conv/threads", "Threads", "", "Processor cores used for the maps; 0 takes every core.", 0,
                            256, CONVLENS_INT_MEMBER(conv.threads)));
}

void add_view_fields(std::vector<Field>& table) {
  table.push_back(choice_field("view/map_colormap", "Map colours",
                               "Colours of feature maps with a sign; zero is always the neutral one.", kSignedColormaps,
                               CONVLENS_NAME_MEMBER(view.map_colormap, kSignedColormaps)));
  table.push_back(choice_field("view/unsigned_colormap", "Unsigned map colours",
                               "Colours of feature maps that are never negative, such as after ReLU.",
                               kUnsignedColormaps, CONVLENS_NAME_MEMBER(view.unsigned_colormap, kUnsignedColormaps)));
  table.push_back(choice_field("view/weight_colormap", "Weight colours",
                               "Colours of filter weights; never the same as the maps'.", kWeightColormaps,
                               CONVLENS_NAME_MEMBER(view.weight_colormap, kWeightColormaps)));
  table.push_back(choice_field("view/range", "Range", "Which values take the ends of the colour bar.", kRangeChoices,
                               CONVLENS_ENUM_MEMBER(view.range)));
  table.push_back(bool_field("view/clip", "Clip outliers",
                             "Per map and layer: the strongest 0.5 % of the values take the colours of the ends, so "
                             "that the rest is seen.",
                             CONVLENS_BOOL_MEMBER(view.clip_outliers)));
  table.push_back(float_field("view/fixed_lo", "Fixed from", "", "Lower end of the colour bar with a fixed range.",
                              -1e6, 1e6, CONVLENS_MEMBER(view.fixed_lo)));
  table.push_back(float_field("view/fixed_hi", "Fixed to", "", "Upper end of the colour bar with a fixed range.", -1e6,
                              1e6, CONVLENS_MEMBER(view.fixed_hi)));
  table.push_back(choice_field("view/layout", "Layout", "All maps as tiles, or one of them large.", kLayoutChoices,
                               CONVLENS_ENUM_MEMBER(view.layout)));
  table.push_back(bool_field("view/link", "Link views", "Input and maps zoom and pan together.",
                             CONVLENS_BOOL_MEMBER(view.link_views)));
  table.push_back(bool_field("view/grid", "Pixel grid", "Lines between pixels when they are large.",
                             CONVLENS_BOOL_MEMBER(view.show_grid)));
  table.push_back(bool_field("view/values", "Values in pixels", "Prints each value inside its pixel when it is large.",
                             CONVLENS_BOOL_MEMBER(view.show_values)));
  table.push_back(bool_field("view/histogram", "Histogram", "Shows how often each value occurs in the chosen map.",
                             CONVLENS_BOOL_MEMBER(view.show_histogram)));
  table.push_back(float_field("view/animation_speed", "Animation speed", "/s",
                              "Output positions that the sliding window visits in a second.", 0.25, 10000,
                              CONVLENS_MEMBER(view.animation_speed)));
}

#undef CONVLENS_MEMBER
#undef CONVLENS_INT_MEMBER
#undef CONVLENS_BOOL_MEMBER
#undef CONVLENS_ENUM_MEMBER
#undef CONVLENS_NAME_MEMBER

}  // namespace

std::span<const Field> fields() {
  static const std::vector<Field> table = [] {
    std::vector<Field> rows;
    add_conv_fields(rows);
    add_view_fields(rows);
    // A plain Settings has the defaults of every field; the bank's filters do not matter here.
    const Settings defaults;
    for (Field& row : rows) row.initial = row.get(defaults);
    return rows;
  }();
  return table;
}

const Field* find_field(std::string_view name) {
  const auto table = fields();
  const auto found = std::find_if(table.begin(), table.end(), [&](const Field& row) { return row.name == name; });
  return found == table.end() ? nullptr : &*found;
}

std::string field_text(const Field& field, double value) {
  if (!std::isfinite(value)) return "?";
  switch (field.kind) {
    case FieldKind::kInt:
      return std::to_string(std::lround(value));
    case FieldKind::kBool:
      return value != 0 ? "on" : "off";
    case FieldKind::kChoice:
      return name_at(field.choices, value);
    case FieldKind::kFloat: {
      std::array<char, 32> text{};
      const auto end = std::to_chars(text.data(), text.data() + text.size(), static_cast<float>(value)).ptr;
      return {text.data(), end};
    }
  }
  return {};
}

}  // namespace convlens::model
