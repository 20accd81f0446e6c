// Sums blocks of values once, and reads columns and means from them.
#include "app/model/curve_reading.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

namespace convlens::model {

void Spread::add(float value) {
  if (!std::isfinite(value)) return;
  lo = std::min(lo, value);
  hi = std::max(hi, value);
  sum += static_cast<double>(value);
  ++count;
}

void Spread::add(const Spread& other) {
  lo = std::min(lo, other.lo);
  hi = std::max(hi, other.hi);
  sum += other.sum;
  count += other.count;
}

void CurveSeries::clear() {
  values_.clear();
  steps_.clear();
  blocks_.clear();
  ++version_;
}

std::int64_t CurveSeries::step(std::size_t i) const {
  return steps_.empty() ? first_step_ + static_cast<std::int64_t>(i) : steps_[i];
}

void CurveSeries::append(std::int64_t at, float value) {
  if (values_.empty()) first_step_ = at;
  assert(values_.empty() || at > last_step());
  if (steps_.empty() && !values_.empty() && at != last_step() + 1) {
    for (std::size_t i = 0; i < values_.size(); ++i) steps_.push_back(first_step_ + static_cast<std::int64_t>(i));
  }
  if (!steps_.empty()) steps_.push_back(at);
  if (values_.size() % kBlock == 0) blocks_.emplace_back();
  blocks_.back().add(value);
  values_.push_back(value);
  ++version_;
}

void CurveSeries::cut_from(std::int64_t at) {
  const std::size_t kept = index_from(at);
  if (kept == size()) return;
  values_.resize(kept);
  if (!steps_.empty()) steps_.resize(kept);
  blocks_.resize((kept + kBlock - 1) / kBlock);
  if (kept % kBlock != 0) {
    blocks_.back() = {};
    for (std::size_t i = kept / kBlock * kBlock; i < kept; ++i) blocks_.back().add(values_[i]);
  }
  ++version_;
}

std::size_t CurveSeries::index_from(std::int64_t at) const {
  if (steps_.empty())
    return static_cast<std::size_t>(std::clamp<std::int64_t>(at - first_step_, 0, std::ssize(values_)));
  return static_cast<std::size_t>(std::lower_bound(steps_.begin(), steps_.end(), at) - steps_.begin());
}

std::optional<std::size_t> CurveSeries::index_at(std::int64_t at) const {
  const std::size_t after = index_from(at + 1);
  if (after == 0) return std::nullopt;
  return after - 1;
}

Spread CurveSeries::spread(std::size_t from, std::size_t to) const {
  to = std::min(to, size());
  Spread all;
  while (from < to) {
    if (from % kBlock == 0 && from + kBlock <= to) {
      all.add(blocks_[from / kBlock]);
      from += kBlock;
    } else {
      all.add(values_[from++]);
    }
  }
  return all;
}

std::optional<double> CurveSeries::mean_around(std::size_t i, std::int64_t window) const {
  const auto half = static_cast<std::size_t>(std::max<std::int64_t>(window, 1) / 2);
  const Spread near = spread(i - std::min(i, half), i + half + 1);
  if (near.is_empty()) return std::nullopt;
  return near.mean();
}

CurveSight read_curve(const CurveSeries& series, double from, double to, int columns, std::int64_t window) {
  CurveSight sight;
  if (series.is_empty() || columns < 1 || !(to > from)) return sight;
  const std::size_t begin = series.index_from(static_cast<std::int64_t>(std::ceil(from)));
  const std::size_t end = series.index_from(static_cast<std::int64_t>(std::floor(to)) + 1);
  const auto add_mean = [&](double step, std::size_t i, std::int64_t width) {
    if (const auto mean = series.mean_around(i, width)) sight.mean.push_back({step, static_cast<float>(*mean)});
  };
  if (end - begin <= static_cast<std::size_t>(columns)) {
    for (std::size_t i = begin - std::min<std::size_t>(begin, 1); i < std::min(end + 1, series.size()); ++i) {
      const auto step = static_cast<double>(series.step(i));
      sight.points.push_back({step, series.value(i)});
      add_mean(step, i, window);
    }
    return sight;
  }
  sight.columns.resize(static_cast<std::size_t>(columns));
  std::size_t first = begin;
  for (int column = 0; column < columns; ++column) {
    const double edge = from + (to - from) * (column + 1) / columns;
    const bool is_last = column + 1 == columns;
    const std::size_t next =
        is_last ? end : std::clamp(series.index_from(static_cast<std::int64_t>(std::ceil(edge))), first, end);
    if (next > first) {
      sight.columns[static_cast<std::size_t>(column)] = series.spread(first, next);
      const std::size_t middle = first + (next - first) / 2;
      add_mean(static_cast<double>(series.step(middle)), middle,
               std::max(window, static_cast<std::int64_t>(next - first)));
    }
    first = next;
  }
  return sight;
}

std::vector<double> axis_ticks(double lo, double hi, int most, bool is_whole) {
  std::vector<double> ticks;
  if (!(hi > lo) || !std::isfinite(hi - lo) || most < 2) return ticks;
  double unit = std::pow(10.0, std::floor(std::log10((hi - lo) / most)));
  const auto count = [&](double distance) { return std::floor(hi / distance) - std::ceil(lo / distance) + 1; };
  constexpr std::array<double, 4> kSteps{1, 2, 5, 10};
  double distance = 0;
  while (distance == 0) {
    for (const double step : kSteps) {
      if (is_whole && step * unit < 1) continue;
      if (distance == 0 && count(step * unit) <= most) distance = step * unit;
    }
    unit *= 10;
  }
  // Counted in whole steps, so that zero is zero and no error adds up.
  for (double i = std::ceil(lo / distance); i <= std::floor(hi / distance); ++i) ticks.push_back(i * distance);
  return ticks;
}

std::vector<double> logarithmic_ticks(double lo, double hi, int most) {
  std::vector<double> ticks;
  if (!(lo > 0) || !(hi > lo) || !std::isfinite(hi) || most < 2) return ticks;
  const int first = static_cast<int>(std::floor(std::log10(lo))), last = static_cast<int>(std::ceil(std::log10(hi)));
  const auto collect = [&](std::initializer_list<double> digits, int every) {
    std::vector<double> found;
    for (int power = first; power <= last; ++power) {
      if (((power % every) + every) % every != 0) continue;
      for (const double digit : digits) {
        const double value = digit * std::pow(10.0, power);
        if (value >= lo * (1 - 1e-12) && value <= hi * (1 + 1e-12)) found.push_back(value);
      }
    }
    return found;
  };
  ticks = collect({1, 2, 5}, 1);
  if (std::ssize(ticks) > most) ticks = collect({1}, 1);
  for (int every = 2; std::ssize(ticks) > most; ++every) ticks = collect({1}, every);
  // Less than a decade: round numbers at even distances.
  if (ticks.size() < 2) ticks = axis_ticks(lo, hi, most);
  return ticks;
}

std::optional<std::int64_t> last_good_step(const CurveSeries& losses, std::int64_t window) {
  std::optional<std::int64_t> good;
  double best = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const auto count = static_cast<std::size_t>(std::max<std::int64_t>(window, 1));
    const std::size_t from = i + 1 - std::min(i + 1, count);
    const Spread recent = losses.spread(from, i + 1);
    if (!std::isfinite(losses.value(i)) || recent.is_empty()) continue;
    best = std::min(best, recent.mean());
    if (recent.mean() <= 1.5 * best) good = losses.step(i);
  }
  return good;
}

}  // namespace convlens::model
