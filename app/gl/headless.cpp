// Tries EGL's platforms that need no display, then a hidden window.
#include "app/gl/headless.h"

#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <glad/gl.h>

#include <array>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

namespace convlens::gl {

namespace {

bool has_extension(const char* list, std::string_view name) {
  const std::string_view all = list != nullptr ? list : "";
  for (std::size_t at = all.find(name); at != std::string_view::npos; at = all.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || all[at - 1] == ' ') && (end == all.size() || all[end] == ' ')) return true;
  }
  return false;
}

// Displays to try, best first: what Mesa would choose by itself, then every device (drivers other than Mesa's).
std::vector<EGLDisplay> displays() {
  std::vector<EGLDisplay> found;
  const char* extensions = eglQueryString(EGL_NO_DISPLAY, EGL_EXTENSIONS);
  const auto open = reinterpret_cast<PFNEGLGETPLATFORMDISPLAYEXTPROC>(eglGetProcAddress("eglGetPlatformDisplayEXT"));
  if (open == nullptr) return found;
  const auto add = [&](EGLDisplay display) {
    if (display != EGL_NO_DISPLAY) found.push_back(display);
  };
  if (has_extension(extensions, "EGL_MESA_platform_surfaceless")) {
    add(open(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr));
  }
  const auto query = reinterpret_cast<PFNEGLQUERYDEVICESEXTPROC>(eglGetProcAddress("eglQueryDevicesEXT"));
  if (query != nullptr && has_extension(extensions, "EGL_EXT_platform_device")) {
    std::array<EGLDeviceEXT, 16> devices{};
    EGLint count = 0;
    if (query(static_cast<EGLint>(devices.size()), devices.data(), &count) != EGL_TRUE) count = 0;
    for (EGLint i = 0; i < count; ++i)
      add(open(EGL_PLATFORM_DEVICE_EXT, devices[static_cast<std::size_t>(i)], nullptr));
  }
  return found;
}

EGLContext make_context(EGLDisplay display) {
  EGLint major = 0, minor = 0;
  if (eglInitialize(display, &major, &minor) != EGL_TRUE) return EGL_NO_CONTEXT;
  if (!has_extension(eglQueryString(display, EGL_EXTENSIONS), "EGL_KHR_surfaceless_context")) return EGL_NO_CONTEXT;
  if (eglBindAPI(EGL_OPENGL_API) != EGL_TRUE) return EGL_NO_CONTEXT;
  constexpr std::array<EGLint, 5> kWanted = {EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT,
                                             EGL_NONE};
  EGLConfig config = EGL_NO_CONFIG_KHR;
  EGLint count = 0;
  if (eglChooseConfig(display, kWanted.data(), &config, 1, &count) != EGL_TRUE || count == 0)
    config = EGL_NO_CONFIG_KHR;
  constexpr std::array<EGLint, 7> kVersion = {
      EGL_CONTEXT_MAJOR_VERSION,           4,       EGL_CONTEXT_MINOR_VERSION, 3, EGL_CONTEXT_OPENGL_PROFILE_MASK,
      EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT, EGL_NONE};
  const EGLContext context = eglCreateContext(display, config, EGL_NO_CONTEXT, kVersion.data());
  if (context == EGL_NO_CONTEXT) return EGL_NO_CONTEXT;
  if (eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context) == EGL_TRUE) return context;
  eglDestroyContext(display, context);
  return EGL_NO_CONTEXT;
}

// Mesa's own switch.
bool wants_software() {
  const char* value = std::getenv("LIBGL_ALWAYS_SOFTWARE");
  const std::string_view text = value != nullptr ? value : "";
  return !text.empty() && text != "0" && text != "false";
}

// The loader's table is one for the program: where a window has filled it, its entries lead to the context of whichever
// thread calls them.
bool load_functions() {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  if (glad_glDispatchCompute != nullptr) return true;
  return gladLoadGL(reinterpret_cast<GLADloadfunc>(eglGetProcAddress)) != 0;
}

}  // namespace

struct HeadlessContext::Egl {
  EGLDisplay display = EGL_NO_DISPLAY;
  EGLContext context = EGL_NO_CONTEXT;
  Egl(EGLDisplay d, EGLContext c) : display(d), context(c) {}
  ~Egl() {
    // The display is the process's and stays open: another thread may be using it.
    eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    eglDestroyContext(display, context);
    eglReleaseThread();
  }
  Egl(const Egl&) = delete;
  Egl& operator=(const Egl&) = delete;
};

HeadlessContext::HeadlessContext() = default;
HeadlessContext::~HeadlessContext() = default;
HeadlessContext::HeadlessContext(HeadlessContext&&) noexcept = default;
HeadlessContext& HeadlessContext::operator=(HeadlessContext&&) noexcept = default;

Result<HeadlessContext> HeadlessContext::create(Fallback fallback) {
  HeadlessContext result;
  const auto try_display = [&](EGLDisplay display, bool takes_software) {
    const EGLContext context = make_context(display);
    if (context == EGL_NO_CONTEXT) return false;
    result.egl_ = std::make_unique<Egl>(display, context);
    if (load_functions()) result.info_ = current_context_info();
    const bool is_taken = result.info_.has_compute && (takes_software || !result.info_.is_software);
    if (!is_taken) result.egl_.reset();
    return is_taken;
  };
  // Beside another vendor's driver Mesa offers its software renderer, which is the last thing to take unasked.
  for (const bool takes_software : {wants_software(), true}) {
    for (const EGLDisplay display : displays()) {
      if (try_display(display, takes_software)) return result;
    }
  }
  Result<Context> window = Error{"not tried"};
  if (fallback == Fallback::kHiddenWindow) window = Context::create({.width = 16, .height = 16, .visible = false});
  if (!window) {
    return Error{
        "there is no OpenGL 4.3 here without a window; update the graphics driver, or choose a kernel of the "
        "processor"};
  }
  result.info_ = window->info();
  result.window_ = std::move(*window);
  return result;
}

}  // namespace convlens::gl
