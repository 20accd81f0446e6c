// The Stack workspace's model: edits and their names, scaling of pictures, weights by name, sessions, and the worker.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <functional>
#include <thread>

#include "app/model/history.h"
#include "app/model/session_file.h"
#include "app/model/stack_edits.h"
#include "app/model/stack_input.h"
#include "app/model/stack_session.h"
#include "app/model/stack_weights.h"
#include "engine/core/random.h"

namespace convlens::model {
namespace {

using nn::LayerKind;

bool wait_until(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

PicturePtr noise_picture(std::int64_t channels, std::int64_t height, std::int64_t width) {
  auto picture = std::make_shared<LoadedPicture>();
  picture->pixels = Tensor::uninitialized({1, channels, height, width});
  Random random(5);
  for (float& v : picture->pixels.values()) v = random.uniform();
  picture->id = 1;
  return picture;
}

TEST_CASE("edits of a stack, and what the history calls them") {
  StackSettings stack = default_stack();
  CHECK(stack.model.layers.size() == 8);
  StackSettings before = stack;
  REQUIRE(add_layer(stack.model, 2, LayerKind::kBatchNorm));
  CHECK(stack.model.layers[2].kind == LayerKind::kBatchNorm);
  CHECK(describe_stack_change(before, stack) == "Add layer 3 (Batch norm)");
  CHECK(describe_stack_change(stack, before) == "Remove layer 3 (Batch norm)");
  before = stack;
  move_layer(stack.model, 2, 1);
  CHECK(stack.model.layers[1].kind == LayerKind::kBatchNorm);
  CHECK(describe_stack_change(before, stack) == "Move layer");
  before = stack;
  stack.model.layers[0].filters = 12;
  CHECK(describe_stack_change(before, stack) == "Layer 1: 12 of 5×5, same, relu");
  before = stack;
  use_initialiser(stack, nn::InitKind::kGlorotNormal);
  CHECK(describe_stack_change(before, stack) == "Weights of 5 layers");
  before = stack;
  REQUIRE(use_stack_preset(stack, "dilations"));
  CHECK(describe_stack_change(before, stack) == "Stack Dilations 1-2-4");
  CHECK(!use_stack_preset(stack, "resnet"));
  Settings settings = default_settings(), edited = settings;
  ++edited.stack.seed;
  CHECK(describe_change(settings, edited) == "Weights with seed 2");
  remove_layer(stack.model, 99);
  move_layer(stack.model, 0, 99);
  CHECK(stack.model.layers.size() == 3);
}

TEST_CASE("an added window shrinks until it fits") {
  StackSettings stack;
  stack.model.height = stack.model.width = 2;
  REQUIRE(add_layer(stack.model, 0, LayerKind::kConv));
  stack.model.layers[0].conv.padding = conv::PaddingMode::kValid;
  stack.model.layers[0].rows = stack.model.layers[0].cols = 2;
  REQUIRE(add_layer(stack.model, 1, LayerKind::kMaxPool));
  CHECK(stack.model.layers[1].rows == 1);
  CHECK(!nn::chain_shapes(stack.model).error);
}

TEST_CASE("a picture is cropped to the shape, averaged down or interpolated up, and said to be so") {
  const Parallel parallel(1);
  Tensor pixels(Shape{1, 3, 8, 12});
  for (std::int64_t c = 0; c < 3; ++c) {
    for (std::int64_t y = 0; y < 8; ++y) {
      for (std::int64_t x = 0; x < 12; ++x) pixels.at(0, c, y, x) = static_cast<float>(100 * c + 12 * y + x);
    }
  }
  const StackInput same = scale_to_stack(pixels, 3, 8, 12, parallel);
  CHECK(same.words == "12 × 8");
  for (std::int64_t i = 0; i < pixels.size(); ++i) CHECK(same.values.data()[i] == doctest::Approx(pixels.data()[i]));
  // The middle 8 x 8, halved: the mean of each 2 x 2.
  const StackInput half = scale_to_stack(pixels, 3, 4, 4, parallel);
  CHECK(half.words == "8 × 8 from the middle of 12 × 8, scaled to 4 × 4");
  CHECK(half.crop_x == 2);
  CHECK(half.values.at(0, 1, 0, 0) == doctest::Approx(100 + (2 + 3 + 14 + 15) / 4.0));
  CHECK(half.values.at(0, 2, 3, 3) == doctest::Approx(200 + (80 + 81 + 92 + 93) / 4.0));
  const StackInput grey = scale_to_stack(pixels, 1, 4, 4, parallel);
  CHECK(grey.words == "8 × 8 from the middle of 12 × 8, scaled to 4 × 4, as grey");
  CHECK(grey.values.at(0, 0, 0, 0) == doctest::Approx(8.5 + 0.7152 * 100 + 0.0722 * 200).epsilon(1e-4));
  // Three pixels on two: each is one and a half; a constant stays itself at any size.
  Tensor flat(Shape{1, 1, 7, 5});
  for (float& v : flat.values()) v = 0.25f;
  for (const auto& [h, w] : {std::pair{3, 2}, {7, 5}, {20, 31}, {1, 1}}) {
    const StackInput scaled = scale_to_stack(flat, 2, h, w, parallel);
    CHECK(scaled.values.shape() == Shape{1, 2, h, w});
    for (const float v : scaled.values.values()) CHECK(v == doctest::Approx(0.25));
    CHECK(scaled.words.ends_with(", its channels repeated"));
  }
}

TEST_CASE("weights are matched by name, and what is missing, extra or misshapen is named") {
  const nn::ModelSpec model = default_stack().model;
  std::vector<io::NamedTensor> tensors;
  for (const nn::ParameterInfo& info : nn::list_parameters(model)) {
    tensors.push_back({info.name, info.shape, std::vector<float>(static_cast<std::size_t>(info.count()), 0.5f)});
  }
  REQUIRE(match_weights(model, tensors, "w"));
  CHECK(match_weights(model, tensors, "w")->front().front() == 0.5f);
  auto changed = tensors;
  changed.erase(changed.begin() + 2);
  changed.push_back({"head.weight", {1}, {0}});
  changed.push_back({"bn1.num_batches_tracked", {}, {0}});
  CHECK(match_weights(model, changed, "w.safetensors").error().message ==
        "w.safetensors does not belong to this stack: it lacks 'conv2.weight' and has 'head.weight', which no layer "
        "takes.");
  changed = tensors;
  changed[0].shape = {6, 1, 25};
  CHECK(match_weights(model, changed, "w").error().message ==
        "w: 'conv1.weight' is 6 x 1 x 25 but the layer needs 6 x 1 x 5 x 5: change the layer or choose another file.");
}

TEST_CASE("the stack survives the session file, also one that does not fit") {
  Settings settings = default_settings();
  REQUIRE(use_stack_preset(settings.stack, "small-vgg"));
  settings.stack.model.layers[3].rows = 500;
  settings.stack.seed = 7;
  settings.stack.has_softmax = false;
  settings.stack.weights_file = "/data/w.safetensors";
  const auto read = from_session_text(to_session_text(settings, "/data"), "/data");
  REQUIRE(read);
  CHECK(read->remarks.empty());
  CHECK(read->settings.stack == settings.stack);
  const auto broken = from_session_text(R"({"format": "convlens session", "version": 1, "stack": {"model": 3}})", "/");
  REQUIRE(broken);
  CHECK(broken->settings.stack == default_stack());
}

TEST_CASE("the worker runs the chain, keeps what an edit leaves alone, and stops where layers do not fit") {
  std::atomic<int> wakes{0};
  StackSession session([&] { ++wakes; });
  const PicturePtr picture = noise_picture(3, 40, 60);
  StackSettings stack = default_stack();
  const auto settled = [&] {
    return wait_until([&] {
      session.collect();
      return session.result() && session.result()->generation == session.requested() && session.result()->is_complete &&
             !session.is_busy();
    });
  };
  session.follow(picture, stack);
  REQUIRE(settled());
  const StackResultPtr first = session.result();
  CHECK(first->levels.size() == 9);
  CHECK(wakes > 0);
  CHECK(!first->misfit);
  CHECK(first->input_words == "40 × 40 from the middle of 60 × 40, scaled to 28 × 28, as grey");
  CHECK(first->levels.back()->maps.shape() == Shape{1, 10, 1, 1});

  stack.model.layers[2].conv.activation = conv::Activation::kTanh;
  session.follow(picture, stack);
  REQUIRE(settled());
  const StackResultPtr second = session.result();
  CHECK(second->levels[2] == first->levels[2]);
  CHECK(second->levels[3] != first->levels[3]);
  CHECK(second->levels[3]->all.min < 0);

  stack.model.layers[2].rows = 40;
  session.follow(picture, stack);
  REQUIRE(settled());
  CHECK(session.result()->misfit->find("layer 3 (conv)") != std::string::npos);
  CHECK(session.result()->levels.size() == 3);
  stack.model.channels = 0;
  session.follow(picture, stack);
  REQUIRE(settled());
  CHECK(session.result()->misfit);
  CHECK(session.result()->levels.empty());

  stack = default_stack();
  stack.weights_file = "/nowhere/w.safetensors";
  session.follow(picture, stack);
  REQUIRE(settled());
  CHECK(session.result()->complaint);
  CHECK(session.result()->levels.size() == 9);

  // Many edits at once: the newest wins.
  for (int i = 0; i < 50; ++i) {
    stack.seed = static_cast<std::uint64_t>(i);
    session.follow(picture, stack);
  }
  REQUIRE(settled());
  CHECK(session.result()->settings.seed == 49);
}

TEST_CASE("facts about a unit are those of the unit that was asked for last") {
  StackSession session({});
  UnitSession units({});
  StackSettings stack = default_stack();
  session.follow(noise_picture(1, 28, 28), stack);
  REQUIRE(wait_until([&] {
    session.collect();
    return session.result() && session.result()->is_complete;
  }));
  for (int i = 0; i < 20; ++i) units.follow(session.result(), 3, {5, i % 10, 3});
  units.follow(session.result(), 8, {2, 0, 0});
  REQUIRE(wait_until([&] {
    units.collect();
    return units.facts() && units.facts()->level == 8;
  }));
  const UnitFacts& facts = *units.facts();
  CHECK(facts.probe.title == "fc3, output 2");
  REQUIRE(facts.softmax);
  CHECK(facts.softmax->rows.size() == 10);
  REQUIRE(facts.field);
  CHECK(facts.path.size() == 9);
  CHECK(facts.path.back().level == 0);
  units.follow(session.result(), 99, {});  // no such level: nothing happens
}

}  // namespace
}  // namespace convlens::model
