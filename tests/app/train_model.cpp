// Edits of the whole net of the Train workspace.
#include "app/model/train_model.h"

#include <doctest/doctest.h>

#include "app/model/stack_edits.h"
#include "app/model/train_settings.h"
#include "engine/explain/stack_presets.h"

namespace convlens::model {
namespace {

using nn::LayerKind;

nn::ModelSpec wanted(int channels, int side, int classes) {
  nn::ModelSpec model;
  model.channels = channels;
  model.height = model.width = side;
  model.classes = classes;
  return model;
}

TEST_CASE("every stack that fits becomes a net with one number per class") {
  int fitting = 0;
  for (const explain::StackPreset& preset : explain::stack_presets()) {
    StackSettings stack;
    REQUIRE(use_stack_preset(stack, preset.name));
    for (const nn::ModelSpec& pictures : {wanted(1, 28, 10), wanted(3, 32, 7), wanted(1, 28, 62)}) {
      CAPTURE(preset.name);
      const auto model = model_of_stack(stack, pictures);
      if (!model) continue;
      ++fitting;
      CHECK(model->channels == pictures.channels);
      CHECK(model->classes == pictures.classes);
      const auto shapes = nn::layer_shapes(*model);
      REQUIRE(shapes);
      CHECK(shapes->back() == Shape{1, pictures.classes, 1, 1});
    }
  }
  CHECK(fitting > 10);
}

TEST_CASE("a last dense layer changes its outputs, others get one more") {
  StackSettings lenet;
  REQUIRE(use_stack_preset(lenet, "lenet5"));
  const auto same = model_of_stack(lenet, wanted(1, 28, 10));
  REQUIRE(same);
  CHECK(same->layers == lenet.model.layers);
  const auto other = model_of_stack(lenet, wanted(1, 28, 3));
  REQUIRE(other);
  CHECK(other->layers.size() == lenet.model.layers.size());
  CHECK(other->layers.back().outputs == 3);

  StackSettings convolutions;
  REQUIRE(use_stack_preset(convolutions, "three-3x3"));
  const auto longer = model_of_stack(convolutions, wanted(1, 28, 10));
  REQUIRE(longer);
  REQUIRE(longer->layers.size() == convolutions.model.layers.size() + 2);
  CHECK(longer->layers[longer->layers.size() - 2].kind == LayerKind::kFlatten);
}

TEST_CASE("a stack that does not fit the pictures is told") {
  StackSettings stack;
  REQUIRE(use_stack_preset(stack, "lenet5"));
  const auto model = model_of_stack(stack, wanted(1, 8, 10));
  REQUIRE_FALSE(model);
  CHECK(model.error().message.find("does not fit these pictures") != std::string::npos);
}

TEST_CASE("one rule of first weights for all layers") {
  nn::ModelSpec model = default_train_settings().model;
  use_initialiser(model, nn::InitKind::kLecunNormal);
  CHECK(common_initialiser(model) == nn::InitKind::kLecunNormal);
  for (const nn::LayerSpec& layer : model.layers) {
    if (layer.kind == LayerKind::kDense) CHECK(layer.init.kind == nn::InitKind::kLecunNormal);
  }
  model.layers[0].init.kind = nn::InitKind::kZero;
  CHECK_FALSE(common_initialiser(model));
  CHECK_FALSE(common_initialiser(nn::ModelSpec{}));
}

TEST_CASE("dropout is added before the last layer with weights, changed, and taken out") {
  nn::ModelSpec model = default_train_settings().model;
  set_dropout(model, 0);
  const std::size_t without = model.layers.size();
  CHECK(dropout_rate(model) == 0);
  set_dropout(model, 0.25F);
  REQUIRE(model.layers.size() == without + 1);
  CHECK(dropout_rate(model) == 0.25F);
  CHECK(model.layers[without - 1].kind == LayerKind::kDropout);
  CHECK(model.layers[without].kind == LayerKind::kDense);
  set_dropout(model, 0.5F);
  CHECK(model.layers.size() == without + 1);
  CHECK(dropout_rate(model) == 0.5F);
  set_dropout(model, 0);
  CHECK(model.layers.size() == without);
  nn::ModelSpec empty;
  set_dropout(empty, 0.5F);
  CHECK(empty.layers.empty());
}

}  // namespace
}  // namespace convlens::model
