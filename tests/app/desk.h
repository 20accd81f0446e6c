// A document and the frame loop that it needs: steps until every worker rests and nothing new is asked for.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <semaphore>
#include <string_view>

#include "app/model/document.h"
#include "app/model/fields.h"

namespace convlens::model {

struct SettledDesk {
  std::counting_semaphore<> woken{0};
  Document document;

  explicit SettledDesk(const conv::AcceleratorFactory& accelerator = {})
      : document([this] { woken.release(); }, accelerator) {
    settle();
  }
  void settle() {
    for (int quiet = 0; quiet < 2;) {
      const bool changed = document.step(false);
      if (document.is_busy()) {
        woken.acquire();
        quiet = 0;
      } else {
        quiet = changed ? 0 : quiet + 1;
      }
    }
  }
  void set(std::string_view name, double value) {
    set_field(document.settings, *find_field(name), value, document.picture_shape());
    settle();
  }
  // A choice field by the name of its entry.
  void choose(std::string_view name, std::string_view entry) {
    const Field& field = *find_field(name);
    const auto found = std::ranges::find(field.choices, entry, &FieldChoice::name);
    REQUIRE(found != field.choices.end());
    set(name, static_cast<double>(found - field.choices.begin()));
  }
};

}  // namespace convlens::model
