// What a person does to a chain of layers: presets, adding, removing, moving; and the words for it. Pure functions on
// settings; running a chain is stack_session.h.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "app/model/stack_settings.h"
#include "engine/core/error.h"
#include "engine/nn/model.h"

namespace convlens::model {

// The first stack a person sees.
StackSettings default_stack();
// Error: an unknown name (see explain::stack_presets()).
Status use_stack_preset(StackSettings& stack, std::string_view name);

// Adds a layer of this kind in front of layer `position` (layers.size(): at the end), with parameters that fit there as
// far as any do. Error: there are nn::kMaxLayers.
Status add_layer(nn::ModelSpec& model, std::size_t position, nn::LayerKind kind);
void remove_layer(nn::ModelSpec& model, std::size_t position);
void duplicate_layer(nn::ModelSpec& model, std::size_t position);
// Takes layer `from` out and puts it where `to` says in the list that is left.
void move_layer(nn::ModelSpec& model, std::size_t from, std::size_t to);
// Every layer's weights begin this way.
void use_initialiser(StackSettings& stack, nn::InitKind kind);

// "conv 6 × 5×5 same, relu": what stands in a layer's line besides its name and shapes.
std::string layer_details(const nn::LayerSpec& layer);
std::string_view layer_label(nn::LayerKind kind);

// The label of an undo entry.
std::string describe_stack_change(const StackSettings& before, const StackSettings& after);

}  // namespace convlens::model
