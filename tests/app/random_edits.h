// Random edits of a document's settings for property tests: everything a panel can do to them.
#pragma once

#include <string>

#include "app/model/settings.h"
#include "engine/core/random.h"
#include "engine/core/tensor.h"

namespace convlens::model {

// Sets a random field to a random value, possibly far out of range or not finite.
void random_field_edit(Settings& settings, const Shape& picture, Random& random);
// Adds, deletes, moves, turns, pastes, renames or repaints a filter.
void random_bank_edit(Settings& settings, Random& random);
// Either of them.
void random_edit(Settings& settings, const Shape& picture, Random& random);
// A finite weight of any size, often a simple one.
float random_weight(Random& random);

}  // namespace convlens::model
