// Values over the steps of a run, and how they read when many of them share a pixel: ranges, running means, ticks of
// axes. Draws nothing and knows no quantity.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace convlens::model {

// What the finite values of a part of a series come to.
struct Spread {
  float lo = std::numeric_limits<float>::infinity();
  float hi = -std::numeric_limits<float>::infinity();
  double sum = 0;
  std::int64_t count = 0;

  void add(float value);
  void add(const Spread& other);
  bool is_empty() const { return count == 0; }
  double mean() const { return sum / static_cast<double>(count); }
};

// Values at growing steps. Any part is summed up in a time that hardly grows with its length.
class CurveSeries {
 public:
  void clear();
  // After every step so far.
  void append(std::int64_t step, float value);
  // Forgets that step and all after it.
  void cut_from(std::int64_t step);

  std::size_t size() const { return values_.size(); }
  bool is_empty() const { return values_.empty(); }
  std::int64_t step(std::size_t i) const;
  float value(std::size_t i) const { return values_[i]; }
  std::int64_t last_step() const { return step(size() - 1); }
  // First index whose step is not before `step`; size() where there is none.
  std::size_t index_from(std::int64_t step) const;
  // Of the newest value not after `step`.
  std::optional<std::size_t> index_at(std::int64_t step) const;
  Spread spread(std::size_t from, std::size_t to) const;  // of [from, to)
  // Mean over about `window` values around one, fewer at the ends; nothing where none is finite.
  std::optional<double> mean_around(std::size_t i, std::int64_t window) const;
  // Differs for any two contents that one series has had.
  std::uint64_t version() const { return version_; }

 private:
  static constexpr std::size_t kBlock = 64;

  std::vector<float> values_;
  std::int64_t first_step_ = 0;
  std::vector<std::int64_t> steps_;  // empty as long as they follow each other one by one
  std::vector<Spread> blocks_;       // of kBlock values each; the last one may hold fewer
  std::uint64_t version_ = 0;
};

struct CurvePoint {
  double step = 0;
  float value = 0;
};

// A series between two steps, for a plot that is so many pixels wide.
struct CurveSight {
  // Where several values share a pixel column: range of its values, one for each column, empty spreads included.
  // Otherwise empty.
  std::vector<Spread> columns;
  // Otherwise the values themselves, with one neighbour beyond each end.
  std::vector<CurvePoint> points;
  // Running mean over `window` values, or over a column where that is more.
  std::vector<CurvePoint> mean;
};
CurveSight read_curve(const CurveSeries& series, double from, double to, int columns, std::int64_t window);

// Places for labels between lo and hi: 1, 2 or 5 times a power of ten apart, at most `most` of them (2 or more), and
// whole numbers if `is_whole`.
std::vector<double> axis_ticks(double lo, double hi, int most, bool is_whole = false);
// The same for a logarithmic axis, 0 < lo < hi: powers of ten, with 2 and 5 times as much where there is room.
std::vector<double> logarithmic_ticks(double lo, double hi, int most);

// The newest step at which the mean of the last `window` losses was at most 1.5 times the best such mean until then;
// nothing for an empty series.
std::optional<std::int64_t> last_good_step(const CurveSeries& losses, std::int64_t window = 10);

}  // namespace convlens::model
