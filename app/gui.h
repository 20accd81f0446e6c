// Dear ImGui on one window: its context, its back ends, its fonts and style. No panels.
#pragma once

#include "app/gl/context.h"
#include "app/model/preferences.h"
#include "app/ui/ui.h"

namespace convlens {

class Gui {
 public:
  explicit Gui(const gl::Context& context);
  ~Gui();
  Gui(const Gui&) = delete;
  Gui& operator=(const Gui&) = delete;

  // Follows theme, user scale and monitor; rebuilds fonts and style when one of them changed. Between frames only.
  void follow(const model::Preferences& preferences);
  float scale() const { return scale_; }
  const ui::Fonts& fonts() const { return fonts_; }

  void begin_frame();
  void render();

 private:
  GLFWwindow* window_;
  ui::Fonts fonts_;
  model::Theme theme_ = model::Theme::kDark;
  float scale_ = 0;        // of every length: monitor, user and theme
  float pixel_ratio_ = 0;  // frame buffer pixels per window unit
};

}  // namespace convlens
