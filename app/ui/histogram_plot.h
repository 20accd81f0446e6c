// The histogram of one feature map in the colours it is shown with, above its colour bar.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "app/ui/ui.h"
#include "app/view/colormap.h"

namespace convlens::ui {

// Counts of the maps that were asked for, counted once for each map and range.
class HistogramCache {
 public:
  using Counts = std::array<std::int64_t, 256>;
  // Keeps the counts of the map before while a large one is being edited, so that dragging stays smooth; null where
  // nothing was ever counted.
  const Counts* get(const model::ConvResultPtr& result, int map, const view::ValueRange& range, bool is_settled);

 private:
  struct Entry {
    std::uint64_t version = 0;  // of the map
    view::ValueRange range;
    Counts counts{};
  };
  std::map<int, Entry> entries_;
};

// Heights grow with the logarithm of the count, so that rare strong responses show beside the many near zero. The
// horizontal axis is the range's, as the colour bar's below it.
void histogram_plot(Ui& ui, std::string_view name, const ImVec2& size, const HistogramCache::Counts* counts,
                    const view::Colormap& map, const view::ValueRange& range);

}  // namespace convlens::ui
