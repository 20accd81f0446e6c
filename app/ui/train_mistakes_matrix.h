// The confusion matrix of a test with per-class accuracy beside it, for any number of classes. Knows no pictures.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "app/model/mistakes.h"
#include "app/ui/ui.h"

namespace convlens::ui {

struct ConfusionEvents {
  std::optional<model::ConfusionCell> hovered;
  std::optional<model::ConfusionCell> clicked;
};

// Row: the right class; column: what the net said. At the cursor, within `room`; as large as fits. Mistakes are
// coloured against the most frequent one; right answers stand apart from them. Labels and bars stand for all mistakes
// of a class.
ConfusionEvents draw_confusion(Ui& ui, const training::Evaluation& evaluation, std::span<const std::string> names,
                               const std::optional<model::ConfusionCell>& chosen, const ImVec2& room);
// What its colours mean, on one line at the cursor.
void draw_confusion_legend(Ui& ui, const training::Evaluation& evaluation);

}  // namespace convlens::ui
