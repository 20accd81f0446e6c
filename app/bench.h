// A measurement of the program by itself, in its own window: something is done before the panels of each frame, counted
// after it, and told at the end.
#pragma once

#include <string>

#include "app/model/document.h"
#include "app/model/edit_times.h"
#include "app/model/preferences.h"
#include "engine/core/error.h"

namespace convlens {

class Bench {
 public:
  virtual ~Bench() = default;
  // Before the first frame. Error: what it needs cannot be had.
  virtual Status start(model::Document& document, model::Preferences& preferences) = 0;
  // Before the panels of a frame; `now` in seconds.
  virtual void before_panels(model::Document& document, double now) = 0;
  // After the frame, which took so long.
  virtual void after_frame(const model::Document& document, double now, double milliseconds) = 0;
  virtual bool is_over() const = 0;
  // One JSON object.
  virtual std::string report(const model::Document& document, const model::EditHistory& edits) const = 0;
  // Frames follow each other without a rest; otherwise they come when the program has something to show.
  virtual bool draws_always() const = 0;
};

}  // namespace convlens
