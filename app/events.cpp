// GLFW callbacks. Letters and signs are named by the keyboard's layout, not by where they are on it.
#include "app/events.h"

#include <imgui/imgui.h>
#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <imgui/backends/imgui_impl_glfw.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <string_view>
#include <utility>

namespace convlens {
namespace {

// Set by workers, read by the frame thread: glfwPostEmptyEvent ends the wait but says nothing.
std::atomic<bool> was_woken{false};

struct NamedKey {
  int key;
  const char* name;
};
constexpr std::array<NamedKey, 26> kNamedKeys = {
    {{GLFW_KEY_SPACE, "Space"},    {GLFW_KEY_ESCAPE, "Escape"},  {GLFW_KEY_ENTER, "Enter"},
     {GLFW_KEY_KP_ENTER, "Enter"}, {GLFW_KEY_TAB, "Tab"},        {GLFW_KEY_BACKSPACE, "Backspace"},
     {GLFW_KEY_DELETE, "Delete"},  {GLFW_KEY_INSERT, "Insert"},  {GLFW_KEY_HOME, "Home"},
     {GLFW_KEY_END, "End"},        {GLFW_KEY_PAGE_UP, "PageUp"}, {GLFW_KEY_PAGE_DOWN, "PageDown"},
     {GLFW_KEY_LEFT, "Left"},      {GLFW_KEY_RIGHT, "Right"},    {GLFW_KEY_UP, "Up"},
     {GLFW_KEY_DOWN, "Down"},      {GLFW_KEY_F1, "F1"},          {GLFW_KEY_F2, "F2"},
     {GLFW_KEY_F3, "F3"},          {GLFW_KEY_F4, "F4"},          {GLFW_KEY_F5, "F5"},
     {GLFW_KEY_F6, "F6"},          {GLFW_KEY_F8, "F8"},          {GLFW_KEY_F10, "F10"},
     {GLFW_KEY_F11, "F11"},        {GLFW_KEY_F12, "F12"}}};

// Chords that act again while they are held.
constexpr std::array<std::string_view, 14> kRepeating = {
    "Left", "Right", "Up", "Down", ".", ",", "+", "-", "=", "Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+Y", "Ctrl++", "Ctrl+-"};

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

// The chord of a key press, or nothing where a character tells better what was meant ("?" is Shift+/ or Shift+ß).
std::string chord_of(int key, int scancode, int modifiers) {
  std::string prefix;
  if (modifiers & GLFW_MOD_CONTROL) prefix += "Ctrl+";
  if (modifiers & GLFW_MOD_ALT) prefix += "Alt+";
  if (modifiers & GLFW_MOD_SHIFT) prefix += "Shift+";
  for (const NamedKey& named : kNamedKeys) {
    if (named.key == key) return prefix + named.name;
  }
  if (!(modifiers & (GLFW_MOD_CONTROL | GLFW_MOD_ALT))) return {};
  const char* name = glfwGetKeyName(key, scancode);
  return name ? prefix + upper(name) : std::string();
}

}  // namespace

Events& Events::of(GLFWwindow* window) { return *static_cast<Events*>(glfwGetWindowUserPointer(window)); }

Events::Events(GLFWwindow* window) : window_(window) {
  glfwSetWindowUserPointer(window, this);
  glfwSetKeyCallback(window, [](GLFWwindow* w, int key, int scancode, int action, int modifiers) {
    of(w).on_key(key, scancode, action, modifiers);
  });
  glfwSetCharCallback(window, [](GLFWwindow* w, unsigned code_point) {
    ImGui_ImplGlfw_CharCallback(w, code_point);
    of(w).on_character(code_point);
  });
  glfwSetMouseButtonCallback(window, [](GLFWwindow* w, int button, int action, int modifiers) {
    ImGui_ImplGlfw_MouseButtonCallback(w, button, action, modifiers);
    of(w).has_happened_ = true;
  });
  glfwSetScrollCallback(window, [](GLFWwindow* w, double x, double y) {
    ImGui_ImplGlfw_ScrollCallback(w, x, y);
    of(w).has_happened_ = true;
  });
  glfwSetCursorPosCallback(window, [](GLFWwindow* w, [[maybe_unused]] double x, [[maybe_unused]] double y) {
#if IMGUI_VERSION_NUM >= 18700
    ImGui_ImplGlfw_CursorPosCallback(w, x, y);
#endif
    of(w).has_happened_ = true;
  });
  glfwSetCursorEnterCallback(window, [](GLFWwindow* w, int entered) {
    ImGui_ImplGlfw_CursorEnterCallback(w, entered);
    of(w).has_happened_ = true;
  });
  glfwSetWindowFocusCallback(window, [](GLFWwindow* w, int focused) {
    ImGui_ImplGlfw_WindowFocusCallback(w, focused);
    of(w).has_happened_ = true;
  });
  glfwSetDropCallback(window, [](GLFWwindow* w, int count, const char** paths) {
    of(w).dropped_.insert(of(w).dropped_.end(), paths, paths + count);
    of(w).has_happened_ = true;
  });
  glfwSetFramebufferSizeCallback(window, [](GLFWwindow* w, int, int) { of(w).has_happened_ = true; });
  glfwSetWindowRefreshCallback(window, [](GLFWwindow* w) { of(w).has_happened_ = true; });
  glfwSetWindowContentScaleCallback(window, [](GLFWwindow* w, float, float) { of(w).has_happened_ = true; });
  glfwSetWindowCloseCallback(window, [](GLFWwindow* w) { of(w).has_happened_ = true; });
}

Events::~Events() { glfwSetWindowUserPointer(window_, nullptr); }

void Events::on_key(int key, int scancode, int action, int modifiers) {
  has_happened_ = true;
  if (action == GLFW_RELEASE && std::find(pressed_.begin(), pressed_.end(), key) != pressed_.end()) {
    releases_.push_back({key, scancode, modifiers});
    return;
  }
  ImGui_ImplGlfw_KeyCallback(window_, key, scancode, action, modifiers);
  if (action == GLFW_RELEASE) return;
  if (action == GLFW_PRESS) pressed_.push_back(key);
  is_repeat_ = action == GLFW_REPEAT;
  std::string chord = chord_of(key, scancode, modifiers);
  if (chord.empty()) return;
  if (is_repeat_ && std::find(kRepeating.begin(), kRepeating.end(), chord) == kRepeating.end()) return;
  keys_.push_back(std::move(chord));
}

void Events::on_character(unsigned code_point) {
  has_happened_ = true;
  if (code_point <= ' ' || code_point > '~') return;
  std::string chord(1, static_cast<char>(std::toupper(static_cast<int>(code_point))));
  if (is_repeat_ && std::find(kRepeating.begin(), kRepeating.end(), chord) == kRepeating.end()) return;
  keys_.push_back(std::move(chord));
}

void Events::end_frame() {
  for (const Release& release : std::exchange(releases_, {})) {
    ImGui_ImplGlfw_KeyCallback(window_, release.key, release.scancode, GLFW_RELEASE, release.modifiers);
    has_happened_ = true;
  }
  pressed_.clear();
}

Events::Kind Events::wait(double seconds) {
  if (seconds > 0 && !has_happened_) {
    glfwWaitEventsTimeout(seconds);
  } else {
    glfwPollEvents();
  }
  const bool is_wake = was_woken.exchange(false);
  if (std::exchange(has_happened_, false)) return Kind::kInput;
  return is_wake ? Kind::kWake : Kind::kNothing;
}

void Events::wake() {
  was_woken = true;
  glfwPostEmptyEvent();
}

std::vector<std::string> Events::take_keys() { return std::exchange(keys_, {}); }

std::vector<std::filesystem::path> Events::take_dropped() { return std::exchange(dropped_, {}); }

}  // namespace convlens
