// Which values may be chosen in the present state, and how the rest of the settings follows. Sizes and limits come
// from conv/params; the table of fields is in fields.cpp.
#include <algorithm>
#include <cmath>
#include <limits>

#include "app/model/fields.h"
#include "app/model/filter_bank.h"
#include "engine/conv/accelerator.h"

namespace convlens::model {
namespace {

bool is_legal(const Settings& settings, const Shape& picture) { return settings_geometry(settings, picture).ok(); }

Settings with(const Settings& settings, const Field& field, double value) {
  Settings changed = settings;
  field.set(changed, value);
  return changed;
}

void take(FieldLimits& limits, const conv::IntLimits& from, double cap) {
  limits.lo = from.lo;
  limits.hi = std::min<double>(from.hi, cap);
  limits.reason = from.hi <= cap ? from.reason : "";
}

std::string joined(const std::vector<int>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) text += i + 1 == numbers.size() ? " and " : ", ";
    text += std::to_string(numbers[i]);
  }
  return text;
}

std::vector<int> groups_for(const Settings& settings, const Shape& picture) {
  return conv::legal_groups(conv_input_shape(settings, picture).c,
                            static_cast<std::int64_t>(settings.conv.bank.filters.size()));
}

void limit_groups(FieldLimits& limits, const Settings& settings, const Shape& picture) {
  const std::vector<int> legal = groups_for(settings, picture);
  const std::int64_t c = conv_input_shape(settings, picture).c;
  const std::size_t k = settings.conv.bank.filters.size();
  limits.lo = 1;
  limits.hi = legal.back();
  limits.enabled = legal.size() > 1;
  limits.reason = "Groups must divide " + std::to_string(c) + (c == 1 ? " channel and " : " channels and ") +
                  std::to_string(k) + (k == 1 ? " filter: " : " filters: ") + joined(legal) +
                  (legal.size() == 1 ? " does." : " do.");
  if (c > 1 && legal.size() == 1) {
    limits.reason += " With a multiple of " + std::to_string(c) + " filters, " + std::to_string(c) + " would.";
  }
}

void limit_custom_padding(FieldLimits& limits, const Field& field, const Settings& settings, const Shape& picture) {
  limits.enabled = settings.conv.params.padding == conv::PaddingMode::kCustom;
  if (!limits.enabled) {
    limits.reason = "Choose custom padding to set each side.";
    return;
  }
  const bool is_row = field.name == "conv/pad_top" || field.name == "conv/pad_bottom";
  const std::int64_t length = is_row ? picture.h : picture.w;
  limits.hi = std::clamp(static_cast<double>(length), 64.0, static_cast<double>(conv::kMaxPadding));
  limits.hi = std::max(limits.hi, field.get(settings));
  // The output only grows with the padding, so the least legal value is found by halving.
  double lo = 0;
  double hi = limits.hi;
  if (!is_legal(with(settings, field, lo), picture)) {
    while (lo + 1 < hi) {
      const double middle = std::floor((lo + hi) / 2);
      (is_legal(with(settings, field, middle), picture) ? hi : lo) = middle;
    }
    limits.lo = hi;
    limits.reason = "With less, the filter would be larger than the padded picture.";
  }
}

// The automatic choice has a version for every instruction set; of the others the kernel table knows.
bool uses_simd(const std::string& kernel) {
  if (kernel == conv::kAcceleratorKernel) return false;
  const auto table = conv::kernels();
  const auto found = std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.name == kernel; });
  return found == table.end() || found->uses_simd;
}

// Calls visit(kernel, refusal) for those of `kernels` that refuse the settings; not where these are not legal anyway.
template <class Visit>
void for_each_refusal(const Settings& settings, const Shape& picture, std::span<const std::string_view> kernels,
                      const Visit& visit) {
  const auto geometry = settings_geometry(settings, picture);
  if (!geometry) return;
  const std::vector<float> weights = packed_weights(settings.conv.bank);
  for (const std::string_view kernel : kernels) {
    const auto refusal = conv::refusal(kernel, *geometry, dense_view(weights.data(), geometry->weights_shape()));
    if (!refusal.empty()) visit(kernel, refusal);
  }
}

void limit_kernels(FieldLimits& limits, const Field& field, const Settings& settings, const Shape& picture) {
  std::vector<std::string_view> names;
  for (const FieldChoice& choice : field.choices) names.push_back(choice.name);
  for_each_refusal(settings, picture, names, [&](std::string_view kernel, std::string_view refusal) {
    const auto choice = std::ranges::find(field.choices, kernel, &FieldChoice::name);
    limits.choice_enabled[static_cast<std::size_t>(choice - field.choices.begin())] = false;
    limits.reason += (limits.reason.empty() ? "" : "\n") + std::string(kernel) + " " + std::string(refusal) + ".";
  });
}

void limit_choices(FieldLimits& limits, const Field& field, const Settings& settings, const Shape& picture) {
  limits.choice_enabled.assign(field.choices.size(), true);
  if (field.name == "conv/padding") {
    for (std::size_t i = 0; i < field.choices.size(); ++i) {
      limits.choice_enabled[i] = is_legal(with(settings, field, static_cast<double>(i)), picture);
      if (!limits.choice_enabled[i]) {
        limits.reason += "'" + std::string(field.choices[i].label) + "' would leave no output: the filter is larger " +
                         "than the padded picture. ";
      }
    }
    if (!limits.reason.empty()) limits.reason.pop_back();
  } else if (field.name == "conv/channels" && picture.c < 3) {
    limits.enabled = false;
    limits.reason = "The picture has one channel.";
  } else if (field.name == "conv/kernel") {
    limit_kernels(limits, field, settings, picture);
  } else if (field.name == "conv/isa" && !uses_simd(settings.conv.kernel.kernel)) {
    limits.enabled = false;
    limits.reason = settings.conv.kernel.kernel == conv::kAcceleratorKernel
                        ? "The GPU computes; the processor's instruction sets do not matter."
                        : "The kernel " + settings.conv.kernel.kernel + " is the same for every instruction set.";
  }
}

// Makes groups and the bank's channels agree with C and K. True if groups had to give way.
bool follow_channels(Settings& settings, const Shape& picture) {
  const std::int64_t c = conv_input_shape(settings, picture).c;
  const std::vector<int> legal = groups_for(settings, picture);
  int& groups = settings.conv.params.groups;
  const int wanted = groups;
  groups = 1;
  for (const int candidate : legal) {
    if (candidate <= wanted) groups = candidate;
  }
  set_channels(settings.conv.bank, static_cast<int>(c / groups));
  return groups != wanted;
}

double snapped(const Field& field, const Settings& settings, const FieldLimits& limits, double value,
               const Shape& picture) {
  value = std::clamp(value, limits.lo, limits.hi);
  if (field.kind != FieldKind::kFloat) value = std::round(value);
  if (field.name != "conv/groups") return value;
  // Only some counts are legal: go to the next one in the direction of the change.
  const std::vector<int> legal = groups_for(settings, picture);
  if (value >= field.get(settings)) {
    return *std::find_if(legal.begin(), legal.end(), [&](int g) { return g >= value; });
  }
  return *std::find_if(legal.rbegin(), legal.rend(), [&](int g) { return g <= value; });
}

void limit_fixed_range(FieldLimits& limits, const Field& field, const ViewSettings& view) {
  limits.enabled = view.range == RangeMode::kFixed;
  if (!limits.enabled) {
    limits.reason = "Choose the fixed range to set its ends.";
  } else if (field.name == "view/fixed_lo") {
    limits.hi = static_cast<double>(std::nextafter(view.fixed_hi, -std::numeric_limits<float>::infinity()));
  } else {
    limits.lo = static_cast<double>(std::nextafter(view.fixed_lo, std::numeric_limits<float>::infinity()));
  }
}

// A pooling window fits into the maps.
void limit_pool_size(FieldLimits& limits, const Settings& settings, const Shape& picture) {
  const auto geometry = settings_geometry(settings, picture);
  if (!geometry) return;
  const std::int64_t most = std::min(geometry->p, geometry->q);
  if (static_cast<double>(most) >= limits.hi) return;
  limits.hi = std::max(1.0, static_cast<double>(most));
  limits.reason = "The maps have " + std::to_string(geometry->p) + " × " + std::to_string(geometry->q) + " values.";
}

bool is_fixed_range(const ViewSettings& view) { return view.fixed_lo < view.fixed_hi; }

}  // namespace

Shape conv_input_shape(const Settings& settings, const Shape& picture) {
  const bool is_colour = settings.conv.channels == Channels::kRgb && picture.c >= 3;
  return {1, is_colour ? 3 : 1, picture.h, picture.w};
}

Result<conv::Geometry> settings_geometry(const Settings& settings, const Shape& picture) {
  const FilterBank& bank = settings.conv.bank;
  const Shape weights{static_cast<std::int64_t>(bank.filters.size()), bank.channels, bank.rows, bank.cols};
  return conv::resolve(settings.conv.params, conv_input_shape(settings, picture), weights);
}

FieldLimits field_limits(const Field& field, const Settings& settings, const Shape& picture) {
  FieldLimits limits;
  limits.lo = field.lo;
  limits.hi = field.hi;
  const conv::Params& params = settings.conv.params;
  const FilterBank& bank = settings.conv.bank;
  const Shape input = conv_input_shape(settings, picture);
  if (field.kind == FieldKind::kChoice) {
    limit_choices(limits, field, settings, picture);
  } else if (field.name == "conv/kernel_rows") {
    take(limits, conv::kernel_size_limits(params, input, conv::Axis::kY, bank.cols), kMaxEditableKernel);
  } else if (field.name == "conv/kernel_cols") {
    take(limits, conv::kernel_size_limits(params, input, conv::Axis::kX, bank.rows), kMaxEditableKernel);
  } else if (field.name == "conv/stride_y") {
    take(limits, conv::stride_limits(params, input, bank.rows, bank.cols, conv::Axis::kY), field.hi);
  } else if (field.name == "conv/stride_x") {
    take(limits, conv::stride_limits(params, input, bank.rows, bank.cols, conv::Axis::kX), field.hi);
  } else if (field.name == "conv/dilation_y") {
    take(limits, conv::dilation_limits(params, input, bank.rows, bank.cols, conv::Axis::kY), field.hi);
  } else if (field.name == "conv/dilation_x") {
    take(limits, conv::dilation_limits(params, input, bank.rows, bank.cols, conv::Axis::kX), field.hi);
  } else if (field.name == "conv/groups") {
    limit_groups(limits, settings, picture);
  } else if (field.name.starts_with("conv/pad_")) {
    limit_custom_padding(limits, field, settings, picture);
  } else if (field.name == "view/fixed_lo" || field.name == "view/fixed_hi") {
    limit_fixed_range(limits, field, settings.view);
  } else if (field.name == "pool/size") {
    limit_pool_size(limits, settings, picture);
  }
  limits.hi = std::max(limits.hi, limits.lo);
  return limits;
}

bool set_field(Settings& settings, const Field& field, double value, const Shape& picture) {
  if (!std::isfinite(value)) return false;
  const FieldLimits limits = field_limits(field, settings, picture);
  if (!limits.enabled) return false;
  value = snapped(field, settings, limits, value, picture);
  if (field.kind == FieldKind::kChoice && !limits.choice_enabled.empty() &&
      !limits.choice_enabled[static_cast<std::size_t>(value)]) {
    return false;
  }
  Settings changed = settings;
  field.set(changed, value);
  make_legal(changed, picture);
  if (changed == settings) return false;
  settings = std::move(changed);
  return true;
}

std::vector<std::string> make_legal(Settings& settings, const Shape& picture) {
  std::vector<std::string> said;
  if (repair_bank(settings.conv.bank)) said.emplace_back("Filters with missing or impossible weights were repaired.");
  const int groups = settings.conv.params.groups;
  if (follow_channels(settings, picture)) {
    said.push_back("Groups went from " + std::to_string(groups) + " to " + std::to_string(settings.conv.params.groups) +
                   ": they must divide both the channels and the filters.");
  }
  conv::KernelChoice& kernel = settings.conv.kernel;
  if (kernel.isa != "auto" && !uses_simd(kernel.kernel)) {
    said.push_back("The instruction set went from " + kernel.isa + " to automatic: the kernel " + kernel.kernel +
                   " is the same for all.");
    kernel.isa = "auto";
  }
  for (const std::string_view name : {"conv/dilation_y", "conv/dilation_x", "conv/stride_y", "conv/stride_x",
                                      "conv/kernel_rows", "conv/kernel_cols"}) {
    if (is_legal(settings, picture)) break;
    const Field& field = *find_field(name);
    const double value = field.get(settings);
    const FieldLimits limits = field_limits(field, settings, picture);
    const double fitting = std::clamp(value, limits.lo, limits.hi);
    if (fitting == value) continue;
    field.set(settings, fitting);
    said.push_back(std::string(field.label) + " went from " + field_text(field, value) + " to " +
                   field_text(field, fitting) + " to fit the picture.");
  }
  if (kernel.kernel != "auto") {
    const std::string forced = kernel.kernel;
    const std::string_view name = forced;
    for_each_refusal(settings, picture, {&name, 1}, [&](std::string_view, std::string_view refusal) {
      said.push_back("The kernel went from " + forced + " to automatic: " + forced + " " + std::string(refusal) + ".");
      kernel.kernel = "auto";
    });
  }
  if (!is_fixed_range(settings.view)) {
    settings.view.fixed_lo = -1;
    settings.view.fixed_hi = 1;
    said.emplace_back("The fixed range was empty and is -1 to 1 again.");
  }
  return said;
}

}  // namespace convlens::model
