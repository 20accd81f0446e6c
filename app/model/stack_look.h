// What is looked at in a stack: the chosen layer, the value that is kept in sight, how far its sum has been told. Plain
// state, not undoable; the values are stack_session's.
#pragma once

#include <cstddef>
#include <optional>

#include "app/model/probe_state.h"
#include "engine/explain/stack.h"

namespace convlens::model {

// A value of a level: level 0 is the picture, level i + 1 what layer i makes.
struct UnitRef {
  std::size_t level = 0;
  explain::Unit unit;
  bool operator==(const UnitRef&) const = default;
};

struct StackLook {
  std::size_t layer = 0;          // chosen in the list
  std::optional<UnitRef> pinned;  // the chain may have lost it
  SumPlayback sum;                // of the value that is laid open
};

}  // namespace convlens::model
