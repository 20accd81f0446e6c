// The timeline: any step again bit by bit, whatever was done by hand; forks; its budget; its file.
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "engine/io/file.h"
#include "engine/io/safetensors.h"
#include "engine/training/recording_file.h"
#include "tests/engine/training_runs.h"
#include "tests/support/temporary_folder.h"

namespace {

using namespace convlens;
using test::Bars;
using training::Recording;
using training::Rule;
using training::Trainer;

// Enough for a few frames of stateful_model(), so that thinning happens.
constexpr std::int64_t kSmallBudget = 700'000;

// A run of `steps` with the hash of the weights from which each step is taken.
struct Run {
  Trainer trainer;
  Recording recording;
  std::vector<std::uint64_t> hashes;
};

// What somebody does by hand between the steps.
void interfere(Trainer& trainer, Recording& recording, std::int64_t step) {
  const std::vector<float> filter(9, 0.25f);
  if (step == 20 || step == 21) {
    recording.change(trainer, "Edit filter", [&](Trainer& t) { t.network().write_filter(0, 2, filter); });
  }
  if (step == 33) {
    recording.change(trainer, "Learning rate", [](Trainer& t) { t.settings().optimizer.learning_rate *= 2; });
  }
  if (step == 40) {
    recording.change(trainer, "Freeze", [](Trainer& t) { t.network().freeze_filter(0, 2, true); });
    recording.change(trainer, "Remove", [](Trainer& t) { t.network().remove_filter(2, 1); });
  }
  if (step == 64) {
    recording.change(trainer, "Draw anew", [](Trainer& t) { REQUIRE(t.network().initialise_filter(7, 3, 9)); });
    recording.change(trainer, "Rule", [](Trainer& t) { t.settings().optimizer.rule = Rule::kMomentum; });
    recording.change(trainer, "Thaw", [](Trainer& t) { t.network().freeze_filter(0, 2, false); });
  }
  if (step == 90) {
    recording.change(trainer, "Seed", [](Trainer& t) { t.settings().seed = 77; });
  }
}

Run make_run(std::int64_t steps, bool interferes, std::int64_t budget = kSmallBudget, Rule rule = Rule::kAdamW) {
  Bars train(100, 1);
  Trainer trainer = test::make_trainer(test::settings_of(rule));
  Recording recording(trainer, budget);
  Run run{std::move(trainer), std::move(recording), {}};
  for (std::int64_t step = 0; step < steps; ++step) {
    if (interferes) interfere(run.trainer, run.recording, step);
    run.hashes.push_back(run.trainer.network().parameter_hash());
    const auto report = run.trainer.step(train);
    REQUIRE(report);
    run.recording.record(run.trainer, *report);
  }
  run.hashes.push_back(run.trainer.network().parameter_hash());
  return run;
}

TEST_CASE("any step comes back bit by bit, and going on from it repeats the run") {
  Bars train(100, 1);
  for (const bool interferes : {false, true}) {
    CAPTURE(interferes);
    const Run run = make_run(130, interferes);
    Trainer other = test::make_trainer(test::settings_of(Rule::kSgd), test::stateful_model(), 3);
    for (const std::int64_t step : {130, 0, 1, 20, 21, 22, 33, 40, 41, 63, 64, 65, 90, 91, 129}) {
      CAPTURE(step);
      REQUIRE(run.recording.restore(other, train, step));
      CHECK(other.steps_done() == step);
      CHECK(other.network().parameter_hash() == run.hashes[static_cast<std::size_t>(step)]);
    }
    // On from a step behind all interference, without the recording's help.
    REQUIRE(run.recording.restore(other, train, 95));
    while (other.steps_done() < 130) REQUIRE(other.step(train));
    CHECK(test::same_state(other, run.trainer));
  }
}

TEST_CASE("every rule comes back") {
  Bars train(100, 1);
  for (std::size_t r = 0; r < training::rule_names().size(); ++r) {
    CAPTURE(training::rule_names()[r].name);
    const Run run = make_run(50, false, kSmallBudget, static_cast<Rule>(r));
    Trainer other = test::make_trainer();
    REQUIRE(run.recording.restore(other, train, 37));
    CHECK(other.network().parameter_hash() == run.hashes[37]);
    while (other.steps_done() < 50) REQUIRE(other.step(train));
    CHECK(test::same_state(other, run.trainer));
  }
}

TEST_CASE("a fork leaves the first run alone and is one") {
  Bars train(100, 1);
  const Run run = make_run(80, true);
  Trainer trainer = test::make_trainer();
  REQUIRE(run.recording.restore(trainer, train, 50));
  Recording fork = run.recording;
  fork.cut_after(50);
  CHECK(fork.last_step() == 50);
  CHECK(run.recording.last_step() == 80);
  fork.change(trainer, "Another rate", [](Trainer& t) { t.settings().optimizer.learning_rate = 0.01f; });
  std::vector<std::uint64_t> hashes;
  for (std::int64_t step = 50; step < 70; ++step) {
    const auto report = trainer.step(train);
    REQUIRE(report);
    fork.record(trainer, *report);
    hashes.push_back(trainer.network().parameter_hash());
  }
  CHECK(hashes.back() != run.hashes[70]);
  Trainer other = test::make_trainer();
  REQUIRE(fork.restore(other, train, 63));
  CHECK(other.network().parameter_hash() == hashes[12]);
  REQUIRE(fork.restore(other, train, 45));
  CHECK(other.network().parameter_hash() == run.hashes[45]);
  REQUIRE(run.recording.restore(other, train, 70));
  CHECK(other.network().parameter_hash() == run.hashes[70]);
}

TEST_CASE("memory stays within its budget, frames are denser at the start, key frames evenly spread") {
  const Run run = make_run(400, false);
  const auto& frames = run.recording.parts().frames;
  CHECK(run.recording.memory_bytes() <= kSmallBudget);
  CHECK(run.recording.memory_bytes() > kSmallBudget / 4);
  REQUIRE(frames.size() > 10);
  CHECK(frames.front().step == 0);
  CHECK(frames[1].step == 1);
  const auto in = [&](std::int64_t begin, std::int64_t end) {
    return std::ranges::count_if(frames, [&](const training::Frame& f) { return f.step >= begin && f.step < end; });
  };
  CHECK(in(0, 100) > in(300, 400));
  std::vector<std::int64_t> keys;
  for (const training::Frame& frame : frames) {
    if (frame.key) keys.push_back(frame.step);
  }
  REQUIRE(keys.size() > 2);
  for (std::size_t i = 2; i < keys.size(); ++i) CHECK(keys[i] - keys[i - 1] == keys[1] - keys[0]);
  CHECK(run.recording.replay_length(keys[1] + 3) == 3);
  CHECK(run.recording.frame_at(1).step == 1);
  CHECK(run.recording.frame_at(399).step <= 399);
  CHECK(run.recording.parts().points.size() == 400);

  // A budget for nothing keeps the beginning.
  const Run poor = make_run(40, false, 1);
  CHECK(poor.recording.parts().frames.size() == 1);
  Bars train(100, 1);
  Trainer other = test::make_trainer();
  REQUIRE(poor.recording.restore(other, train, 40));
  CHECK(test::same_state(other, poor.trainer));
}

TEST_CASE("changes are told, small, and merged while one thing is dragged") {
  const Run run = make_run(100, true);
  const auto& changes = run.recording.parts().changes;
  CHECK(changes.size() == 9);
  CHECK(changes.front().label == "Edit filter");
  std::size_t values = 0;
  for (const auto& edit : changes.front().edits) values += edit.values.size();
  CHECK(values == 9);
  Trainer trainer = test::make_trainer();
  Recording recording(trainer);
  for (int i = 1; i <= 50; ++i) {
    const std::vector<float> filter(9, static_cast<float>(i));
    recording.change(trainer, "Drag", [&](Trainer& t) { t.network().write_filter(0, 0, filter); });
  }
  recording.change(trainer, "Nothing", [](Trainer&) {});
  REQUIRE(recording.parts().changes.size() == 1);
  REQUIRE(recording.parts().changes[0].edits.size() == 1);
  CHECK(recording.parts().changes[0].edits[0].values == std::vector<float>(9, 50));
  // The first frame shows what training goes on from.
  CHECK((*recording.frame_at(0).values)[0] == 50);
}

TEST_CASE("a way back can be stopped, and a step that is not there is refused") {
  Bars train(100, 1);
  const Run run = make_run(40, false, 1);
  Trainer trainer = test::make_trainer();
  const Status stopped = run.recording.restore(trainer, train, 30, [](std::int64_t step) { return step < 10; });
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().message == "stopped on the way to step 30, at step 10");
  CHECK(trainer.network().parameter_hash() == run.hashes[10]);
  const Status beyond = run.recording.restore(trainer, train, 41);
  REQUIRE_FALSE(beyond);
  CHECK(beyond.error().message.find("steps 0 to 40, not 41") != std::string::npos);
}

TEST_CASE("a saved recording is the recording") {
  const TemporaryFolder folder;
  const auto path = folder / "run.timeline";
  Bars train(100, 1), test(40, 2);
  Run run = make_run(100, true);
  run.recording.record_test(100, run.trainer.evaluate(test));
  run.recording.take_key_frame(run.trainer);
  const training::RunDescription description = test::describe();
  REQUIRE(training::save_recording(path, description, run.recording));
  auto loaded = training::load_recording(path, kSmallBudget);
  REQUIRE_MESSAGE(loaded.ok(), (loaded ? "" : loaded.error().message));
  CHECK(loaded->run == description);
  const Recording::Parts &a = run.recording.parts(), &b = loaded->recording.parts();
  CHECK(a.points == b.points);
  CHECK(a.changes == b.changes);
  REQUIRE(b.tests.size() == 1);
  CHECK(b.tests[0].evaluation.loss == a.tests[0].evaluation.loss);
  CHECK(b.tests[0].evaluation.confusion == a.tests[0].evaluation.confusion);
  CHECK(loaded->recording.replay_length(100) == 0);
  Trainer other = test::make_trainer();
  for (const std::int64_t step : {0, 20, 64, 65, 99, 100}) {
    REQUIRE(loaded->recording.restore(other, train, step));
    CHECK(other.network().parameter_hash() == run.hashes[static_cast<std::size_t>(step)]);
  }
  CHECK(test::same_state(other, run.trainer));
  // And it can be gone on with.
  const auto report = other.step(train);
  REQUIRE(report);
  loaded->recording.record(other, *report);
  CHECK(loaded->recording.last_step() == 101);
}

TEST_CASE("files that are no recording, or a broken one, are told in a sentence") {
  const TemporaryFolder folder;
  const auto path = folder / "run.timeline";
  Run run = make_run(40, true);
  REQUIRE(training::save_recording(path, test::describe(), run.recording));
  const auto message = [&] {
    const auto loaded = training::load_recording(path);
    return loaded ? std::string() : loaded.error().message;
  };
  CHECK(message() == "");
  const io::Safetensors sound = *io::read_safetensors(path);
  const auto with = [&](auto edit) {
    io::Safetensors broken = sound;
    edit(broken);
    REQUIRE(io::write_safetensors(path, broken.tensors, broken.metadata));
    return message();
  };
  CHECK(with([](io::Safetensors& f) { f.metadata.erase("run"); }).find("no recording of a run") != std::string::npos);
  CHECK(with([](io::Safetensors& f) { f.metadata["run"] = "{"; }).find("damaged") != std::string::npos);
  CHECK(with([](io::Safetensors& f) { f.metadata["run"] = "[1, 2]"; }).find("damaged") != std::string::npos);
  CHECK(with([](io::Safetensors& f) { f.metadata.erase("state.0"); }).find("no state to begin from") !=
        std::string::npos);
  CHECK(with([](io::Safetensors& f) { f.metadata["tests"] = "7"; }).find("damaged") != std::string::npos);
  CHECK(with([](io::Safetensors& f) {
          f.metadata["changes"] = R"([{"step": 900, "label": "", "edits": []}])";
        }).find("disagree") != std::string::npos);
  CHECK(with([](io::Safetensors& f) {
          f.metadata["changes"] = R"([{"step": 1, "label": "", "edits": [99999, 3]}])";
        }).find("disagree") != std::string::npos);
  CHECK(with([](io::Safetensors& f) {
          std::string& text = f.metadata["run"];
          text.replace(text.find("\"filters\":6"), 11, "\"filters\":7");
        }).find("another architecture") != std::string::npos);
  const auto bytes = *io::read_file(path);
  REQUIRE(io::write_file(path, std::span(bytes).first(bytes.size() / 2)));
  CHECK(message() != "");
  // A disk without room is told, and what was there stays.
  const Status full = training::save_recording("/dev/full", test::describe(), run.recording);
  REQUIRE_FALSE(full);
  CHECK(full.error().message.find("the disk is full") != std::string::npos);
}

}  // namespace
