// Plays a sum: play, pause, step, scrub, and what stands there after the step; offers copies of it. The steps are
// engine/explain's, the table of them probe_table's.
#pragma once

#include "app/ui/probe_table.h"
#include "app/ui/ui.h"
#include "engine/explain/probe_text.h"

namespace convlens::ui {

class SumTransport {
 public:
  // A row of controls as wide as the panel, and a line below it. Steps on while the sum plays.
  void draw(Ui& ui, const ToldSum& told);

 private:
  void advance(Ui& ui, model::SumPlayback& sum);

  double owed_ = 0;  // seconds of playing not made yet
};

// "Copy as" and a button for every format, or for text alone; the one that was pressed. Their names in the twin begin
// with `prefix`; `text_hint` follows what the button for text says.
std::optional<explain::ProbeFormat> copy_row(Ui& ui, const std::string& prefix, bool has_all_formats,
                                             const std::string& text_hint = {});

// The product that is being added; none before the first step, after the last, and on other lines.
std::optional<std::size_t> cell_being_added(const ToldSum& told);

}  // namespace convlens::ui
