// Creation, destruction, compilation and linking of GL objects.
#include "app/gl/objects.h"

#include <string>
#include <vector>

namespace convlens::gl {

GLuint TextureKind::create() {
  GLuint name = 0;
  glGenTextures(1, &name);
  return name;
}
void TextureKind::destroy(GLuint name) { glDeleteTextures(1, &name); }

GLuint FramebufferKind::create() {
  GLuint name = 0;
  glGenFramebuffers(1, &name);
  return name;
}
void FramebufferKind::destroy(GLuint name) { glDeleteFramebuffers(1, &name); }

GLuint VertexArrayKind::create() {
  GLuint name = 0;
  glGenVertexArrays(1, &name);
  return name;
}
void VertexArrayKind::destroy(GLuint name) { glDeleteVertexArrays(1, &name); }

GLuint BufferKind::create() {
  GLuint name = 0;
  glGenBuffers(1, &name);
  return name;
}
void BufferKind::destroy(GLuint name) { glDeleteBuffers(1, &name); }

GLuint QueryKind::create() {
  GLuint name = 0;
  glGenQueries(1, &name);
  return name;
}
void QueryKind::destroy(GLuint name) { glDeleteQueries(1, &name); }

void ShaderKind::destroy(GLuint name) { glDeleteShader(name); }

GLuint ProgramKind::create() { return glCreateProgram(); }
void ProgramKind::destroy(GLuint name) { glDeleteProgram(name); }

namespace {

std::string trimmed_log(std::string log, GLsizei length) {
  log.resize(static_cast<std::size_t>(length));
  while (!log.empty() && (log.back() == '\n' || log.back() == '\0' || log.back() == ' ')) log.pop_back();
  return log.empty() ? "the driver gave no reason" : log;
}

}  // namespace

Result<Shader> compile_shader(GLenum stage, std::string_view label, std::span<const std::string_view> parts) {
  std::vector<const GLchar*> texts = {stage == GL_COMPUTE_SHADER ? "#version 430 core\n" : "#version 330 core\n"};
  std::vector<GLint> lengths = {-1};
  for (const std::string_view part : parts) {
    texts.push_back(part.data());
    lengths.push_back(static_cast<GLint>(part.size()));
  }
  Shader shader(glCreateShader(stage));
  glShaderSource(shader.name(), static_cast<GLsizei>(texts.size()), texts.data(), lengths.data());
  glCompileShader(shader.name());
  GLint is_compiled = GL_FALSE;
  glGetShaderiv(shader.name(), GL_COMPILE_STATUS, &is_compiled);
  if (is_compiled == GL_TRUE) return shader;
  std::string log(4096, '\0');
  GLsizei length = 0;
  glGetShaderInfoLog(shader.name(), static_cast<GLsizei>(log.size()), &length, log.data());
  return Error{"The OpenGL driver rejects the shader " + std::string(label) + ": " + trimmed_log(log, length)};
}

Result<Program> link_program(std::string_view label, std::initializer_list<const Shader*> shaders) {
  Program program = Program::create();
  for (const Shader* shader : shaders) glAttachShader(program.name(), shader->name());
  glLinkProgram(program.name());
  for (const Shader* shader : shaders) glDetachShader(program.name(), shader->name());
  GLint is_linked = GL_FALSE;
  glGetProgramiv(program.name(), GL_LINK_STATUS, &is_linked);
  if (is_linked == GL_TRUE) return program;
  std::string log(4096, '\0');
  GLsizei length = 0;
  glGetProgramInfoLog(program.name(), static_cast<GLsizei>(log.size()), &length, log.data());
  return Error{"The OpenGL driver cannot link the program " + std::string(label) + ": " + trimmed_log(log, length)};
}

void set_sampling(GLenum target, GLint filter) {
  glTexParameteri(target, GL_TEXTURE_MIN_FILTER, filter);
  glTexParameteri(target, GL_TEXTURE_MAG_FILTER, filter);
  glTexParameteri(target, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
  glTexParameteri(target, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
  glTexParameteri(target, GL_TEXTURE_BASE_LEVEL, 0);
  glTexParameteri(target, GL_TEXTURE_MAX_LEVEL, 0);
}

}  // namespace convlens::gl
