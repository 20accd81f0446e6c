// Four linked spectra: input, response, their product and the map, with the box of the stride and the wave under the
// pointer marked in all of them. What they show is app/model/spectra.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "app/model/spectra.h"
#include "app/ui/ui.h"
#include "app/view/picture.h"
#include "app/view/viewport.h"

namespace convlens::ui {

// A frequency, in cycles per input pixel.
struct Wave {
  double fy = 0, fx = 0;
  bool operator==(const Wave&) const = default;
};

class SpectrumPanels {
 public:
  // In rows of `columns` at the cursor, `width` wide; `name` leads the names in the twin. `serial` changes with the
  // spectra. `pointed` is marked in all four. Returns the wave under the pointer.
  std::optional<Wave> draw(Ui& ui, const std::string& name, float width, int columns, const model::Spectra& spectra,
                           std::uint64_t serial, const std::optional<Wave>& pointed);

 private:
  static constexpr std::size_t kCount = 4;
  std::array<view::PlanePicture, kCount> pictures_;
  view::Viewport viewport_;
};

// The colours that spectra are shown with, and from where to where: decibels below the largest, or gains.
const view::Colormap& spectrum_colormap(const Ui& ui);
view::ValueRange decibel_range();
view::ValueRange gain_range(const model::Spectra& spectra);

}  // namespace convlens::ui
