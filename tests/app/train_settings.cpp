// Words for changes of training settings, what waits for a reset, models fitted to pictures, and the session file.
#include "app/model/train_settings.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>

#include "app/model/history.h"
#include "app/model/session_file.h"
#include "app/model/session_train.h"
#include "engine/core/random.h"
#include "engine/nn/presets.h"

namespace convlens::model {
namespace {

// Each way to change settings, and what it is called.
struct Edit {
  void (*change)(TrainSettings&);
  const char* words;
  const char* waits;  // for a reset
};
const std::vector<Edit>& edits() {
  static const std::vector<Edit> list{
      {[](TrainSettings& s) { s.optimizer.learning_rate = 0.01F; }, "Learning rate 0.002 → 0.01", ""},
      {[](TrainSettings& s) { s.optimizer.rule = training::Rule::kSgd; }, "Optimizer", ""},
      {[](TrainSettings& s) { s.optimizer.momentum = 0.5F; }, "Momentum 0.9 → 0.5", ""},
      {[](TrainSettings& s) { s.optimizer.schedule.warm_up = 20; }, "Warm-up 0 → 20", ""},
      {[](TrainSettings& s) { s.optimizer.l2 = 0.25F; }, "L2 0 → 0.25", ""},
      {[](TrainSettings& s) { s.label_smoothing = 0.1F; }, "Label smoothing 0 → 0.1", ""},
      {[](TrainSettings& s) {
         s.frozen.push_back({0, 2});
       },
       "Freeze conv1 filter 3", ""},
      {[](TrainSettings& s) {
         s.frozen.push_back({0, std::nullopt});
       },
       "Freeze conv1", ""},
      {[](TrainSettings& s) { s.data = "mnist:/data/digits"; }, "→ digits", "data"},
      {[](TrainSettings& s) { s.batch = 128; }, "Batch 64 → 128", "batch size"},
      {[](TrainSettings& s) { s.epochs = 7; }, "Epochs 20 → 7", "epochs"},
      {[](TrainSettings& s) { s.seed = 9; }, "Seed 1 → 9", "seed"},
      {[](TrainSettings& s) { s.threads = 3; }, "Threads 0 → 3", "threads"},
      {[](TrainSettings& s) { s.augmentation.shift = 2; }, "Augmentation none → shift=2", "augmentation"},
      {[](TrainSettings& s) { s.model.layers[0].filters = 5; }, "Layer 1: 5 of", "model"},
  };
  return list;
}

TEST_CASE("every change has words, and what began with a run waits for a reset") {
  for (const Edit& edit : edits()) {
    const TrainSettings before = default_train_settings();
    TrainSettings after = before;
    edit.change(after);
    CAPTURE(edit.words);
    CHECK(describe_train_change(before, after).find(edit.words) != std::string::npos);
    CHECK(what_waits(before, after) == edit.waits);
    CHECK(needs_reset(before, after) == (std::string(edit.waits) != ""));
  }
  TrainSettings before = default_train_settings(), after = before;
  choose_model(after, "lenet5");
  CHECK(describe_train_change(before, after) == "Model keras-starter → lenet5");
  after = before;
  after.by_hand.push_back({.serial = 1, .weights = {}, .label = "Edit conv1 filter 3"});
  CHECK(describe_train_change(before, after) == "Edit conv1 filter 3");
  CHECK(!needs_reset(before, after));
  before = after;
  before.frozen = {{0, 1}};
  CHECK(describe_train_change(before, after) == "Unfreeze conv1 filter 2");
}

TEST_CASE("a model follows the pictures") {
  const auto preset = nn::make_model("lenet5");
  REQUIRE(preset);
  const auto colour = fit_model(*preset, {1, 3, 32, 32}, 4);
  REQUIRE(colour);
  CHECK(*colour == *nn::make_model("lenet5", 3, 32, 32, 4));
  nn::ModelSpec own = *preset;
  own.layers[0].filters = 11;
  const auto fitted = fit_model(own, {1, 1, 40, 24}, 3);
  REQUIRE(fitted);
  CHECK(fitted->layers[0].filters == 11);
  CHECK(fitted->layers.back().outputs == 3);
  CHECK(fitted->height == 40);
  CHECK(*fit_model(*fitted, {1, 1, 40, 24}, 3) == *fitted);
  own.layers[0].conv.padding = conv::PaddingMode::kValid;
  CHECK(!fit_model(own, {1, 1, 3, 3}, 3));
}

TEST_CASE("training settings come back from a session") {
  CHECK(rc::check("round trip", [](std::uint64_t seed) {
    Random random(seed);
    Settings settings = default_settings();
    for (std::uint32_t i = random.below(8); i > 0; --i) {
      edits()[random.below(static_cast<std::uint32_t>(edits().size()))].change(settings.train);
    }
    if (random.below(2) == 0) settings.train.data = "folder:/home/me/pictures of cats";
    if (random.below(4) == 0) choose_model(settings.train, "mnist-cnn");
    settings.train.optimizer.learning_rate = random.uniform();
    const std::string text = to_session_text(settings, "/home/me");
    const auto session = from_session_text(text, "/home/me");
    if (!session) RC_FAIL(session.error().message);
    if (!session->remarks.empty()) RC_FAIL(session->remarks.front());
    RC_ASSERT(session->settings == settings);
  }));
  TrainSettings settings = default_train_settings();
  settings.data = "folder:/home/me/cats";
  CHECK(train_session_text(settings, "/home/me").find("\"folder:cats\"") != std::string::npos);
  TrainSettings moved = default_train_settings();
  CHECK(read_train_session(train_session_text(settings, "/home/me"), "/home/you", moved).empty());
  CHECK(moved.data == "folder:/home/you/cats");
}

TEST_CASE("broken training settings of a session keep their defaults and are reported") {
  const std::string good = train_session_text(default_train_settings(), {});
  const auto broken = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    TrainSettings settings = default_train_settings();
    const std::vector<std::string> remarks = read_train_session(text, {}, settings);
    CHECK(settings == default_train_settings());
    return remarks.size();
  };
  CHECK(broken("\"batch\": 64", "\"batch\": 0") == 1);
  CHECK(broken("\"batch\": 64", "\"batch\": -3") == 1);
  CHECK(broken("\"batch\": 64", "\"batch\": \"many\"") == 1);
  CHECK(broken("\"epochs\": 20", "\"epochs\": 1e300") == 1);
  CHECK(broken("\"data\": \"synth", "\"data\": [], \"x\": \"synth") == 1);
  CHECK(broken("\"augmentation\": \"none\"", "\"augmentation\": \"a lot\"") == 1);
  CHECK(broken("\"recipe\": {", "\"recipe\": [], \"x\": {") == 1);
  CHECK(broken("\"model\": {", "\"model\": 3, \"x\": {") == 1);
  TrainSettings settings = default_train_settings();
  CHECK(read_train_session("[]", {}, settings).size() == 1);
}

TEST_CASE("many edits by hand do not fill the history's memory") {
  Settings settings = default_settings();
  History history(settings);
  HandEdit edit;
  edit.weights.assign(40'000, 0.5F);
  for (std::uint64_t i = 1; i <= 60; ++i) {
    edit.serial = i;
    settings.train.by_hand.push_back(edit);
    history.commit(settings, "Edit");
  }
  CHECK(history.entries().size() < 60);
  CHECK(history.can_undo());
}

}  // namespace
}  // namespace convlens::model
