// Checkpoints and model files: resuming equals never having stopped, models come back, strangers are refused.
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "engine/io/file.h"
#include "engine/io/npz.h"
#include "engine/io/safetensors.h"
#include "engine/nn/model_json.h"
#include "engine/nn/presets.h"
#include "engine/training/checkpoint.h"
#include "engine/training/model_file.h"
#include "engine/training/state.h"
#include "tests/engine/training_runs.h"
#include "tests/support/temporary_folder.h"

namespace {

using namespace convlens;
using test::Bars;
using training::Rule;
using training::Trainer;

TEST_CASE("resuming equals never having stopped, bit by bit, for every rule") {
  const TemporaryFolder folder;
  Bars train(100, 1);
  for (std::size_t r = 0; r < training::rule_names().size(); ++r) {
    CAPTURE(training::rule_names()[r].name);
    for (const std::int64_t stop : {0, 1, 9, 14}) {
      CAPTURE(stop);
      Trainer whole = test::make_trainer(test::settings_of(static_cast<Rule>(r)));
      whole.network().freeze_filter(0, 1, true);
      for (std::int64_t step = 0; step < 20; ++step) {
        if (step == stop) {
          REQUIRE(training::save_checkpoint(folder / "c", test::describe(), training::take_frame(whole, true)));
        }
        REQUIRE(whole.step(train));
      }
      const auto checkpoint = training::load_checkpoint(folder / "c");
      REQUIRE_MESSAGE(checkpoint.ok(), (checkpoint ? "" : checkpoint.error().message));
      CHECK(checkpoint->run == test::describe());
      // Another number of threads, another first seed: all that matters comes from the file.
      Trainer resumed = test::make_trainer({}, checkpoint->run.model, 3);
      training::put_back(resumed, checkpoint->frame);
      CHECK(resumed.steps_done() == stop);
      CHECK(resumed.network().is_frozen(0, 1));
      while (resumed.steps_done() < 20) REQUIRE(resumed.step(train));
      CHECK(test::same_state(resumed, whole));
    }
  }
}

TEST_CASE("a checkpoint that cannot be used is told in a sentence, one that cannot be written leaves the old one") {
  const TemporaryFolder folder;
  const auto path = folder / "c.safetensors";
  Bars train(100, 1);
  Trainer trainer = test::make_trainer();
  REQUIRE(trainer.step(train));
  const training::Frame frame = training::take_frame(trainer, true);
  REQUIRE(training::save_checkpoint(path, test::describe(), frame));
  const Status full = training::save_checkpoint("/dev/full", test::describe(), frame);
  REQUIRE_FALSE(full);
  CHECK(full.error().message.find("the disk is full") != std::string::npos);

  const io::Safetensors sound = *io::read_safetensors(path);
  const auto with = [&](auto edit) {
    io::Safetensors broken = sound;
    edit(broken);
    REQUIRE(io::write_safetensors(path, broken.tensors, broken.metadata));
    const auto loaded = training::load_checkpoint(path);
    return loaded ? std::string() : loaded.error().message;
  };
  const auto edit_note = [](const char* note, const std::string& from, const std::string& to) {
    return [=](io::Safetensors& f) {
      std::string& text = f.metadata[note];
      REQUIRE(text.find(from) != std::string::npos);
      text.replace(text.find(from), from.size(), to);
    };
  };
  CHECK(with([](io::Safetensors&) {}) == "");
  CHECK(with([](io::Safetensors& f) { f.metadata.erase("state"); }).find("no checkpoint") != std::string::npos);
  CHECK(with([](io::Safetensors& f) { f.metadata["step"] = "-3"; }).find("no step") != std::string::npos);
  CHECK(with([](io::Safetensors& f) { f.metadata["step"] = "many"; }).find("no step") != std::string::npos);
  CHECK(with(edit_note("state", "\"age\":1", "\"age\":true")).find("'age' must be a number") != std::string::npos);
  CHECK(with(edit_note("state", "\"adamw\"", "\"newton\"")).find("known names") != std::string::npos);
  CHECK(with(edit_note("state", "\"frozen\":[[", "\"frozen\":[[],[")).find("frozen") != std::string::npos);
  CHECK(with(edit_note("run", "\"filters\":6", "\"filters\":7")).find("another architecture") != std::string::npos);
  CHECK(with(edit_note("run", "\"outputs\":20", "\"outputs\":-1")).find("damaged") != std::string::npos);
  CHECK(with(edit_note("run", "\"batch\":16", "\"batch\":0")).find("'batch'") != std::string::npos);
  CHECK(with([](io::Safetensors& f) { f.tensors.back().name = "optimizer.second.fc9.bias"; }).find("lacks") !=
        std::string::npos);
  CHECK(with([](io::Safetensors& f) {
          f.tensors.push_back({"stranger", {1}, {1}});
        }).find("'stranger'") != std::string::npos);
  CHECK(training::load_checkpoint(folder / "none").error().message.find("does not exist") != std::string::npos);
}

training::TrainedModel trained(const nn::ModelSpec& model) {
  auto network = nn::Network::create(model);
  REQUIRE(network);
  REQUIRE(network->initialise(3));
  training::Preprocessing preprocessing{{0.1307f, 0.3081f}, {}, 0.0f};
  for (int c = 0; c < model.classes; ++c) preprocessing.class_names.push_back("class " + std::to_string(c));
  return {model, preprocessing, training::read_values(*network)};
}

TEST_CASE("models come back from both formats with all that belongs to them") {
  const TemporaryFolder folder;
  std::vector<nn::ModelSpec> models = {test::stateful_model()};
  for (const nn::ModelPreset& preset : nn::model_presets()) models.push_back(*nn::make_model(preset.name));
  for (const nn::ModelSpec& model : models) {
    CAPTURE(model.name);
    const training::TrainedModel saved = trained(model);
    for (const char* name : {"m.safetensors", "m.npz"}) {
      REQUIRE(training::save_model(folder / name, saved));
      const auto loaded = training::load_model(folder / name);
      REQUIRE_MESSAGE(loaded.ok(), (loaded ? "" : loaded.error().message));
      CHECK(loaded->model == model);
      CHECK(loaded->preprocessing == saved.preprocessing);
      CHECK(loaded->values == saved.values);
      const auto network = training::make_network(*loaded, {});
      REQUIRE(network);
      CHECK(training::read_values(*network) == saved.values);
      CHECK(*training::read_description(folder / "m.json") == model);
    }
  }
  // The description in a .safetensors file is enough.
  REQUIRE(training::save_model(folder / "alone.safetensors", trained(models[1])));
  std::filesystem::remove(folder / "alone.json");
  CHECK(training::load_model(folder / "alone.safetensors")->model == models[1]);
  // A checkpoint is a model, too.
  Trainer trainer = test::make_trainer();
  REQUIRE(training::save_checkpoint(folder / "c", test::describe(), training::take_frame(trainer, true)));
  const auto model = training::load_model(folder / "c");
  REQUIRE_MESSAGE(model.ok(), (model ? "" : model.error().message));
  CHECK(model->values == training::read_values(trainer.network()));
  CHECK(model->preprocessing == test::describe().preprocessing);
}

TEST_CASE("weights from elsewhere need a description beside them") {
  const TemporaryFolder folder;
  const auto path = folder / "theirs.safetensors";
  const nn::ModelSpec model = *nn::make_model("lenet5");
  REQUIRE(training::save_model(path, trained(model)));
  io::Safetensors file = *io::read_safetensors(path);
  std::ranges::reverse(file.tensors);
  REQUIRE(io::write_safetensors(path, file.tensors, {}));
  std::filesystem::remove(folder / "theirs.json");
  CHECK(training::load_model(path).error().message.find("does not say which model") != std::string::npos);
  REQUIRE(io::write_file(folder / "theirs.json", nn::to_json(model)));
  const auto loaded = training::load_model(path);
  REQUIRE(loaded);
  CHECK(loaded->values == trained(model).values);
  CHECK(loaded->preprocessing.normalisation == training::Normalisation{});
  CHECK(loaded->preprocessing.class_names[9] == "9");
}

TEST_CASE("weights of another architecture are refused by name") {
  const TemporaryFolder folder;
  const auto path = folder / "m.npz";
  const auto message = [&] {
    const auto loaded = training::load_model(path);
    return loaded ? std::string() : loaded.error().message;
  };
  REQUIRE(training::save_model(path, trained(*nn::make_model("keras-starter"))));
  REQUIRE(io::write_file(folder / "m.json", nn::to_json(*nn::make_model("lenet5"))));
  CHECK(message().find("holds 'conv1.weight' of 32x1x3x3, and the model 'lenet5' needs 6x1x5x5") != std::string::npos);
  REQUIRE(io::write_file(folder / "m.json", nn::to_json(*nn::make_model("tiny-vgg"))));
  CHECK(message().find("lacks 'conv2.weight'") != std::string::npos);
  REQUIRE(training::save_model(path, trained(*nn::make_model("tiny-vgg"))));
  REQUIRE(io::write_file(folder / "m.json", nn::to_json(*nn::make_model("keras-starter"))));
  CHECK(message().find("which the model 'keras-starter' does not have") != std::string::npos);
  REQUIRE(io::write_file(folder / "m.json", "{}"));
  CHECK(message().find("m.json") != std::string::npos);
  CHECK(training::save_model(folder / "m.onnx", trained(*nn::make_model("lenet5"))).error().message.find(".npz") !=
        std::string::npos);
}

}  // namespace
