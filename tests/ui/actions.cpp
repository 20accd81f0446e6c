// The action table as a whole, and the command palette's matching.
#include "app/ui/actions.h"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

#include "app/ui/command_palette.h"

using namespace convlens::ui;

TEST_CASE("every action has a name, a label and help, and names are unique") {
  const Actions actions;
  REQUIRE(actions.all().size() > 30);
  std::set<std::string> names;
  for (const Action& action : actions.all()) {
    CAPTURE(action.name);
    CHECK(action.name.find('/') != std::string::npos);
    CHECK_FALSE(action.label.empty());
    CHECK_FALSE(action.help.empty());
    CHECK(names.insert(action.name).second);
  }
}

TEST_CASE("no key belongs to two actions of one workspace") {
  const Actions actions;
  int shared = 0;
  for (const KeysIn elsewhere : {KeysIn::kTrain, KeysIn::kOutsideTrain}) {
    std::map<std::string, std::string> owner;
    for (const Action& action : actions.all()) {
      if (action.keys_in == elsewhere) continue;
      for (const std::string& key : {action.key, action.other_key}) {
        if (key.empty()) continue;
        CAPTURE(key);
        CHECK_MESSAGE(owner.emplace(key, action.name).second, key, " is taken by ", owner[key]);
      }
    }
    shared += static_cast<int>(owner.size());
  }
  CHECK(shared > 80);
}

TEST_CASE("training has the moves of the hands while its workspace is shown, and the animation elsewhere") {
  const Actions actions;
  for (const char* key : {"Space", ".", ","}) {
    CAPTURE(key);
    std::set<KeysIn> places;
    for (const Action& action : actions.all()) {
      if (action.key == key) CHECK(places.insert(action.keys_in).second);
    }
    CHECK(places == std::set<KeysIn>{KeysIn::kOutsideTrain, KeysIn::kTrain});
  }
  CHECK(actions.find("filter/delete").keys_in == KeysIn::kOutsideTrain);
  CHECK(actions.find("file/save").keys_in == KeysIn::kOutsideTrain);
  CHECK(actions.find("edit/undo").keys_in == KeysIn::kEverywhere);
}

TEST_CASE("the keys that hands expect are there") {
  const Actions actions;
  std::set<std::string> keys;
  for (const Action& action : actions.all()) {
    keys.insert(action.key);
    keys.insert(action.other_key);
  }
  for (const char* key : {"Ctrl+O", "Ctrl+S", "Ctrl+Shift+S",
                          "Ctrl+E", "Ctrl+Z", "Ctrl+Shift+Z",
                          "Ctrl+Y", "Space",  ".",
                          ",",      "1",      "9",
                          "Left",   "Right",  "N",
                          "R",      "F",      "Ctrl+0",
                          "+",      "-",      "C",
                          "Shift",  "F11",    "Tab",
                          "F5",     "Escape", "?",
                          "Ctrl+C", "Ctrl+V", "Ctrl+Shift+P",
                          "Ctrl+D", "Delete", "P",
                          "Enter"}) {
    CAPTURE(key);
    CHECK(keys.count(key) == 1);
  }
}

TEST_CASE("the palette finds letters in their order, and better matches score higher") {
  CHECK(fuzzy_score("", "Undo") == 0);
  CHECK(fuzzy_score("udo", "Undo") > 0);
  CHECK(fuzzy_score("odu", "Undo") < 0);
  CHECK(fuzzy_score("SAVE", "Save session") > 0);
  CHECK(fuzzy_score("dark", "Dark theme") > fuzzy_score("dark", "Discard marks"));
  CHECK(fuzzy_score("zi", "Zoom in") > fuzzy_score("zi", "Resize it"));
}
