// Opens the window, asks for the best core profile down to 3.3, and turns every failure into a sentence.
#include "app/gl/context.h"

#include <glad/gl.h>

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace convlens::gl {

namespace {

#ifdef NDEBUG
constexpr bool kIsDebug = false;
#else
constexpr bool kIsDebug = true;
#endif

constexpr std::string_view kWithoutWindow = " `convlens conv --help` tells how to convolve without a window.";

// GLFW is a library of globals with one error callback; this is what it last said, on the main thread.
std::string& glfw_complaint() {
  static std::string text;
  return text;
}

int& open_contexts() {
  static int count = 0;
  return count;
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

std::string with_reason(std::string_view sentence) {
  std::string reason = glfw_complaint();
  while (!reason.empty() && (reason.back() == '.' || reason.back() == '\n')) reason.pop_back();
  if (reason.empty()) return std::string(sentence) + "." + std::string(kWithoutWindow);
  return std::string(sentence) + " (" + reason + ")." + std::string(kWithoutWindow);
}

Status initialise_glfw() {
#if defined(__linux__) || defined(__FreeBSD__)
  if (!is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY")) {
    return Error{
        "ConvLens cannot open a window: no display was found (DISPLAY and WAYLAND_DISPLAY are not set). "
        "Use `convlens conv --help` to convolve without a window, or start it under `xvfb-run`."};
  }
#endif
  glfwSetErrorCallback([](int, const char* description) { glfw_complaint() = description; });
  glfw_complaint().clear();
  if (glfwInit() != GLFW_TRUE) {
    const char* display = std::getenv("DISPLAY");
    const std::string where = display != nullptr && *display != '\0' ? " on display " + std::string(display) : "";
    return Error{with_reason("ConvLens cannot open a window" + where)};
  }
  return Done{};
}

GLFWwindow* open_window(const Context::Options& options, int major, int minor) {
  glfwDefaultWindowHints();
  glfwWindowHint(GLFW_CLIENT_API, GLFW_OPENGL_API);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, major);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, minor);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
  glfwWindowHint(GLFW_OPENGL_DEBUG_CONTEXT, kIsDebug ? GLFW_TRUE : GLFW_FALSE);
  glfwWindowHint(GLFW_VISIBLE, options.visible ? GLFW_TRUE : GLFW_FALSE);
  glfwWindowHint(GLFW_SCALE_TO_MONITOR, options.visible ? GLFW_TRUE : GLFW_FALSE);
  // Everything is drawn flat: no depth, no stencil, no multisampling to pay for.
  glfwWindowHint(GLFW_DEPTH_BITS, 0);
  glfwWindowHint(GLFW_STENCIL_BITS, 0);
  glfwWindowHintString(GLFW_X11_CLASS_NAME, "ConvLens");
  glfwWindowHintString(GLFW_X11_INSTANCE_NAME, "convlens");
  return glfwCreateWindow(options.width, options.height, options.title.c_str(), nullptr,
                          options.share != nullptr ? options.share->window() : nullptr);
}

bool contains_word(std::string text, std::initializer_list<std::string_view> words) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

std::string gl_string(GLenum name) {
  const GLubyte* text = glGetString(name);
  return text != nullptr ? reinterpret_cast<const char*>(text) : "";
}

// Shader compilers speak through their logs, which become Errors where shaders are made.
void GLAD_API_PTR collect_complaint(GLenum source, GLenum type, GLuint, GLenum severity, GLsizei length,
                                    const GLchar* text, const void* user) {
  const bool is_wrong = type == GL_DEBUG_TYPE_ERROR || type == GL_DEBUG_TYPE_UNDEFINED_BEHAVIOR;
  if (!is_wrong || severity == GL_DEBUG_SEVERITY_NOTIFICATION || source == GL_DEBUG_SOURCE_SHADER_COMPILER) return;
  constexpr std::size_t kMostKept = 100;
  auto* complaints = static_cast<std::vector<std::string>*>(const_cast<void*>(user));
  if (complaints->size() < kMostKept) complaints->emplace_back(text, static_cast<std::size_t>(std::max(length, 0)));
}

void listen_to_driver(const ContextInfo& info, std::vector<std::string>* complaints) {
  if (!kIsDebug || !info.has_compute || glDebugMessageCallback == nullptr) return;
  glEnable(GL_DEBUG_OUTPUT);
  glEnable(GL_DEBUG_OUTPUT_SYNCHRONOUS);
  glDebugMessageCallback(collect_complaint, complaints);
}

}  // namespace

ContextInfo current_context_info() {
  ContextInfo info;
  info.renderer = gl_string(GL_RENDERER);
  info.version = gl_string(GL_VERSION);
  glGetIntegerv(GL_MAJOR_VERSION, &info.major);
  glGetIntegerv(GL_MINOR_VERSION, &info.minor);
  glGetIntegerv(GL_MAX_TEXTURE_SIZE, &info.max_texture_size);
  info.has_compute = info.major > 4 || (info.major == 4 && info.minor >= 3);
  info.is_software = contains_word(info.renderer, {"llvmpipe", "softpipe", "swrast", "software", "swiftshader"});
  return info;
}

Result<Context> Context::create(const Options& options) {
  if (Status status = initialise_glfw(); !status) return status.error();
  Context context;
  ++open_contexts();
  constexpr std::array<std::pair<int, int>, 2> kVersions = {{{4, 3}, {3, 3}}};
  for (const auto& [major, minor] : kVersions) {
    glfw_complaint().clear();
    context.window_ = open_window(options, major, minor);
    if (context.window_ != nullptr) break;
  }
  if (context.window_ == nullptr) {
    --open_contexts();
    if (open_contexts() == 0) glfwTerminate();
    return Error{
        with_reason("ConvLens needs OpenGL 3.3, which this display does not offer; update the graphics driver "
                    "or set LIBGL_ALWAYS_SOFTWARE=1 to draw in software")};
  }
  glfwMakeContextCurrent(context.window_);
  // A context that shares has its functions already, and other threads may be calling them.
  if (options.share == nullptr && gladLoadGL(glfwGetProcAddress) == 0) {
    return Error{with_reason("ConvLens cannot load OpenGL's functions; update the graphics driver")};
  }
  context.info_ = current_context_info();
  listen_to_driver(context.info_, context.complaints_.get());
  glfwSwapInterval(options.visible ? 1 : 0);
  return context;
}

Context::~Context() {
  if (window_ == nullptr) return;
  glfwDestroyWindow(window_);
  --open_contexts();
  if (open_contexts() == 0) glfwTerminate();
}

void Context::make_current() const { glfwMakeContextCurrent(window_); }

void Context::make_none_current() { glfwMakeContextCurrent(nullptr); }

Context::Context(Context&& other) noexcept
    : window_(std::exchange(other.window_, nullptr)),
      complaints_(std::move(other.complaints_)),
      info_(std::move(other.info_)) {}

Context& Context::operator=(Context&& other) noexcept {
  std::swap(window_, other.window_);
  std::swap(complaints_, other.complaints_);
  std::swap(info_, other.info_);
  return *this;
}

}  // namespace convlens::gl
