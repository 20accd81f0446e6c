// A document with a run: what is opened and dropped, what undo takes back, and what a session leaves alone.
#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include "app/model/document.h"
#include "tests/support/temporary_folder.h"

namespace convlens::model {
namespace {

// A document whose Train workspace is shown, on few digits.
struct TrainingDesk {
  Document document{{}};

  TrainingDesk() {
    document.is_training = true;
    document.settings.train.data = "synthetic:200";
    document.settings.train.threads = 1;
    document.train.follow(document.settings.train);
    until([&] { return state() == TrainState::kPaused && now().run && now().outcome; });
  }
  const TrainSnapshot& now() const { return *document.train.snapshot(); }
  TrainState state() const { return now().state; }
  void until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(120);
    document.step(false);
    while (!condition()) {
      REQUIRE(std::chrono::steady_clock::now() < deadline);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      document.step(false);
    }
  }
  void steps(std::int64_t count) {
    const std::int64_t goal = now().step + count;
    for (std::int64_t i = 0; i < count; ++i) document.train.step();
    until([&] { return now().step == goal && now().hash.has_value(); });
  }
  float weight() const { return filter_weights(*now().run, *now().values, 0, 0)[0]; }
};

TEST_CASE("undo takes back an edit of the net and a freeze, and redo does them again") {
  TrainingDesk desk;
  desk.steps(3);
  const float before = desk.weight();
  HandEdit edit;
  edit.serial = 1;
  edit.weights.assign(9, 0.75F);
  edit.label = "Edit conv1 filter 1";
  desk.document.settings.train.by_hand.push_back(edit);
  desk.until([&] { return desk.weight() == 0.75F; });
  desk.document.settings.train.frozen.push_back({0, 2});
  desk.until([&] { return desk.now().frozen[0][2]; });
  const auto& entries = desk.document.history().entries();
  CHECK(entries[entries.size() - 2].label == "Edit conv1 filter 1");
  CHECK(entries.back().label == "Freeze conv1 filter 3");
  CHECK(desk.document.undo());
  desk.until([&] { return !desk.now().frozen[0][2]; });
  CHECK(desk.weight() == 0.75F);
  CHECK(desk.document.undo());
  desk.until([&] { return desk.weight() == before; });
  CHECK(desk.document.redo());
  desk.until([&] { return desk.weight() == 0.75F; });
  // A new session has other settings; the run keeps what was done to it.
  desk.document.new_document();
  desk.steps(0);
  CHECK(desk.weight() == 0.75F);
}

TEST_CASE("folders and IDX files become data, runs and nets are opened") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "cats");
  TrainingDesk desk;
  Document& document = desk.document;
  desk.steps(4);
  document.train.save_run(folder.path() / "run.safetensors");
  document.train.save_model(folder.path() / "net.npz");
  desk.until([&] { return std::filesystem::exists(folder.path() / "net.json"); });
  const std::uint64_t hash = *desk.now().hash;
  desk.steps(4);
  document.open_path(folder.path() / "run.safetensors");
  CHECK(!document.take_wish_for_training());
  desk.until([&] { return desk.now().step == 4 && desk.now().hash == hash; });
  document.open_path(folder.path() / "net.npz");
  desk.until([&] { return desk.now().step == 0 && desk.now().hash == hash; });
  document.open_path(folder.path());
  CHECK(document.settings.train.data == "folder:" + folder.path().string());
  std::ofstream(folder.path() / "train-images-idx3-ubyte") << "x";
  document.open_path(folder.path() / "train-images-idx3-ubyte");
  CHECK(document.settings.train.data.ends_with(":" + folder.path().string()));

  // Elsewhere a net is for the stack, and a run is still a run.
  document.is_training = false;
  document.train.save_model(folder.path() / "net.safetensors");
  desk.until([&] { return std::filesystem::exists(folder.path() / "net.safetensors"); });
  document.open_path(folder.path() / "net.safetensors");
  CHECK(document.settings.stack.weights_file == (folder.path() / "net.safetensors").string());
  CHECK(!document.take_wish_for_training());
  document.open_path(folder.path() / "run.safetensors");
  CHECK(document.take_wish_for_training());
  CHECK(!document.take_wish_for_training());
}

}  // namespace
}  // namespace convlens::model
