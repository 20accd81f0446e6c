// What the window system reports between two frames: key chords, dropped files, and that something happened at all.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

struct GLFWwindow;

namespace convlens {

class Events {
 public:
  // Installs callbacks; those that Dear ImGui needs are passed on. Call after ImGui_ImplGlfw_InitForOpenGL.
  explicit Events(GLFWwindow* window);
  ~Events();
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  enum class Kind { kNothing, kWake, kInput };
  // Sleeps until an event arrives or the time is over. What is worth a frame: a wake() of a worker, or what a person or
  // the window system did.
  Kind wait(double seconds);
  // From any thread: ends a wait().
  static void wake();

  // Taken by the frame that follows.
  std::vector<std::string> take_keys();  // "F", "Ctrl+Shift+Z", "?", "Left"
  std::vector<std::filesystem::path> take_dropped();
  // After a frame has seen the keys that went down.
  void end_frame();

 private:
  struct Release {
    int key, scancode, modifiers;
  };
  static Events& of(GLFWwindow* window);
  void on_key(int key, int scancode, int action, int modifiers);
  void on_character(unsigned code_point);

  GLFWwindow* window_;
  bool has_happened_ = false;
  bool is_repeat_ = false;
  std::vector<std::string> keys_;
  std::vector<std::filesystem::path> dropped_;
  std::vector<int> pressed_;  // in this wait: their releases are held back for one frame, else a quick tap is lost
  std::vector<Release> releases_;
};

}  // namespace convlens
