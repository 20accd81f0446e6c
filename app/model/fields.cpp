// The rows of the field table: names, words, ranges, and how each value is read and written. The rules that keep
// values legal together are in field_rules.cpp.
#include "app/model/fields.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <type_traits>
#include <vector>

#include "app/model/colormap_names.h"
#include "app/model/filter_bank.h"
#include "engine/conv/accelerator.h"

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

constexpr std::array<FieldChoice, 2> kPoolChoices{{
    {"max", "Maximum", "The largest value of each window: where something was found, not exactly where"},
    {"average", "Average", "The mean of each window: a smaller, smoother map"},
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
    rows.push_back({conv::kAcceleratorKernel, "GPU (glsl)", "Compute shaders on the GPU"});
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

// A field of the member at the end of a path of members: get and set for every type that a plain setting has.
template <auto... Path>
double get_member(const Settings& settings) {
  return static_cast<double>((settings.*....*Path));
}

template <auto... Path>
void set_member(Settings& settings, double value) {
  auto& member = (settings.*....*Path);
  using Member = std::remove_reference_t<decltype(member)>;
  if constexpr (std::is_same_v<Member, bool>) {
    member = value != 0;
  } else if constexpr (std::is_floating_point_v<Member>) {
    member = static_cast<Member>(value);
  } else {
    member = static_cast<Member>(to_int(value));
  }
}

template <auto... Path>
Field int_field(std::string_view name, std::string_view label, std::string_view unit, std::string_view tooltip, int lo,
                int hi) {
  return {name,
          label,
          unit,
          tooltip,
          FieldKind::kInt,
          static_cast<double>(lo),
          static_cast<double>(hi),
          0,
          get_member<Path...>,
          set_member<Path...>,
          {}};
}

template <auto... Path>
Field float_field(std::string_view name, std::string_view label, std::string_view unit, std::string_view tooltip,
                  double lo, double hi) {
  return {name, label, unit, tooltip, FieldKind::kFloat, lo, hi, 0, get_member<Path...>, set_member<Path...>, {}};
}

template <auto... Path>
Field bool_field(std::string_view name, std::string_view label, std::string_view tooltip) {
  return {name, label, "", tooltip, FieldKind::kBool, 0, 1, 0, get_member<Path...>, set_member<Path...>, {}};
}

template <auto... Path>
Field choice_field(std::string_view name, std::string_view label, std::string_view tooltip,
                   std::span<const FieldChoice> choices) {
  const double hi = static_cast<double>(choices.size()) - 1;
  return {name, label, "", tooltip, FieldKind::kChoice, 0, hi, 0, get_member<Path...>, set_member<Path...>, choices};
}

// The same for a member that holds the name of its choice.
template <auto Choices, auto... Path>
Field name_field(std::string_view name, std::string_view label, std::string_view tooltip) {
  const double hi = static_cast<double>(Choices().size()) - 1;
  const auto get = [](const Settings& settings) { return index_of(Choices(), (settings.*....*Path)); };
  const auto set = [](Settings& settings, double value) { (settings.*....*Path) = name_at(Choices(), value); };
  return {name, label, "", tooltip, FieldKind::kChoice, 0, hi, 0, get, set, Choices()};
}

Field size_field(std::string_view name, std::string_view label, std::string_view tooltip,
                 double (*get)(const Settings&), void (*set)(Settings&, double)) {
  return {name, label, "px", tooltip, FieldKind::kInt, 1, kMaxEditableKernel, 0, get, set, {}};
}

std::span<const FieldChoice> signed_colormaps() { return kSignedColormaps; }
std::span<const FieldChoice> unsigned_colormaps() { return kUnsignedColormaps; }
std::span<const FieldChoice> weight_colormaps() { return kWeightColormaps; }

constexpr auto kConv = &Settings::conv;
constexpr auto kParams = &ConvSettings::params;
constexpr auto kCustom = &conv::Params::custom;
constexpr auto kKernel = &ConvSettings::kernel;
constexpr auto kView = &Settings::view;
constexpr auto kPool = &Settings::pool;

void add_conv_fields(std::vector<Field>& table) {
  table.push_back(size_field(
      "conv/kernel_rows", "Kernel rows", "Height of every filter (R). The weights stay centred when it changes.",
      [](const Settings& s) { return double(s.conv.bank.rows); },
      [](Settings& s, double v) { set_size(s.conv.bank, to_int(v), s.conv.bank.cols); }));
  table.push_back(size_field(
      "conv/kernel_cols", "Kernel columns", "Width of every filter (S). The weights stay centred when it changes.",
      [](const Settings& s) { return double(s.conv.bank.cols); },
      [](Settings& s, double v) { set_size(s.conv.bank, s.conv.bank.rows, to_int(v)); }));
  table.push_back(int_field<kConv, kParams, &conv::Params::stride_y>(
      "conv/stride_y", "Stride y", "px", "Rows the window moves down from one output row to the next.", 1,
      conv::kMaxStride));
  table.push_back(int_field<kConv, kParams, &conv::Params::stride_x>(
      "conv/stride_x", "Stride x", "px", "Columns the window moves right from one output to the next.", 1,
      conv::kMaxStride));
  table.push_back(choice_field<kConv, kParams, &conv::Params::padding>(
      "conv/padding", "Padding", "How many rows and columns are added around the picture.", padding_choices()));
  table.push_back(int_field<kConv, kParams, kCustom, &conv::Padding::top>(
      "conv/pad_top", "Pad top", "px", "Rows added above, with custom padding.", 0, conv::kMaxPadding));
  table.push_back(int_field<kConv, kParams, kCustom, &conv::Padding::bottom>(
      "conv/pad_bottom", "Pad bottom", "px", "Rows added below, with custom padding.", 0, conv::kMaxPadding));
  table.push_back(int_field<kConv, kParams, kCustom, &conv::Padding::left>(
      "conv/pad_left", "Pad left", "px", "Columns added on the left, with custom padding.", 0, conv::kMaxPadding));
  table.push_back(int_field<kConv, kParams, kCustom, &conv::Padding::right>(
      "conv/pad_right", "Pad right", "px", "Columns added on the right, with custom padding.", 0, conv::kMaxPadding));
  table.push_back(choice_field<kConv, kParams, &conv::Params::border>(
      "conv/border", "Border", "What the filter reads outside the picture.", border_choices()));
  table.push_back(int_field<kConv, kParams, &conv::Params::dilation_y>(
      "conv/dilation_y", "Dilation y", "px", "Rows between neighbouring weights: 1 is dense, 2 leaves one row out.", 1,
      conv::kMaxDilation));
  table.push_back(int_field<kConv, kParams, &conv::Params::dilation_x>(
      "conv/dilation_x", "Dilation x", "px",
      "Columns between neighbouring weights: 1 is dense, 2 leaves one column out.", 1, conv::kMaxDilation));
  table.push_back(int_field<kConv, kParams, &conv::Params::groups>(
      "conv/groups", "Groups", "",
      "Parts into which channels and filters are cut; each filter sees only the channels of its "
      "part. As many groups as channels is a depthwise convolution.",
      1, 3));
  table.push_back(bool_field<kConv, kParams, &conv::Params::flip>(
      "conv/flip", "True convolution",
      "Turns the filter by 180° before it slides, as mathematics defines convolution; off is "
      "cross-correlation, as deep learning does it."));
  table.push_back(choice_field<kConv, kParams, &conv::Params::activation>(
      "conv/activation", "Activation", "Applied to every value after the bias.", activation_choices()));
  table.push_back(choice_field<kConv, &ConvSettings::channels>(
      "conv/channels", "Channels", "Which channels of the picture are convolved.", kChannelChoices));
  table.push_back(name_field<kernel_choices, kConv, kKernel, &conv::KernelChoice::kernel>(
      "conv/kernel", "Kernel", "Which implementation computes the maps."));
  table.push_back(name_field<isa_choices, kConv, kKernel, &conv::KernelChoice::isa>(
      "conv/isa", "Instruction set", "Which processor instructions the kernel may use."));
  table.push_back(int_field<kConv, &ConvSettings::threads>(
      "conv/threads", "Threads", "", "Processor cores used for the maps; 0 takes every core.", 0, 256));
}

void add_view_fields(std::vector<Field>& table) {
  table.push_back(name_field<signed_colormaps, kView, &ViewSettings::map_colormap>(
      "view/map_colormap", "Map colours", "Colours of feature maps with a sign; zero is always the neutral one."));
  table.push_back(name_field<unsigned_colormaps, kView, &ViewSettings::unsigned_colormap>(
      "view/unsigned_colormap", "Unsigned map colours",
      "Colours of feature maps that are never negative, such as after ReLU."));
  table.push_back(name_field<weight_colormaps, kView, &ViewSettings::weight_colormap>(
      "view/weight_colormap", "Weight colours", "Colours of filter weights; never the same as the maps'."));
  table.push_back(choice_field<kView, &ViewSettings::range>(
      "view/range", "Range", "Which values take the ends of the colour bar.", kRangeChoices));
  table.push_back(bool_field<kView, &ViewSettings::clip_outliers>(
      "view/clip", "Clip outliers",
      "Per map and layer: the strongest 0.5 % of the values take the colours of the ends, so "
      "that the rest is seen."));
  table.push_back(float_field<kView, &ViewSettings::fixed_lo>(
      "view/fixed_lo", "Fixed from", "", "Lower end of the colour bar with a fixed range.", -1e6, 1e6));
  table.push_back(float_field<kView, &ViewSettings::fixed_hi>(
      "view/fixed_hi", "Fixed to", "", "Upper end of the colour bar with a fixed range.", -1e6, 1e6));
  table.push_back(choice_field<kView, &ViewSettings::layout>(
      "view/layout", "Layout", "All maps as tiles, or one of them large.", kLayoutChoices));
  table.push_back(
      bool_field<kView, &ViewSettings::link_views>("view/link", "Link views", "Input and maps zoom and pan together."));
  table.push_back(bool_field<kView, &ViewSettings::show_grid>("view/grid", "Pixel grid",
                                                              "Lines between pixels when they are large."));
  table.push_back(bool_field<kView, &ViewSettings::show_values>(
      "view/values", "Values in pixels", "Prints each value inside its pixel when it is large."));
  table.push_back(bool_field<kView, &ViewSettings::show_histogram>(
      "view/histogram", "Histogram", "Shows how often each value occurs in the chosen map."));
  table.push_back(float_field<kView, &ViewSettings::animation_speed>(
      "view/animation_speed", "Animation speed", "/s", "Output positions that the sliding window visits in a second.",
      0.25, 10000));
}

void add_overlay_fields(std::vector<Field>& table) {
  table.push_back(bool_field<kView, &ViewSettings::show_coverage>(
      "view/coverage", "Coverage",
      "Over the input: how often each pixel is read. Last rows and columns that no window reaches are hatched."));
  table.push_back(bool_field<kView, &ViewSettings::show_padding_share>(
      "view/padding_share", "Padding share",
      "Over the maps: which share of each output's window lies outside the picture."));
  table.push_back(bool_field<kView, &ViewSettings::show_gridding>(
      "view/gridding", "Dilation gridding",
      "Lights the pixels that the current output and its kin read, and the outputs that share pixels with it: dilation "
      "cuts both into grids that know nothing of each other."));
  table.push_back(bool_field<kView, &ViewSettings::show_sampling>(
      "view/sampling", "Sampling grid",
      "Over the input: where the stride puts an output, and between them the positions that it leaves out."));
  table.push_back(bool_field<kView, &ViewSettings::show_alignment>(
      "view/alignment", "Alignment",
      "Where the centres of the outputs lie on the input, and the picture's frame on the maps; crosses mark both "
      "middles."));
  table.push_back(bool_field<kView, &ViewSettings::activation_first>(
      "view/activation_first", "Activation before the convolution",
      "An experiment: the activation is applied to the input instead of the sum. Shown beside the usual order."));
  table.push_back(bool_field<kView, &ViewSettings::soft_edges>(
      "view/soft_edges", "Soft edges",
      "Fades the picture out towards its edges (Hann window) before its spectrum is taken: the cross in it comes from "
      "the jump between opposite edges."));
}

void add_pool_fields(std::vector<Field>& table) {
  table.push_back(bool_field<kPool, &PoolSettings::is_on>(
      "pool/on", "Pooling", "A step after the activation that puts one value in the place of each window."));
  table.push_back(choice_field<kPool, &PoolSettings::kind>("pool/kind", "Pooling kind",
                                                           "What stands for the values of a window.", kPoolChoices));
  table.push_back(int_field<kPool, &PoolSettings::size>("pool/size", "Pooling size", "px",
                                                        "Rows and columns of the pooling window.", 1, kMaxPool));
  table.push_back(int_field<kPool, &PoolSettings::stride>(
      "pool/stride", "Pooling stride", "px",
      "How far the pooling window moves; as much as its size is usual: no value is looked at twice.", 1, kMaxPool));
}

}  // namespace

std::span<const Field> fields() {
  static const std::vector<Field> table = [] {
    std::vector<Field> rows;
    add_conv_fields(rows);
    add_view_fields(rows);
    add_overlay_fields(rows);
    add_pool_fields(rows);
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
