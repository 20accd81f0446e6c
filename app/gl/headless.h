// An OpenGL context without a window or a display server, for the command line and for worker threads.
#pragma once

#include <memory>
#include <optional>

#include "app/gl/context.h"
#include "engine/core/error.h"

namespace convlens::gl {

// EGL without a surface; where EGL cannot, a hidden window. Current on the thread that made it; dies there.
class HeadlessContext {
 public:
  // Windows belong to the main thread: other threads may not fall back on one.
  enum class Fallback { kNone, kHiddenWindow };
  // Error: no way gives a context.
  static Result<HeadlessContext> create(Fallback fallback);
  ~HeadlessContext();
  HeadlessContext(HeadlessContext&&) noexcept;
  HeadlessContext& operator=(HeadlessContext&&) noexcept;

  const ContextInfo& info() const { return info_; }
  bool has_window() const { return window_.has_value(); }

 private:
  struct Egl;
  HeadlessContext();
  std::unique_ptr<Egl> egl_;
  std::optional<Context> window_;
  ContextInfo info_;
};

}  // namespace convlens::gl
