// Undo and redo over settings, and the words of their entries.
#include "app/model/history.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <vector>

#include "app/model/fields.h"
#include "app/model/filter_bank.h"
#include "tests/app/random_edits.h"

namespace convlens::model {
namespace {

constexpr Shape kPicture{1, 3, 48, 64};

Settings with(const Settings& settings, std::string_view name, double value) {
  Settings changed = settings;
  REQUIRE(set_field(changed, *find_field(name), value, kPicture));
  return changed;
}

TEST_CASE("entries, undo, redo and a new branch") {
  const Settings start = default_settings();
  const Settings two = with(start, "conv/stride_y", 2);
  const Settings three = with(start, "conv/stride_y", 3);
  History history(start);
  CHECK_FALSE(history.can_undo());
  CHECK_FALSE(history.commit(start, "nothing"));
  CHECK(history.commit(two, "two"));
  CHECK(history.commit(three, "three"));
  CHECK(history.undo() == two);
  CHECK(history.undo() == start);
  CHECK(history.undo() == start);
  CHECK(history.redo() == two);
  CHECK(history.can_redo());
  CHECK(history.commit(start, "back"));
  CHECK_FALSE(history.can_redo());
  CHECK(history.entries().size() == 3);
  CHECK(history.go_to(0) == start);
  CHECK(history.go_to(99) == start);
  CHECK(history.position() == 0);
}

TEST_CASE("a burst is one entry, and another one begins another") {
  const Settings start = default_settings();
  Settings settings = start;
  History history(start);
  const auto notch = [&](float by, std::uint64_t burst) {
    settings.conv.bank.filters[0].weights[4] += by;
    return history.commit(settings, "Weight", burst);
  };
  for (int i = 0; i < 5; ++i) CHECK(notch(0.25F, 1));
  CHECK(history.entries().size() == 2);
  CHECK(history.current() == settings);
  const Settings after_first = settings;
  for (int i = 0; i < 3; ++i) CHECK(notch(0.25F, 2));
  CHECK(history.entries().size() == 3);
  CHECK(history.undo() == after_first);
  CHECK(history.undo() == start);
  CHECK(history.redo() == after_first);

  // There and back again is nothing.
  settings = after_first;
  CHECK(notch(0.5F, 3));
  CHECK(history.entries().size() == 3);
  CHECK(notch(-0.5F, 3));
  CHECK(history.entries().size() == 2);
  CHECK(history.current() == after_first);

  // Edits that belong to no burst stay apart.
  CHECK(notch(0.5F, 0));
  CHECK(notch(0.5F, 0));
  CHECK(history.entries().size() == 4);
}

TEST_CASE("the oldest entries are forgotten beyond the limits") {
  Settings settings = default_settings();
  History history(settings);
  for (int i = 0; i < 2000; ++i) {
    settings.conv.bank.filters[0].bias = static_cast<float>(i + 1);
    REQUIRE(history.commit(settings, "Bias"));
  }
  CHECK(history.entries().size() == History::kMaxEntries);
  CHECK(history.current() == settings);
  CHECK(history.position() + 1 == history.entries().size());

  // Entries of about 24 MB each.
  settings.conv.bank.filters[0].weights.assign(6'000'000, 0.5F);
  for (int i = 0; i < 8; ++i) {
    settings.conv.bank.filters[0].bias = -static_cast<float>(i + 1);
    REQUIRE(history.commit(settings, "Heavy"));
  }
  CHECK(history.entries().size() <= 6);
  CHECK(history.entries().size() >= 2);
  CHECK(history.current() == settings);
}

TEST_CASE("what changed, in words") {
  const Settings start = default_settings();
  const auto words = [&](const Settings& after) { return describe_change(start, after); };
  CHECK(words(with(start, "conv/stride_y", 2)) == "Stride y 1 → 2");
  CHECK(words(with(start, "view/grid", 0)) == "Pixel grid off");
  CHECK(words(with(start, "conv/kernel_rows", 5)) == "Kernel size 3 × 3 → 5 × 3");
  CHECK(words(with(start, "conv/channels", 1)) == "Channels RGB → Grey");
  CHECK(words(with(with(start, "conv/stride_y", 2), "conv/stride_x", 2)) == "Stride y 1 → 2, Stride x 1 → 2");

  Settings after = start;
  after.conv.bank.filters[0].weights[4] = 0.5F;
  CHECK(words(after) == "Weight of Sobel x");
  after.conv.bank.filters[0].weights[5] = 7;
  CHECK(words(after) == "Weights of Sobel x");

  after = start;
  after.conv.bank.filters[0].bias = 1;
  CHECK(words(after) == "Bias of Sobel x");
  after = start;
  after.conv.bank.filters[0].strength = 0.5F;
  CHECK(words(after) == "Strength of Sobel x");
  after = start;
  after.conv.bank.filters[0].name = "Mine";
  CHECK(words(after) == "Rename Sobel x → Mine");
  after = start;
  REQUIRE(apply_edit(after.conv.bank, after.conv.bank.filters[3], FilterEdit::kNegate, 0));
  CHECK(words(after) == "Negate " + start.conv.bank.filters[3].name);
  after = start;
  REQUIRE(apply_edit(after.conv.bank, after.conv.bank.filters[0], FilterEdit::kRotate90, 0));
  CHECK(words(after) == "Rotate 90° Sobel x");

  after = start;
  delete_filter(after.conv.bank, 0);
  CHECK(words(after) == "Delete filter Sobel x");
  CHECK(describe_change(after, start) == "Add filter Sobel x");
  after = start;
  move_filter(after.conv.bank, 0, 5);
  CHECK(words(after) == "Move filter Sobel x");
  after = start;
  move_filter(after.conv.bank, 5, 0);
  CHECK(words(after) == "Move filter " + start.conv.bank.filters[5].name);

  after = start;
  after.conv.picture = {PictureRef::Kind::kFile, "/pictures/astronaut.png"};
  CHECK(words(after) == "Open astronaut.png");
}

TEST_CASE("any 200 edits undo to the start and redo to the end") {
  CHECK(rc::check("undo and redo visit every state", [](std::uint64_t seed) {
    Random random(seed);
    Settings settings = default_settings();
    History history(settings);
    std::vector<Settings> states{settings};
    while (states.size() < 201) {
      random_edit(settings, kPicture, random);
      make_legal(settings, kPicture);
      const std::string label = describe_change(history.current(), settings);
      RC_ASSERT(!label.empty());
      if (history.commit(settings, label)) states.push_back(settings);
    }
    for (std::size_t i = states.size() - 1; i > 0; --i) RC_ASSERT(history.undo() == states[i - 1]);
    RC_ASSERT(!history.can_undo());
    for (std::size_t i = 1; i < states.size(); ++i) RC_ASSERT(history.redo() == states[i]);
    RC_ASSERT(!history.can_redo());
  }));
}

}  // namespace
}  // namespace convlens::model
