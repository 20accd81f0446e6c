// One picture through the net and back, off the frame thread; and the optimizer's step as arithmetic, against what the
// optimizer does.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "app/model/gradient_session.h"
#include "app/model/sample_session.h"
#include "app/model/update_story.h"
#include "engine/core/random.h"
#include "engine/training/dataset_source.h"
#include "tests/engine/training_runs.h"

namespace convlens::model {
namespace {

using Kind = SampleRef::Kind;
using training::Rule;

training::Subset random_pictures(const nn::ModelSpec& model, std::int64_t count, std::uint64_t seed) {
  Random random(seed);
  auto data = std::make_shared<training::Dataset>();
  data->channels = model.channels, data->height = model.height, data->width = model.width;
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t p = 0; p < data->picture_size(); ++p) {
      data->pixels.push_back(static_cast<std::uint8_t>(random.below(256)));
    }
    data->labels.push_back(static_cast<std::int32_t>(i % model.classes));
  }
  for (int c = 0; c < model.classes; ++c) data->class_names.push_back(std::to_string(c));
  REQUIRE(training::check(*data));
  return training::whole(std::move(data));
}

TrainRunPtr make_run(const nn::ModelSpec& model, std::uint64_t serial = 1) {
  auto run = std::make_shared<TrainRun>();
  run->serial = serial;
  run->description.model = model;
  run->description.preprocessing.normalisation = {0.4f, 0.3f};
  run->data = {random_pictures(model, 40, 11), random_pictures(model, 24, 12)};
  run->layers = nn::named_layers(model);
  run->shapes = *nn::layer_shapes(model);
  run->parameters = nn::list_parameters(model);
  std::int64_t at = 0;
  for (const nn::ParameterInfo& info : run->parameters) {
    run->offsets.push_back(at);
    at += info.count();
  }
  return run;
}

ParameterRow row_of(const std::vector<std::vector<float>>& parameters) {
  std::vector<float> row;
  for (const auto& values : parameters) row.insert(row.end(), values.begin(), values.end());
  return std::make_shared<const std::vector<float>>(std::move(row));
}

ParameterRow gradient_row(const nn::Network& network) { return row_of(test::read_gradients(network)); }

void wait_for(SampleSession& session) {
  for (int i = 0; i < 10'000 && session.is_busy(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  session.collect();
}

nn::ModelSpec plain_model() {
  conv::Params relu;
  relu.activation = conv::Activation::kRelu;
  return {"plain",
          1,
          12,
          12,
          4,
          {test::conv_layer(5, 3, 3, relu), test::pool_layer(nn::LayerKind::kMaxPool, 2, 2),
           test::plain_layer(nn::LayerKind::kFlatten), test::dense_layer(4)}};
}

TEST_CASE("a sample's logits, loss and gradients are those of a network that sees this picture alone") {
  const nn::ModelSpec model = plain_model();
  const TrainRunPtr run = make_run(model);
  const auto parameters = test::random_parameters(model, 21);
  SampleSession session({});
  CHECK(session.facts() == nullptr);
  CHECK(session.follow(run, row_of(parameters), 7, {Kind::kTrain, 5}, nullptr) == 0);
  wait_for(session);
  REQUIRE(session.facts());
  const SampleFacts& facts = *session.facts();
  CHECK(facts.step == 7);
  CHECK(facts.label == 1);
  REQUIRE(facts.result->levels.size() == 5);
  REQUIRE(facts.deltas.size() == 5);

  std::vector<float> picture(144);
  const std::int64_t index = 5;
  training::fill_batch(*run->data.train.data, std::span(&index, 1), run->description.preprocessing.normalisation,
                       picture.data());
  CHECK(std::ranges::equal(picture, facts.result->levels[0]->maps.values()));
  const float first = static_cast<float>(run->data.train.data->picture(5)[0]) / 255.0f;
  CHECK(facts.result->colours->maps.data()[0] == first);

  auto network = nn::Network::create(model, {.batch = 1, .threads = 1});
  REQUIRE(network);
  test::write_parameters(*network, parameters);
  const std::vector<std::int32_t> labels{1};
  const nn::BatchResult result = network->train(picture.data(), labels, {});
  CHECK(facts.loss == doctest::Approx(result.loss).epsilon(1e-4));
  const auto learnt = *gradient_row(*network);
  CHECK(test::relative_error({facts.gradients->begin(), facts.gradients->end()}, learnt) < 1e-4);
  std::vector<float> logits(4);
  network->infer(picture.data(), 1, logits.data());
  for (std::size_t c = 0; c < 4; ++c) CHECK(facts.logits[c] == doctest::Approx(double{logits[c]}).epsilon(1e-4));
  const auto best = std::ranges::max_element(logits) - logits.begin();
  CHECK(facts.predicted == best);
}

TEST_CASE("what a request leaves as it is comes from the one before, and the newest wins") {
  const nn::ModelSpec model = plain_model();
  const TrainRunPtr run = make_run(model);
  auto parameters = test::random_parameters(model, 31);
  SampleSession session({});
  session.follow(run, row_of(parameters), 0, {Kind::kTest, 0}, nullptr);
  wait_for(session);
  const SampleFactsPtr first = session.facts();
  // Another dense layer: the picture, the convolution's maps and all before the change stay.
  parameters.back()[0] += 1;
  session.follow(run, row_of(parameters), 1, {Kind::kTest, 0}, nullptr);
  wait_for(session);
  const SampleFactsPtr second = session.facts();
  REQUIRE(second != first);
  for (std::size_t i = 0; i < 4; ++i) CHECK(second->result->levels[i] == first->result->levels[i]);
  CHECK(second->result->levels[4] != first->result->levels[4]);
  CHECK(second->logits[0] == doctest::Approx(first->logits[0] + 1));
  // Versions tell pictures apart.
  CHECK(second->result->levels[4]->version != first->result->levels[4]->version);
  for (int i = 0; i < 20; ++i) session.follow(run, row_of(parameters), 2, {Kind::kTest, i}, nullptr);
  wait_for(session);
  CHECK(session.facts()->sample == SampleRef{Kind::kTest, 19});
}

TEST_CASE("a modest session leaves moments out, and says when to ask again") {
  const nn::ModelSpec model = plain_model();
  const TrainRunPtr run = make_run(model);
  const ParameterRow a = row_of(test::random_parameters(model, 41)), b = row_of(test::random_parameters(model, 42));
  SampleSession session({});
  CHECK(session.follow(run, a, 0, {Kind::kTest, 0}, nullptr, true) == 0);
  wait_for(session);
  // At once another picture; another moment only after a while.
  CHECK(session.follow(run, a, 0, {Kind::kTest, 1}, nullptr, true) == 0);
  wait_for(session);
  double wait = session.follow(run, b, 1, {Kind::kTest, 1}, nullptr, true);
  CHECK(wait > 0);
  CHECK(session.facts()->step == 0);
  for (int i = 0; i < 1000 && wait > 0; ++i) {
    std::this_thread::sleep_for(std::chrono::duration<double>(wait));
    wait = session.follow(run, b, 1, {Kind::kTest, 1}, nullptr, true);
  }
  wait_for(session);
  CHECK(session.facts()->step == 1);
}

TEST_CASE("a drawing goes through like any sample, without a label; what is not there is said") {
  const nn::ModelSpec model = plain_model();
  const TrainRunPtr run = make_run(model);
  const ParameterRow values = row_of(test::random_parameters(model, 51));
  SampleSession session({});
  session.follow(run, values, 0, {Kind::kDrawn, 3}, nullptr);
  wait_for(session);
  CHECK(session.facts() == nullptr);
  CHECK(session.complaint() == "nothing has been drawn that this net could look at");
  auto drawn = std::make_shared<DrawnPicture>();
  drawn->values.assign(144, 0.5f);
  drawn->shown.assign(144, 0.25f);
  session.follow(run, values, 0, {Kind::kDrawn, 3}, drawn);
  wait_for(session);
  REQUIRE(session.facts());
  CHECK(session.complaint().empty());
  CHECK(!session.facts()->label);
  CHECK(session.facts()->result->levels[0]->maps.data()[7] == 0.5f);
  CHECK(session.facts()->result->colours->maps.data()[7] == 0.25f);
  const auto predicted = static_cast<std::size_t>(session.facts()->predicted);
  CHECK(session.facts()->loss == doctest::Approx(-std::log(session.facts()->probabilities[predicted])));
  session.follow(run, values, 0, {Kind::kTest, 24}, drawn);
  wait_for(session);
  CHECK(session.complaint() == "picture 25 is not there: this part of the data has 24");
}

TEST_CASE("the reasons of a weight's and a value's gradient belong to the sample") {
  const nn::ModelSpec model = plain_model();
  const TrainRunPtr run = make_run(model);
  SampleSession session({});
  session.follow(run, row_of(test::random_parameters(model, 61)), 0, {Kind::kTest, 2}, nullptr);
  wait_for(session);
  const SampleFactsPtr facts = session.facts();
  REQUIRE(facts);
  GradientSession gradients({});
  const WeightRef weight{0, {3, 0, 1, 2}};
  const auto index = row_index(*run, weight);
  REQUIRE(index);
  CHECK(*index == 3 * 9 + 5);
  CHECK(!row_index(*run, {0, {5, 0, 0, 0}}));
  CHECK(!row_index(*run, {1, {}}));
  gradients.follow(facts, weight);
  gradients.follow(facts, UnitRef{0, {0, 4, 4}});
  for (int i = 0; i < 10'000 && !(gradients.weight() && gradients.value()); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    gradients.collect();
  }
  REQUIRE(gradients.weight());
  REQUIRE(gradients.value());
  CHECK(gradients.weight()->why.sum.gradient == (*facts->gradients)[static_cast<std::size_t>(*index)]);
  CHECK(gradients.weight()->why.sum.agrees);
  CHECK(gradients.weight()->why.sum.terms.size() > 50);
  CHECK(gradients.value()->why.gradient == facts->deltas[0]->maps.at(0, 0, 4, 4));
  CHECK(gradients.value()->why.agrees);
}

// Every trainable parameter over some steps: the told number is the optimizer's float within the rounding of the lines.
TEST_CASE("the arithmetic of a step gives the weight that the optimizer makes, for every rule") {
  const nn::ModelSpec model = test::stateful_model();
  const TrainRunPtr run = make_run(model);
  for (const Rule rule : {Rule::kSgd, Rule::kMomentum, Rule::kNesterov, Rule::kRmsProp, Rule::kAdam, Rule::kAdamW}) {
    CAPTURE(static_cast<int>(rule));
    training::TrainerSettings settings = test::settings_of(rule);
    settings.optimizer.l1 = 1e-4f;
    training::Trainer trainer = test::make_trainer(settings, model, 1);
    training::DatasetSource source(run->data.train, {0.4f, 0.3f}, {}, 1, trainer.network().parallel());
    trainer.network().freeze_filter(0, 2, true);
    int told = 0, moved = 0, frozen = 0, fooled = 0;
    for (int step = 0; step < 6; ++step) {
      TrainSnapshot snapshot;
      snapshot.run = run;
      snapshot.before = training::take_frame(trainer, true);
      snapshot.step = step;
      CHECK(!is_update_done(snapshot));
      REQUIRE(trainer.step(source));
      snapshot.step = trainer.steps_done();
      CHECK(is_update_done(snapshot));
      snapshot.gradients = gradient_row(trainer.network());
      const std::vector<float> after = training::read_values(trainer.network());
      for (std::int64_t i = 0; i < std::ssize(after); ++i) {
        const RowPlace place = place_in_row(*run, i);
        const auto input = update_input(snapshot, i);
        CHECK(input.has_value() == run->parameters[place.parameter].is_trainable());
        if (!input) continue;
        const UpdateStory story = tell_update(*input);
        const float now = after[static_cast<std::size_t>(i)];
        if (!story.agrees(now)) {
          CAPTURE(run->parameters[place.parameter].name);
          CAPTURE(story.lines.back().arithmetic);
          CHECK(explain::to_double(story.value) == doctest::Approx(double{now}).epsilon(1e-9));
        }
        CHECK(story.lines.back().arithmetic.ends_with(explain::to_text(story.value)));
        ++told;
        moved += now != input->value;
        frozen += input->is_frozen;
        // A step of another size is noticed.
        UpdateInput wrong = *input;
        wrong.settings.learning_rate *= 1.3f;
        fooled += now != input->value && tell_update(wrong).agrees(now);
      }
    }
    CHECK(told > 5000);
    CHECK(moved > told / 3);
    CHECK(frozen == 6 * 10);
    CHECK(fooled < moved / 50);
  }
}

TEST_CASE("the lines of a step can be followed by hand") {
  UpdateInput input;
  input.settings.rule = Rule::kMomentum;
  input.settings.learning_rate = 0.5f;
  input.settings.momentum = 0.75f;
  input.settings.l2 = 0.25f;
  input.first = -2;
  input.value = 4;
  input.gradient = 1;
  const UpdateStory story = tell_update(input);
  REQUIRE(story.lines.size() == 4);
  CHECK(story.lines[0].arithmetic == "1 + 0.25 × 4 = 2");
  CHECK(story.lines[1].arithmetic == "0.75 × (-2) + 2 = 0.5");
  CHECK(story.lines[2].arithmetic == "0.5 × 0.5 = 0.25");
  CHECK(explain::to_double(story.value) == 3.75);
  CHECK(story.agrees(3.75f));
  CHECK(!story.agrees(3.7501f));
  input.is_frozen = true;
  CHECK(tell_update(input).lines.front().arithmetic == "stays 4");
}

}  // namespace
}  // namespace convlens::model
