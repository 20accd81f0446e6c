// Opening a context, its sentences when that fails, shaders, owners, and the state guard.
#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "app/gl/context.h"
#include "app/gl/objects.h"
#include "app/gl/shader_library.h"
#include "app/gl/state_guard.h"
#include "tests/gl/context_fixture.h"

using namespace convlens;

namespace {

// Takes a variable out of the environment for a while.
class WithoutVariable {
 public:
  explicit WithoutVariable(const char* name) : name_(name) {
    if (const char* value = std::getenv(name)) {
      value_ = value;
      was_set_ = true;
    }
    unsetenv(name);
  }
  ~WithoutVariable() {
    if (was_set_) setenv(name_.c_str(), value_.c_str(), 1);
  }
  WithoutVariable(const WithoutVariable&) = delete;
  WithoutVariable& operator=(const WithoutVariable&) = delete;

 private:
  std::string name_;
  std::string value_;
  bool was_set_ = false;
};

}  // namespace

TEST_CASE("without a display the error names the command line") {
  const WithoutVariable x11("DISPLAY");
  const WithoutVariable wayland("WAYLAND_DISPLAY");
  const Result<gl::Context> result = gl::Context::create({.visible = false});
  REQUIRE(!result);
  CHECK(result.error().message.find("no display was found (DISPLAY and WAYLAND_DISPLAY are not set)") !=
        std::string::npos);
  CHECK(result.error().message.find("convlens conv --help") != std::string::npos);
}

TEST_CASE("the context tells what it runs on") {
  gl::Context* context = test::context();
  if (context == nullptr) return;
  const gl::ContextInfo& info = context->info();
  CHECK(context->window() != nullptr);
  CHECK(info.major * 10 + info.minor >= 33);
  CHECK(info.has_compute == (info.major * 10 + info.minor >= 43));
  CHECK(info.max_texture_size >= 1024);
  CHECK_FALSE(info.renderer.empty());
  if (info.renderer.find("llvmpipe") != std::string::npos) CHECK(info.is_software);
}

TEST_CASE("a second context may come and go") {
  gl::Context* context = test::context();
  if (context == nullptr) return;
  GLFWwindow* first = context->window();
  {
    Result<gl::Context> second = gl::Context::create({.width = 64, .height = 64, .visible = false});
    REQUIRE(second);
    CHECK(second->window() != first);
    gl::Context moved = std::move(*second);
    CHECK(moved.window() != nullptr);
    CHECK(second->window() == nullptr);
    *second = std::move(moved);
    CHECK(second->window() != nullptr);
  }
  context->make_current();
  CHECK(glGetString(GL_VERSION) != nullptr);
}

TEST_CASE("shader errors carry the driver's log and the shader's name") {
  if (test::context() == nullptr) return;
  const std::string_view broken = "void main() { gl_Position = nonsense; }";
  const Result<gl::Shader> shader = gl::compile_shader(GL_VERTEX_SHADER, "broken.vert", {&broken, 1});
  REQUIRE(!shader);
  CHECK(shader.error().message.find("broken.vert") != std::string::npos);
  CHECK(shader.error().message.find("nonsense") != std::string::npos);

  const std::string_view vertex_text = "out vec3 v_one; void main() { v_one = vec3(1); gl_Position = vec4(0); }";
  const std::string_view fragment_text = "in vec4 v_one; out vec4 o; void main() { o = v_one; }";
  const Result<gl::Shader> vertex = gl::compile_shader(GL_VERTEX_SHADER, "a.vert", {&vertex_text, 1});
  const Result<gl::Shader> fragment = gl::compile_shader(GL_FRAGMENT_SHADER, "a.frag", {&fragment_text, 1});
  REQUIRE(vertex);
  REQUIRE(fragment);
  const Result<gl::Program> program = gl::link_program("mismatch", {&*vertex, &*fragment});
  REQUIRE(!program);
  CHECK(program.error().message.find("v_one") != std::string::npos);
}

TEST_CASE("every embedded shader is there and the programs link") {
  if (test::context() == nullptr) return;
  const gl::ShaderTexts texts;
  CHECK(gl::shader_names().size() >= 5);
  for (const std::string_view name : gl::shader_names()) {
    CAPTURE(name);
    CHECK(texts.text(name).size() > 50);
  }
  CHECK(texts.text("no such file").empty());
  CHECK(gl::make_program(texts, "cover.vert", {"box_filter.glsl", "heat_map.frag"}).ok());
  CHECK(gl::make_program(texts, "cover.vert", {"box_filter.glsl", "colour_picture.frag"}).ok());
}

TEST_CASE("owners free their object once") {
  if (test::context() == nullptr) return;
  GLuint name = 0;
  {
    gl::Texture first = gl::Texture::create();
    name = first.name();
    glBindTexture(GL_TEXTURE_2D, name);
    gl::Texture second = std::move(first);
    CHECK(first.name() == 0);
    CHECK(second.name() == name);
    CHECK(glIsTexture(name) == GL_TRUE);
    first = std::move(second);
    CHECK(glIsTexture(name) == GL_TRUE);
  }
  CHECK(glIsTexture(name) == GL_FALSE);
  CHECK(test::is_driver_content());
}

TEST_CASE("the state guard puts everything back") {
  if (test::context() == nullptr) return;
  const gl::Texture texture = gl::Texture::create();
  const gl::Texture array = gl::Texture::create();
  glActiveTexture(GL_TEXTURE1);
  glBindTexture(GL_TEXTURE_2D, texture.name());
  glBindTexture(GL_TEXTURE_2D_ARRAY, array.name());
  glEnable(GL_BLEND);
  glEnable(GL_SCISSOR_TEST);
  glViewport(3, 4, 50, 60);
  glColorMask(GL_TRUE, GL_FALSE, GL_TRUE, GL_FALSE);
  {
    const gl::StateGuard guard;
    gl::set_plain_drawing_state();
    CHECK(glIsEnabled(GL_BLEND) == GL_FALSE);
    glViewport(0, 0, 1, 1);
    glActiveTexture(GL_TEXTURE0);
    glBindTexture(GL_TEXTURE_2D, texture.name());
    glActiveTexture(GL_TEXTURE1);
    glBindTexture(GL_TEXTURE_2D, 0);
    glBindTexture(GL_TEXTURE_2D_ARRAY, 0);
    glActiveTexture(GL_TEXTURE0);
  }
  GLint value = 0;
  glGetIntegerv(GL_ACTIVE_TEXTURE, &value);
  CHECK(value == GL_TEXTURE1);
  glGetIntegerv(GL_TEXTURE_BINDING_2D, &value);
  CHECK(value == static_cast<GLint>(texture.name()));
  glGetIntegerv(GL_TEXTURE_BINDING_2D_ARRAY, &value);
  CHECK(value == static_cast<GLint>(array.name()));
  glActiveTexture(GL_TEXTURE0);
  glGetIntegerv(GL_TEXTURE_BINDING_2D, &value);
  CHECK(value == 0);
  GLint viewport[4] = {};
  glGetIntegerv(GL_VIEWPORT, viewport);
  CHECK(viewport[0] == 3);
  CHECK(viewport[3] == 60);
  GLboolean mask[4] = {};
  glGetBooleanv(GL_COLOR_WRITEMASK, mask);
  CHECK(mask[1] == GL_FALSE);
  CHECK(mask[2] == GL_TRUE);
  CHECK(glIsEnabled(GL_BLEND) == GL_TRUE);
  CHECK(glIsEnabled(GL_SCISSOR_TEST) == GL_TRUE);
  glDisable(GL_BLEND);
  glDisable(GL_SCISSOR_TEST);
  glColorMask(GL_TRUE, GL_TRUE, GL_TRUE, GL_TRUE);
  CHECK(test::is_driver_content());
}
