// Sessions as text: what is written reads back, and broken files lose only what is broken.
#include "app/model/session_file.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>

#include "app/model/fields.h"
#include "tests/app/random_edits.h"

namespace convlens::model {
namespace {

constexpr Shape kPicture{1, 3, 48, 64};

SessionText read(const std::string& text, const std::filesystem::path& folder = "/home/me") {
  auto session = from_session_text(text, folder);
  if (!session) FAIL(session.error().message);
  return std::move(*session);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

bool mentions(const SessionText& session, std::string_view words) {
  return std::any_of(session.remarks.begin(), session.remarks.end(),
                     [&](const std::string& remark) { return remark.find(words) != std::string::npos; });
}

TEST_CASE("any settings come back from a session") {
  CHECK(rc::check("round trip", [](std::uint64_t seed) {
    Random random(seed);
    Settings settings = default_settings();
    for (std::uint32_t i = random.below(60); i > 0; --i) random_edit(settings, kPicture, random);
    make_legal(settings, kPicture);
    settings.conv.bank.filters[0].name = *rc::gen::string<std::string>();
    // JSON holds Unicode; other bytes become replacement characters.
    for (char& c : settings.conv.bank.filters[0].name) c = static_cast<char>(c & 0x7F);
    if (random.below(2) == 0) settings.conv.picture = {PictureRef::Kind::kFile, "/home/me/\"a\\b\" \n.png"};
    const std::string text = to_session_text(settings, "/home/me");
    const auto session = from_session_text(text, "/home/me");
    if (!session) RC_FAIL(session.error().message);
    if (!session->remarks.empty()) RC_FAIL(session->remarks.front());
    RC_ASSERT(session->settings == settings);
    RC_ASSERT(to_session_text(session->settings, "/home/me") == text);
  }));
}

TEST_CASE("pictures below the session move with it") {
  Settings settings = default_settings();
  settings.conv.picture = {PictureRef::Kind::kFile, "/home/me/pictures/a.png"};
  const std::string text = to_session_text(settings, "/home/me");
  CHECK(text.find("\"pictures/a.png\"") != std::string::npos);
  CHECK(read(text, "/home/you").settings.conv.picture.name == "/home/you/pictures/a.png");
  settings.conv.picture.name = "/elsewhere/a.png";
  CHECK(read(to_session_text(settings, "/home/me"), "/home/you").settings.conv.picture.name == "/elsewhere/a.png");
}

TEST_CASE("a broken field keeps its default and is reported") {
  Settings settings = default_settings();
  settings.conv.params.stride_y = 3;
  settings.conv.params.stride_x = 2;
  const std::string text = to_session_text(settings, {});
  for (const char* broken : {"\"three\"", "0", "-1", "1e300", "2.5", "null", "[1]", "true"}) {
    CAPTURE(broken);
    const SessionText session =
        read(replaced(text, "\"conv/stride_y\": 3", std::string("\"conv/stride_y\": ") + broken));
    CHECK(session.remarks.size() == 1);
    CHECK(mentions(session, "conv/stride_y"));
    CHECK(session.settings.conv.params.stride_y == 1);
    CHECK(session.settings.conv.params.stride_x == 2);
  }
  CHECK(mentions(read(replaced(text, "\"conv/border\": \"zero\"", "\"conv/border\": \"wavy\"")), "wavy"));
  CHECK(mentions(read(replaced(text, "\"conv/flip\": false", "\"conv/flip\": 7")), "conv/flip"));
  CHECK(mentions(read(replaced(text, "\"conv/flip\"", "\"conv/flop\"")), "conv/flop"));
  CHECK(mentions(read(replaced(text, "\"bank\"", "\"bunk\"")), "bunk"));
  CHECK(mentions(read(replaced(text, "\"version\": 1", "\"version\": 99")), "another version"));
}

TEST_CASE("a broken filter is left out and is reported") {
  const Settings settings = default_settings();
  const std::string text = to_session_text(settings, {});
  SessionText session = read(replaced(text, "\"weights\": [", "\"weights\": [[],"));
  CHECK(session.settings.conv.bank.filters.size() == settings.conv.bank.filters.size() - 1);
  CHECK(mentions(session, "Filter 1"));
  session = read(replaced(text, "\"bias\": 0", "\"bias\": \"high\""));
  CHECK(session.settings == settings);
  CHECK(mentions(session, "bias"));
  session = read(replaced(text, "\"shape\": [3, 3, 3]", "\"shape\": [3, 300, 3]"));
  CHECK(session.settings == settings);
  CHECK(session.remarks.size() == 1);
  session = read(replaced(text, "\"shape\": [3, 3, 3]", "\"shape\": [1, 3, 3]"));
  CHECK(session.settings == settings);
  CHECK(mentions(session, "no usable filter"));
}

TEST_CASE("a session of nothing but its name has the defaults") {
  const SessionText session = read("{\"format\": \"convlens session\", \"version\": 1}");
  CHECK(session.settings == default_settings());
  CHECK(session.remarks.size() == 3);
}

TEST_CASE("watched values come back, and unusable ones are reported") {
  const std::vector<Pin> pins{{0, 12, 40}, {7, 0, 639}};
  const std::string text = to_session_text(default_settings(), {}, {.pins = pins});
  const SessionText session = read(text);
  CHECK(session.remarks.empty());
  CHECK(session.view.pins == pins);
  CHECK(session.settings == default_settings());
  CHECK(read(to_session_text(default_settings(), {})).view.pins.empty());
  for (const char* broken : {"[[0, 12]]", "[[8, 1, 1]]", "[[0, -1, 1]]", "[[0, 1.5, 1]]", "{}", "[[0, 1, 99999999999]]",
                             "[[0, 1, \"1\"]]", "[0, 1, 2]"}) {
    CAPTURE(broken);
    const SessionText damaged = read(replaced(text, "[[0, 12, 40], [7, 0, 639]]", broken));
    CHECK(damaged.view.pins.empty());
    CHECK(mentions(damaged, "watched"));
    CHECK(damaged.settings == default_settings());
  }
}

TEST_CASE("what is chosen, pinned and compared comes back") {
  SessionView view;
  view.filter = 3;
  view.channel = 2;
  view.stack_layer = 5;
  view.stack_pin = UnitRef{3, {5, 2, 7}};
  view.b.kind = BKind::kFrozen;
  view.b.frozen = default_settings().conv;
  view.b.frozen.picture = {PictureRef::Kind::kFile, "/home/me/b.png"};
  view.b.frozen.params.stride_y = 3;
  view.b.frozen.params.border = conv::Border::kReflect;
  view.b.frozen.bank.filters.resize(2);
  view.b.frozen.bank.filters[1].weights[4] = 0.1F;
  view.b.frozen.kernel.kernel = "direct";
  view.b.show = AbShow::kSwipe;
  view.b.swipe = 0.3F;
  const Settings settings = default_settings();
  const std::string text = to_session_text(settings, "/home/me", view);
  CHECK(text.find("\"b.png\"") != std::string::npos);
  const SessionText session = read(text);
  CHECK(session.remarks.empty());
  CHECK(session.view == view);
  CHECK(session.settings == settings);
  CHECK(to_session_text(session.settings, "/home/me", session.view) == text);
  for (const BKind kind : {BKind::kFlip, BKind::kBorder, BKind::kProcessor}) {
    SessionView follows;
    follows.b = {kind, {}, AbShow::kB, 1};
    CHECK(read(to_session_text(settings, {}, follows)).view == follows);
  }
}

TEST_CASE("what is looked at in an unusable way is reported, and the rest is read") {
  SessionView view;
  view.filter = 3;
  view.stack_pin = UnitRef{3, {5, 2, 7}};
  view.b.kind = BKind::kFrozen;
  view.b.frozen = default_settings().conv;
  const std::string text = to_session_text(default_settings(), {}, view);
  const auto damaged = [&](const std::string& from, const std::string& to) {
    SessionText session = read(replaced(text, from, to));
    CHECK(session.settings == default_settings());
    return session;
  };
  const SessionText no_filter = damaged("\"chosen\": [3, 0]", "\"chosen\": [8, 0]");
  CHECK(no_filter.view.filter == 0);
  CHECK(mentions(no_filter, "chosen filter"));
  CHECK(no_filter.view.stack_pin == view.stack_pin);
  const SessionText no_pin = damaged("\"pin\": [3, 5, 2, 7]", "\"pin\": [3, 5, -2, 7]");
  CHECK_FALSE(no_pin.view.stack_pin);
  CHECK(mentions(no_pin, "pinned value"));
  const SessionText no_b = damaged("\"kind\": \"frozen\"", "\"kind\": \"thawed\"");
  CHECK(no_b.view.b == SessionB{});
  CHECK(mentions(no_b, "no B"));
}

TEST_CASE("what is not a session is refused") {
  for (const char* text : {"", "{", "[]", "3", "{}", "{\"format\": 1}", "\x89PNG\r\n"}) {
    CAPTURE(text);
    const auto session = from_session_text(text, {});
    REQUIRE_FALSE(session);
    CHECK_FALSE(session.error().message.empty());
  }
}

TEST_CASE("no damage to a session file crashes the reader") {
  SessionView view;
  view.stack_pin = UnitRef{1, {0, 2, 3}};
  view.b.kind = BKind::kFrozen;
  view.b.frozen = default_settings().conv;
  const std::string text = to_session_text(default_settings(), {}, view);
  CHECK(rc::check("one changed or missing piece", [&](std::uint64_t seed) {
    Random random(seed);
    std::string damaged = text;
    const auto at = static_cast<std::size_t>(random.below(static_cast<std::uint32_t>(text.size())));
    if (random.below(2) == 0) {
      damaged.erase(at, random.below(40));
    } else {
      damaged[at] = static_cast<char>(random.below(256));
    }
    auto session = from_session_text(damaged, {});
    if (!session) return;
    make_legal(session->settings, kPicture);
    RC_ASSERT(settings_geometry(session->settings, kPicture).ok());
  }));
}

}  // namespace
}  // namespace convlens::model
