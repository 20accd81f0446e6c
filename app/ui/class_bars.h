// What a net says to a picture, class by class: logits beside shares as bars. Knows no net.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/ui/ui.h"

namespace convlens::ui {

struct ClassAnswer {
  std::span<const std::string> names;
  std::span<const double> logits;
  std::span<const double> probabilities;
  std::optional<std::size_t> right{};  // the right class, where it is known
};

// Classes in their order, or the likeliest ones where there are too many to show: `width` wide at the cursor, at most
// `most` rows. Items are told to the twin as PREFIX/logit/CLASS and PREFIX/share/CLASS. Null: empty rows of the same
// height, without names.
void class_bars(Ui& ui, const std::string& prefix, const ClassAnswer* answer, std::size_t classes, float width,
                std::size_t most);
// Height that class_bars takes.
float class_bars_height(const Ui& ui, std::size_t classes, std::size_t most);
// The classes that are shown, in the order of their rows.
std::vector<std::size_t> shown_classes(std::span<const double> probabilities, std::size_t most);

}  // namespace convlens::ui
