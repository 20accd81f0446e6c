// Descriptions of networks: shapes, sentences, presets, JSON, parameter lists and first weights.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "engine/core/random.h"
#include "engine/filters/presets.h"
#include "engine/nn/model_json.h"
#include "engine/nn/presets.h"
#include "tests/engine/nn_models.h"

namespace {

using namespace convlens;

bool says(const auto& result, const char* words) {
  return !result && result.error().message.find(words) != std::string::npos;
}

TEST_CASE("the presets have the parameters they are known for") {
  CHECK(nn::count_parameters(*nn::make_model("keras-starter")) == 32 * 10 + 5408 * 10 + 10);
  CHECK(nn::count_parameters(*nn::make_model("lenet5")) == 61'706);
  CHECK(nn::count_parameters(*nn::make_model("mnist-cnn")) == 1'199'882);
  for (const nn::ModelPreset& preset : nn::model_presets()) {
    CAPTURE(preset.name);
    const auto model = nn::make_model(preset.name);
    REQUIRE(model);
    std::int64_t count = 0;
    for (const nn::ParameterInfo& info : nn::list_parameters(*model)) count += info.count();
    CHECK(count == nn::count_parameters(*model));
    CHECK(nn::layer_shapes(*model)->back() == Shape{1, 10, 1, 1});
    CHECK(nn::make_model(preset.name, 3, 32, 40, 7));
  }
  CHECK(says(nn::make_model("resnet"), "choose one of keras-starter"));
  CHECK(says(nn::make_model("lenet5", 1, 6, 6), "cannot be built"));
}

TEST_CASE("what does not fit is said with the layer, the reason and the way out") {
  nn::ModelSpec model = *nn::make_model("lenet5");
  nn::ModelSpec broken = model;
  broken.layers.erase(broken.layers.begin() + 4);
  CHECK(says(nn::layer_shapes(broken),
             "layer 5 (dense) does not fit: it takes a row of numbers but gets maps of "
             "16 x 5 x 5: put a flatten layer before it"));
  broken = model;
  broken.layers[2].rows = 40;
  CHECK(says(nn::layer_shapes(broken), "layer 3 (conv)"));
  broken = model;
  std::swap(broken.layers[3], broken.layers[4]);
  CHECK(says(nn::layer_shapes(broken), "layer 5 (max-pool) does not fit: it needs maps"));
  broken = model;
  broken.layers.pop_back();
  CHECK(says(nn::layer_shapes(broken), "ends with 84 numbers but there are 10 classes"));
  broken.layers.resize(4);
  CHECK(says(nn::layer_shapes(broken), "must end with one number per class"));
  broken.layers.clear();
  CHECK(says(nn::layer_shapes(broken), "no layers"));
  broken = model;
  broken.layers[0].name = "conv2";
  CHECK(says(nn::layer_shapes(broken), "two layers are called 'conv2'"));
  broken = model;
  broken.layers.insert(broken.layers.begin() + 5, test::dropout_layer(1.0f));
  CHECK(says(nn::layer_shapes(broken), "at least 0 and below 1"));
  broken = model;
  broken.layers[0].filters = 0;
  CHECK(says(nn::layer_shapes(broken), "number of filters must be between 1"));
  broken = model;
  broken.classes = 1;
  CHECK(says(nn::layer_shapes(broken), "number of classes"));
}

TEST_CASE("descriptions survive JSON") {
  for (const test::NamedModel& named : test::test_models()) {
    CAPTURE(named.name);
    const auto back = nn::model_from_json(nn::to_json(named.model));
    REQUIRE_MESSAGE(back.ok(), (back ? std::string() : back.error().message));
    CHECK(nn::to_json(*back) == nn::to_json(named.model));
    CHECK(*nn::layer_shapes(*back) == *nn::layer_shapes(named.model));
  }
  nn::ModelSpec model = *nn::make_model("lenet5");
  model.layers[0].init = {nn::InitKind::kFilter, 0.25f, "sobel-x"};
  model.layers[0].frozen = true;
  model.layers[5].name = "hidden";
  model.layers[5].bias = false;
  CHECK(*nn::model_from_json(nn::to_json(model)) == model);
}

TEST_CASE("bad JSON is one sentence") {
  CHECK(says(nn::model_from_json("{"), "not JSON"));
  CHECK(says(nn::model_from_json("[]"), "one JSON object"));
  CHECK(says(nn::model_from_json("{}"), "needs a list called 'layers'"));
  const auto with_layer = [](const std::string& layer) {
    return nn::model_from_json("{\"classes\": 4, \"layers\": [" + layer + "]}");
  };
  CHECK(says(with_layer("7"), "layer 1 must be an object"));
  CHECK(says(with_layer("{}"), "'kind' of layer 1"));
  CHECK(says(with_layer(R"({"kind": "konv"})"), "must be one of conv, dense"));
  CHECK(says(with_layer(R"({"kind": "conv", "filter": 3})"), "'filter' is not a field of layer 1"));
  CHECK(says(with_layer(R"({"kind": "conv", "filters": 3.5})"), "a whole number"));
  CHECK(says(with_layer(R"({"kind": "conv", "filters": 99999999999})"), "a whole number"));
  CHECK(says(with_layer(R"({"kind": "conv", "size": [3]})"), "a list of 2 whole numbers"));
  CHECK(says(with_layer(R"({"kind": "dropout", "rate": "much"})"), "a number"));
  CHECK(says(with_layer(R"({"kind": "conv", "bias": 1})"), "true or false"));
  CHECK(says(with_layer(R"({"kind": "dense", "outputs": 4})"), "put a flatten layer before it"));
  // Any cut of a good description is an answer, not a crash.
  const std::string good = nn::to_json(*nn::make_model("all-conv"));
  for (std::size_t i = 0; i + 2 < good.size(); ++i) CHECK_FALSE(nn::model_from_json(good.substr(0, i)));
}

TEST_CASE("first weights have the deviation of their rule and depend on seed and layer alone") {
  nn::ModelSpec model = *nn::make_model("mnist-cnn");
  const auto deviation = [](const std::vector<float>& values) {
    double squares = 0;
    for (const float v : values) squares += static_cast<double>(v) * static_cast<double>(v);
    return std::sqrt(squares / static_cast<double>(values.size()));
  };
  const double in = 288, out = 64 * 9;
  const std::pair<nn::InitKind, double> kinds[] = {{nn::InitKind::kHeNormal, std::sqrt(2 / in)},
                                                   {nn::InitKind::kHeUniform, std::sqrt(2 / in)},
                                                   {nn::InitKind::kLecunNormal, std::sqrt(1 / in)},
                                                   {nn::InitKind::kGlorotNormal, std::sqrt(2 / (in + out))},
                                                   {nn::InitKind::kNormal, 0.02},
                                                   {nn::InitKind::kGlorotUniform, std::sqrt(2 / (in + out))},
                                                   {nn::InitKind::kConstant, 0.02},
                                                   {nn::InitKind::kZero, 0}};
  for (const auto& [kind, expected] : kinds) {
    model.layers[1].init = {kind, 0.02f, ""};
    const auto list = nn::list_parameters(model);
    const auto values = nn::first_values(model, list[2], 5);
    REQUIRE(values);
    CHECK(deviation(*values) == doctest::Approx(expected).epsilon(0.03));
    CHECK(*values == *nn::first_values(model, list[2], 5));
    if (kind != nn::InitKind::kConstant && kind != nn::InitKind::kZero) {
      CHECK(*values != *nn::first_values(model, list[2], 6));
    }
    CHECK(deviation(*nn::first_values(model, list[3], 5)) == 0);
  }
  model.layers[0].init = {nn::InitKind::kFilter, 0, "sobel-x"};
  const auto sobel = nn::first_values(model, nn::list_parameters(model)[0], 5);
  REQUIRE(sobel);
  const auto one = *filters::make_preset("sobel-x", {});
  for (std::size_t k = 0; k < 32; ++k)
    CHECK(std::equal(one.begin(), one.end(), sobel->begin() + static_cast<std::ptrdiff_t>(9 * k)));
  model.layers[0].init.filter = "nonsense";
  CHECK(says(nn::first_values(model, nn::list_parameters(model)[0], 5), "layer 1 (conv)"));
}

}  // namespace
