// Sets up Dear ImGui and keeps fonts and style at the size the window asks for.
#include "app/gui.h"

#include <glad/gl.h>
#include <imgui/imgui.h>
#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <imgui/backends/imgui_impl_glfw.h>
#include <imgui/backends/imgui_impl_opengl3.h>

#include <algorithm>

#include "app/ui/fonts.h"
#include "app/ui/theme.h"

namespace convlens {
namespace {

float pixel_ratio_of(GLFWwindow* window) {
  int window_width = 0, buffer_width = 0, height = 0;
  glfwGetWindowSize(window, &window_width, &height);
  glfwGetFramebufferSize(window, &buffer_width, &height);
  if (window_width <= 0 || buffer_width <= 0) return 1;
  return static_cast<float>(buffer_width) / static_cast<float>(window_width);
}

// The monitor's scale in window units: where the system enlarges windows itself, the pixel ratio has it already.
float monitor_scale(GLFWwindow* window, float pixel_ratio) {
  float x = 1, y = 1;
  glfwGetWindowContentScale(window, &x, &y);
  return std::clamp(x / pixel_ratio, 0.5F, 4.0F);
}

}  // namespace

Gui::Gui(const gl::Context& context) : window_(context.window()) {
  IMGUI_CHECKVERSION();
  ImGui::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.ConfigInputTextCursorBlink = false;  // an idle window stays idle
  io.ConfigWindowsMoveFromTitleBarOnly = true;
  ImGui_ImplGlfw_InitForOpenGL(window_, true);
  ImGui_ImplOpenGL3_Init("#version 330 core");
}

Gui::~Gui() {
  ImGui_ImplOpenGL3_Shutdown();
  ImGui_ImplGlfw_Shutdown();
  ImGui::DestroyContext();
}

void Gui::follow(const model::Preferences& preferences) {
  const float pixel_ratio = pixel_ratio_of(window_);
  const float scale = monitor_scale(window_, pixel_ratio) * preferences.scale * ui::theme_scale(preferences.theme);
  const bool is_same_size = scale == scale_ && pixel_ratio == pixel_ratio_;
  if (is_same_size && preferences.theme == theme_) return;
  theme_ = preferences.theme;
  scale_ = scale;
  pixel_ratio_ = pixel_ratio;
  ui::apply_style(theme_, scale_);
  if (is_same_size) return;
  fonts_ = ui::load_fonts(scale_, pixel_ratio_);
  ImGui_ImplOpenGL3_DestroyFontsTexture();
  ImGui_ImplOpenGL3_CreateFontsTexture();
}

void Gui::begin_frame() {
  ImGui_ImplOpenGL3_NewFrame();
  ImGui_ImplGlfw_NewFrame();
  ImGui::NewFrame();
}

void Gui::render() {
  ImGui::Render();
  int width = 0, height = 0;
  glfwGetFramebufferSize(window_, &width, &height);
  glViewport(0, 0, width, height);
  const ImVec4 back = ImGui::GetStyleColorVec4(ImGuiCol_WindowBg);
  glClearColor(back.x, back.y, back.z, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

}  // namespace convlens
