// The window's frame buffer as a PNG file.
#pragma once

#include <filesystem>

#include "engine/core/error.h"

struct GLFWwindow;

namespace convlens {

// Call after rendering and before the buffers are swapped.
Status write_screenshot(GLFWwindow* window, const std::filesystem::path& path);

}  // namespace convlens
