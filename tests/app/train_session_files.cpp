// Runs and nets as files, a run that is not finished, and everything at once while it trains.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "app/model/train_session.h"
#include "tests/app/train_desk.h"
#include "tests/support/temporary_folder.h"

namespace convlens::model {
namespace {

TEST_CASE("files: a run, a checkpoint and a model, saved and opened") {
  const TemporaryFolder folder;
  std::uint64_t hash = 0, on = 0;
  {
    Desk desk;
    desk.begin();
    desk.steps(7);
    desk.edit(0, 2, 0.5F);
    desk.until([&] { return !desk.now().marks->empty(); });
    desk.steps(25);
    hash = *desk.now().hash;
    CHECK(desk.session.has_unsaved_run());
    desk.session.save_model(folder.path() / "m.safetensors");
    desk.session.save_checkpoint(folder.path() / "c.safetensors");
    desk.session.save_run(folder.path() / "r.safetensors");
    desk.session.save_run(folder.path() / "no-such-folder" / "r.safetensors");
    desk.until([&] { return desk.messages.size() == 4; });
    CHECK(desk.messages[0].text == "Saved m.safetensors.");
    CHECK(!desk.messages[2].is_error);
    CHECK(desk.messages[3].is_error);
    desk.steps(3);
    on = *desk.now().hash;
  }
  Desk desk;
  desk.settings.model.layers[0].filters = 2;
  desk.begin();
  desk.session.open(folder.path() / "r.safetensors");
  CHECK(desk.hash_at(32) == hash);
  desk.until([&] { return desk.settings.model == tiny_model(); });
  CHECK(desk.now().marks->size() == 1);
  desk.until([&] { return desk.now().waiting.empty(); });
  CHECK(!desk.session.has_unsaved_run());
  CHECK(desk.go_to(3) == plain_hash(tiny_settings(), 3));
  desk.go_to(32);
  desk.steps(3);
  CHECK(*desk.now().hash == on);

  desk.session.open(folder.path() / "c.safetensors");
  CHECK(desk.hash_at(32) == hash);
  desk.until([&] { return desk.now().run->serial > 0 && desk.now().frames.size() == 1; });
  desk.steps(3);
  CHECK(*desk.now().hash == on);

  desk.session.open(folder.path() / "m.safetensors");
  CHECK(desk.hash_at(0) == hash);
  desk.session.open(folder.path() / "no.safetensors");
  desk.until([&] { return desk.messages.back().is_error; });
  CHECK(desk.hash_at(0) == hash);
}

TEST_CASE("an unfinished run is offered at the next start") {
  const TemporaryFolder folder;
  TrainSession::Options options;
  options.autosave = folder.path() / "deep" / "unfinished-run.safetensors";
  options.autosave_seconds = 0;
  std::uint64_t hash = 0;
  {
    Desk desk(options);
    CHECK(!desk.session.unfinished_run());
    desk.begin();
    desk.steps(9);
    hash = *desk.now().hash;
    desk.until([&] { return std::filesystem::exists(options.autosave); });
    CHECK(!desk.session.has_unsaved_run());
  }
  {
    Desk desk(options);
    desk.until([&] { return desk.session.unfinished_run().has_value(); });
    CHECK(desk.session.unfinished_run()->starts_with("tiny, step 9, "));
    // What nobody has decided on survives a new run and its end.
    desk.begin();
    desk.steps(4);
  }
  {
    Desk desk(options);
    desk.until([&] { return desk.session.unfinished_run().has_value(); });
    CHECK(desk.session.unfinished_run()->starts_with("tiny, step 4, "));
    desk.session.discard_unfinished_run();
  }
  {
    Desk desk(options);
    desk.until([&] { return desk.session.unfinished_run().has_value(); });
    desk.session.take_up_unfinished_run();
    CHECK(desk.hash_at(9) == hash);
    desk.until([&] { return !desk.session.unfinished_run(); });
    desk.session.save_run(folder.path() / "kept.safetensors");
    desk.until([&] { return std::filesystem::exists(folder.path() / "kept.safetensors"); });
  }
  Desk desk(options);
  desk.begin();
  CHECK(!desk.session.unfinished_run());
}

TEST_CASE("where an unfinished run cannot be kept, it is said once and training goes on") {
  const TemporaryFolder folder;
  const std::filesystem::path in_the_way = folder.path() / "file";
  { std::ofstream(in_the_way) << "x"; }
  TrainSession::Options options;
  options.autosave = in_the_way / "unfinished-run.safetensors";
  options.autosave_seconds = 0;
  Desk desk(options);
  desk.begin();
  desk.steps(3);
  desk.until([&] { return !desk.messages.empty(); });
  desk.steps(20);
  CHECK(desk.messages.size() == 1);
  CHECK(desk.messages[0].is_error);
  CHECK(desk.session.has_unsaved_run());
}

TEST_CASE("settings, rewinds and edits in any order while it trains") {
  const char* wish = std::getenv("CONVLENS_STRESS_SECONDS");
  const double seconds = wish ? std::atof(wish) : 2;
  const TemporaryFolder folder;
  TrainSession::Options options;
  options.autosave = folder.path() / "unfinished-run.safetensors";
  options.autosave_seconds = 0.3;
  options.budget = std::int64_t{8} << 20;
  Desk desk(options);
  desk.settings.epochs = 100000;
  desk.begin();
  desk.session.run();
  const auto start = std::chrono::steady_clock::now();
  std::uint32_t at = 1;
  int rounds = 0;
  while (std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() < seconds) {
    at = at * 1664525U + 1013904223U;
    const auto last = std::max<std::int64_t>(1, desk.now().last_step);
    switch ((at >> 16) % 16) {
      case 0:
        desk.session.go_to(static_cast<std::int64_t>(at % static_cast<std::uint32_t>(last)));
        break;
      case 1:
        desk.edit(0, at % 4, 0.1F);
        break;
      case 2:
        if (!desk.settings.by_hand.empty()) desk.settings.by_hand.pop_back();
        break;
      case 3:
        desk.settings.optimizer.learning_rate = 1e-4F * static_cast<float>(1 + at % 9);
        break;
      case 4:
        desk.settings.frozen = {{0, at % 4}};
        break;
      case 5:
        desk.settings.frozen.clear();
        break;
      case 6:
        desk.session.phase();
        break;
      case 7:
        desk.session.test();
        break;
      case 8:
        desk.session.fork();
        break;
      case 9:
        if (!desk.now().branches.empty()) desk.session.take_branch(desk.now().branches.size() - 1);
        break;
      case 10:
        desk.session.save_run(folder.path() / "r.safetensors");
        break;
      case 11:
        if (at % 5 == 0) desk.session.reset();
        break;
      default:
        desk.session.run();
        break;
    }
    ++rounds;
    for (int i = 0; i < 5; ++i) {
      desk.look();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  CHECK(rounds > 10);
  // Whatever happened: what stands there is what its recording says.
  desk.session.pause();
  desk.until([&] { return desk.now().state == TrainState::kPaused && desk.now().hash.has_value(); });
  desk.session.step();
  desk.session.pause();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  desk.until([&] { return desk.now().state == TrainState::kPaused && desk.now().hash.has_value(); });
  const std::int64_t step = desk.now().step;
  const std::uint64_t hash = desk.hash_at(step);
  desk.go_to(0);
  CHECK(desk.go_to(step) == hash);
  for (const TrainMessage& message : desk.messages) CHECK_MESSAGE(!message.is_error, message.text);
}

}  // namespace
}  // namespace convlens::model
