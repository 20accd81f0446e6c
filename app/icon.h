// The window's icon, drawn by code; assets/convlens.svg is the same drawing for desktops.
#pragma once

struct GLFWwindow;

namespace convlens {

void set_icon(GLFWwindow* window);

}  // namespace convlens
