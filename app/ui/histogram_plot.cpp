// Draws a histogram. Counting is app/model's: model::histogram.
#include "app/ui/histogram_plot.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "app/ui/widgets.h"

namespace convlens::ui {

namespace {

// Maps up to this size are counted anew while a weight is dragged: about two milliseconds.
constexpr std::int64_t kLiveValues = 2'500'000;

// "307 200"
std::string count_text(std::int64_t count) {
  const std::string digits = std::to_string(count);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ' ';
    text += digits[i];
  }
  return text;
}

}  // namespace

const HistogramCache::Counts* HistogramCache::get(const model::ConvResultPtr& result, int map,
                                                  const view::ValueRange& range, bool is_settled) {
  Entry& entry = entries_[map];
  const model::FeatureMapPtr& values = result->maps[static_cast<std::size_t>(map)];
  if (!values) return nullptr;
  if (entry.version == values->version && entry.range == range) return &entry.counts;
  const bool was_counted = entry.version != 0;
  const bool is_late = !values->has_values() || (!is_settled && values->rows() * values->cols() > kLiveValues);
  if (is_late) return was_counted && entry.range == range ? &entry.counts : nullptr;
  entry = {values->version, range, model::histogram(*values, range.lo, range.hi)};
  return &entry.counts;
}

void histogram_plot(Ui& ui, std::string_view name, const ImVec2& size, const HistogramCache::Counts* counts,
                    const view::Colormap& map, const view::ValueRange& range) {
  const ImVec2 min = ImGui::GetCursorScreenPos();
  ImGui::Dummy(size);
  const ImVec2 max{min.x + size.x, min.y + size.y};
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.AddRectFilled(min, max, ui.palette.canvas, 2 * ui.scale);
  const std::string about = "How often each value occurs in this map (logarithmic height)";
  if (counts == nullptr) {
    record(ui, name, "plot", "Histogram", {}, {}, true, about);
    return;
  }

  // One column per bin, or per few bins where there are fewer pixels than bins.
  const int columns = std::clamp(static_cast<int>(size.x / (2 * ui.scale)), 1, 256);
  const auto in_column = [&](int column) {
    const auto from = counts->begin() + column * 256 / columns;
    const auto to = counts->begin() + (column + 1) * 256 / columns;
    return std::accumulate(from, to, std::int64_t{0});
  };
  std::int64_t most = 0;
  for (int i = 0; i < columns; ++i) most = std::max(most, in_column(i));
  const auto height_of = [&](std::int64_t count) {
    return static_cast<float>(std::log1p(static_cast<double>(count)) / std::log1p(static_cast<double>(most)));
  };
  const float room = size.y - 2 * ui.scale;
  for (int i = 0; i < columns && most > 0; ++i) {
    const std::int64_t count = in_column(i);
    if (count == 0) continue;
    const float x0 = min.x + size.x * static_cast<float>(i) / static_cast<float>(columns);
    const float x1 = min.x + size.x * static_cast<float>(i + 1) / static_cast<float>(columns);
    const float top = max.y - std::max(1.0F, room * height_of(count));
    const view::Rgb colour = map.colours[static_cast<std::size_t>((2 * i + 1) * 128 / columns)];
    draw.AddRectFilled({x0, top}, {x1, max.y}, IM_COL32(colour.r, colour.g, colour.b, 255));
  }
  record(ui, name, "plot", "Histogram", *counts, {range.lo, range.hi}, true, about);

  if (!ImGui::IsItemHovered()) return;
  const float mouse = ImGui::GetIO().MousePos.x;
  const int column =
      std::clamp(static_cast<int>((mouse - min.x) / size.x * static_cast<float>(columns)), 0, columns - 1);
  const double width = (static_cast<double>(range.hi) - range.lo) / columns;
  const double lo = range.lo + column * width;
  const std::int64_t total = std::accumulate(counts->begin(), counts->end(), std::int64_t{0});
  const std::int64_t count = in_column(column);
  ImGui::SetTooltip(
      "%s to %s: %s values (%s %%)\n%s", number_text(lo, 3).c_str(), number_text(lo + width, 3).c_str(),
      count_text(count).c_str(),
      number_text(total > 0 ? 100.0 * static_cast<double>(count) / static_cast<double>(total) : 0, 3).c_str(),
      about.c_str());
}

}  // namespace convlens::ui
