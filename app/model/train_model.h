// What a person does to the net of the Train workspace: taking it over from Stack, one rule of first weights for all
// layers, dropout. Pure functions on its description.
#pragma once

#include <optional>

#include "app/model/stack_settings.h"
#include "engine/core/error.h"
#include "engine/nn/model.h"

namespace convlens::model {

// The net of the Stack workspace, for pictures and classes as `wanted` has them. Its last layer gives one number per
// class: where it does not, a dense one is added (after a flatten where it needs one), or a last dense layer gets as
// many outputs. A softmax goes: the loss has it. Error: the net does not fit such pictures.
Result<nn::ModelSpec> model_of_stack(const StackSettings& stack, const nn::ModelSpec& wanted);

// How all layers with weights begin; none where they differ, or where there is no such layer.
std::optional<nn::InitKind> common_initialiser(const nn::ModelSpec& model);
// A named filter stays with the layers that have one.
void use_initialiser(nn::ModelSpec& model, nn::InitKind kind);

// The share of values that dropout sets to zero: of the first such layer; 0 where there is none.
float dropout_rate(const nn::ModelSpec& model);
// Of all dropout layers; without one, it is added in front of the last layer with weights. 0 takes them out.
void set_dropout(nn::ModelSpec& model, float rate);

}  // namespace convlens::model
