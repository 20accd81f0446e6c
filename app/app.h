// The window from its opening to its closing. What is on the screen is app/ui's business.
#pragma once

#include "app/arguments.h"
#include "engine/core/error.h"

namespace convlens {

// Exit code once the window is closed. Error: no display, no OpenGL 3.3, a screenshot that could not be written.
Result<int> run_window(const Arguments& arguments);

}  // namespace convlens
