// The sliding window's clock and its controls: play, pause, step, scrub, speed. Its path is app/model/sweep.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/model/sweep.h"
#include "app/ui/ui.h"

namespace convlens::ui {

// Where the window stands, inside the present maps; {0, 0} before there are any.
model::OutputCell animation_cell(const model::Document& document);
// The output that is looked at, inside a map of rows x cols: the one pointed at, else the one that the animation stands
// on.
model::OutputCell looked_at_output(const model::Document& document, std::int64_t rows, std::int64_t cols);
// Puts it there and keeps it there: whoever takes hold of the window stops the animation.
void grab_animation(model::Document& document, model::OutputCell cell);
// One output position on or back (direction +1 or -1), over the ends of rows; pauses.
void step_animation(model::Document& document, int direction);
// Play or pause; playing starts again from the first position where it stands on the last one.
void toggle_animation(model::Document& document);

// Parts of a transport, for other things that play.
enum class TransportIcon { kPlay, kPause, kStep, kBack, kStart, kEnd };
void draw_transport_icon(ImDrawList& draw, TransportIcon icon, const ImVec2& middle, float half, ImU32 colour);
bool transport_button(Ui& ui, const char* name, TransportIcon icon, const char* label, const std::string& help);
// Where it stands between 0 and `last`; the position that it was dragged to.
std::optional<std::int64_t> scrub_bar(Ui& ui, const char* name, float width, std::int64_t position, std::int64_t last,
                                      ImU32 colour, const std::string& help);

class Transport {
 public:
  // Moves the window along `sweep` (the part of the output that is on the screen) while the animation plays; stops it
  // after the last stop. Asks for the frames that show a move, and no others.
  void advance(Ui& ui, const model::Sweep& sweep);
  // One row of controls as wide as the panel.
  void draw(Ui& ui);

 private:
  void follow_geometry(model::Document& document);

  double owed_ = 0;  // seconds of movement not made yet
  bool was_playing_ = false;
  std::int64_t rows_ = 0, cols_ = 0;  // of the output that the position counts on
};

}  // namespace convlens::ui
