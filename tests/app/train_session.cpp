// The training thread: what it computes is what a plain loop computes, whatever is looked at, rewound or edited.
#include "app/model/train_session.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <thread>

#include "tests/app/train_desk.h"

namespace convlens::model {
namespace {

std::span<const float> first_filter(const TrainSnapshot& snapshot, std::int64_t filter) {
  return filter_weights(*snapshot.run, *snapshot.values, 0, filter);
}

TEST_CASE("steps, phases and a run give what a plain loop gives") {
  Desk desk;
  desk.begin();
  CHECK(*desk.now().hash == plain_hash(desk.settings, 0));
  desk.steps(3);
  CHECK(*desk.now().hash == plain_hash(desk.settings, 3));
  desk.session.phase();
  desk.until([&] { return desk.now().next_phase == TrainPhase::kLoss; });
  CHECK(desk.now().step == 3);
  CHECK(std::ssize(desk.now().batch) == desk.settings.batch);
  for (int i = 0; i < 3; ++i) desk.session.phase();
  CHECK(desk.hash_at(4) == plain_hash(desk.settings, 4));
  // The rest of a step that phases have begun.
  desk.session.phase();
  desk.session.step();
  CHECK(desk.hash_at(5) == plain_hash(desk.settings, 5));
  desk.session.epoch();
  CHECK(desk.hash_at(20) == plain_hash(desk.settings, 20));
  desk.session.run();
  desk.until([&] { return desk.now().step > 100; });
  desk.session.pause();
  desk.until([&] { return desk.now().state == TrainState::kPaused; });
  const std::int64_t step = desk.now().step;
  CHECK(desk.hash_at(step) == plain_hash(desk.settings, step));
  desk.until([&] { return std::ssize(desk.session.curves().points) == step; });
  CHECK(desk.session.curves().points.front().loss > desk.session.curves().points.back().loss);
  // Held-out pictures: at the ends of epochs all of them.
  REQUIRE(desk.now().tests);
  CHECK(std::ranges::any_of(*desk.now().tests, [](const training::TestPoint& test) { return test.step == 20; }));
  REQUIRE(desk.now().outcome);
  CHECK(desk.now().outcome->predicted.size() == desk.now().outcome->pictures.indices.size());
}

TEST_CASE("in slow motion the phases follow one another, and compute the same") {
  Desk desk;
  desk.begin();
  desk.session.set_pace(100);
  desk.session.run();
  std::set<TrainPhase> met;
  desk.until([&] {
    met.insert(desk.now().next_phase);
    return desk.now().step >= 6;
  });
  CHECK(met.size() == 4);
  desk.session.set_pace(0);
  desk.until([&] { return desk.now().step >= 30; });
  desk.session.pause();
  desk.until([&] { return desk.now().state == TrainState::kPaused && desk.now().hash.has_value(); });
  CHECK(*desk.now().hash == plain_hash(desk.settings, desk.now().step));
}

TEST_CASE("what nobody looks at is computed alike") {
  TrainSession session({}, {});
  session.follow(tiny_settings());
  session.epoch();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  while (session.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < deadline) {
    session.collect();
    if (session.snapshot()->hash && session.snapshot()->step == 20) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  REQUIRE(session.snapshot()->hash);
  CHECK(*session.snapshot()->hash == plain_hash(tiny_settings(), 20));
  CHECK(session.curves().points.size() == 20);
}

TEST_CASE("any step comes back, and a run goes along what was recorded and on") {
  Desk desk;
  desk.begin();
  desk.steps(60);
  const std::uint64_t last = *desk.now().hash;
  CHECK(desk.go_to(0) == plain_hash(desk.settings, 0));
  CHECK(desk.now().last_step == 60);
  CHECK(desk.go_to(37) == plain_hash(desk.settings, 37));
  CHECK(desk.go_to(36) == plain_hash(desk.settings, 36));
  desk.steps(2);
  CHECK(*desk.now().hash == plain_hash(desk.settings, 38));
  CHECK(desk.go_to(60) == last);
  CHECK(desk.go_to(10) == plain_hash(desk.settings, 10));
  desk.session.run();
  desk.until([&] { return desk.now().step > 80; });
  desk.session.pause();
  desk.until([&] { return desk.now().state == TrainState::kPaused && desk.now().hash.has_value(); });
  CHECK(*desk.now().hash == plain_hash(desk.settings, desk.now().step));
  CHECK(desk.session.curves().points.size() == static_cast<std::size_t>(desk.now().last_step));
}

TEST_CASE("a fork without other settings repeats the run; the future that it left comes back") {
  Desk desk;
  desk.begin();
  desk.steps(50);
  const std::uint64_t last = *desk.now().hash;
  desk.go_to(20);
  desk.session.fork();
  desk.until([&] { return desk.now().last_step == 20; });
  REQUIRE(desk.now().branches.size() == 1);
  CHECK(desk.now().branches[0] == "to step 50");
  CHECK(desk.session.curves().points.size() == 20);
  desk.steps(30);
  CHECK(*desk.now().hash == last);
  desk.settings.optimizer.learning_rate *= 3;
  desk.until([&] { return !desk.now().marks->empty(); });
  desk.steps(5);
  const std::uint64_t other = *desk.now().hash;
  CHECK(other != plain_hash(tiny_settings(), 55));
  desk.session.take_branch(0);
  CHECK(desk.hash_at(50) == last);
  desk.until([&] { return desk.settings.optimizer == tiny_settings().optimizer; });
  REQUIRE(desk.now().branches.size() == 1);
  desk.session.take_branch(0);
  CHECK(desk.hash_at(55) == other);
}

TEST_CASE("a filter edited by hand, its replay, and taking it back") {
  Desk desk;
  desk.begin();
  desk.steps(10);
  const std::vector<float> before(first_filter(desk.now(), 2).begin(), first_filter(desk.now(), 2).end());
  desk.edit(0, 2, 0.5F);
  desk.until([&] { return first_filter(desk.now(), 2)[0] == 0.5F; });
  CHECK(filter_bias(*desk.now().run, *desk.now().values, 0, 2) == 0.5F);
  REQUIRE(desk.now().marks->size() == 1);
  CHECK(desk.now().marks->front().label == "Edit conv1 filter 3");
  desk.steps(15);
  const std::uint64_t edited = *desk.now().hash;
  CHECK(edited == plain_hash(tiny_settings(), 25, [](training::Trainer& trainer) {
          if (trainer.steps_done() != 10) return;
          trainer.network().write_filter(0, 2, std::vector<float>(9, 0.5F));
          const float bias = 0.5F;
          nn::ParameterStore& store = trainer.network().store();
          store.write_slice(store.index_of(0, nn::ParameterRole::kBias), 2, {&bias, 1});
          trainer.network().changed();
        }));
  desk.go_to(5);
  CHECK(desk.go_to(25) == edited);
  // Taking it back at a later step is itself a change.
  desk.settings.by_hand.clear();
  desk.until([&] { return first_filter(desk.now(), 2)[0] == before[0]; });
  CHECK(std::ranges::equal(first_filter(desk.now(), 2), before));
  CHECK(desk.now().marks->size() == 2);
  desk.steps(3);
  const std::uint64_t taken_back = *desk.now().hash;
  desk.go_to(24);
  CHECK(desk.go_to(28) == taken_back);
  // And doing it again.
  desk.edit(0, 2, 0.25F);
  desk.until([&] { return first_filter(desk.now(), 2)[0] == 0.25F; });
}

TEST_CASE("a slider that is dragged while it trains leaves one mark, and every value of it in the recording") {
  Desk desk;
  desk.begin();
  for (const float rate : {0.002F, 0.003F, 0.004F}) {
    desk.settings.optimizer.learning_rate = rate;
    desk.until([&] { return desk.now().settings.optimizer.learning_rate == rate; });
    desk.steps(2);
  }
  REQUIRE(desk.now().marks->size() == 1);
  CHECK(desk.now().marks->front().label == "Learning rate 0.001 → 0.004");
  CHECK(desk.now().marks->front().step == 4);
  const std::uint64_t hash = *desk.now().hash;
  CHECK(hash == plain_hash(tiny_settings(), 6, [](training::Trainer& trainer) {
          constexpr std::array kRates{0.002F, 0.003F, 0.004F, 0.004F};
          trainer.settings().optimizer.learning_rate = kRates[static_cast<std::size_t>(trainer.steps_done() / 2)];
        }));
  desk.go_to(0);
  CHECK(desk.go_to(6) == hash);
}

TEST_CASE("an edit in the past makes a fork; edits of a future that was left are nobody's business") {
  Desk desk;
  desk.begin();
  desk.steps(10);
  desk.edit(0, 1, 0.5F);
  desk.until([&] { return !desk.now().marks->empty(); });
  desk.steps(10);
  desk.go_to(5);
  desk.settings.by_hand.clear();  // it was not yet done here
  desk.look();
  desk.steps(1);
  CHECK(desk.now().last_step == 20);
  CHECK(desk.now().branches.empty());
  desk.edit(0, 3, -0.5F);
  desk.until([&] { return desk.now().last_step == 6 && first_filter(desk.now(), 3)[0] == -0.5F; });
  CHECK(desk.now().branches.size() == 1);
}

TEST_CASE("frozen and removed filters stay as they are until they are let go") {
  Desk desk;
  desk.begin();
  desk.steps(2);
  const std::vector<float> before(first_filter(desk.now(), 0).begin(), first_filter(desk.now(), 0).end());
  desk.settings.frozen = {{0, 0}};
  HandEdit removal;
  removal.serial = 77;
  removal.kind = HandEdit::Kind::kRemove;
  removal.filter = 1;
  removal.label = "Remove conv1 filter 2";
  desk.settings.by_hand.push_back(removal);
  desk.until([&] { return desk.now().frozen.size() > 0 && desk.now().frozen[0][0] && desk.now().frozen[0][1]; });
  desk.steps(50);
  CHECK(std::ranges::equal(first_filter(desk.now(), 0), before));
  CHECK(std::ranges::all_of(first_filter(desk.now(), 1), [](float v) { return v == 0; }));

  const std::uint64_t hash = *desk.now().hash;
  desk.go_to(1);
  CHECK(desk.go_to(52) == hash);
  CHECK(desk.settings.frozen.size() == 1);
  desk.settings.frozen.clear();
  desk.settings.by_hand.clear();
  desk.until([&] { return !desk.now().frozen[0][0] && !desk.now().frozen[0][1]; });
  CHECK(first_filter(desk.now(), 1)[0] != 0);
  desk.steps(5);
  CHECK(!std::ranges::equal(first_filter(desk.now(), 0), before));
}

TEST_CASE("a divergence pauses with words, and there is a way back") {
  Desk desk;
  desk.begin();
  desk.steps(10);
  const std::uint64_t good = *desk.now().hash;
  desk.settings.optimizer.rule = training::Rule::kSgd;
  desk.settings.optimizer.learning_rate = 1e9F;
  desk.until([&] { return !desk.now().marks->empty(); });
  desk.session.run();
  desk.until([&] { return desk.now().state == TrainState::kDiverged; });
  CHECK(desk.now().words.find("diverged at step") != std::string::npos);
  CHECK(!desk.session.is_running());
  const std::int64_t end = desk.now().last_step;
  CHECK(end < 100);
  desk.session.go_to(10);
  desk.settings.optimizer = tiny_settings().optimizer;
  desk.until([&] { return desk.is_at(10) && desk.now().last_step == 10; });
  CHECK(desk.now().settings.optimizer.learning_rate == tiny_settings().optimizer.learning_rate);
  CHECK(*desk.now().hash == good);
  desk.steps(10);
  CHECK(*desk.now().hash == plain_hash(tiny_settings(), 20));
}

TEST_CASE("what a run began with waits for a reset, and the old run stays as a branch") {
  Desk desk;
  desk.begin();
  desk.settings.batch = 32;  // nothing was done yet: at once
  desk.until([&] { return desk.now().run->description.batch == 32 && desk.is_at(0); });
  CHECK(desk.now().waiting.empty());
  desk.steps(5);
  const std::uint64_t old = *desk.now().hash;
  desk.settings.batch = 8;
  desk.settings.seed = 5;
  desk.until([&] { return desk.now().waiting == "batch size, seed"; });
  CHECK(desk.now().run->description.batch == 32);
  desk.session.reset();
  desk.until([&] { return desk.now().run->description.batch == 8 && desk.is_at(0); });
  CHECK(desk.now().waiting.empty());
  TrainSettings wanted = tiny_settings();
  wanted.batch = 8;
  wanted.seed = 5;
  CHECK(*desk.now().hash == plain_hash(wanted, 0));
  REQUIRE(desk.now().branches.size() == 1);
  desk.session.take_branch(0);
  CHECK(desk.hash_at(5) == old);
  desk.until([&] { return desk.settings.batch == 32 && desk.now().waiting.empty(); });
  CHECK(desk.settings.seed == 1);
}

TEST_CASE("data that cannot be read are told, and other data help") {
  Desk desk;
  desk.settings.data = "mnist:/nowhere/at/all";
  desk.until([&] { return desk.now().state == TrainState::kFailed; });
  CHECK(desk.now().words.find("/nowhere") != std::string::npos);
  desk.settings.data = "synthetic:320";
  desk.begin();
}

TEST_CASE("a model that does not fit is fitted to the pictures and told") {
  Desk desk;
  desk.settings.model.layers.back().outputs = 4;
  desk.settings.model.classes = 4;
  desk.settings.model.height = desk.settings.model.width = 32;
  desk.begin();
  CHECK(desk.now().run->description.model == tiny_model());
  desk.until([&] { return desk.settings.model == tiny_model(); });
  CHECK(desk.now().waiting.empty());
}

TEST_CASE("the planned end pauses, and another run is one more epoch") {
  Desk desk;
  desk.settings.epochs = 2;
  desk.settings.optimizer.schedule.course = training::Course::kCosine;
  desk.begin();
  desk.session.run();
  desk.until([&] { return desk.is_at(40); });
  CHECK(!desk.session.is_running());
  desk.until([&] { return !desk.messages.empty(); });
  CHECK(desk.now().run->planned_steps == 40);
  desk.session.run();
  desk.until([&] { return desk.is_at(60); });
  const std::uint64_t end = *desk.now().hash;
  desk.go_to(3);
  CHECK(desk.go_to(60) == end);
}

}  // namespace
}  // namespace convlens::model
