// Move-only owners of OpenGL objects. They free their object where they die, so the context must still be current
// there.
#pragma once

#include <glad/gl.h>

#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>

#include "engine/core/error.h"

namespace convlens::gl {

// A GL name that frees itself; 0 is none.
template <class Kind>
class Owner {
 public:
  Owner() = default;
  explicit Owner(GLuint name) : name_(name) {}
  static Owner create() { return Owner(Kind::create()); }
  ~Owner() { reset(); }
  Owner(Owner&& other) noexcept : name_(std::exchange(other.name_, 0)) {}
  Owner& operator=(Owner&& other) noexcept {
    if (this != &other) {
      reset();
      name_ = std::exchange(other.name_, 0);
    }
    return *this;
  }
  Owner(const Owner&) = delete;
  Owner& operator=(const Owner&) = delete;

  GLuint name() const { return name_; }
  explicit operator bool() const { return name_ != 0; }
  // Leaves the object to the driver, which frees it with its contexts.
  void release() { name_ = 0; }
  void reset() {
    if (name_ != 0) Kind::destroy(name_);
    name_ = 0;
  }

 private:
  GLuint name_ = 0;
};

struct TextureKind {
  static GLuint create();
  static void destroy(GLuint name);
};
struct FramebufferKind {
  static GLuint create();
  static void destroy(GLuint name);
};
struct VertexArrayKind {
  static GLuint create();
  static void destroy(GLuint name);
};
struct BufferKind {
  static GLuint create();
  static void destroy(GLuint name);
};
struct QueryKind {
  static GLuint create();
  static void destroy(GLuint name);
};
struct ShaderKind {
  static void destroy(GLuint name);
};
struct ProgramKind {
  static GLuint create();
  static void destroy(GLuint name);
};

using Texture = Owner<TextureKind>;
using Framebuffer = Owner<FramebufferKind>;
using VertexArray = Owner<VertexArrayKind>;
using Buffer = Owner<BufferKind>;
using Query = Owner<QueryKind>;
using Shader = Owner<ShaderKind>;
using Program = Owner<ProgramKind>;

// Compiles the parts as one shader, after "#version 330 core", or 430 for compute shaders. `label` names it in the
// error, which holds the log.
Result<Shader> compile_shader(GLenum stage, std::string_view label, std::span<const std::string_view> parts);
// Links; the error holds the log.
Result<Program> link_program(std::string_view label, std::initializer_list<const Shader*> shaders);

// Sets filtering and clamps to the edge on the texture bound to `target`; one mip level.
void set_sampling(GLenum target, GLint filter);

}  // namespace convlens::gl
