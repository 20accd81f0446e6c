// The GLFW window with its OpenGL 3.3+ core context and loaded functions; hidden for tests and the command line.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/core/error.h"

struct GLFWwindow;

namespace convlens::gl {

struct ContextInfo {
  std::string renderer;
  std::string version;
  int major = 3;
  int minor = 3;
  int max_texture_size = 0;
  bool has_compute = false;  // 4.3 or later
  bool is_software = false;  // llvmpipe, softpipe, swrast
};

// Of the context that is current on this thread.
ContextInfo current_context_info();

// Owns GLFW's initialisation, one window and its context, which is current on the creating thread, the main one.
class Context {
 public:
  struct Options {
    int width = 1280;
    int height = 800;
    std::string title = "ConvLens";
    bool visible = true;
    const Context* share = nullptr;  // the objects of this one are this context's, too
  };
  // Errors: no display, no OpenGL 3.3, each as a sentence that names what to do instead.
  static Result<Context> create(const Options& options);
  ~Context();
  Context(Context&&) noexcept;
  Context& operator=(Context&&) noexcept;

  // Creation makes it current; this is for programs with more than one.
  void make_current() const;
  // From here on this thread has no context.
  static void make_none_current();
  GLFWwindow* window() const { return window_; }
  const ContextInfo& info() const { return info_; }
  // What the driver has complained about since the start. Only filled where asserts are on and the driver can tell.
  const std::vector<std::string>& complaints() const { return *complaints_; }

 private:
  Context() = default;
  GLFWwindow* window_ = nullptr;
  std::unique_ptr<std::vector<std::string>> complaints_ = std::make_unique<std::vector<std::string>>();
  ContextInfo info_;
};

}  // namespace convlens::gl
