// The field table and the rules that keep settings legal.
#include "app/model/fields.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "app/model/filter_bank.h"
#include "tests/app/random_edits.h"

namespace convlens::model {
namespace {

constexpr Shape kColour{1, 3, 48, 64};

bool set(Settings& settings, std::string_view name, double value, const Shape& picture = kColour) {
  const Field* field = find_field(name);
  REQUIRE(field != nullptr);
  return set_field(settings, *field, value, picture);
}

double get(const Settings& settings, std::string_view name) { return find_field(name)->get(settings); }

FieldLimits limits(const Settings& settings, std::string_view name, const Shape& picture = kColour) {
  return field_limits(*find_field(name), settings, picture);
}

TEST_CASE("every field of the table is complete and reads back what it wrote") {
  std::set<std::string_view> names;
  CHECK(fields().size() >= 32);
  for (const Field& field : fields()) {
    CAPTURE(field.name);
    CHECK(names.insert(field.name).second);
    CHECK_FALSE(field.label.empty());
    CHECK_FALSE(field.tooltip.empty());
    CHECK(field.lo < field.hi);
    CHECK(field.initial >= field.lo);
    CHECK(field.initial <= field.hi);
    CHECK((field.kind == FieldKind::kChoice) == !field.choices.empty());
    Settings settings = default_settings();
    for (const double value : {field.lo, field.hi}) {
      field.set(settings, value);
      CHECK(field.get(settings) == value);
      CHECK_FALSE(field_text(field, value).empty());
    }
  }
}

TEST_CASE("the first launch is legal, and its filters are the named ones") {
  const Settings settings = default_settings();
  const FilterBank& bank = settings.conv.bank;
  REQUIRE(bank.filters.size() == 8);
  CHECK(bank.filters[0].name == "Sobel x");
  CHECK(bank.rows == 3);
  CHECK(bank.channels == 3);
  for (const Filter& filter : bank.filters) {
    CAPTURE(filter.name);
    CHECK(filter.weights.size() == 27);
    CHECK(std::any_of(filter.weights.begin(), filter.weights.end(), [](float w) { return w != 0; }));
  }
  REQUIRE(settings_geometry(settings, kColour));
  CHECK(settings_geometry(settings, kColour)->output_shape() == Shape{1, 8, 48, 64});
  Settings repaired = settings;
  CHECK(make_legal(repaired, kColour).empty());
  CHECK(repaired == settings);
}

TEST_CASE("the bank follows the kernel size and the channel choice") {
  Settings settings = default_settings();
  CHECK(set(settings, "conv/kernel_rows", 5));
  CHECK(settings.conv.bank.rows == 5);
  CHECK(settings.conv.bank.filters[0].weights.size() == 45);
  CHECK(set(settings, "conv/channels", static_cast<double>(Channels::kGrey)));
  CHECK(settings.conv.bank.channels == 1);
  CHECK(settings.conv.bank.filters[0].weights.size() == 15);
  CHECK(set(settings, "conv/channels", static_cast<double>(Channels::kRgb)));
  CHECK(settings.conv.bank.channels == 3);
  CHECK_FALSE(set(settings, "conv/channels", static_cast<double>(Channels::kRgb)));
}

TEST_CASE("groups go to the next legal count and the filters lose the other channels") {
  Settings settings = default_settings();
  CHECK_FALSE(limits(settings, "conv/groups").enabled);
  CHECK_FALSE(limits(settings, "conv/groups").reason.empty());
  REQUIRE(add_filter(settings.conv.bank, identity_filter(settings.conv.bank)) == 8);
  CHECK(limits(settings, "conv/groups").hi == 3);
  CHECK(set(settings, "conv/groups", 2));
  CHECK(get(settings, "conv/groups") == 3);
  CHECK(settings.conv.bank.channels == 1);
  CHECK(settings.conv.bank.filters[8].weights == std::vector<float>{0, 0, 0, 0, 1, 0, 0, 0, 0});
  CHECK(set(settings, "conv/groups", 2));
  CHECK(get(settings, "conv/groups") == 1);
  CHECK(settings.conv.bank.channels == 3);

  CHECK(set(settings, "conv/groups", 3));
  REQUIRE(delete_filter(settings.conv.bank, 0));
  const auto said = make_legal(settings, kColour);
  REQUIRE(said.size() == 1);
  CHECK(said[0].find("Groups went from 3 to 1") != std::string::npos);
  CHECK(settings_geometry(settings, kColour).ok());
}

TEST_CASE("limits tell why") {
  constexpr Shape kSmall{1, 1, 6, 6};
  Settings settings = default_settings();
  make_legal(settings, kSmall);
  REQUIRE(set(settings, "conv/padding", static_cast<double>(conv::PaddingMode::kValid), kSmall));
  const FieldLimits rows = limits(settings, "conv/kernel_rows", kSmall);
  CHECK(rows.hi == 6);
  CHECK_FALSE(rows.reason.empty());
  CHECK(limits(settings, "conv/dilation_y", kSmall).hi == 2);
  CHECK_FALSE(limits(settings, "conv/channels", kSmall).enabled);
  CHECK_FALSE(limits(settings, "conv/pad_top", kSmall).enabled);
  CHECK_FALSE(limits(settings, "view/fixed_lo", kSmall).enabled);

  REQUIRE(set(settings, "conv/padding", static_cast<double>(conv::PaddingMode::kSame), kSmall));
  REQUIRE(set(settings, "conv/kernel_rows", 7, kSmall));
  const FieldLimits padding = limits(settings, "conv/padding", kSmall);
  CHECK_FALSE(padding.choice_enabled[static_cast<std::size_t>(conv::PaddingMode::kValid)]);
  CHECK(padding.choice_enabled[static_cast<std::size_t>(conv::PaddingMode::kFull)]);
  CHECK_FALSE(padding.reason.empty());
  CHECK_FALSE(set(settings, "conv/padding", static_cast<double>(conv::PaddingMode::kValid), kSmall));
}

TEST_CASE("only kernels with SIMD take an instruction set") {
  Settings settings = default_settings();
  const auto kernel = [&](std::string_view name) {
    const auto choices = find_field("conv/kernel")->choices;
    const auto found = std::find_if(choices.begin(), choices.end(), [&](const auto& c) { return c.name == name; });
    REQUIRE(found != choices.end());
    return static_cast<double>(found - choices.begin());
  };
  REQUIRE(find_field("conv/isa")->choices.size() >= 2);
  CHECK(set(settings, "conv/isa", 1));
  CHECK(set(settings, "conv/kernel", kernel("direct")));
  CHECK(settings.conv.kernel.isa != "auto");
  CHECK(set(settings, "conv/kernel", kernel("reference")));
  CHECK(settings.conv.kernel.isa == "auto");
  CHECK_FALSE(limits(settings, "conv/isa").enabled);
  CHECK_FALSE(set(settings, "conv/isa", 1));
}

TEST_CASE("the ends of a fixed range never meet") {
  Settings settings = default_settings();
  REQUIRE(set(settings, "view/range", static_cast<double>(RangeMode::kFixed)));
  set(settings, "view/fixed_lo", 5);
  CHECK(settings.view.fixed_lo < settings.view.fixed_hi);
  set(settings, "view/fixed_hi", -1e9);
  CHECK(settings.view.fixed_lo < settings.view.fixed_hi);
}

TEST_CASE("no sequence of values makes the settings illegal") {
  CHECK(rc::check("set_field and bank edits keep settings legal", [](std::uint64_t seed) {
    Random random(seed);
    const Shape picture{1, random.below(2) == 0 ? 1 : 3, 1 + random.below(40), 1 + random.below(40)};
    Settings settings = default_settings();
    make_legal(settings, picture);
    for (int i = 0; i < 60; ++i) {
      random_edit(settings, picture, random);
      make_legal(settings, picture);
      const auto geometry = settings_geometry(settings, picture);
      if (!geometry) RC_FAIL(geometry.error().message);
      for (const Field& field : fields()) {
        RC_ASSERT(field.get(settings) >= field.lo);
        RC_ASSERT(field.get(settings) <= field.hi);
      }
      for (const Filter& filter : settings.conv.bank.filters) {
        RC_ASSERT(filter.weights.size() ==
                  static_cast<std::size_t>(geometry->channels_per_group() * geometry->r * geometry->s));
        RC_ASSERT(std::all_of(filter.weights.begin(), filter.weights.end(), [](float w) { return std::isfinite(w); }));
      }
    }
  }));
}

TEST_CASE("what is offered can be chosen") {
  CHECK(rc::check("the ends of every limit are legal values", [](std::uint64_t seed) {
    Random random(seed);
    const Shape picture{1, 3, 4 + random.below(30), 4 + random.below(30)};
    Settings settings = default_settings();
    for (int i = 0; i < 20; ++i) {
      random_field_edit(settings, picture, random);
    }
    for (const Field& field : fields()) {
      const FieldLimits offered = field_limits(field, settings, picture);
      if (!offered.enabled || field.kind == FieldKind::kChoice) continue;
      for (const double value : {offered.lo, offered.hi}) {
        Settings changed = settings;
        set_field(changed, field, value, picture);
        if (field.get(changed) != static_cast<double>(static_cast<float>(value))) {
          RC_FAIL(std::string(field.name) + " cannot be " + field_text(field, value));
        }
        const auto geometry = settings_geometry(changed, picture);
        RC_ASSERT(geometry.ok());
      }
    }
  }));
}

TEST_CASE("settings that fit one picture are made to fit another") {
  Settings settings = default_settings();
  REQUIRE(set(settings, "conv/padding", static_cast<double>(conv::PaddingMode::kValid)));
  REQUIRE(set(settings, "conv/kernel_rows", 9));
  REQUIRE(set(settings, "conv/dilation_y", 4));
  constexpr Shape kTiny{1, 1, 5, 5};
  CHECK_FALSE(settings_geometry(settings, kTiny));
  const auto said = make_legal(settings, kTiny);
  CHECK(said.size() >= 2);
  CHECK(settings_geometry(settings, kTiny).ok());
}

TEST_CASE("values as text") {
  CHECK(field_text(*find_field("conv/stride_y"), 3) == "3");
  CHECK(field_text(*find_field("conv/flip"), 1) == "on");
  CHECK(field_text(*find_field("conv/border"), 1) == "reflect");
  CHECK(field_text(*find_field("view/animation_speed"), 0.25) == "0.25");
}

TEST_CASE("a kernel that refuses cannot be chosen, and gives way with its reason when it comes to refuse") {
  Settings settings = default_settings();
  const Field& field = *find_field("conv/kernel");
  const auto index = [&](std::string_view name) {
    const auto found = std::ranges::find(field.choices, name, &FieldChoice::name);
    REQUIRE(found != field.choices.end());
    return static_cast<std::size_t>(found - field.choices.begin());
  };
  const FieldLimits at_stride_one = limits(settings, "conv/kernel");
  CHECK(at_stride_one.choice_enabled[index("auto")]);
  CHECK(at_stride_one.choice_enabled[index("depthwise")]);
  REQUIRE(set(settings, "conv/kernel", static_cast<double>(index("depthwise"))));

  settings.conv.params.stride_x = 2;
  const std::vector<std::string> said = make_legal(settings, kColour);
  CHECK(settings.conv.kernel.kernel == "auto");
  REQUIRE(said.size() == 1);
  CHECK(said[0] == "The kernel went from depthwise to automatic: depthwise needs stride 1.");

  const FieldLimits at_stride_two = limits(settings, "conv/kernel");
  CHECK_FALSE(at_stride_two.choice_enabled[index("depthwise")]);
  CHECK(at_stride_two.choice_enabled[index("direct")]);
  CHECK(at_stride_two.reason.find("depthwise needs stride 1.") != std::string::npos);
  CHECK_FALSE(set(settings, "conv/kernel", static_cast<double>(index("depthwise"))));
}

}  // namespace
}  // namespace convlens::model
